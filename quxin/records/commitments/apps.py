"""The records of commitments as a Django app."""

from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    """App label `commitments`."""

    name = "quxin.records.commitments"
    label = "commitments"

    def ready(self):
        """Declare this package's fact kinds."""
        from quxin.records.commitments import facts  # noqa: F401
