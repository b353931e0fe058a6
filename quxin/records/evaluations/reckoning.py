"""From counted ballots to a result: shares, and what must not be shown.

Pure: counts in, a tally out; no database, no clock (docs/reckoning/evaluation.md works the examples). Must not know who
voted, and holds no way to ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

GRADES = (5, 4, 3, 2, 1)
# GB/T 39735-2020: the last two of the five grades are 差评; the other three say that somebody was served well enough.
SATISFIED = (5, 4, 3)
LOWEST_MINIMUM = 3
HIGHEST_MINIMUM = 30
# In a group smaller than this a unanimous result says what each member said.
UNANIMITY_FLOOR = 10

TOO_FEW = "too-few"
UNANIMOUS = "unanimous"

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class GradeCount:
    """One grade: how many chose it, and their share of all in per cent (one decimal)."""

    grade: int
    count: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class Tally:
    """All five grades, best first, the count of ballots and the satisfied share in per cent (one decimal)."""

    total: int
    grades: tuple[GradeCount, ...]
    satisfied: Decimal


def hidden_because(counts: Mapping[int, int], minimum: int) -> str:
    """Why these counts must not be shown: "too-few", "unanimous", or "" when they may."""
    total = sum(counts.values())
    if total < minimum:
        return TOO_FEW
    if total < UNANIMITY_FLOOR and max(counts.values(), default=0) == total:
        return UNANIMOUS
    return ""


def tally(counts: Mapping[int, int]) -> Tally:
    """Shares of the five grades and of the satisfied. Raises ValueError without a ballot: there is nothing to divide by."""
    total = sum(counts.values())
    if total <= 0:
        raise ValueError("no ballots, no shares")
    grades = tuple(GradeCount(grade, counts.get(grade, 0), _percent(counts.get(grade, 0), total)) for grade in GRADES)
    return Tally(total, grades, _percent(sum(counts.get(grade, 0) for grade in SATISFIED), total))


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / Decimal(whole)).quantize(_TENTH, ROUND_HALF_UP)
