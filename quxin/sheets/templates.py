"""Writing forms: a sheet to fill in, with drop-downs and messages, and a sheet that says how.

A form that comes back is known by its hidden sheet (see ``forms``): its columns are mapped without guessing, its example
rows are skipped. Validation in Excel is help for the writer, never a check: reading checks everything again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import IO, Any

from quxin.sheets.book import (
    BASE,
    HEADER,
    NOTE,
    TITLE,
    WIDEST,
    Book,
    clip,
    heading,
    print_setup,
    width_of,
    write_form_sheet,
)
from quxin.sheets.columns import TEXT_KINDS, Column, letter
from quxin.sheets.forms import Form
from quxin.sheets.headers import MARK_TITLES

INSTRUCTIONS_SHEET = "填写说明"
EXAMPLE_MARK = "示例"

_LISTS_SHEET = "_lists"
# Excel refuses a list written into the validation itself when it is longer than this.
_LONGEST_INLINE = 255
_MESSAGE_TITLE, _MESSAGE = 32, 255

_KIND_WORDS = {
    "text": "文字",
    "code": "代码（文本格式）",
    "integer": "整数",
    "decimal": "数字",
    "date": "日期，如 2010-04-05",
    "month": "年月，如 2010-04",
    "choice": "从下拉列表选",
    "boolean": "是或否",
    "identity": "证件号码（文本格式）",
    "phone": "电话（文本格式）",
}


def write_template(
    stream: IO[bytes],
    *,
    title: str,
    columns: Sequence[Column],
    template: str,
    version: str = "1",
    instructions: Sequence[str] = (),
    examples: Sequence[Mapping[str, Any]] = (),
    blank_rows: int = 500,
) -> None:
    """Write a form to ``stream``.

    ``template`` and ``version`` come back as ``Table.form``. ``examples`` are rows by column id, written as text as a
    person would type it; without any, one is made of the columns' own examples. ``blank_rows`` rows get drop-downs.
    """
    if not examples and any(column.example for column in columns):
        examples = [{column.id: column.example for column in columns if column.example}]
    typed = [{key: _typed(value) for key, value in one.items()} for one in examples]
    book = Book(stream)
    page = book.sheet(title)
    top = _form_header(book, page, title, columns)
    wrong = book.format(**(BASE | {"font_color": "#8A8175", "italic": True, "num_format": "@"}))
    for at, one in enumerate(typed, start=top + 1):
        page.write_string(at, 0, EXAMPLE_MARK, wrong)
        for index, column in enumerate(columns, start=1):
            page.write_string(at, index, one.get(column.id, ""), wrong)
    first, last = top + 1 + len(typed), top + len(typed) + blank_rows
    lists = _validations(page, columns, top + 1, last)
    for at in range(first, last + 1):
        for index, column in enumerate(columns, start=1):
            page.write_blank(at, index, None, book.format(**_cell_look(column)))
    _instructions(book, title, columns, instructions)
    if lists:
        _write_lists(book, lists)
    headers = {column.id: _header_text(column) for column in columns}
    write_form_sheet(book, Form(template, version, title, page.get_name(), headers), typed)
    book.close()


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)


def _header_text(column: Column) -> str:
    return f"*{column.title}" if column.required else column.title


def _cell_look(column: Column) -> dict[str, Any]:
    look = dict(BASE)
    if column.kind in TEXT_KINDS:
        look["num_format"] = "@"
    elif column.kind == "date":
        look["num_format"] = "yyyy-mm-dd"
    elif column.kind == "month":
        look["num_format"] = "yyyy-mm"
    return look


def _form_header(book: Book, page: Any, title: str, columns: Sequence[Column]) -> int:
    page.set_column(0, 0, 8)
    for index, column in enumerate(columns, start=1):
        width = max(len(column.title) * 2 + 4, width_of(column.example) + 2, 12)
        page.set_column(index, index, min(width, WIDEST), book.format(**_unbordered(column)))
    notes = ["带 * 的列必填；灰色斜体是示例，导入时自动跳过；填写办法见“填写说明”。"]
    top = heading(book, page, title, notes, len(columns) + 1)
    page.set_row(top, 24)
    page.write_string(top, 0, MARK_TITLES[0], book.format(**HEADER))
    for index, column in enumerate(columns, start=1):
        look = HEADER | ({"font_color": "#A32A1E"} if column.required else {})
        page.write_string(top, index, _header_text(column), book.format(**look))
    page.freeze_panes(top + 1, 1)
    print_setup(page, top)
    return top


def _unbordered(column: Column) -> dict[str, Any]:
    return {key: value for key, value in _cell_look(column).items() if not key.startswith("border")}


def _validations(page: Any, columns: Sequence[Column], first: int, last: int) -> list[list[str]]:
    """Put drop-downs, checks and messages on the columns; returns the lists too long to stand in place."""
    lists: list[list[str]] = []
    for index, column in enumerate(columns, start=1):
        rule = _rule(column, lists)
        message = _message(column)
        if message:
            rule |= {"input_title": column.title[:_MESSAGE_TITLE], "input_message": message[:_MESSAGE]}
        if rule.get("validate", "any") != "any":
            rule |= {"error_title": "填写有误", "error_message": _KIND_WORDS[column.kind], "error_type": "warning"}
        if rule:
            page.data_validation(first, index, last, index, {"validate": "any"} | rule)
    return lists


def _rule(column: Column, lists: list[list[str]]) -> dict[str, Any]:
    if column.kind == "integer":
        return {"validate": "integer", "criteria": "between", "minimum": -(10**9), "maximum": 10**9}
    if column.kind == "decimal":
        return {"validate": "decimal", "criteria": "between", "minimum": -(10**12), "maximum": 10**12}
    if column.kind in ("date", "month"):
        first, last = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
        return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
    if column.kind == "boolean":
        return {"validate": "list", "source": ["是", "否"]}
    if column.kind == "choice" and column.choices:
        labels = [label for _, label in column.options()]
        if len(",".join(labels)) <= _LONGEST_INLINE and not any("," in label for label in labels):
            return {"validate": "list", "source": labels}
        lists.append(labels)
        at = letter(len(lists) - 1)
        return {"validate": "list", "source": f"='{_LISTS_SHEET}'!${at}$1:${at}${len(labels)}"}
    return {}


def _message(column: Column) -> str:
    parts = ["必填。" if column.required else "", column.hint]
    if column.example:
        parts.append(f"例：{column.example}")
    return "".join(part if part.endswith("。") or not part else part + "。" for part in parts)


def _write_lists(book: Book, lists: list[list[str]]) -> None:
    page = book.sheet(_LISTS_SHEET)
    for at in range(max(map(len, lists))):
        for index, labels in enumerate(lists):
            if at < len(labels):
                page.write_string(at, index, labels[at])
    page.hide()


def _instructions(book: Book, title: str, columns: Sequence[Column], lines: Sequence[str]) -> None:
    page = book.sheet(INSTRUCTIONS_SHEET)
    for index, width in enumerate((24, 8, 26, 60, 24)):
        page.set_column(index, index, width)
    page.write_string(0, 0, f"{title}：{INSTRUCTIONS_SHEET}", book.format(**(TITLE | {"align": "left"})))
    plain = book.format(**NOTE)
    at = 1
    for line in lines:
        page.write_string(at, 0, clip(line), plain)
        at += 1
    at += 1
    for index, text in enumerate(("列", "必填", "填什么", "说明", "例")):
        page.write_string(at, index, text, book.format(**HEADER))
    wrapped = book.format(**(BASE | {"text_wrap": True, "num_format": "@"}))
    for column in columns:
        at += 1
        labels = [label for _, label in column.options()]
        listed = "可填：" + "、".join(labels[:30]) + ("……" if len(labels) > 30 else "") if labels else ""
        hint = "。".join(part.rstrip("。") for part in (column.hint, listed) if part)
        cells = (column.title, "是" if column.required else "", _KIND_WORDS[column.kind], hint, column.example)
        for index, text in enumerate(cells):
            page.write_string(at, index, text, wrapped)
