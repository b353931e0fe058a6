"""Briefs as a Django app (no tables)."""

from django.apps import AppConfig


class BriefsConfig(AppConfig):
    """App label `briefs`."""

    name = "quxin.briefs"
    label = "briefs"
