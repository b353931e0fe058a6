"""Long work as a Django app."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """App label `runs`."""

    name = "quxin.runs"
    label = "runs"
