"""Packs as a Django app."""

from django.apps import AppConfig


class PacksConfig(AppConfig):
    """App label `packs`."""

    name = "quxin.packs"
    label = "packs"
