"""Working days: which days offices are open, and when a term of working days ends.

The State Council decrees each year's holidays and make-up days in the autumn before; the decrees come in as
data. For a year without a decree the answer is a marked guess, never an error and never silent. Not for
calendar-day terms ("7日"): those are plain date arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from .errors import QuxinError

MAX_WORKING_DAYS = 2500
"""About ten years: a longer term is a slip of the keyboard."""

PROVISIONAL_NOTE = "%(years)s年的放假安排尚未录入，这个日期是暂定的"
"""Msgid that a face shows beside a provisional date; ``years`` comes from ``Deadline.provisional_years``."""

# What the regulation on public holidays fixes by date (as of 2025); the lunar ones need the yearly decree.
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
_SATURDAY = 5


class WorkdaysError(QuxinError):
    """A term that is no sensible number of working days."""

    default_message = "%(days)s个工作日的期限无法计算"
    default_hint = "请填写 0 到 %(limit)s 之间的整数。"


@dataclass(frozen=True, slots=True)
class YearCalendar:
    """One year's decree: ``holidays`` nobody works, ``workdays`` are weekend days made up for them.

    ``decreed`` is False for a year that somebody entered before the decree came out.
    """

    year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    decreed: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether offices work on a day; ``provisional`` when that year's decree is not known."""

    working: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a term and the years (ascending) whose calendars it rests on without a decree."""

    on: date
    provisional_years: tuple[int, ...] = ()

    @property
    def provisional(self) -> bool:
        """Whether the date may still move when a decree comes out."""
        return bool(self.provisional_years)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Answers for any day from the years that are known; the years may come from the seed or from a table."""

    years: Mapping[int, YearCalendar]

    def is_working(self, d: date) -> Answer:
        """Whether offices work on ``d``. Never fails: an unknown year gives a provisional answer."""
        known = self.years.get(d.year)
        if known is None:
            return Answer(d.weekday() < _SATURDAY and (d.month, d.day) not in _FIXED_HOLIDAYS, provisional=True)
        working = d in known.workdays or (d.weekday() < _SATURDAY and d not in known.holidays)
        return Answer(working, provisional=not known.decreed)

    def add_working_days(self, start: date, n: int) -> Deadline:
        """The ``n``-th working day after ``start``; the start day itself never counts, and 0 gives it back.

        Raises WorkdaysError for a negative ``n`` or one beyond MAX_WORKING_DAYS.
        """
        if not 0 <= n <= MAX_WORKING_DAYS:
            raise WorkdaysError(days=n, limit=MAX_WORKING_DAYS)
        on, unknown = start, set()
        while n:
            on += timedelta(days=1)
            answer = self.is_working(on)
            if answer.provisional:
                unknown.add(on.year)
            n -= answer.working
        return Deadline(on, tuple(sorted(unknown)))

    def count_working_days(self, after: date, until: date) -> int:
        """How many working days lie after ``after`` up to and with ``until``; 0 when there are none left."""
        span = range(1, (until - after).days + 1)
        return sum(self.is_working(after + timedelta(days=i)).working for i in span)


def seed_years() -> dict[int, YearCalendar]:
    """The decrees from 2004 on that the chinesecalendar package carries, by year."""
    from chinese_calendar import constants  # 100 ms that only a seed needs

    first, last = min(constants.holidays).year, max(constants.holidays).year
    return {
        year: YearCalendar(
            year,
            frozenset(d for d in constants.holidays if d.year == year),
            frozenset(d for d in constants.workdays if d.year == year),
        )
        for year in range(first, last + 1)
    }
