"""From what stands in a cell to a value of a column's kind, or to a reason that the person who typed it understands.

Checks the shape of a value only. Whether a code exists or an identity number's last digit is right is decided by
whoever knows the row.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quxin.kernel import text as kernel_text
from quxin.kernel.errors import say
from quxin.kernel.identifiers import looks_like_ruined_number
from quxin.sheets import dates
from quxin.sheets.columns import PERSONAL_KINDS, Column

Convert = Callable[[Any], Any]
"""Value of a cell -> value of the kind; None for blank. Raises ``Unfit``."""

# What surrounds a value without being one: U+3000, no-break and zero-width blanks, byte order marks.
_SPACE = " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
BLANKS = _SPACE + "\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"

# Narrower than for identity numbers: 3E12 may be somebody's code, 1.1E+17 is nobody's.
_RUINED = re.compile(r"\d(\.\d+)?[eE]\+\d{2}|\d\.\d+[eE]\d{2}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PHONE = re.compile(r"\+?[\d()\-/ ,;]{5,40}(转\d{1,6})?")

_CONTROLS = dict.fromkeys((*range(9), 11, 12, 13, *range(14, 32), 127, 65279, 8203))

_YES = frozenset({"是", "有", "对", "√", "✓", "✔", "y", "yes", "true", "t", "1"})
_NO = frozenset({"否", "无", "没有", "不是", "错", "×", "✗", "✘", "x", "n", "no", "false", "f", "0"})


ASCII_MARKS = str.maketrans("：（）［］，．；－—＊％／", ":()[],.;--*%/")
"""Full-width marks that are Chinese punctuation in a sentence, and noise in a number or a header."""


class Unfit(Exception):
    """A value that does not fit its column. ``reason`` and ``hint`` are msgids with placeholders for ``params``."""

    def __init__(self, reason: str, hint: str = "", **params: Any) -> None:
        super().__init__(reason)
        self.reason, self.hint, self.params = reason, hint, params


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Why one cell could not be taken: row as Excel numbers it, column by letters, personal values masked."""

    row: int
    column: str
    header: str
    value: str
    reason: str
    hint: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""

    def text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """The reason with its values."""
        return say(self.reason, self.params, translate)

    def hint_text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """What to do, with its values; empty when there is no hint."""
        return say(self.hint, self.params, translate)

    def __str__(self) -> str:
        return f"第 {self.row} 行 {self.column} 列“{self.header}”：{self.text()}"


def show(value: Any, *, masked: bool = False) -> str:
    """A cell as a person would read it, at most 60 characters; masked values keep their first and last character."""
    if isinstance(value, float):
        text = format(value, ".15g")
    elif isinstance(value, dt.datetime):
        text = value.isoformat(" ")
    else:
        text = str(value).strip(BLANKS)
    if masked and len(text) > 2 and not _RUINED.fullmatch(text):
        return text[0] + "*" * min(len(text) - 2, 20) + text[-1]
    return text if len(text) <= 60 else text[:59] + "…"


def problem_of(unfit: Unfit, *, row: int, letters: str, header: str, value: Any, column: Column) -> CellProblem:
    """An ``Unfit`` value together with the place where it stands."""
    return CellProblem(
        row=row,
        column=letters,
        header=header,
        value=show(value, masked=column.kind in PERSONAL_KINDS),
        reason=unfit.reason,
        hint=unfit.hint,
        params=unfit.params,
        id=column.id,
    )


def converter(column: Column) -> Convert:
    """The function that turns cells of ``column`` into values."""
    if column.kind == "choice":
        return _choice(column)
    if column.kind == "code":
        return _code(column.width)
    return _CONVERTERS[column.kind]


def _narrow(value: str) -> str:
    value = value.strip(BLANKS)
    if not value.isprintable():
        value = value.translate(_CONTROLS).strip(BLANKS)
    return value if value.isascii() else kernel_text.narrow(value).translate(ASCII_MARKS).strip(BLANKS)


def _text(value: Any) -> str | None:
    if type(value) is str:
        text = value.strip(BLANKS)
        # No database takes NUL, no page should show the others; line breaks are what people typed.
        return (text if text.isprintable() else text.translate(_CONTROLS).strip(BLANKS)) or None
    if type(value) is float:
        if abs(value) >= 1e15:
            raise _ruined(value)
        return format(value, ".15g")
    if type(value) is bool:
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _ruined(value: Any) -> Unfit:
    return Unfit(
        "长号码被 Excel 当作数字存成了 %(shown)s，后几位已经丢失",
        "请先把整列设为“文本”格式，再重新输入完整号码；只改格式找不回丢失的位数。",
        shown=_scientific(value),
    )


def _scientific(value: Any) -> str:
    return f"{value:.2E}" if isinstance(value, int | float) else str(value)


def _digits(value: Any) -> str | None:
    """A number or text as the text of a code: no decimals, nothing that Excel has rounded, half-width."""
    if type(value) is str:
        text = _narrow(value)
        if _RUINED.fullmatch(text):
            raise _ruined(text)
        return text or None
    if type(value) is float or type(value) is int:
        if abs(value) >= 1e15:
            raise _ruined(value)
        return format(value, ".15g")
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        raise Unfit(
            "Excel 把它变成了日期（%(shown)s）",
            "请先把整列设为“文本”格式，再重新输入原来的代码。",
            shown=show(value),
        )
    raise Unfit("这里应当是代码", "请填写代码，不要填写是非值。")


def _code(width: int) -> Convert:
    def convert(value: Any) -> str | None:
        text = _digits(value)
        if not width or text is None:
            return text
        if text.endswith(".0") and text[:-2].isdigit():
            text = text[:-2]
        return text.zfill(width) if text.isdigit() and len(text) < width else text

    return convert


def _identity(value: Any) -> str | None:
    if looks_like_ruined_number(value):
        raise _ruined(value)
    text = _digits(value)
    return text.upper().replace(" ", "") if text else None


def _phone(value: Any) -> str | None:
    text = _digits(value)
    if text is None:
        return None
    if not _PHONE.fullmatch(text):
        raise Unfit("这不像电话号码", "请填写区号加号码（010-12345678）或 11 位手机号。")
    return text


def _number(value: Any) -> Decimal | None:
    if type(value) is float or type(value) is int:
        # 15 significant digits are what Excel keeps and shows; the rest is noise of binary fractions.
        number = Decimal(format(value, ".15g"))
        if not number.is_finite():
            raise Unfit("这不是数字", "请只填数字。")
        return number
    if type(value) is not str:
        raise Unfit("这里应当是数字，不是%(shown)s", "请把单元格设为“常规”格式，重新填写数字。", shown=show(value))
    text = _narrow(value)
    if not text:
        return None
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text) or len(text) > 40:
        raise Unfit("“%(shown)s”不是数字", "请只填数字，不带单位、文字和百分号。", shown=show(value))
    return Decimal(text)


def _integer(value: Any) -> int | None:
    if type(value) is float and value.is_integer() and abs(value) < 1e15:
        return int(value)
    number = _number(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise Unfit("“%(shown)s”不是整数", "请填写整数。", shown=show(value))
    return int(number)


def _boolean(value: Any) -> bool | None:
    if type(value) is bool:
        return value
    text = (format(value, ".15g") if type(value) is float else _narrow(str(value))).lower()
    if not text:
        return None
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Unfit("“%(shown)s”看不出是还是否", "请填写“是”或“否”。", shown=show(value))


def _date(value: Any) -> dt.date | None:
    return _dated(value, dates.day)


def _month(value: Any) -> dt.date | None:
    return _dated(value, dates.month)


def _dated(value: Any, parse: Callable[[Any], dt.date]) -> dt.date | None:
    if type(value) is str:
        value = _narrow(value)
        if not value:
            return None
    try:
        return parse(value)
    except dates.NotADate as error:
        raise Unfit(error.reason, error.hint, **error.params) from error


def _choice(column: Column) -> Convert:
    options = column.options()
    labels = [label for _, label in options]
    known = {_narrow(value).casefold(): value for value, _ in options}
    known.update({_narrow(label).casefold(): value for value, label in options})

    def convert(value: Any) -> str | None:
        text = _text(value)
        if text is None:
            return None
        found = known.get(text)
        if found is None:
            found = known.get("".join(_narrow(text).casefold().split()))
        if found is None:
            found = known.get(_narrow(text).casefold())
        if found is None:
            raise _unknown_choice(text, labels)
        return found

    return convert


def _unknown_choice(text: str, labels: list[str]) -> Unfit:
    listed = "、".join(labels[:10]) + ("……" if len(labels) > 10 else "")
    near = nearest(text, labels)
    if near:
        return Unfit(
            "没有“%(shown)s”这一项", "是不是“%(near)s”？可填：%(listed)s。", shown=show(text), near=near, listed=listed
        )
    return Unfit("没有“%(shown)s”这一项", "可填：%(listed)s。", shown=show(text), listed=listed)


def nearest(text: str, among: list[str]) -> str:
    """The one of ``among`` that ``text`` probably means, or an empty string."""
    return next(iter(kernel_text.nearest(text, among, 1)), "")


_CONVERTERS: dict[str, Convert] = {
    "text": _text,
    "integer": _integer,
    "decimal": _number,
    "date": _date,
    "month": _month,
    "boolean": _boolean,
    "identity": _identity,
    "phone": _phone,
}
