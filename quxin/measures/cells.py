"""Raw readings, shared by `reading` and `each`: for subtrees and folds over windows, what the statements found.

Must not interpret: whether nothing is Missing or 0, and what a ratio is, the callers say.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from quxin.measures import sql
from quxin.measures.types import Basis

_RETRIES = 3

Raw = tuple[object, Basis]
"""A scaled integer, a number of facts or a day, and the facts under it."""
Found = dict[tuple[str, sql.Ask], Raw]
Seen = frozenset[tuple[str, str]]
"""The (path, fact kind) pairs of which anything was ever recorded in the subtree."""


def read(
    paths: Sequence[str], asks: Sequence[sql.Ask], lens: sql.Lens, only: Collection[tuple[str, sql.Ask]] | None = None
) -> tuple[Seen, Found]:
    """Every path with every ask, in four queries at most; pairs without facts are left out.

    `only` names the pairs that are wanted at all: first days, which cost a search each, are looked up for no others.
    When folds keep moving the cursors between the statements, the facts alone are read: slower, and exact too.
    """
    kinds = {ask.fold.kind for ask in asks}
    for _ in range(_RETRIES):
        now = sql.state(paths, kinds, lens)
        sums = _sums(paths, asks, lens, now)
        if sums is not None:
            break
    else:
        sums = _sums(paths, asks, lens, None) or {}
    return now.seen, sums | _distinct(paths, asks, lens) | _first(paths, asks, lens, sums, only)


def _of(asks: Sequence[sql.Ask], *forms: str) -> list[sql.Ask]:
    return [ask for ask in asks if ask.fold.form in forms]


def _basis(net: object, reversals: object, corrections: object) -> Basis:
    # PostgreSQL adds integers up to decimals.
    stand = int(net)  # type: ignore[call-overload]
    return Basis(stand + int(reversals), stand, int(corrections))  # type: ignore[call-overload]


def _sums(paths: Sequence[str], asks: Sequence[sql.Ask], lens: sql.Lens, now: sql.State | None) -> Found | None:
    """Counts, sums and stocks, and the basis of first days; None when a fold went on since `now`."""
    chosen = _of(asks, "count", "sum", "stock", "first")
    rows = sql.sums(paths, chosen, now, lens) if chosen else []
    if rows is None:
        return None
    return {
        (paths[w], chosen[n]): (
            {"count": net, "first": None}.get(chosen[n].fold.form, quantity),
            _basis(net, reversals, corrections),
        )
        for w, n, net, quantity, reversals, corrections in rows
    }


def _distinct(paths: Sequence[str], asks: Sequence[sql.Ask], lens: sql.Lens) -> Found:
    chosen = _of(asks, "distinct")
    rows = sql.distinct(paths, chosen, lens) if chosen else []
    return {
        (paths[w], chosen[n]): (apart, _basis(net, reversals, corrections))
        for w, n, apart, net, reversals, corrections in rows
    }


def _first(
    paths: Sequence[str],
    asks: Sequence[sql.Ask],
    lens: sql.Lens,
    sums: Found,
    only: Collection[tuple[str, sql.Ask]] | None,
) -> Found:
    chosen = [(path, ask) for ask in _of(asks, "first") for path in paths]
    # Without a fact in the window there is no first one.
    pairs = [pair for pair in chosen if pair in sums and (only is None or pair in only)]
    days = sql.first_days(pairs, lens) if pairs else []
    return {pair: (day, sums[pair][1]) for pair, day in zip(pairs, days, strict=True) if day is not None}
