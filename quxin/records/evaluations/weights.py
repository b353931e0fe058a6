"""Exact shares, scores and weights, rounded once at the end. Pure; fractions inside, decimals outside, never a float."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

SHARE_PLACES = 1
SCORE_PLACES = 2


def half_up(value: Fraction, places: int) -> Decimal:
    """``value`` with so many decimals; halves go away from zero, as offices round."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if value < 0 else whole).scaleb(-places)


def percent(share: Fraction) -> Decimal:
    """A share as per cent with one decimal: 97.8."""
    return half_up(share * 100, SHARE_PLACES)


def rescaled(weights: Mapping[str, int], shown: Iterable[str]) -> dict[str, Fraction]:
    """The weights of the shown groups, brought back to 1 by dividing by their sum; a hidden group's weight is spread so.

    Empty when nothing is shown. Raises KeyError for a group without weight.
    """
    kept = {group: weights[group] for group in shown}
    total = sum(kept.values())
    return {group: Fraction(weight, total) for group, weight in kept.items()}


def weighted(values: Mapping[str, Fraction], weights: Mapping[str, Fraction]) -> Fraction:
    """The weighted mean of the groups' values, exact. Raises KeyError when a group of ``weights`` has no value."""
    return sum((weights[group] * values[group] for group in weights), Fraction(0))


def share_of(counts: Mapping[int | str, int], among: Iterable[int | str], answered: int) -> Fraction:
    """Those who chose one of ``among``, of all who answered. Raises ZeroDivisionError without an answer."""
    return Fraction(sum(counts.get(choice, 0) for choice in among), answered)


def mean_score(counts: Mapping[int | str, int], scores: Mapping[int | str, int]) -> Fraction | None:
    """The mean of the scores chosen; choices without a score are left out, None when nobody chose one with a score."""
    base = sum(counts.get(choice, 0) for choice in scores)
    if not base:
        return None
    return Fraction(sum(score * counts.get(choice, 0) for choice, score in scores.items()), base)
