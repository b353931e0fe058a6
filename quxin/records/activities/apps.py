"""The records of activities as a Django app."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """App label `activities`."""

    name = "quxin.records.activities"
    label = "activities"

    def ready(self):
        """Declare this package's fact kinds."""
        from quxin.records.activities import facts  # noqa: F401
