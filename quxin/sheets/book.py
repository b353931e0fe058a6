"""The workbook that lists and forms are written into: looks made once, strings never formulas, printing set up.

The only place that talks to XlsxWriter. Rows must be written from top to bottom: it keeps one row in memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from quxin.sheets.cells import BLANKS
from quxin.sheets.columns import TEXT_KINDS, Column
from quxin.sheets.forms import FORM_SHEET, Form, form_rows

LONGEST_CELL = 32_767
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_A4 = 9
WIDEST = 48
_SHEET_BAD = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))

BASE = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "border": 1, "border_color": "#B8B0A4"}
TITLE = {"font_name": "宋体", "font_size": 16, "bold": True, "align": "center", "valign": "vcenter"}
HEADER = BASE | {"bold": True, "bg_color": "#EFE9DF", "align": "center", "text_wrap": True}
NOTE = {"font_name": "宋体", "font_size": 10, "font_color": "#5A5248"}


class Book:
    """A workbook being written: formats made once, strings never formulas, dates and numbers as such."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._book = xlsxwriter.Workbook(
            stream,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "yyyy-mm-dd",
            },
        )
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: set[str] = set()

    def sheet(self, name: str) -> Any:
        """A new sheet; the name is cut to what Excel allows and made unique."""
        clean = " ".join(name.translate(_SHEET_BAD).strip(BLANKS).split())[:28] or "表"
        unique, count = clean, 1
        while unique.lower() in self._names:
            count += 1
            unique = f"{clean[:25]}({count})"
        self._names.add(unique.lower())
        return self._book.add_worksheet(unique)

    def define_name(self, name: str, target: str) -> None:
        """A defined name, for drop-downs that are too long to stand in the validation itself."""
        self._book.define_name(name, target)

    def format(self, **properties: Any) -> Any:
        """The format with these XlsxWriter properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def write(
        self,
        page: Any,
        row: int,
        index: int,
        value: Any,
        column: Column | None = None,
        extra: Mapping[str, Any] | None = None,
        *,
        as_sent: bool = False,
    ) -> None:
        """Write one value. Text kinds are always strings; ``as_sent`` keeps what a number was in the file."""
        look = BASE | dict(extra or {})
        kind = column.kind if column else "text"
        if kind in TEXT_KINDS and (column is not None or not as_sent):
            look["num_format"] = "@"
        if value is None or value == "":
            page.write_blank(row, index, None, self.format(**look))
        elif isinstance(value, bool):
            page.write_string(row, index, "是" if value else "否", self.format(**look))
        elif isinstance(value, dt.datetime | dt.date):
            self._date(page, row, index, value, kind, look)
        elif isinstance(value, int | float | Decimal) and (as_sent or kind not in TEXT_KINDS):
            self._number(page, row, index, value, look)
        else:
            text = clip(str(value))
            if text.startswith(_FORMULA_STARTS):
                look["quote_prefix"] = True
            if kind == "text" and len(text) > WIDEST // 2:
                look["text_wrap"] = True
            page.write_string(row, index, text, self.format(**look))

    def _number(self, page: Any, row: int, index: int, value: Any, look: dict[str, Any]) -> None:
        if (
            (abs(value) >= 10**15 and not isinstance(value, float))
            or value != value
            or value in (float("inf"), float("-inf"))
        ):
            page.write_string(row, index, str(value), self.format(**look))
        else:
            page.write_number(row, index, value, self.format(**look))

    def _date(self, page: Any, row: int, index: int, value: Any, kind: str, look: dict[str, Any]) -> None:
        shape = "yyyy-mm" if kind == "month" else "yyyy-mm-dd"
        if isinstance(value, dt.datetime):
            value = value.replace(tzinfo=None)
            shape = "yyyy-mm-dd hh:mm" if (value.hour or value.minute) and kind not in ("date", "month") else shape
        if value.year < 1900:
            page.write_string(row, index, value.isoformat(), self.format(**look))
        else:
            page.write_datetime(row, index, value, self.format(**(look | {"num_format": shape})))

    def close(self) -> None:
        """Write everything to the stream."""
        self._book.close()


def write_form_sheet(book: Book, form: Form, examples: Sequence[Mapping[str, str]] = ()) -> None:
    """Add the hidden sheet by which ``reading`` knows the form again."""
    page = book.sheet(FORM_SHEET)
    for at, row in enumerate(form_rows(form, examples)):
        for index, text in enumerate(row):
            page.write_string(at, index, text)
    page.very_hidden()


def width_of(value: Any) -> int:
    """How wide a value is in Excel's units: a Chinese character takes two."""
    if isinstance(value, dt.date):
        return 10
    return sum(1 if char.isascii() else 2 for char in str(value)[:WIDEST]) if value is not None else 0


def clip(text: str) -> str:
    """At most as many characters as a cell can hold: XlsxWriter would drop a longer string altogether."""
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def heading(book: Book, page: Any, title: str, notes: Sequence[str], width: int) -> int:
    """The title in a merged row and the notes under it; returns the row of the header."""
    page.set_row(0, 30)
    if width > 1:
        page.merge_range(0, 0, 0, width - 1, "", book.format(**TITLE))
    page.write_string(0, 0, clip(title), book.format(**TITLE))
    for at, note in enumerate(notes, start=1):
        page.write_string(at, 0, clip(note), book.format(**NOTE))
    return len(notes) + 1


def print_setup(page: Any, header_row: int) -> None:
    """A4 across, as wide as one page, the header again on every page."""
    page.set_landscape()
    page.set_paper(_A4)
    page.repeat_rows(header_row)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    page.set_footer("&C第 &P 页，共 &N 页")
