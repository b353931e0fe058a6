"""Fold new facts into the rollups of all their ancestors, rebuild them, and check them against the facts.

A rollup cell is an inner node, kind, label, campaign and month; a fact adds to the cells of every proper ancestor of its
path. The database does the work, a run of sequences at a time, so memory stays flat. Reading is exact without any of this:
run it now and then for speed. Must not be called by anything that records.
"""

# ruff: noqa: S608 - statements are put together from the constants of this file; values are always parameters.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from quxin.kernel.paths import STEP
from quxin.ledger.models import Book, Cursor
from quxin.measures.models import Rollup
from quxin.measures.sql import READER, TAKEN_BACK

CHUNK = 1_000_000
"""Facts folded in one transaction: the more at once, the fewer cells are written twice; the database holds the sums."""
LEVELS = 16
"""The deepest path that a fact can have (ledger.fields)."""

_CELL = 'book, path, kind, label, campaign, month, "count", quantity, reversals, corrections'
_LEVELS = " UNION ALL ".join(f"SELECT {level * STEP} AS size" for level in range(1, LEVELS))

# Facts are first summed by their parent, which leaves few rows to hand up the tree.
_SUMS = f"""
SELECT b.book AS book, substr(b.parent, 1, l.size) AS path, b.kind AS kind, b.label AS label, b.campaign AS campaign,
       b.month AS month, SUM(b.c) AS c, SUM(b.q) AS q, SUM(b.v) AS v, SUM(b.k) AS k
FROM (SELECT f.book_id AS book, substr(f.path, 1, length(f.path) - {STEP}) AS parent, f.kind AS kind, f.label AS label,
             f.campaign AS campaign, f.month AS month, SUM(f.sign) AS c, SUM(f.quantity) AS q,
             SUM(CASE WHEN f.sign < 0 THEN 1 ELSE 0 END) AS v, SUM({TAKEN_BACK}) AS k
      FROM ledger_fact f
      WHERE f.book_id = %s AND f.seq > %s AND f.seq <= %s AND length(f.path) > {STEP}
      GROUP BY f.book_id, substr(f.path, 1, length(f.path) - {STEP}), f.kind, f.label, f.campaign, f.month) b
JOIN ({_LEVELS}) l ON l.size <= length(b.parent)
GROUP BY b.book, substr(b.parent, 1, l.size), b.kind, b.label, b.campaign, b.month
"""

_FOLD = f"""
INSERT INTO measures_rollup ({_CELL}) SELECT book, path, kind, label, campaign, month, c, q, v, k FROM ({_SUMS}) s
WHERE TRUE
ON CONFLICT (path, kind, label, campaign, month, book) DO UPDATE SET
    "count" = measures_rollup."count" + excluded."count", quantity = measures_rollup.quantity + excluded.quantity,
    reversals = measures_rollup.reversals + excluded.reversals,
    corrections = measures_rollup.corrections + excluded.corrections
"""

# Both sides are added up with opposite signs: a cell that agrees comes to nothing.
_DIFFERENCES = f"""
SELECT path, kind, label, campaign, month, SUM(rc), SUM(fc), SUM(rq), SUM(fq) FROM (
    SELECT path, kind, label, campaign, month, "count" AS rc, quantity AS rq, reversals AS rv, corrections AS rk,
           0 AS fc, 0 AS fq, 0 AS fv, 0 AS fk FROM measures_rollup WHERE book = %s
    UNION ALL SELECT path, kind, label, campaign, month, 0, 0, 0, 0, c, q, v, k FROM ({_SUMS}) s
) d GROUP BY path, kind, label, campaign, month
HAVING SUM(rc) <> SUM(fc) OR SUM(rq) <> SUM(fq) OR SUM(rv) <> SUM(fv) OR SUM(rk) <> SUM(fk)
ORDER BY path, kind, label, campaign, month LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A rollup cell that is not the sum of its facts: what stands there and what should (quantities scaled)."""

    book: str
    path: str
    kind: str
    label: str
    campaign: str
    month: int
    count: int
    count_of_facts: int
    quantity: int
    quantity_of_facts: int


def fold(books: Iterable[Book] | None = None, *, max_facts: int | None = None) -> int:
    """Fold what is new in `books` (all of them by default), `max_facts` at most; returns how many facts were folded.

    Each chunk is one transaction with its cursor, so it may be stopped anywhere and run twice at once.
    """
    folded = 0
    for book in _chosen(books):
        while max_facts is None or folded < max_facts:
            room = CHUNK if max_facts is None else min(CHUNK, max_facts - folded)
            done = _fold_chunk(book, room)
            folded += done
            if done < room:
                break
    return folded


def rebuild(books: Iterable[Book] | None = None) -> int:
    """Throw the rollups of `books` away and fold their facts again; returns how many facts were folded."""
    chosen = list(_chosen(books))
    for book in chosen:
        with transaction.atomic():
            cursor = _lock_cursor(book)
            Rollup.objects.filter(book=book.pk).delete()
            Cursor.objects.filter(pk=cursor.pk).update(seq=0)
    return fold(chosen)


def check(books: Iterable[Book] | None = None, *, limit: int = 100) -> list[Mismatch]:
    """Reckon every rollup from its facts again and list those that differ, `limit` at most for each book."""
    found = []
    for book in _chosen(books):
        with transaction.atomic():
            cursor = _lock_cursor(book)
            rows = _run(_DIFFERENCES, [book.pk, book.pk, 0, cursor.seq, limit])
        found += [
            Mismatch(book.key, path, kind, label, campaign, month, *map(int, numbers))
            for path, kind, label, campaign, month, *numbers in rows
        ]
    return found


def _chosen(books: Iterable[Book] | None) -> Sequence[Book]:
    return list(Book.objects.order_by("key") if books is None else books)


def _fold_chunk(book: Book, room: int) -> int:
    with transaction.atomic():
        cursor = _lock_cursor(book)
        head = Book.objects.values_list("head_seq", flat=True).get(pk=book.pk)
        upto = min(head, cursor.seq + room)
        if upto > cursor.seq:
            _lend_memory()
            _run(_FOLD, [book.pk, cursor.seq, upto])
            Cursor.objects.filter(pk=cursor.pk).update(seq=upto)
        return upto - cursor.seq


def _lock_cursor(book: Book) -> Cursor:
    """The reader's row for `book`, locked: two folds of one book take turns."""
    Cursor.objects.bulk_create([Cursor(reader=READER, book=book)], ignore_conflicts=True)
    return Cursor.objects.select_for_update().get(reader=READER, book=book)


def _lend_memory() -> None:
    """Let PostgreSQL group this transaction's facts in memory; what does not fit goes to its disk."""
    if connection.vendor == "postgresql":
        _run("SET LOCAL work_mem = '64MB'", [])


def _run(statement: str, parameters: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
