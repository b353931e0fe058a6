"""Jobs as a Django app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """App label `jobs`."""

    name = "quxin.jobs"
    label = "jobs"
