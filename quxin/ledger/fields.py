"""Columns whose order must be the order of their bytes on every engine."""

from django.db import models

BYTE_ORDER = {"postgresql": "C", "sqlite": "BINARY"}


class PathField(models.CharField):
    """A materialised path: subtree = a range of strings, so its collation is bytes, whatever the database's own is."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 64)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection):
        """Add the engine's name of the byte-order collation."""
        parameters = super().db_parameters(connection)
        parameters["collation"] = BYTE_ORDER.get(connection.vendor)
        return parameters
