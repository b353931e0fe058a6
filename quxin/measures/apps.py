"""Measures as a Django app."""

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """App label `measures`."""

    name = "quxin.measures"
    label = "measures"
