"""Evidence as a Django app."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """App label `files`."""

    name = "quxin.files"
    label = "files"
