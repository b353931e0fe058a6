"""Many new rows of a table at once: for imports of a hundred thousand, where a model object for each costs more than the row.

Constraints and triggers of the database hold as ever; validators, `save` and signals are passed by. For rows that come one
by one or by the dozen `objects.create` and `bulk_create` are right. Facts have their own door: `operations.append`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import repeat
from typing import Any, cast

from django.db import connection, models, transaction

_AS_THEY_ARE = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey)
_COME_AGAIN = (models.DateField, models.TimeField)


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
        values = [_column(field, given.get(field.attname), rows) for field in fields]
        columns = [str(field.column) for field in (key, *fields)]
        put(model._meta.db_table, columns, zip(keys, *values, strict=True))
    return keys


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


def _column(field: models.Field, at: int | None, rows: Sequence[tuple[Any, ...]]) -> Iterable[Any]:
    """The values of one column, as the engine takes them."""
    adapt = _adapter(field)
    if at is not None:
        return [row[at] for row in rows] if adapt is None else [adapt(row[at]) for row in rows]
    if callable(field.default):
        return [field.get_db_prep_save(field.get_default(), connection) for _ in rows]
    return repeat(field.get_db_prep_save(field.get_default(), connection), len(rows))


def _adapter(field: models.Field) -> Callable[[Any], Any] | None:
    if isinstance(field, _AS_THEY_ARE):
        return None
    adapt = partial(field.get_db_prep_save, connection=connection)
    return lru_cache(maxsize=4096)(adapt) if isinstance(field, _COME_AGAIN) else adapt
