"""The records of evaluations as a Django app."""

from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    """App label `evaluations`."""

    name = "quxin.records.evaluations"
    label = "evaluations"

    def ready(self):
        """Declare this package's fact kinds."""
        from quxin.records.evaluations import facts  # noqa: F401
