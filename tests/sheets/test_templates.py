"""Forms: what Excel is told, and that a filled form comes back without guessing."""

import datetime as dt
import io

import openpyxl
import pytest

from quxin.sheets import reading
from quxin.sheets.columns import Column
from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import find_table
from quxin.sheets.templates import write_template

from . import build

MANY = tuple((f"k{number}", f"第{number}种很长的活动类型") for number in range(60))
COLUMNS = (
    Column("code", "代码", required=True, kind="code", width=6, example="110000", hint="行政区划代码"),
    Column("name", "名称", required=True, example="北京市市场监督管理局"),
    Column("on", "日期", kind="date", example="2010-04-05"),
    Column("heads", "人数", kind="integer", example="30"),
    Column("level", "层级", kind="choice", choices=("省级", "市级")),
    Column("kind", "类型", kind="choice", choices=MANY),
    Column("identity", "身份证号", kind="identity", example="11010519491231002X"),
)


def form(**more):
    stream = io.BytesIO()
    write_template(stream, title="机构名录", columns=COLUMNS, template="orgs", version="3", **more)
    return stream.getvalue()


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def fill(page, row, values):
    for at, value in enumerate(values, start=2):
        page.cell(row, at).value = value


GOOD = ["120000", "天津市市场监督管理局", dt.date(2010, 4, 6), 12, "省级", "第7种很长的活动类型", "11010519491231002X"]


def test_a_filled_form_comes_back():
    book = opened(form())
    fill(book["机构名录"], 5, GOOD)
    found = find_table(open_workbook(build.saved(book)), COLUMNS, template="orgs")
    assert (found.form.template, found.form.version) == ("orgs", "3")
    assert {one.how for one in found.mapping} == {"form"}
    assert found.extra == []
    (row,) = found.rows()
    assert row.number == 5
    assert row.problems == ()
    assert row.values == {
        "code": "120000",
        "name": "天津市市场监督管理局",
        "on": dt.date(2010, 4, 6),
        "heads": 12,
        "level": "省级",
        "kind": "k7",
        "identity": "11010519491231002X",
    }
    assert [(one.number, one.why) for one in found.skipped] == [(4, reading.EXAMPLE_ROW)]


def test_columns_moved_and_renamed_by_us_since_are_still_known():
    """An older form of ours: its own titles map, whatever the titles are today."""
    book = opened(form())
    page = book["机构名录"]
    fill(page, 5, GOOD)
    page.insert_cols(3)
    page["C3"] = "我加的列"
    today = tuple(Column("code", "统一编号", required=True, kind="code") if c.id == "code" else c for c in COLUMNS)
    found = find_table(open_workbook(build.saved(book)), today)
    assert next(found.rows()).values["code"] == "120000"
    assert found.extra == ["我加的列"]


def test_example_rows():
    book = opened(form(examples=[{"code": "110000", "name": "北京"}, {"code": "310000", "name": "上海"}]))
    page = book["机构名录"]
    page["C4"] = "天津"
    page["A5"] = None
    fill(page, 6, GOOD)
    found = find_table(open_workbook(build.saved(book)), COLUMNS)
    assert [row.number for row in found.rows()] == [6]
    assert [(one.number, one.why) for one in found.skipped] == [(4, reading.CHANGED_EXAMPLE), (5, reading.EXAMPLE_ROW)]


def test_another_form_of_ours_is_refused():
    with pytest.raises(reading.WrongForm, match="机构名录"):
        find_table(open_workbook(form()), COLUMNS, template="activities")


def test_drop_downs_checks_and_messages():
    book = opened(form())
    rules = {str(rule.sqref).split(":")[0]: rule for rule in book["机构名录"].data_validations.dataValidation}
    assert rules["F4"].formula1 == '"省级,市级"'
    assert rules["G4"].formula1 == "'_lists'!$A$1:$A$60"
    assert [book["_lists"].cell(at, 1).value for at in (1, 60)] == [MANY[0][1], MANY[59][1]]
    assert (rules["D4"].type, rules["E4"].type) == ("date", "whole")
    assert rules["B4"].prompt == "必填。行政区划代码。例：110000。"
    assert str(rules["F4"].sqref).endswith("F504")


def test_text_columns_are_text_before_anybody_types():
    page = opened(form())["机构名录"]
    assert {page[f"{at}{row}"].number_format for at in "BH" for row in (5, 300)} == {"@"}
    assert page["D5"].number_format == "yyyy-mm-dd"


def test_instructions_and_hidden_sheets():
    book = opened(form(instructions=["一、每行一个机构。"]))
    assert book.sheetnames[:2] == ["机构名录", "填写说明"]
    assert {name: book[name].sheet_state for name in book.sheetnames[2:]} == {
        "_lists": "hidden",
        "_quxin": "veryHidden",
    }
    texts = [cell.value for row in book["填写说明"].iter_rows() for cell in row if cell.value]
    assert "一、每行一个机构。" in texts
    assert "整数" in texts


def test_a_spoilt_hidden_sheet_only_costs_the_certainty():
    book = opened(form())
    fill(book["机构名录"], 5, GOOD)
    book["_quxin"]["A1"] = "别的"
    found = find_table(open_workbook(build.saved(book)), COLUMNS)
    assert found.form is None
    assert {one.how for one in found.mapping} == {"exact"}
    assert [row.number for row in found.rows()] == [5]


def test_a_forged_hidden_sheet_cannot_name_columns_we_did_not_ask_for():
    book = opened(form())
    fill(book["机构名录"], 5, GOOD)
    page = book["_quxin"]
    for row in page.iter_rows():
        if row[1].value == "heads":
            row[1].value = "is_superuser"
    (row,) = find_table(open_workbook(build.saved(book)), COLUMNS).rows()
    assert set(row.values) == {column.id for column in COLUMNS}
