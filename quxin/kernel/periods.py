"""Periods of whole days, both ends included, as people write them: "2010-04..2010-11", "2010-Q3", "2010".

Not for moments or time zones (see ``clock``) and not for working days (see ``workdays``).
"""

from __future__ import annotations

import re
import unicodedata
from calendar import month_name, monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from .errors import QuxinError

_PART = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|H([12])|([0-9]{1,2})(?:-([0-9]{1,2}))?))?", re.IGNORECASE)


class PeriodError(QuxinError):
    """A text that names no period."""

    default_message = "“%(text)s”不是一个时间段"
    default_hint = "请写成 2010-04..2010-11、2010-07、2010-Q3、2010-H1、2010 或 2010-04-01..2010-05-15。"


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """From ``start`` to ``end``, both included. Raises PeriodError when the end lies before the start."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodError(
                "时间段的结束（%(end)s）早于开始（%(start)s）",
                hint="请交换两个日期。",
                start=self.start.isoformat(),
                end=self.end.isoformat(),
                text=f"{self.start}..{self.end}",
            )

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that ``text`` names: a year, half, quarter, month or day, or two of them joined by "..".

        Full-width digits and blanks around are forgiven. Raises PeriodError with a hint for all else.
        """
        sides = [side.strip() for side in unicodedata.normalize("NFKC", text).strip().split("..")]
        if len(sides) > 2:
            raise PeriodError(text=text[:40])
        first, last = _part(sides[0], text), _part(sides[-1], text)
        return cls(first.start, last.end)

    @classmethod
    def of_year(cls, year: int) -> Period:
        """The calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def of_month(cls, yyyymm: int) -> Period:
        """The month written as an integer: ``Period.of_month(201004)``."""
        return _months(*divmod(yyyymm, 100), 1)

    @property
    def days(self) -> int:
        """How many days, both ends counted."""
        return (self.end - self.start).days + 1

    @property
    def first_month(self) -> int:
        """The month of the first day as yyyymm."""
        return month_of(self.start)

    @property
    def last_month(self) -> int:
        """The month of the last day as yyyymm."""
        return month_of(self.end)

    @property
    def is_whole_months(self) -> bool:
        """Whether the period starts on a first and ends on the last day of a month."""
        return self.start.day == 1 and self.end.day == _last_day(self.end.year, self.end.month)

    @property
    def is_whole_years(self) -> bool:
        """Whether the period starts on 1 January and ends on 31 December."""
        return self.is_whole_months and self.start.month == 1 and self.end.month == 12

    def contains(self, d: date) -> bool:
        """Whether ``d`` lies in the period; both ends do."""
        return self.start <= d <= self.end

    def overlaps(self, other: Period) -> bool:
        """Whether the two share at least one day."""
        return self.start <= other.end and other.start <= self.end

    def months(self) -> list[int]:
        """Every month the period touches, as yyyymm, in order."""
        first = self.start.year * 12 + self.start.month - 1
        last = self.end.year * 12 + self.end.month - 1
        return [m // 12 * 100 + m % 12 + 1 for m in range(first, last + 1)]

    def __str__(self) -> str:
        """The canonical form: as short as the period allows, and read back by ``parse``."""
        if self.is_whole_years:
            first, last = f"{self.start:%Y}".zfill(4), f"{self.end:%Y}".zfill(4)
        elif self.is_whole_months:
            first, last = self.start.isoformat()[:7], self.end.isoformat()[:7]
        else:
            first, last = self.start.isoformat(), self.end.isoformat()
        return first if first == last else f"{first}..{last}"

    def zh(self) -> str:
        """As a Chinese report says it: "2010年4月—11月", "2010年4月1日—5月15日"."""
        first, last = _zh_parts(self.start, self), _zh_parts(self.end, self)
        if first == last:
            return "".join(first)
        # Of what both share only the year is left out: in "4月1日—15日" the 15th would seem to have no month.
        return "".join(first) + "—" + "".join(last[1:] if len(last) > 1 and first[0] == last[0] else last)

    def en(self) -> str:
        """As an English page says it: "April–November 2010", "1 April–15 May 2010"."""
        first, last = _en_parts(self.start, self), _en_parts(self.end, self)
        if first == last:
            return " ".join(first)
        same_year = self.start.year == self.end.year
        return f"{' '.join(first[:-1] if same_year else first)}–{' '.join(last)}"


def month_of(d: date) -> int:
    """The month as an integer, 201004."""
    return d.year * 100 + d.month


def quarter_of(d: date) -> Period:
    """The calendar quarter in which ``d`` lies."""
    return _months(d.year, (d.month - 1) // 3 * 3 + 1, 3)


def week_of(d: date) -> Period:
    """The week, Monday to Sunday, in which ``d`` lies."""
    monday = d - timedelta(days=d.weekday())
    return Period(monday, monday + timedelta(days=6))


def zh_date(d: date) -> str:
    """As GB/T 9704 prints dates, without leading zeros: "2010年9月20日"."""
    return f"{d.year}年{d.month}月{d.day}日"


def _part(text: str, whole: str) -> Period:
    match = _PART.fullmatch(text)
    if match is None:
        raise PeriodError(text=whole[:40])
    year, quarter, half, month, day = (int(group) if group else 0 for group in match.groups())
    try:
        if quarter:
            return _months(year, quarter * 3 - 2, 3)
        if half:
            return _months(year, half * 6 - 5, 6)
        if match[5]:
            return Period(date(year, month, day), date(year, month, day))
        if match[4]:
            return _months(year, month, 1)
        return Period.of_year(year)
    except ValueError:
        raise PeriodError(
            "“%(text)s”里有不存在的日期", hint="请核对月份（1—12）和该月的天数。", text=whole[:40]
        ) from None


def _months(year: int, month: int, count: int) -> Period:
    end = month + count - 1
    return Period(date(year, month, 1), date(year, end, _last_day(year, end)))


def _last_day(year: int, month: int) -> int:
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    return monthrange(year, month)[1]


def _zh_parts(d: date, period: Period) -> list[str]:
    parts = [f"{d.year}年"]
    if not period.is_whole_years:
        parts.append(f"{d.month}月")
        if not period.is_whole_months:
            parts.append(f"{d.day}日")
    return parts


def _en_parts(d: date, period: Period) -> list[str]:
    if period.is_whole_years:
        return [str(d.year)]
    month = [month_name[d.month], str(d.year)]
    return month if period.is_whole_months else [str(d.day), *month]
