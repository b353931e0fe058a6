"""What the worker can do: a function for each kind of run."""

from quxin.jobs import batches, bulletins, checks, deployments, imports, list_imports, previews  # noqa: F401  (they register their kinds of run)
