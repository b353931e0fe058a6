"""Organisations as a Django app."""

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """App label `orgs`."""

    name = "quxin.orgs"
    label = "orgs"

    def ready(self):
        """Declare this package's fact kinds."""
        from quxin.orgs import facts  # noqa: F401
