"""Dates and numbers as the interface writes them: 2026年11月21日 in sentences, 2026-11-21 in tables.

Pure text; measures and reports have their own, stricter, ways of printing quantities (units, hedges).
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, npgettext

from quxin.kernel.errors import say

Moment = date | datetime | str | None

DASH = "—"
_QUANTITY = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?)\s*([^\s0-9.,/%‰]+)")
_DATE = re.compile(r"([0-9]{4})年([0-9]{1,2})月(?:([0-9]{1,2})日)?")
# Words that Chinese puts between a number and a thing, and English does not.
_CLASSIFIERS = frozenset("项个件次")
STATES = ("kept", "going", "due", "late", "none")


def is_chinese() -> bool:
    """Whether the reader's language is Chinese (also when translation is switched off)."""
    return (get_language() or "zh").startswith("zh")


def as_day(value: Moment) -> date | None:
    """The local calendar day of a date, an aware or naive datetime, or ISO text; None for anything else."""
    if isinstance(value, str):
        value = _parse(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, date) else None


def _parse(text: str) -> date | datetime | None:
    try:
        return datetime.fromisoformat(text) if "T" in text or " " in text else date.fromisoformat(text)
    except ValueError:
        return None


def zh_date(value: Moment) -> str:
    """2026年11月21日 (no leading zeros, as official documents ask); in English 21 November 2026; a dash for nothing."""
    day = as_day(value)
    if day is None:
        return DASH
    return f"{day.year}年{day.month}月{day.day}日" if is_chinese() else date_format(day, "j F Y")


def zh_day(value: Moment) -> str:
    """11月24日 周二: a near date, where the year goes without saying."""
    day = as_day(value)
    if day is None:
        return DASH
    if not is_chinese():
        return date_format(day, "D j M")
    return f"{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"


def zh_month(value: Moment) -> str:
    """2026年11月; in English November 2026."""
    day = as_day(value)
    if day is None:
        return DASH
    return f"{day.year}年{day.month}月" if is_chinese() else date_format(day, "F Y")


def iso_date(value: Moment) -> str:
    """2026-11-21, for tables and `datetime` attributes; a dash for nothing."""
    day = as_day(value)
    return day.isoformat() if day else DASH


def iso_time(value: Moment) -> str:
    """2026-11-21 08:30 in local time; a plain date stays a date."""
    if isinstance(value, str):
        value = _parse(value)
    if not isinstance(value, datetime):
        return iso_date(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return local.strftime("%Y-%m-%d %H:%M")


def num(value: int | float | Decimal | str | None, places: int | None = None) -> str:
    """1,960 and 0.5: thousands grouped, at most `places` decimals kept as given; a dash for nothing.

    Text that is not a number comes back unchanged, so that a figure already printed elsewhere may pass through.
    """
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return str(value)
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return str(value)
    if not number.is_finite():
        return DASH
    if places is not None:
        return f"{number:,.{max(0, places)}f}"
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def spoken(value: Any) -> str:
    """What has words in both languages (`zh` and `en`: a period, a term of a pack), in the reader's; Chinese if it has no
    English. Text is a msgid and is translated.
    """
    if not hasattr(value, "zh"):
        return gettext(value) if isinstance(value, str) and value else str(value or "")
    zh, en = value.zh, value.en
    zh, en = zh() if callable(zh) else zh, en() if callable(en) else en
    return str(zh if is_chinese() or not en else en)


def quantity(text: Any) -> str:
    """A printed figure in the reader's language: 1960人次 is 1,960 attendances in English, 35项 is 35, 2010年4月1日 is
    1 April 2010.

    What is neither a number with a known unit nor a date is looked up as a msgid, and else stays as it is.
    """
    shown = str(text if text is not None else "")
    if is_chinese() or not shown:
        return shown
    if found := _QUANTITY.fullmatch(shown):
        count, unit = Decimal(found[1].replace(",", "")), found[2]
        if unit in _CLASSIFIERS:
            return num(count)
        word = npgettext("unit", unit, unit, 1 if count == 1 else 2)
        return shown if word == unit else f"{num(count)} {word}"
    if found := _DATE.fullmatch(shown):
        day = as_day(f"{found[1]}-{int(found[2]):02}-{int(found[3] or 1):02}")
        return shown if day is None else zh_date(day) if found[3] else zh_month(day)
    return gettext(shown)


def told(one: Any) -> str:
    """What says something with values (`message` and `params`: a remark, a warning, an error), in the reader's language."""
    return say(one.message, one.params, gettext)


def unit(code: Any) -> str:
    """The head of a column of such things: 人次 is "attendances" in English."""
    shown = str(code or "")
    return npgettext("unit", shown, shown, 2) if shown else ""


def lamp_title(state: str) -> str:
    """The word for a lamp's state: what its colour and shape say, for those who see neither."""
    return {
        "kept": gettext("已完成"),
        "going": gettext("进行中"),
        "due": gettext("临近到期"),
        "late": gettext("逾期"),
    }.get(state, gettext("没有数据"))
