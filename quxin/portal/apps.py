"""The portal as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """App label `portal`."""

    name = "quxin.portal"
    label = "portal"
