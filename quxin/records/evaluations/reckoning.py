"""From counted ballots on the five grades to a result: shares. What must not be shown is `suppression`'s question.

Whole questionnaires, with groups and weights, are `results`'. Pure: counts in, a tally out; no database, no clock
(docs/reckoning/evaluation.md works the examples). Must not know who voted, and holds no way to ask.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quxin.records.evaluations.suppression import (
    HIGHEST_MINIMUM,
    LOWEST_MINIMUM,
    TOO_FEW,
    UNANIMITY_FLOOR,
    UNANIMOUS,
    hidden_because,
)
from quxin.records.evaluations.weights import percent

__all__ = [
    "GRADES",
    "HIGHEST_MINIMUM",
    "LOWEST_MINIMUM",
    "SATISFIED",
    "TOO_FEW",
    "UNANIMITY_FLOOR",
    "UNANIMOUS",
    "GradeCount",
    "Tally",
    "hidden_because",
    "tally",
]

GRADES = (5, 4, 3, 2, 1)
# GB/T 39735-2020: the last two of the five grades are 差评; the other three say that somebody was served well enough.
SATISFIED = (5, 4, 3)


@dataclass(frozen=True, slots=True)
class GradeCount:
    """One grade: how many chose it, and their share of all in per cent (one decimal)."""

    grade: int
    count: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class Tally:
    """All grades of a scale, best first, the count of ballots and the satisfied share in per cent (one decimal)."""

    total: int
    grades: tuple[GradeCount, ...]
    satisfied: Decimal


def tally(
    counts: Mapping[int, int], *, grades: Sequence[int] = GRADES, satisfied: Collection[int] = SATISFIED
) -> Tally:
    """Shares of the grades (the five, unless told otherwise) and of the satisfied. Raises ValueError without a ballot: there
    is nothing to divide by.
    """
    total = sum(counts.values())
    if total <= 0:
        raise ValueError("no ballots, no shares")
    shares = tuple(GradeCount(grade, counts.get(grade, 0), _percent(counts.get(grade, 0), total)) for grade in grades)
    return Tally(total, shares, _percent(sum(counts.get(grade, 0) for grade in satisfied), total))


def _percent(part: int, whole: int) -> Decimal:
    return percent(Fraction(part, whole))
