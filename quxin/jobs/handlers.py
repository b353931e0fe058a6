"""What the worker can do: a function for each kind of run."""

from quxin.jobs import imports  # noqa: F401  (registers records.import)
