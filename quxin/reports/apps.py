"""Reports as a Django app (no tables)."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """App label `reports`."""

    name = "quxin.reports"
    label = "reports"
