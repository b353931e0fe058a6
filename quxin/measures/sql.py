"""The statements of a reading, one for both engines: sums from rollups and facts, distinct counts, first days.

Everything that decides a figure stands here in SQL, so that it is reckoned from one snapshot. Must not be used outside
`measures`; nothing here takes text from people except as a parameter.

How a sum at node P over a period is put together (every fact is met exactly once):

    A  rollups of P                    whole months     facts strictly below P, folded
    B  facts of P itself               whole period     a node's own facts are never rolled up
    C  facts strictly below P          whole months     not folded yet (sequence > cursor)
    D  facts strictly below P          broken months    added, or taken off a month that was taken whole

When history is asked for (`as_of`) or today's tree (`placement="now"`), facts alone answer.
"""

# ruff: noqa: S608 - statements are put together from the constants of this file; values are always parameters.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from quxin.kernel.paths import depth, subtree_range
from quxin.measures.windows import Edge, Window
from quxin.packs.measure_types import Fold

READER = "rollups"
_NEVER = Edge(date(9999, 12, 31), date(1, 1, 1), 1)
# SQLite picks an index without knowing how many facts a subtree has: from this depth up it is told to go by the day.
_WIDE = 2
_PAIRS_AT_ONCE = 500
FEW = 20_000
"""Unfolded facts of one book up to which they are read by sequence."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A fold over a window: one column of the answer. `campaign` is "" for facts of any campaign."""

    fold: Fold
    window: Window
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Lens:
    """What is seen: facts known at `as_of` (None: all), placed as they were ("then") or as units stand now ("now")."""

    as_of: datetime | None = None
    placement: str = "then"

    @property
    def needs_facts(self) -> bool:
        """Whether rollups cannot answer."""
        return self.as_of is not None or self.placement == "now"


@dataclass(slots=True)
class Statement:
    """SQL with its parameters, built piece by piece."""

    sql: str = ""
    params: list[Any] = field(default_factory=list)

    def rows(self) -> list[tuple]:
        """Run it and fetch every row that it gives."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class BookState:
    """A book's subtree, how far it is folded, and its last sequence."""

    path: str
    cursor: int
    head: int


@dataclass(frozen=True, slots=True)
class State:
    """What a reading starts from: how far each book is folded, and which kinds anybody counts below which path."""

    cursors: dict[int, BookState]
    seen: frozenset[tuple[str, str]]


def state(paths: Sequence[str], kinds: Iterable[str], lens: Lens) -> State:
    """Cursors of all books, and the (path, kind) pairs with any fact at all in the subtree."""
    kinds = sorted(set(kinds))
    want, kind = _want(paths), _table(("kind",), [(k,) for k in kinds])
    tables, placed, known = _facts(lens)
    # The order lets an index answer with its first entry; without it a planner may first gather every fact of the kind.
    order = "o.path" if lens.placement == "now" else "f.path"
    statement = Statement(
        f"SELECT b.id, b.path, COALESCE(c.seq, 0), b.head_seq FROM ledger_book b "
        f"LEFT JOIN ledger_cursor c ON c.book_id = b.id AND c.reader = %s "
        f"UNION ALL SELECT -1 - w.w, k.kind, 0, 0 FROM ({want.sql}) w CROSS JOIN ({kind.sql}) k "
        f"WHERE (SELECT f.seq FROM {tables} WHERE {placed} AND f.kind = k.kind ORDER BY {order} LIMIT 1) IS NOT NULL",
        [READER, *want.params, *kind.params, *known],
    )
    cursors, seen = {}, set()
    for number, text, cursor, head in statement.rows():
        if number >= 0:
            cursors[number] = BookState(text, cursor, head)
        else:
            seen.add((paths[-1 - number], text))
    return State(cursors, frozenset(seen))


def sums(paths: Sequence[str], asks: Sequence[Ask], now: State | None, lens: Lens) -> list[tuple] | None:
    """Rows (path number, ask number, net facts, net quantity, reversals, corrections).

    None when a fold moved a cursor since `now` was read; without `now` the facts alone answer.
    """
    if lens.needs_facts or now is None:
        return _add([_from_facts(paths, asks, lens)], None).rows()
    below = "f.path > w.lo AND f.path < w.hi"
    parts = [_rolled(paths, asks), _part(paths, asks, "f.path = w.lo", "period")]
    # Only books whose subtree meets one that is asked for; the others may fold as they like.
    met = {
        number: book
        for number, book in now.cursors.items()
        if any(book.path.startswith(path) or path.startswith(book.path) for path in paths)
    }
    if any(ask.window.whole for ask in asks):
        parts += [_tail(paths, asks, number, book) for number, book in met.items()]
    for edge in (0, 1):
        if any(len(ask.window.edges) > edge for ask in asks):
            parts.append(_part(paths, asks, below, edge))
    rows = _add(parts, now).rows()
    cursors = {int(number): int(cursor) for mark, number, cursor, *_ in rows if mark < 0}
    if any(cursors[number] != book.cursor for number, book in met.items()):
        return None
    return [row for row in rows if row[0] >= 0]


def distinct(paths: Sequence[str], asks: Sequence[Ask], lens: Lens) -> list[tuple]:
    """Rows (path number, ask number, how many stand apart, net facts, reversals, corrections)."""
    want, fold = _want(paths), _fold(asks)
    tables, placed, known = _facts(lens)
    who = "CASE WHEN a.per = 'person' THEN f.person ELSE f.subject END"
    return Statement(
        f"SELECT x.w, x.n, SUM(CASE WHEN x.who <> '' AND x.net > 0 THEN 1 ELSE 0 END), "
        f"SUM(x.net), SUM(x.v), SUM(x.k) FROM (SELECT w.w AS w, a.n AS n, {who} AS who, SUM(f.sign) AS net, "
        f"SUM(CASE WHEN f.sign < 0 THEN 1 ELSE 0 END) AS v, SUM({TAKEN_BACK}) AS k "
        f"FROM ({want.sql}) w CROSS JOIN ({fold.sql}) a CROSS JOIN {tables} WHERE {placed} AND {_by_path(_match('f'))} "
        f"GROUP BY w.w, a.n, {who}) x GROUP BY x.w, x.n",
        [*want.params, *fold.params, *known],
    ).rows()


def first_days(pairs: Sequence[tuple[str, Ask]], lens: Lens) -> list[date | None]:
    """For each (path, ask) the day of the earliest fact that stands, or None."""
    # Each pair is a query of its own with constants, so that the planner sees how wide the subtree is: a wide one is read
    # by day until the first hit, a narrow one by path.
    found: list[date | None] = []
    for at in range(0, len(pairs), _PAIRS_AT_ONCE):
        parts = [_first_day(path, ask, lens) for path, ask in pairs[at : at + _PAIRS_AT_ONCE]]
        statement = Statement(
            "SELECT " + ", ".join(f"({part.sql})" for part in parts),
            [value for part in parts for value in part.params],
        )
        found += [date.fromisoformat(day) if isinstance(day, str) else day for day in statement.rows()[0]]
    return found


def _first_day(path: str, ask: Ask, lens: Lens) -> Statement:
    want, fold = _want([path]), _fold([ask])
    tables, placed, known = _facts(lens)
    condition = _narrowest(f"{placed} AND {_match('f')}", [path])
    # What was taken back never began; what ended later did.
    undone = 'SELECT 1 FROM ledger_fact r WHERE r.book_id = f.book_id AND r.reverses = f.seq AND r."on" <= f."on"'
    if lens.as_of is not None:
        undone += " AND r.recorded_at <= %s"
        known = [*known, connection.ops.adapt_datetimefield_value(lens.as_of)]
    return Statement(
        f'SELECT f."on" FROM ({want.sql}) w CROSS JOIN ({fold.sql}) a CROSS JOIN {tables} WHERE {condition} '
        f'AND f.sign = 1 AND NOT EXISTS ({undone}) ORDER BY f."on" LIMIT 1',
        [*want.params, *fold.params, *known],
    )


# --- pieces ---


def _add(parts: list[Statement], now: State | None) -> Statement:
    """The sum of all parts; with `now` also the cursors as this very statement sees them, marked −1."""
    inner = " UNION ALL ".join(part.sql for part in parts)
    sql = f"SELECT x.w, x.n, SUM(x.c), SUM(x.q), SUM(x.v), SUM(x.k) FROM ({inner}) x GROUP BY x.w, x.n"
    params = [value for part in parts for value in part.params]
    if now is not None:
        sql += (
            " UNION ALL SELECT -1, b.id, COALESCE(c.seq, 0), 0, 0, 0 FROM ledger_book b "
            "LEFT JOIN ledger_cursor c ON c.book_id = b.id AND c.reader = %s"
        )
        params.append(READER)
    return Statement(sql, params)


# The original of a reversal is looked up by its key, and only for reversals, which are rare.
TAKEN_BACK = (
    'CASE WHEN f.sign < 0 AND (SELECT o."on" FROM ledger_fact o WHERE o.book_id = f.book_id AND o.seq = f.reverses) '
    '= f."on" THEN 1 ELSE 0 END'
)
_SIGNED = (
    "a.times * f.sign AS c, a.times * f.quantity AS q, CASE WHEN f.sign < 0 THEN a.times ELSE 0 END AS v, "
    f"a.times * {TAKEN_BACK} AS k"
)


def _rolled(paths: Sequence[str], asks: Sequence[Ask]) -> Statement:
    want, fold = _want(paths), _fold(asks)
    return Statement(
        f'SELECT w.w AS w, a.n AS n, r."count" AS c, r.quantity AS q, r.reversals AS v, r.corrections AS k '
        f"FROM ({want.sql}) w CROSS JOIN ({fold.sql}) a JOIN measures_rollup r ON r.path = w.lo "
        f"AND r.month >= a.from_month AND r.month <= a.to_month AND {_match('r', on=False)}",
        [*want.params, *fold.params],
    )


def _part(paths: Sequence[str], asks: Sequence[Ask], place: str, days: str | int) -> Statement:
    """Facts at `place` on the days of the whole period, or of edge 0 or 1."""
    want, fold = _want(paths), _fold(asks, days)
    condition = f"{place} AND {_match('f')}"
    if days != "period":
        condition = _narrowest(condition, paths)
    return Statement(
        f"SELECT w.w AS w, a.n AS n, {_SIGNED} FROM ({want.sql}) w CROSS JOIN ({fold.sql}) a "
        f"JOIN ledger_fact f ON {condition}",
        [*want.params, *fold.params],
    )


def _tail(paths: Sequence[str], asks: Sequence[Ask], number: int, book: BookState) -> Statement:
    """Facts that no rollup knows yet: by sequence while they are few, by path when folding is far behind."""
    want, fold = _want(paths), _fold(asks, "whole")
    source = "SELECT * FROM ledger_fact WHERE book_id = %s AND seq > %s"
    if book.head - book.cursor <= FEW:
        source = f"WITH tail AS MATERIALIZED ({source}) SELECT * FROM tail"
    return Statement(
        f"SELECT w.w AS w, a.n AS n, {_SIGNED} FROM ({want.sql}) w CROSS JOIN ({fold.sql}) a "
        f"JOIN ({source}) f ON f.path > w.lo AND f.path < w.hi AND {_match('f')}",
        [*want.params, *fold.params, number, book.cursor],
    )


def _from_facts(paths: Sequence[str], asks: Sequence[Ask], lens: Lens) -> Statement:
    want, fold = _want(paths), _fold(asks)
    tables, placed, known = _facts(lens)
    return Statement(
        f"SELECT w.w AS w, a.n AS n, {_SIGNED} FROM ({want.sql}) w CROSS JOIN ({fold.sql}) a "
        f"CROSS JOIN {tables} WHERE {placed} AND {_by_path(_match('f'))}",
        [*want.params, *fold.params, *known],
    )


def _facts(lens: Lens) -> tuple[str, str, list[Any]]:
    """Tables and condition for the facts of the subtree `w` as the lens shows them, with the parameters of the latter."""
    known: list[Any] = []
    if lens.placement == "now":
        tables = "orgs_organisation o CROSS JOIN ledger_fact f"
        condition = "o.path >= w.lo AND o.path < w.hi AND f.unit = o.id"
    else:
        tables, condition = "ledger_fact f", "f.path >= w.lo AND f.path < w.hi"
    if lens.as_of is not None:
        condition += " AND f.recorded_at <= %s"
        known.append(connection.ops.adapt_datetimefield_value(lens.as_of))
    return tables, condition, known


def _by_path(condition: str) -> str:
    """Tell SQLite to find facts by path, not by day: unary plus keeps an index from being used for a term."""
    return condition.replace('f."on"', '+f."on"') if connection.vendor == "sqlite" else condition


def _by_day(condition: str) -> str:
    """Tell SQLite to find facts by day, not by path."""
    return condition.replace("f.path", "+f.path") if connection.vendor == "sqlite" else condition


def _narrowest(condition: str, paths: Sequence[str]) -> str:
    """By day in wide subtrees, by path in narrow ones; PostgreSQL sees for itself which is which."""
    return _by_day(condition) if min(map(depth, paths)) <= _WIDE else _by_path(condition)


def _match(row: str, on: bool = True) -> str:
    """`row` is of the kind, label, campaign and (for facts) days that `a` asks for."""
    days = f' AND {row}."on" >= a.from_on AND {row}."on" <= a.to_on' if on else ""
    return (
        f"{row}.kind = a.kind AND (a.label = '' OR {row}.label = a.label "
        f"OR ({row}.label >= a.label_lo AND {row}.label < a.label_hi)) "
        f"AND (a.campaign = '' OR {row}.campaign = a.campaign){days}"
    )


def _want(paths: Sequence[str]) -> Statement:
    return _table(("w", "lo", "hi"), [(w, *subtree_range(path)) for w, path in enumerate(paths)])


_COLUMNS = (
    "n", "kind", "label", "label_lo", "label_hi", "campaign", "from_month", "to_month", "from_on", "to_on", "per",
    "times",
)  # fmt: skip


def _fold(asks: Sequence[Ask], days: str | int = "period") -> Statement:
    rows = []
    for n, ask in enumerate(asks):
        first, last, times = _days(ask.window, days)
        # "0" is the character after "/": everything below a label lies between the two.
        label = ask.fold.label
        rows.append(
            (
                n, ask.fold.kind, label, f"{label}/", f"{label}0", ask.campaign, *ask.window.months,
                connection.ops.adapt_datefield_value(first), connection.ops.adapt_datefield_value(last), ask.fold.by,
                times,
            )
        )  # fmt: skip
    return _table(_COLUMNS, rows)


def _days(window: Window, which: str | int) -> Edge:
    if which == "period":
        return Edge(window.first, window.last, 1)
    if which == "whole":
        return Edge(*window.whole, 1) if window.whole else _NEVER
    return window.edges[int(which)] if len(window.edges) > int(which) else _NEVER


def _table(columns: Sequence[str], rows: Sequence[tuple]) -> Statement:
    """A table of constants. A single row becomes plain constants for the planner, which a VALUES list would not."""
    params = [value for row in rows for value in row]
    marks = [[_typed(value) for value in row] for row in rows]
    if connection.vendor == "postgresql" and len(rows) > 1:
        # A UNION of many rows would tempt it to start parallel workers for nothing.
        values = ", ".join(f"({', '.join(row)})" for row in marks)
        return Statement(f"SELECT * FROM (VALUES {values}) AS v({', '.join(columns)})", params)
    head = "SELECT " + ", ".join(f"{mark} AS {name}" for name, mark in zip(columns, marks[0], strict=True))
    return Statement(head + "".join(f" UNION ALL SELECT {', '.join(row)}" for row in marks[1:]), params)


def _typed(value: Any) -> str:
    """A placeholder; PostgreSQL would take a bare text constant of a subquery for no type at all."""
    if connection.vendor != "postgresql":
        return "%s"
    return "CAST(%s AS text)" if isinstance(value, str) else "%s"
