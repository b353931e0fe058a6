"""Registers the look with Django so that its templates, components and static files are found."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """No tables, no start-up work."""

    name = "quxin.ui"
    label = "ui"
