"""The commands of `quxin`, a module each."""
