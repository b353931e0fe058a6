"""The API as a Django app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """App label `api`."""

    name = "quxin.api"
    label = "api"
