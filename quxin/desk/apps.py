"""The desk as a Django app."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """App label `desk`."""

    name = "quxin.desk"
    label = "desk"
