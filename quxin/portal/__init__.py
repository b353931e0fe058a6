"""Public pages. Nothing here needs an account, and nothing here shows what is not public."""
