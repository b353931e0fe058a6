"""Dates as offices type them: 2010-04-05, 2010.4.5, 2010年4月5日, 20100405, Excel's serial numbers.

A date that can be read in only one way is read; everything else is refused with the reason. Nothing is guessed: 2010.1
as a number may be January or October.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from typing import Any

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_EPOCH = dt.date(1899, 12, 30)
# Serial numbers of 1950-01-01 to 2099-12-31; below lie numbers that people mean as years or counts.
_SERIALS = range(18264, 73051)

_FORM = "请写成 2010-04-05 这样的日期。"
_MONTH_FORM = "请写成 2010-04 这样的年月。"

_CLOCK = r"(?:[T ]*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DAY = re.compile(r"(\d{4})\s*[-/.年\\]\s*(\d{1,2})\s*[-/.月\\]\s*(\d{1,2})\s*[日号]?\s*" + _CLOCK)
_DAY_PLAIN = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年\\]\s*(\d{1,2})\s*月?(?:份)?")
_MONTH_PLAIN = re.compile(r"(\d{4})(\d{2})(?:\.0)?")
_NO_YEAR = re.compile(r"\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?")
_SHORT_YEAR = re.compile(r"\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?")
_ONLY_YEAR = re.compile(r"\d{4}\s*年?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


class NotADate(Exception):
    """``reason`` and ``hint`` are msgids with placeholders for ``params``."""

    def __init__(self, reason: str, hint: str, **params: Any) -> None:
        super().__init__(reason)
        self.reason, self.hint, self.params = reason, hint, params


def day(value: Any) -> dt.date:
    """A cell (date, datetime, number or half-width text) as a date. Raises ``NotADate``."""
    if isinstance(value, dt.datetime):
        return _within(value.date())
    if isinstance(value, dt.date):
        return _within(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _day_of_number(float(value))
    if not isinstance(value, str):
        raise NotADate("“%(shown)s”不是日期", _FORM, shown=str(value))
    if match := _DAY.fullmatch(value) or _DAY_PLAIN.fullmatch(value):
        return _made(*(int(part) for part in match.groups()))
    if _SERIAL.fullmatch(value):
        return _day_of_number(float(value))
    raise NotADate(_why_not(value), _FORM, shown=value[:60])


def month(value: Any) -> dt.date:
    """A cell as a month, given by its first day. Raises ``NotADate``."""
    if isinstance(value, dt.date):
        return _within(value).replace(day=1)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _month_of_number(float(value))
    if not isinstance(value, str):
        raise NotADate("“%(shown)s”不是年月", _MONTH_FORM, shown=str(value))
    if match := _MONTH.fullmatch(value) or _MONTH_PLAIN.fullmatch(value):
        year, number = (int(part) for part in match.groups())
        return _made(year, number, 1)
    if _DAY.fullmatch(value) or _DAY_PLAIN.fullmatch(value) or _SERIAL.fullmatch(value):
        return day(value).replace(day=1)
    if _ONLY_YEAR.fullmatch(value):
        raise NotADate("“%(shown)s”只有年，没有月", _MONTH_FORM, shown=value)
    raise NotADate("“%(shown)s”不是年月", _MONTH_FORM, shown=value[:60])


def _day_of_number(number: float) -> dt.date:
    whole = int(number) if math.isfinite(number) else 0
    if number == whole and 19000101 <= whole <= 21001231:
        return _made(whole // 10000, whole // 100 % 100, whole % 100)
    if whole in _SERIALS:
        return _EPOCH + dt.timedelta(days=whole)
    shown = format(number, ".15g")
    if number == whole and _FIRST_YEAR <= whole <= _LAST_YEAR:
        raise NotADate("“%(shown)s”只有年，没有月和日", _FORM, shown=shown)
    if _FIRST_YEAR <= whole <= _LAST_YEAR:
        raise NotADate("“%(shown)s”在 Excel 里是小数，看不出是哪一天", _FORM, shown=shown)
    raise NotADate("数字“%(shown)s”不是日期", _FORM, shown=shown)


def _month_of_number(number: float) -> dt.date:
    whole = int(number) if math.isfinite(number) else 0
    if number == whole and 190001 <= whole <= 210012:
        return _made(whole // 100, whole % 100, 1)
    if _FIRST_YEAR <= whole <= _LAST_YEAR:
        shown = format(number, ".15g")
        if number == whole:
            raise NotADate("“%(shown)s”只有年，没有月", _MONTH_FORM, shown=shown)
        # 2010.1 is what Excel keeps of both 2010.1 and 2010.10.
        raise NotADate("“%(shown)s”在 Excel 里是小数，分不清是 1 月还是 10 月", _MONTH_FORM, shown=shown)
    return _day_of_number(number).replace(day=1)


def _made(year: int, month_number: int, day_number: int) -> dt.date:
    if not 1 <= month_number <= 12:
        raise NotADate("没有 %(month)s 月", _FORM, month=month_number)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise NotADate("年份 %(year)s 不对", _FORM, year=year)
    if not 1 <= day_number <= calendar.monthrange(year, month_number)[1]:
        raise NotADate("%(year)s 年 %(month)s 月没有 %(day)s 日", _FORM, year=year, month=month_number, day=day_number)
    return dt.date(year, month_number, day_number)


def _within(value: dt.date) -> dt.date:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise NotADate("年份 %(year)s 不对", _FORM, year=value.year)
    return value


def _why_not(text: str) -> str:
    if _SHORT_YEAR.fullmatch(text):
        return "“%(shown)s”的年份只有两位"
    if _NO_YEAR.fullmatch(text):
        return "“%(shown)s”没有年份"
    if _ONLY_YEAR.fullmatch(text):
        return "“%(shown)s”只有年，没有月和日"
    if _MONTH.fullmatch(text):
        return "“%(shown)s”没有日"
    return "“%(shown)s”不是日期"
