"""Facts as bare rows, in and out of the database in bulk, without the price of a model object for each.

Only `operations` inserts and only `verification` and `seals` read here; everyone else uses `queries`.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db import DatabaseError, connection

from quxin.ledger.bulk import put

COLUMNS = (
    "book_id", "seq", "kind", "label", "unit", "path", "subject", "on", "month", "quantity", "sign", "campaign",
    "person", "actor", "recorded_at", "reverses", "hash",
)  # fmt: skip
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
READ_AT_ONCE = 5000
_WHOLE = ("seq", "unit", "month", "quantity", "sign")
_TEXTS = ("kind", "label", "path", "subject", "campaign", "person")


class Unreadable(Exception):
    """A row holds what no operation could have written: a day that is none, text in a number's place."""


class Row(NamedTuple):
    """A fact as it stands in the database, its values checked to be of the right type."""

    book_id: int
    seq: int
    kind: str
    label: str
    unit: int
    path: str
    subject: str
    on: date
    month: int
    quantity: int
    sign: int
    campaign: str
    person: str
    actor: int | None
    recorded_at: datetime
    reverses: int | None
    hash: bytes


def insert(rows: Sequence[tuple]) -> None:
    """Insert rows of COLUMNS; days and moments must be as the engine's adapters (`connection.ops`) give them."""
    put("ledger_fact", COLUMNS, rows)


def read(book_id: int, first: int, last: int | None = None) -> Iterator[Row | tuple[int, Unreadable]]:
    """The rows of a book from sequence `first` (to `last`) in order, in the memory of one batch.

    A row that cannot be read comes as (sequence, Unreadable) and does not stop the others.
    """
    while True:
        batch = _batch(book_id, first, last)
        yield from batch
        if len(batch) < READ_AT_ONCE:
            return
        final = batch[-1]
        first = (final.seq if isinstance(final, Row) else final[0]) + 1


def hashes(book_id: int, first: int, last: int) -> Iterator[tuple[int, bytes]]:
    """(sequence, hash) of the facts `first`..`last` of a book, in order."""
    statement = "SELECT seq, hash FROM ledger_fact WHERE book_id = %s AND seq BETWEEN %s AND %s ORDER BY seq LIMIT %s"
    while first <= last:
        with connection.cursor() as cursor:
            cursor.execute(statement, [book_id, first, last, READ_AT_ONCE])
            rows = cursor.fetchall()
        for seq, value in rows:
            yield seq, bytes(value)
        if len(rows) < READ_AT_ONCE:
            return
        first = rows[-1][0] + 1


def _batch(book_id: int, first: int, last: int | None) -> list[Row | tuple[int, Unreadable]]:
    until = "" if last is None else " AND seq <= %s"
    bounds = [book_id, first, *([] if last is None else [last])]
    where = f"WHERE book_id = %s AND seq >= %s{until} ORDER BY seq LIMIT {READ_AT_ONCE}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_raw_columns()} FROM ledger_fact {where}", bounds)  # noqa: S608
            rows = cursor.fetchall()
    except (DatabaseError, UnicodeDecodeError):
        if connection.vendor != "sqlite":
            raise
        # Text that is no UTF-8 fails the whole batch: read row by row to find out which.
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT seq FROM ledger_fact {where}", bounds)  # noqa: S608
            return [_single(book_id, seq) for (seq,) in cursor.fetchall()]
    return [_checked(row) for row in rows]


def _single(book_id: int, seq: int) -> Row | tuple[int, Unreadable]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {_raw_columns()} FROM ledger_fact WHERE book_id = %s AND seq = %s",  # noqa: S608
                [book_id, seq],
            )
            return _checked(cursor.fetchone())
    except (DatabaseError, UnicodeDecodeError) as error:
        return seq, Unreadable(str(error))


def _raw_columns() -> str:
    """SQLite's days and moments come as the text that stands there, not as what a lenient parser makes of it."""
    if connection.vendor != "sqlite":
        return _NAMES
    return ", ".join(f"\"{name}\" || ''" if name in ("on", "recorded_at") else f'"{name}"' for name in COLUMNS)


def _checked(values: tuple) -> Row | tuple[int, Unreadable]:
    row = Row(*values)
    try:
        if connection.vendor == "sqlite":
            row = row._replace(on=_day(row.on), recorded_at=_moment(row.recorded_at))
        row = row._replace(hash=_bytes(row.hash))
        if not all(type(getattr(row, name)) is int for name in _WHOLE):
            raise Unreadable("a number that is none")
        if not all(type(getattr(row, name)) is str for name in _TEXTS):
            raise Unreadable("a text that is none")
        if not all(value is None or type(value) is int for value in (row.actor, row.reverses)):
            raise Unreadable("a reference that is none")
    except (Unreadable, ValueError, TypeError) as error:
        return (values[1] if type(values[1]) is int else 0), Unreadable(str(error))
    return row


def _day(text: object) -> date:
    day = date.fromisoformat(text) if isinstance(text, str) else None
    if day is None or day.isoformat() != text:
        raise Unreadable("a day that is none")
    return day


def _moment(text: object) -> datetime:
    moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    if moment is None or moment.tzinfo is not None or str(moment) != text:
        raise Unreadable("a moment that is none")
    return moment.replace(tzinfo=UTC)


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes | memoryview):
        raise Unreadable("a hash that is none")
    return bytes(value)
