"""Many readings at once, each with a subtree and a period of its own: a wall of promises is read in four queries.

The same folds, statements and rules as `reading`, so the same values; only the batching differs. Must not be used where
all readings share one period: `measure_many` puts fewer rows together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quxin.kernel.periods import Period
from quxin.measures import reading, sql
from quxin.measures.types import Basis, Declared, Measured
from quxin.measures.windows import window_of

_RETRIES = 3
_AT_ONCE = 60
"""Readings put into one round of statements: these pair every subtree with every fold."""


@dataclass(frozen=True, slots=True)
class Request:
    """One reading: which measure, for the subtree at `path`, over `period`; `campaign` as `reading.measure` takes it."""

    declared: Declared
    path: str
    period: Period
    campaign: str = ""


def measure_each(requests: Sequence[Request]) -> list[Measured]:
    """The answers to `requests`, in their order; at most four queries for sixty of them."""
    answers: list[Measured] = []
    for at in range(0, len(requests), _AT_ONCE):
        some = requests[at : at + _AT_ONCE]
        cells = _read(some)
        answers += [_answer(request.declared, request, cells) for request in some]
    return answers


Cells = dict[tuple[str, sql.Ask], reading.Cell]


def _answer(declared: Declared, request: Request, cells: Cells) -> Measured:
    parts: tuple[Measured, ...] = ()
    if declared.ratio:
        parts = tuple(_answer(part, request, cells) for part in declared.ratio)
        value, basis = reading._divide(parts, declared.spec.unit), parts[0].basis + parts[1].basis
    elif _lacks_campaign(declared, request):
        value, basis = reading.NO_CAMPAIGN, Basis()
    else:
        value, basis = cells[request.path, _ask(declared, request)]
    return Measured(
        declared.id, declared.spec, value, declared.spec.unit, basis, request.path, request.period,
        campaign=request.campaign, parts=parts,
    )  # fmt: skip


def _lacks_campaign(declared: Declared, request: Request) -> bool:
    return declared.fold.scope == "campaign" and not request.campaign


def _ask(declared: Declared, request: Request) -> sql.Ask:
    campaign = request.campaign if declared.fold.scope == "campaign" else ""
    return sql.Ask(declared.fold, window_of(declared.fold.form, request.period), campaign)


def _leaves(declared: Declared) -> list[Declared]:
    return [leaf for part in declared.ratio for leaf in _leaves(part)] if declared.ratio else [declared]


def _read(requests: Sequence[Request]) -> Cells:
    """Every cell that the requests need, folds that several of them share read once."""
    wanted: dict[tuple[str, sql.Ask], Declared] = {}
    for request in requests:
        for leaf in _leaves(request.declared):
            if not _lacks_campaign(leaf, request):
                wanted.setdefault((request.path, _ask(leaf, request)), leaf)
    if not wanted:
        return {}
    paths = list(dict.fromkeys(path for path, _ in wanted))
    asks = list(dict.fromkeys(ask for _, ask in wanted))
    lens = sql.Lens()
    for _ in range(_RETRIES):
        now = sql.state(paths, {ask.fold.kind for ask in asks}, lens)
        found = _values(paths, asks, lens, now)
        if found is not None:
            break
    else:
        found = _values(paths, asks, lens, None) or {}
    cells: Cells = {}
    for (path, ask), leaf in wanted.items():
        value, basis = found.get((path, ask), (None, Basis()))
        cells[path, ask] = (reading._value(leaf, value, (path, ask.fold.kind) in now.seen), basis)
    return cells


Raw = dict[tuple[str, sql.Ask], tuple[object, Basis]]


def _values(paths: list[str], asks: list[sql.Ask], lens: sql.Lens, now: sql.State | None) -> Raw | None:
    """Raw values by (path, ask); None when folds moved the cursors since `now`."""
    found: Raw = {}
    chosen = [ask for ask in asks if ask.fold.form in ("count", "sum", "stock", "first")]
    if chosen:
        rows = sql.sums(paths, chosen, now, lens)
        if rows is None:
            return None
        for w, n, net, quantity, reversals, corrections in rows:
            value = {"count": net, "first": None}.get(chosen[n].fold.form, quantity)
            found[paths[w], chosen[n]] = (value, Basis(int(net) + int(reversals), int(net), int(corrections)))
    chosen = [ask for ask in asks if ask.fold.form == "distinct"]
    for w, n, apart, net, reversals, corrections in sql.distinct(paths, chosen, lens) if chosen else ():
        found[paths[w], chosen[n]] = (apart, Basis(int(net) + int(reversals), int(net), int(corrections)))
    chosen = [ask for ask in asks if ask.fold.form == "first"]
    for w, n, day in sql.first_days(paths, chosen, lens) if chosen else ():
        if day is not None:
            found[paths[w], chosen[n]] = (day, found[paths[w], chosen[n]][1])
    return found
