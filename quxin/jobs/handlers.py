"""What the worker can do: a function for each kind of run."""
