"""Many readings at once, each with a subtree and a period of its own: a wall of promises is read in four queries.

The same folds, statements and rules as `reading`, so the same values; only the batching differs. Must not be used where
all readings share one period: `measure_many` puts fewer rows together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quxin.kernel.periods import Period
from quxin.measures import cells, reading, sql
from quxin.measures.types import Basis, Declared, Measured

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
        found = _read(some)
        answers += [_answer(request.declared, request, found) for request in some]
    return answers


Cells = dict[tuple[str, sql.Ask], reading.Cell]


def _answer(declared: Declared, request: Request, found: Cells) -> Measured:
    parts: tuple[Measured, ...] = ()
    ask = reading.ask_of(declared, request.period, request.campaign)
    if declared.ratio:
        parts = tuple(_answer(part, request, found) for part in declared.ratio)
        value, basis = reading.divide(parts, declared.spec.unit), parts[0].basis + parts[1].basis
    elif ask is None:
        value, basis = reading.NO_CAMPAIGN, Basis()
    else:
        value, basis = found[request.path, ask]
    return Measured(
        declared.id, declared.spec, value, declared.spec.unit, basis, request.path, request.period,
        campaign=request.campaign, parts=parts,
    )  # fmt: skip


def _leaves(declared: Declared) -> list[Declared]:
    return [leaf for part in declared.ratio for leaf in _leaves(part)] if declared.ratio else [declared]


def _read(requests: Sequence[Request]) -> Cells:
    """Every cell that the requests need, folds that several of them share read once."""
    wanted: dict[tuple[str, sql.Ask], Declared] = {}
    for request in requests:
        for leaf in _leaves(request.declared):
            ask = reading.ask_of(leaf, request.period, request.campaign)
            if ask is not None:
                wanted.setdefault((request.path, ask), leaf)
    if not wanted:
        return {}
    paths, asks = (list(dict.fromkeys(values)) for values in zip(*wanted, strict=True))
    seen, found = cells.read(paths, asks, sql.Lens(), wanted.keys())
    return {
        (path, ask): reading.cell_of(leaf, found.get((path, ask)), (path, ask.fold.kind) in seen)
        for (path, ask), leaf in wanted.items()
    }
