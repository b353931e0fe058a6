"""Many new rows of a table at once: for imports of a hundred thousand, where a model object for each costs more than the row.

Constraints and triggers of the database hold as ever; validators, `save` and signals are passed by. For rows that come one
by one or by the dozen `objects.create` and `bulk_create` are right. Facts have their own door: `operations.append`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import repeat
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction

_AS_THEY_ARE = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey)
_COME_AGAIN = (models.DateField, models.TimeField)
_ALWAYS_THE_SAME = (dict, list)
_BOOLEANS = {True: 1, False: 0, None: None}


def insert_many(model: type[models.Model], names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """Insert `rows`, tuples of the fields `names` (a foreign key as `x_id`); other fields get their defaults.

    Returns the keys, in order. All or none. Raises IntegrityError, and DataError for what a column cannot hold.
    """
    if not rows:
        return []
    given = {name: at for at, name in enumerate(names)}
    key = model._meta.pk
    fields = [field for field in model._meta.concrete_fields if field is not key]
    unknown = given.keys() - {field.attname for field in fields}
    if unknown:
        raise ValueError(f"{model.__name__} has no fields {sorted(unknown)}")
    with transaction.atomic():
        keys = _take_keys(model, len(rows))
        columns: dict[str, Iterable[Any]] = {str(key.column): keys}
        for field in fields:
            values = _column(field, given.get(field.attname), rows)
            if values is not None:
                columns[str(field.column)] = values
        put(model._meta.db_table, list(columns), zip(*columns.values(), strict=True))
    return keys


def those_there(model: type[models.Model], name: str, values: Collection[str]) -> set[str]:
    """Those of `values` that the text field `name` of some row has: one statement for any number, as fast for a thousand
    as `__in` for ten.
    """
    column, table = (connection.ops.quote_name(one) for one in (_column_name(model, name), model._meta.db_table))
    wanted = "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    listed = list(values) if connection.vendor == "postgresql" else json.dumps(list(values))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {column} {wanted}", [listed])  # noqa: S608
        return {value for (value,) in cursor.fetchall()}


def set_many(model: type[models.Model], name: str, values: Mapping[int, int | str]) -> None:
    """Give the field `name` of each row (by its key) its value: one statement, prepared once."""
    column, key, table = (
        connection.ops.quote_name(one)
        for one in (_column_name(model, name), str(model._meta.pk.column), model._meta.db_table)
    )
    pairs = [(value, pk) for pk, value in values.items()]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", pairs)  # noqa: S608


def put(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows whose values are as the engine's adapters (`connection.ops`) give them: COPY where there is one."""
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", cast(Sequence, rows))  # noqa: S608


def take_stock() -> None:
    """Let the engine look at what its tables hold now, so that its planner knows which are large: after a large import.

    PostgreSQL does so by itself in time, SQLite never; it looks at a sample and takes a fraction of a second.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit=1000")
        cursor.execute("ANALYZE")


def _column_name(model: type[models.Model], name: str) -> str:
    return str(cast(models.Field, model._meta.get_field(name)).column)


def _take_keys(model: type[models.Model], count: int) -> list[int]:
    """The next `count` keys of a table, which nobody else will get."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, model._meta.pk.column, count],
            )
            return [key for (key,) in cursor.fetchall()]
        # The transaction holds the only right to write: nobody takes a key between this and the insert.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + count + 1))


def _column(field: models.Field, at: int | None, rows: Sequence[tuple[Any, ...]]) -> Iterable[Any] | None:
    """The values of one column, as the engine takes them; None when it would hold nothing but NULL."""
    adapt = _adapter(field)
    if at is not None:
        values = [row[at] for row in rows]
        if not field.has_db_default() and values.count(None) == len(values):
            return None
        return values if adapt is None else list(map(adapt, values))
    if field.has_default() and callable(field.default) and field.default not in _ALWAYS_THE_SAME:
        made = (field.get_default() for _ in rows)
        return made if adapt is None else map(adapt, made)
    value = field.get_db_prep_save(field.get_default(), connection)
    return None if value is None else repeat(value, len(rows))


def _adapter(field: models.Field) -> Callable[[Any], Any] | None:
    if isinstance(field, models.BooleanField) and connection.vendor == "sqlite":
        return _BOOLEANS.get  # SQLite has no booleans, and making each into a number itself is slower
    if isinstance(field, _AS_THEY_ARE):
        return None
    # The connection itself: `connection` looks for it anew each time it is asked for something.
    adapt = partial(field.get_db_prep_save, connection=connections[DEFAULT_DB_ALIAS])
    return lru_cache(maxsize=4096)(adapt) if isinstance(field, _COME_AGAIN) else adapt
