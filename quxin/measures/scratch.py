"""Millions of facts for the bench, made by SQL in a scratch database, without the hash chain.

They are good for timing readings and folds, which never look at hashes, and for nothing else. Refuses to touch a database
that holds any other facts below the bench's root.
"""

# ruff: noqa: S608 - statements are put together from constants and integers.

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from quxin.ledger.models import Book, Fact
from quxin.ledger.operations import open_book

MANY, FEW = ("bench", "0000"), ("bench-few", "0002")
"""Book and root of the great tree and of the small one that is read beside it."""

_POSTGRESQL = {
    "series": "generate_series({first}::bigint, {last}::bigint) AS s(n)",
    "day": "DATE '2010-01-01' + (n % 365)::int",
    "month": "EXTRACT(YEAR FROM d)::int * 100 + EXTRACT(MONTH FROM d)::int",
    "hash": "'\\x00'::bytea",
    "moment": "TIMESTAMPTZ '2010-12-01 08:00+00'",
    "step": "lpad(({n})::text, 4, '0')",
}
_SQLITE = {
    "series": "(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) SELECT n FROM s) s",
    "day": "date('2010-01-01', '+' || (n % 365) || ' days')",
    "month": "CAST(strftime('%Y%m', d) AS INTEGER)",
    "hash": "x'00'",
    "moment": "'2010-12-01 08:00:00'",
    "step": "printf('%04d', {n})",
}


def fill(count: int, *, branches: int, kinds: Sequence[str], tree: tuple[str, str] = MANY) -> None:
    """Add `count` facts of `kinds` in turn, spread over a year and over `branches` branches of `tree` (book and root).

    The tree: 31 provinces, 11 prefectures in each, 10 counties in each, and the branches. Fact n (from 1) is of kind
    n % len(kinds), on day n % 365 of 2010, its quantity 1 + n % 300. Raises ValueError where other facts are.
    """
    key, root = tree
    if tree not in (MANY, FEW):
        raise ValueError(f"no tree of the bench: {tree}")
    book = open_book(key=key, title="试验", path=root)
    if Fact.objects.filter(path__startswith=root).exclude(book=book).exists():
        raise ValueError("this database holds facts of its own: the bench runs on a scratch database only")
    words = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    first, last = book.head_seq + 1, book.head_seq + count
    # The branch decides its county, the county its prefecture, and so on, as in a real tree.
    places = ("b % 31", "(b / 31) % 11", "(b / 341) % 10", "b / 3410")
    path = " || ".join([f"'{root}'", *(words["step"].format(n=place) for place in places)])
    kind = " ".join(f"WHEN {n} THEN '{each}'" for n, each in enumerate(kinds))
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO ledger_fact (book_id, seq, kind, label, unit, path, subject, "on", month, quantity, sign, '
            "campaign, person, actor, recorded_at, reverses, hash) "
            f"SELECT {book.pk}, n, CASE n % {len(kinds)} {kind} END, CASE n % 3 WHEN 0 THEN 'lecture' "
            "WHEN 1 THEN 'lecture/bench.forum' ELSE 'contest' END, "
            f"b, {path}, 'activity:' || n, d, {words['month']}, 1000 * (1 + n % 300), 1, "
            f"CASE WHEN n % 2 = 0 THEN 'bench' ELSE '' END, '', 1, {words['moment']}, NULL, {words['hash']} "
            f"FROM (SELECT n, (n * 7919) % {int(branches)} AS b, {words['day']} AS d "
            f"FROM {words['series'].format(first=first, last=last)}) x"
        )
    Book.objects.filter(pk=book.pk).update(head_seq=last)
    analyze("ledger_fact")


def analyze(table: str) -> None:
    """Let the engine look at what is in one of our tables, as its own housekeeping does in time."""
    if table not in ("ledger_fact", "measures_rollup"):
        raise ValueError(f"no table of the bench: {table}")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")
