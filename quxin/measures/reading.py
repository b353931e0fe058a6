"""Facts to `Measured`: the only way from the ledger to a number that is shown.

A value is a sum over facts that stand, within a subtree and a period. No facts is Missing; 0 only where other facts of
the kind, on any day, prove that somebody counts. Rollups make it quick and never change it: what they do not know yet is
read from the facts, in the same statement. Must not write, and must not know who asks: faces ask `access` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from quxin.kernel.missing import Missing, is_missing
from quxin.kernel.periods import Period
from quxin.kernel.scaled import unscale
from quxin.measures import cells, sql
from quxin.measures.registry import Wanted, find
from quxin.measures.types import Basis, Declared, Measured, Placement, Value
from quxin.measures.windows import window_of
from quxin.packs.types import Pack

NOBODY_COUNTS = Missing("没有数据")
NO_CAMPAIGN = Missing("没有指明是哪项活动")
NEVER_BEGUN = Missing("这段时间里还没有")
NOTHING_TO_DIVIDE_BY = Missing("分母为零")

RATIO_STEP = Decimal("0.001")
"""Ratios have three decimals, rounded half up, as all recorded quantities have at most."""

_PATHS_AT_ONCE = 200
_CELLS_AT_ONCE = 4000


def measure(
    wanted: Wanted,
    *,
    path: str,
    period: Period,
    as_of: datetime | None = None,
    placement: Placement = "then",
    campaign: str = "",
    pack: Pack | None = None,
) -> Measured:
    """The value of one measure for the organisation at `path` and all below it, over `period`.

    `as_of` (aware) answers with what was recorded by then; `placement="now"` moves facts to where their organisations
    stand today. `campaign` is the key that measures of scope "campaign" need. Raises UnknownMeasure, PathError.
    """
    declared = find(wanted, pack)
    answers = measure_many([declared], [path], period, as_of=as_of, placement=placement, campaign=campaign)
    return answers[declared.id, path]


def measure_many(
    wanted: Iterable[Wanted],
    paths: Iterable[str],
    period: Period,
    *,
    as_of: datetime | None = None,
    placement: Placement = "then",
    campaign: str = "",
    pack: Pack | None = None,
) -> dict[tuple[str, str], Measured]:
    """Many measures for many subtrees in four queries at most: (measure id, path) → Measured.

    Arguments as in `measure`. The ids are those of `find(...)`: built-in ids, and `<pack>.<id>` for a pack's.
    """
    declared: dict[str, Declared] = {}
    for item in (find(each, pack) for each in wanted):
        if declared.setdefault(item.id, item).fold != item.fold:
            raise ValueError(f"two different measures are called {item.id!r}")
    all_paths = list(dict.fromkeys(paths))
    lens = sql.Lens(as_of, placement)
    folded: dict[str, Declared] = {}
    for item in declared.values():
        _collect(item, folded)
    answers: dict[tuple[str, str], Measured] = {}
    if not all_paths or not declared:
        return answers
    step = max(1, min(_PATHS_AT_ONCE, _CELLS_AT_ONCE // max(1, len(folded))))
    for at in range(0, len(all_paths), step):
        some = all_paths[at : at + step]
        found = _read(list(folded.values()), some, period, lens, campaign)
        for item in declared.values():
            for path in some:
                answers[item.id, path] = _answer(item, path, period, lens, campaign, found)
    return answers


def measure_months(
    wanted: Wanted,
    *,
    path: str,
    period: Period,
    placement: Placement = "then",
    campaign: str = "",
    pack: Pack | None = None,
) -> dict[int, Measured]:
    """The measure month by month (yyyymm → Measured), for charts; broken months at the ends are broken here too."""
    declared = find(wanted, pack)
    values = {}
    for month in period.months():
        whole = Period.of_month(month)
        part = Period(max(whole.start, period.start), min(whole.end, period.end))
        values[month] = measure(declared, path=path, period=part, placement=placement, campaign=campaign)
    return values


# --- from cells to answers ---

Cell = tuple[Value, Basis]


def _collect(item: Declared, folded: dict[str, Declared]) -> None:
    """Put the folds that `item` needs into `folded`: itself, or the parts of a ratio."""
    if item.ratio:
        for part in item.ratio:
            _collect(part, folded)
    elif folded.setdefault(item.id, item).fold != item.fold:
        raise ValueError(f"two different measures are called {item.id!r}")


def _answer(
    item: Declared, path: str, period: Period, lens: sql.Lens, campaign: str, found: dict[tuple[str, str], Cell]
) -> Measured:
    parts: tuple[Measured, ...] = ()
    if item.ratio:
        parts = tuple(_answer(part, path, period, lens, campaign, found) for part in item.ratio)
        value, basis = divide(parts, item.spec.unit), parts[0].basis + parts[1].basis
    else:
        value, basis = found[item.id, path]
    placement: Placement = "now" if lens.placement == "now" else "then"
    return Measured(
        item.id, item.spec, value, item.spec.unit, basis, path, period, lens.as_of, placement, campaign, parts
    )


def divide(parts: Sequence[Measured], unit: str) -> Value:
    """Numerator ÷ denominator, times 100 or 1000 where the unit says so; Missing if either is, or by zero."""
    above, below = (part.value for part in parts)
    if is_missing(above) or is_missing(below):
        return above if is_missing(above) else below
    if not isinstance(above, Decimal) or not isinstance(below, Decimal):
        raise TypeError("a ratio divides numbers, not dates")
    if below == 0:
        return NOTHING_TO_DIVIDE_BY
    times = {"%": 100, "‰": 1000}.get(unit, 1)
    return _plain((above * times / below).quantize(RATIO_STEP, ROUND_HALF_UP))


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros and never as an exponent."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


# --- from facts to cells ---


def _read(
    items: list[Declared], paths: list[str], period: Period, lens: sql.Lens, campaign: str
) -> dict[tuple[str, str], Cell]:
    asks = {item.id: ask_of(item, period, campaign) for item in items}
    wanted = list(dict.fromkeys(ask for ask in asks.values() if ask is not None))
    seen, found = cells.read(paths, wanted, lens) if wanted else (frozenset(), {})
    answers: dict[tuple[str, str], Cell] = {}
    for item in items:
        ask = asks[item.id]
        for path in paths:
            answers[item.id, path] = (
                cell_of(item, found.get((path, ask)), (path, item.fold.kind) in seen) if ask else (NO_CAMPAIGN, Basis())
            )
    return answers


def ask_of(item: Declared, period: Period, campaign: str) -> sql.Ask | None:
    """What to ask for a measure that is no ratio; None when it needs a campaign and none is given."""
    if item.fold.scope == "campaign" and not campaign:
        return None
    return sql.Ask(item.fold, window_of(item.fold.form, period), campaign if item.fold.scope == "campaign" else "")


def cell_of(item: Declared, raw: cells.Raw | None, counted: bool) -> Cell:
    """The value and basis of what was found; `counted` says whether anything of the kind was ever recorded there."""
    value, basis = raw or (None, Basis())
    if item.fold.form == "first":
        return (value if value is not None else (NEVER_BEGUN if counted else NOBODY_COUNTS)), basis  # type: ignore[return-value]
    if value is None:
        return (Decimal(0) if counted else NOBODY_COUNTS), basis
    number = int(value)  # type: ignore[call-overload]
    return (unscale(number) if item.fold.form in ("sum", "stock") else Decimal(number)), basis
