"""Columns whose order must be the order of their bytes on every engine."""

from django.db import models

from quxin.kernel.paths import STEP, subtree_range

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


@models.CharField.register_lookup
class Under(models.Lookup):
    """`path__under=root`: the node at the path `root` and all below it, as one range of an index.

    For paths only; expressions that yield a path are plain CharFields to Django, so these know it too.
    """

    lookup_name = "under"

    def as_sql(self, compiler, connection):
        """(SQL, parameters) for every engine."""
        return self._range(compiler, connection, "({0} >= %s AND {0} < %s)")

    def as_sqlite(self, compiler, connection):
        """The same, with a hint: a root has most organisations of the house below it, and SQLite counts on one in 64.

        Without it SQLite answers "the latest ten records of the nation" by looking for records of each organisation.
        """
        if len(self.rhs) > STEP:
            return self.as_sql(compiler, connection)
        return self._range(compiler, connection, "(likely({0} >= %s) AND likely({0} < %s))")

    def _range(self, compiler, connection, words):
        column, params = self.process_lhs(compiler, connection)
        low, high = subtree_range(self.rhs)
        return words.format(column), (*params, low, *params, high)
