"""Which days a measure reads, split into whole months (which the rollups know) and broken ones (which only facts know).

A month of which more than half is wanted is taken whole, and the facts of its other days are taken off again: "up to today"
then costs nothing, since the days to come hold no facts. Pure. Must not know tables.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from quxin.kernel.periods import Period, month_of

SINCE_EVER = date(1, 1, 1)
DAY = timedelta(days=1)


class Edge(NamedTuple):
    """Days `first`..`last` of a broken month, to be added (`times` 1) or taken off a month taken whole (−1)."""

    first: date
    last: date
    times: int


@dataclass(frozen=True, slots=True)
class Window:
    """Days `first`..`last`; `whole` is a run of whole months (or None), and `edges`, two at most, mend its ends."""

    first: date
    last: date
    whole: tuple[date, date] | None
    edges: tuple[Edge, ...]

    @property
    def months(self) -> tuple[int, int]:
        """The whole months as yyyymm, first and last; an empty range when there are none."""
        return (month_of(self.whole[0]), month_of(self.whole[1])) if self.whole else (1, 0)


def window_of(form: str, period: Period) -> Window:
    """The window of a measure of `form`: a stock counts since ever, all others within the period."""
    first, last = (SINCE_EVER if form == "stock" else period.start), period.end
    if month_of(first) == month_of(last) and not _mostly(first, last):
        return Window(first, last, None, (Edge(first, last, 1),))
    start, opening = _opening(first, last)
    end, closing = _closing(first, last)
    return Window(first, last, (start, end) if start <= end else None, (*opening, *closing))


def _opening(first: date, last: date) -> tuple[date, tuple[Edge, ...]]:
    """Where the whole months begin, and what that leaves to add or take off."""
    if first.day == 1:
        return first, ()
    if _mostly(first, min(last, _month_end(first))):
        return first.replace(day=1), (Edge(first.replace(day=1), first - DAY, -1),)
    return _month_end(first) + DAY, (Edge(first, _month_end(first), 1),)


def _closing(first: date, last: date) -> tuple[date, tuple[Edge, ...]]:
    """Where the whole months end, and what that leaves to add or take off."""
    end = _month_end(last)
    if last == end:
        return last, ()
    if _mostly(max(first, last.replace(day=1)), last):
        return end, (Edge(last + DAY, end, -1),)
    return last.replace(day=1) - DAY, (Edge(last.replace(day=1), last, 1),)


def _mostly(first: date, last: date) -> bool:
    """Whether the days `first`..`last` are more than half of their month."""
    return ((last - first).days + 1) * 2 > _month_end(first).day


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
