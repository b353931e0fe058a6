"""Which days a measure reads, split into whole months (which the rollups know) and broken ones (which only facts know).

Pure. Must not know tables.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from quxin.kernel.periods import Period, month_of

SINCE_EVER = date(1, 1, 1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Days `first`..`last`; of these `whole` is a run of whole months (or None) and `edges` is the rest."""

    first: date
    last: date
    whole: tuple[date, date] | None
    edges: tuple[tuple[date, date], ...]

    @property
    def months(self) -> tuple[int, int]:
        """The whole months as yyyymm, first and last; an empty range when there are none."""
        return (month_of(self.whole[0]), month_of(self.whole[1])) if self.whole else (1, 0)


def window_of(form: str, period: Period) -> Window:
    """The window of a measure of `form`: a stock counts since ever, all others within the period."""
    first, last = (SINCE_EVER if form == "stock" else period.start), period.end
    start = first if first.day == 1 else _next_month(first)
    end = last if last.day == monthrange(last.year, last.month)[1] else last.replace(day=1) - DAY
    if start >= end:
        return Window(first, last, None, ((first, last),))
    edges = []
    if first < start:
        edges.append((first, start - DAY))
    if end < last:
        edges.append((end + DAY, last))
    return Window(first, last, (start, end), tuple(edges))


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
