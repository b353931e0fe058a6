"""The records of campaigns as a Django app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """App label `campaigns`."""

    name = "quxin.records.campaigns"
    label = "campaigns"

    def ready(self):
        """Declare this package's fact kinds."""
        from quxin.records.campaigns import facts  # noqa: F401
