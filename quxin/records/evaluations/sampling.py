"""Panels that anybody can draw again, what they let us say of the whole, response rates, and bursts of ballots.

Pure. A panel and those who came by themselves are never put together: an interval is given for a panel only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

from quxin.records.evaluations.weights import half_up, percent

#: The 97.5 % point of the normal distribution: what 95 % of the time means, both sides taken together.
Z95 = Decimal("1.959963984540054")
_EXACT = Context(prec=50, rounding=ROUND_HALF_UP)


def draw(seed: str, entries: Iterable[str], n: int) -> list[str]:
    """The panel: the ``n`` entries with the smallest SHA-256(seed ‖ line feed ‖ entry), in that order; all when there are fewer.

    The order in which entries are given does not matter, and whoever is taken off the end of the list changes no other's
    place. The seed must be fixed by something that nobody controls after the roster's root is published. Raises ValueError
    for an empty seed, a line feed in it, an entry named twice, and a negative ``n``.
    """
    if not seed or "\n" in seed:
        raise ValueError("a seed is one line of text")
    if n < 0:
        raise ValueError("a panel of less than nobody")
    listed = list(entries)
    if len(set(listed)) < len(listed):
        raise ValueError("an entry stands twice on the roster")
    return sorted(listed, key=lambda entry: (rank(seed, entry), entry))[:n]


def rank(seed: str, entry: str) -> str:
    """Where an entry stands in the draw, as 64 hex digits: ``printf '%s\\n%s' SEED ENTRY | sha256sum``."""
    return hashlib.sha256(f"{seed}\n{entry}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and the 95 % interval around it, in per cent with one decimal."""

    share: Decimal
    low: Decimal
    high: Decimal


def interval(part: int, answered: int, population: int) -> Interval:
    """Wilson's interval (E. B. Wilson, JASA 22, 1927, 209-212) for ``part`` of ``answered`` drawn from ``population``.

    With the correction for a finite population: n answers of N weigh as n(N-1)/(N-n), so that asking everybody leaves no
    doubt. Decimals of 50 digits inside, rounded half up at the end. Raises ValueError unless 0 ≤ part ≤ answered ≤
    population and somebody answered.
    """
    if not (0 <= part <= answered <= population and answered):
        raise ValueError(f"{part} of {answered} of {population} is no sample")
    share = percent(Fraction(part, answered))
    if answered == population:
        return Interval(share, share, share)
    with_all = Fraction(answered * (population - 1), population - answered)
    with localcontext(_EXACT):
        n, p, z2 = _decimal(with_all), _decimal(Fraction(part, answered)), Z95 * Z95
        reach = Z95 * (p * (1 - p) / n + z2 / (4 * n * n)).sqrt()
        middle, whole = p + z2 / (2 * n), 1 + z2 / n
        low, high = (middle - reach) / whole, (middle + reach) / whole
    return Interval(share, _per_cent(low), _per_cent(high))


def response_rate(answered: int, asked: int) -> Decimal | None:
    """Those who answered, of those who could, in per cent with one decimal; None when nobody was asked.

    Raises ValueError when more answered than were asked: then one of the two is wrong.
    """
    if not 0 <= answered <= asked:
        raise ValueError(f"{answered} of {asked} answered")
    return percent(Fraction(answered, asked)) if asked else None


@dataclass(frozen=True, slots=True)
class Burst:
    """A window with far more ballots than its neighbours: its place, its count, and the count from which it is flagged."""

    place: int
    count: int
    limit: int


def bursts(counts: Sequence[int], *, times: int = 5, least: int = 20) -> list[Burst]:
    """The windows (of equal length, in order) that hold at least ``times`` the median of the others and at least ``least``.

    A flag drops no ballot: it is shown to the judged and to the public beside the result. The median of the others is not
    moved by the burst itself, nor by a second one. Empty for fewer than three windows: there is nothing to compare with.
    """
    if len(counts) < 3:
        return []
    ordered = sorted(counts)
    found = []
    for place, count in enumerate(counts):
        limit = max(least, -(-times * _twice_median_without(ordered, count) // 2))
        if count >= limit:
            found.append(Burst(place, count, limit))
    return found


def _twice_median_without(ordered: Sequence[int], one: int) -> int:
    """Twice the median of a sorted list from which ``one`` was taken: whole, whatever the length."""
    left = len(ordered) - 1
    at = ordered.index(one)

    def nth(place: int) -> int:
        return ordered[place if place < at else place + 1]

    return nth((left - 1) // 2) + nth(left // 2)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _per_cent(share: Decimal) -> Decimal:
    bounded = min(max(share, Decimal(0)), Decimal(1))
    return half_up(Fraction(bounded) * 100, 1)
