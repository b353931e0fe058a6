"""Workbooks for the tests, made in memory: ordinary ones, and ones that no office program would make."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import xlsxwriter

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"


def xlsx(rows, *, sheet="表1", merges=(), formats=(), hidden=()):
    """The bytes of a workbook with one visible sheet; ``formats`` are (cell, number format)."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(["" if cell is None else cell for cell in row])
    for one in merges:
        page.merge_cells(one)
    for cell, form in formats:
        page[cell].number_format = form
    for name in hidden:
        book.create_sheet(name).sheet_state = "hidden"
    return saved(book)


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(data, *, replace=None, add=None, store=False):
    """The archive ``data`` with some parts replaced or added: name -> bytes."""
    replace, add = replace or {}, add or {}
    stream = io.BytesIO()
    how = zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", how) as new:
        assert set(replace) <= set(old.namelist()), "a part to be replaced is not there"
        for name in old.namelist():
            new.writestr(name, replace.get(name, old.read(name)))
        for name, content in add.items():
            new.writestr(name, content)
    return stream.getvalue()


def shared(rows):
    """A workbook that keeps its strings in a part of their own, as Excel does and openpyxl does not."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    page = book.add_worksheet()
    for at, row in enumerate(rows):
        page.write_row(at, 0, row)
    book.close()
    return stream.getvalue()


def with_cells(cells):
    """A workbook whose sheet has exactly this XML as its rows."""
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = b'<worksheet xmlns="' + space + b'"><sheetData>' + cells + b"</sheetData></worksheet>"
    return changed(xlsx([["a"]]), replace={"xl/worksheets/sheet1.xml": xml})


def agencies():
    """The rows of the agencies' sheet as it was sent, rebuilt when the real file is not beside the checkout."""
    path = REAL / "agencies.xlsx"
    return path.read_bytes() if path.exists() else xlsx(list(_agency_rows()), sheet="机构名录", merges=["A1:E1"])


def _agency_rows():
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    yield ["全国市场监管部门机构名录", "", "", "", ""]
    yield ["填报单位:办公厅", "", "", "", "单位:个"]
    yield ["序号", "机构代码", "机构名称", "层级", "上级机构代码"]
    for number in range(1, 3655):
        code = f"{number * 7:06d}"
        sent = code.translate(wide) if number % 10 == 1 else float(code) if number % 3 == 0 else code + "  "
        level = ("国家级", "省级", "市级", "县级")[number % 4]
        yield [number, sent, f"第{number}市场监督管理局　", level, "" if number == 1 else "000007"]
    yield [3655, "999999", "无上级市场监督管理局", "县级", "888888"]
    yield [3656, "510723", "盐亭县市场监督管理局(重复)", "县级", "510700"]
    yield [3657, "", "没有代码的市场监督管理局", "县级", "150700"]
    yield [3658, "320199X", "代码有误市场监督管理局", "县级", "320100"]
    yield ["", "", "", "", ""]
    yield ["合计", 3658, "", "", ""]


def real_codes():
    """The codes of the register behind the real file, or of the rebuilt one."""
    path = REAL / "agencies.csv"
    if not path.exists():
        return {f"{number * 7:06d}" for number in range(1, 3655)}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row[next(iter(row))] for row in csv.DictReader(stream)}
