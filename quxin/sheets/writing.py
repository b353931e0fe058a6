"""Writing Excel: lists for people to read, and refused rows for people to mend. Forms are in ``templates``.

Streams through XlsxWriter in constant memory: rows may be a generator of any length. Every string is written as a
string, whatever it begins with: a cell that starts with = + - @ is never a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from quxin.kernel.errors import say
from quxin.sheets.book import BASE, HEADER, WIDEST, Book, clip, heading, print_setup, width_of, write_form_sheet
from quxin.sheets.cells import CellProblem
from quxin.sheets.columns import Column, index_of, letter
from quxin.sheets.forms import Form
from quxin.sheets.reading import Row, Table

REFUSED_TEMPLATE = "refused"
REASON_TITLE = "退回原因"
HOW_TO_MEND = "改正后可直接重新上传本表；“退回原因”一列不必删除。"
REASON_OF_ROW = "原第 %(number)s 行：%(told)s"

_WRONG = {"bg_color": "#F6D5D0"}
_REASON = BASE | {"font_color": "#A32A1E", "text_wrap": True}


@dataclass(frozen=True, slots=True)
class Layout:
    """The header of a table that rows came from: enough to give rows back under it and to read them again.

    ``headers`` are the texts over the cells; ``mapping`` is column id -> 0-based cell. Plain data, can be stored.
    """

    sheet: str
    headers: tuple[str, ...]
    mapping: Mapping[str, int]

    @classmethod
    def of(cls, table: Table) -> Layout:
        """The layout of a table that was read."""
        return cls(
            sheet=table.sheet,
            headers=tuple(table.headers),
            mapping={one.column: index_of(one.letter) - table.first_cell for one in table.mapping},
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """One row given back: its number in the file it came from, its cells as they were, why, and which columns."""

    number: int
    cells: Sequence[Any]
    reason: str
    columns: tuple[str, ...] = ()


def refuse(row: Row, *, reason: str = "", columns: Sequence[str] = ()) -> Refused:
    """A row that was read, given back for its own problems, and for ``reason`` at ``columns`` (ids) if given."""
    reasons = [_told(problem) for problem in row.problems] + ([reason] if reason else [])
    marked = dict.fromkeys([*(problem.id for problem in row.problems), *columns])
    return Refused(row.number, row.cells, "；".join(reasons), tuple(marked))


def stored_cells(row: Row) -> dict[str, str | float | bool]:
    """The filled cells of a row as JSON can keep them, by their position from "0"; dates become ISO texts."""
    return {
        str(index): cell if isinstance(cell, str | float | bool) else str(cell)
        for index, cell in enumerate(row.cells)
        if cell != ""
    }


def restored_cells(stored: Mapping[str, Any]) -> list[Any]:
    """The cells of a row from what ``stored_cells`` made of it, for ``Refused.cells``."""
    places = [int(place) for place in stored]
    return [stored.get(str(index), "") for index in range(max(places, default=-1) + 1)]


def _told(problem: CellProblem) -> str:
    hint = problem.hint_text()
    return f"“{problem.header}”{problem.text()}" + (f"（{hint.rstrip('。')}）" if hint else "")


def write_table(
    stream: IO[bytes],
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    notes: Sequence[str] = (),
    totals: Mapping[str, Any] | None = None,
) -> int:
    """Write a list to ``stream``; returns the number of rows.

    ``rows`` are mappings by column id; ``notes`` stand under the title; ``totals`` becomes the line 合计 at the foot.
    """
    book = Book(stream)
    page = book.sheet(title)
    widths = [len(column.title) * 2 + 2 for column in columns]
    rows, widths = _measured(rows, columns, widths)
    for index, width in enumerate(widths):
        page.set_column(index, index, min(width, WIDEST))
    top = heading(book, page, title, notes, len(columns))
    page.set_row(top, 24)
    for index, column in enumerate(columns):
        page.write_string(top, index, column.title, book.format(**HEADER))
    page.freeze_panes(top + 1, 0)
    print_setup(page, top)
    labels = [dict(column.options()) for column in columns]
    at = top
    for row in rows:
        at += 1
        for index, column in enumerate(columns):
            value = row.get(column.id)
            if value is not None and labels[index]:
                value = labels[index].get(value, value)
            book.write(page, at, index, value, column)
    count = at - top
    if count and columns:
        page.autofilter(top, 0, at, len(columns) - 1)
    if totals is not None:
        _totals(book, page, at + 1, columns, totals)
    book.close()
    return count


def write_refused(
    stream: IO[bytes],
    *,
    title: str,
    columns: Sequence[Column],
    layout: Layout,
    refused: Iterable[Refused],
    translate: Callable[[str], str] = lambda msgid: msgid,
) -> int:
    """Write refused rows to be mended and sent again; returns their number. `translate` turns our own words.

    The reason stands in front, the cells it is about are coloured, everything else is as it was sent, columns that we
    do not read included. Reading the file again ignores the reason and maps the columns as they were mapped.
    """
    book = Book(stream)
    name = layout.sheet or title
    page = book.sheet(name)
    by_cell = {index: column for column in columns if (index := layout.mapping.get(column.id)) is not None}
    texts = _unique([text or letter(index) for index, text in enumerate(layout.headers)])
    page.set_column(0, 0, 44)
    for index, text in enumerate(texts, start=1):
        page.set_column(index, index, min(max(len(text) * 2 + 4, 12), WIDEST))
    top = heading(book, page, title, [translate(HOW_TO_MEND)], len(texts) + 1)
    for index, text in enumerate((translate(REASON_TITLE), *texts)):
        page.write_string(top, index, text, book.format(**HEADER))
    page.freeze_panes(top + 1, 1)
    print_setup(page, top)
    at = top
    for one in refused:
        at += 1
        words = say(REASON_OF_ROW, {"number": one.number, "told": one.reason}, translate)
        page.write_string(at, 0, clip(words), book.format(**_REASON))
        marked = {layout.mapping[key] for key in one.columns if key in layout.mapping}
        for index in range(len(texts)):
            value = one.cells[index] if index < len(one.cells) else None
            extra = _WRONG if index in marked else {}
            book.write(page, at, index + 1, value, by_cell.get(index), extra, as_sent=True)
    headers = {key: texts[index] for key, index in layout.mapping.items() if index < len(texts)}
    write_form_sheet(book, Form(REFUSED_TEMPLATE, "1", title, page.get_name(), headers))
    book.close()
    return at - top


def _unique(texts: Sequence[str]) -> list[str]:
    """Two columns under one header get numbers, so that the file can be read again by its headers."""
    seen: dict[str, int] = {}
    result = []
    for text in texts:
        seen[text] = seen.get(text, 0) + 1
        result.append(text if seen[text] == 1 else f"{text}#{seen[text]}")
    return result


def _measured(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], widths: list[int]
) -> tuple[Iterable[Mapping[str, Any]], list[int]]:
    """Widths from the first hundred rows (a Chinese character is two wide); the rows are given back unconsumed."""
    rest = iter(rows)
    first = [row for _, row in zip(range(100), rest, strict=False)]
    for row in first:
        for index, column in enumerate(columns):
            widths[index] = max(widths[index], width_of(row.get(column.id)) + 2)
    return _chain(first, rest), widths


def _chain(first: Iterable[Any], rest: Iterable[Any]) -> Iterable[Any]:
    yield from first
    yield from rest


def _totals(book: Book, page: Any, at: int, columns: Sequence[Column], totals: Mapping[str, Any]) -> None:
    bold = {"bold": True, "bg_color": "#F7F3EC"}
    for index, column in enumerate(columns):
        value = totals.get(column.id)
        if index == 0 and value is None:
            page.write_string(at, 0, "合计", book.format(**(BASE | bold)))
        else:
            book.write(page, at, index, value, column, bold)
