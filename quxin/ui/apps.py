"""Registers the look with Django so that its templates, components and static files are found."""

from django.apps import AppConfig

from quxin.ui import form_words


class UiConfig(AppConfig):
    """No tables. Gives the forms of the whole product their words."""

    name = "quxin.ui"
    label = "ui"

    def ready(self) -> None:
        """Before any request; forms that were declared earlier look their fields' words up when the fields are made."""
        form_words.install()
