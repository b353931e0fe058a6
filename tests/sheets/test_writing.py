"""Lists and refusals: what is written, that it is read again, and that no string becomes a formula."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl

from quxin.sheets.columns import Column
from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import find_table
from quxin.sheets.writing import (
    Layout,
    Refused,
    refuse,
    restored_cells,
    stored_cells,
    write_refused,
    write_table,
)

from . import build

COLUMNS = (
    Column("code", "代码", required=True, kind="code", width=6),
    Column("name", "名称", required=True),
    Column("on", "日期", kind="date"),
    Column("month", "月份", kind="month"),
    Column("heads", "人数", kind="integer"),
    Column("kind", "类别", kind="choice", choices=(("deed", "实事"), ("post", "岗位"))),
    Column("identity", "身份证号", kind="identity"),
    Column("open", "公开", kind="boolean"),
)
ROW = {
    "code": "000001",
    "name": "甲局",
    "on": dt.date(2010, 4, 5),
    "month": dt.date(2010, 4, 1),
    "heads": 3,
    "kind": "deed",
    "identity": "11010519491231002X",
    "open": True,
}


def written(**more):
    stream = io.BytesIO()
    given = {"title": "名录", "columns": COLUMNS, "rows": [ROW]} | more
    count = write_table(stream, **given)
    return stream.getvalue(), count


def test_a_list_is_read_again_as_it_was():
    data, count = written(
        rows=(ROW | {"heads": number} for number in range(300)), notes=["单位：个"], totals={"heads": 44850}
    )
    found = find_table(open_workbook(data), COLUMNS)
    rows = list(found.rows())
    assert count == len(rows) == 300
    assert rows[7].values == ROW | {"heads": 7}
    assert found.header_row == 3
    assert [one.text for one in found.skipped] == ["合计 44850"]


def test_formula_injection_stays_text():
    bad = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x.example")', "http://x.example", "{=1}"]
    data, _ = written(rows=[ROW | {"name": text} for text in bad])
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    cells = [page.cell(row, 2) for row in range(3, 3 + len(bad))]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in bad]
    assert all(cell.quotePrefix for cell in cells[:6])
    assert not any(cell.hyperlink for cell in cells)


def test_long_digits_are_text():
    data, _ = written()
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [(page.cell(3, at).data_type, page.cell(3, at).number_format) for at in (1, 7)] == [("s", "@"), ("s", "@")]
    data, _ = written(columns=[Column("n", "数", kind="integer")], rows=[{"n": 10**16 + 1}])
    assert openpyxl.load_workbook(io.BytesIO(data)).active["A3"].value == "10000000000000001"


def test_the_page_is_set_up_for_printing():
    data, _ = written(notes=["一", "二"])
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    assert page.page_setup.orientation == "landscape"
    assert page.page_setup.paperSize == 9
    assert page.print_title_rows == "$4:$4"
    assert page.freeze_panes == "A5"
    assert page.auto_filter.ref == "A4:H5"
    assert page.column_dimensions["B"].width >= 6


def test_odd_values_do_not_break_the_file():
    rows = [
        {"code": "1", "name": "x" * 40_000, "heads": Decimal("2.5"), "on": dt.datetime(2010, 4, 5, tzinfo=dt.UTC)},
        {"code": "2", "name": "a\x00\x01b\ufffe", "heads": float("nan"), "on": dt.date(1850, 1, 1)},
    ]
    data, _ = written(title="a/b:[c]*?'\\" * 9, rows=rows)
    first, second = find_table(open_workbook(data), COLUMNS).rows()
    assert first.values["on"] == dt.date(2010, 4, 5)
    assert len(first.values["name"]) == 32_767
    assert second.values["name"].startswith("ab")


def test_an_empty_list_is_a_header():
    data, count = written(rows=[])
    assert count == 0
    assert list(find_table(open_workbook(data), COLUMNS).rows()) == []


def sent(rows):
    return find_table(open_workbook(build.xlsx(rows, sheet="名单")), COLUMNS)


def given_back(found, refused):
    stream = io.BytesIO()
    assert write_refused(stream, title="退回", columns=COLUMNS, layout=Layout.of(found), refused=refused) == len(
        refused
    )
    return stream.getvalue()


HEAD = ["序号", "编码代码", "日期", "名称", "备注"]


def test_refused_rows_are_mended_and_sent_again():
    """The guessed mapping, the unread column and the good cells survive; the reason in front is ignored."""
    rows = [HEAD, [1, "000001", "2010-02-30", "甲局", "+危险"], [2, "2", "2010-4-5", "", "x"]]
    found = sent([*rows, [3, "3", dt.date(2010, 4, 5), "丙局", ""]])
    assert found.guessed
    bad = [row for row in found.rows() if row.problems]
    data = given_back(found, [refuse(bad[0]), refuse(bad[1], reason="代码重复", columns=["code"])])

    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book["名单"]
    assert [cell.value for cell in page[3]] == ["退回原因", *HEAD]
    assert "原第 2 行" in page["A4"].value
    assert "2010 年 2 月没有 30 日" in page["A4"].value
    assert "代码重复" in page["A5"].value
    assert [cell.value for cell in page[4]][1:] == [1, "000001", "2010-02-30", "甲局", "+危险"]
    colours = [[cell.fill.fgColor.rgb for cell in row] for row in (page[4], page[5])]
    assert [at for at, colour in enumerate(colours[0]) if colour == "FFF6D5D0"] == [3]
    assert [at for at, colour in enumerate(colours[1]) if colour == "FFF6D5D0"] == [2, 4]

    page["D4"], page["E5"] = "2010-02-28", "乙局"
    again = find_table(open_workbook(build.saved(book)), COLUMNS)
    assert {one.column: one.header for one in again.mapping} == {one.column: one.header for one in found.mapping}
    assert {one.how for one in again.mapping} == {"form"}
    assert again.extra == ["序号", "备注"]
    one, two = again.rows()
    assert (one.problems, two.problems) == ((), ())
    assert (one.values["on"], two.values["name"]) == (dt.date(2010, 2, 28), "乙局")


def test_a_mended_file_without_its_hidden_sheet_is_read_as_well():
    found = sent([["代码", "名称"], ["1", ""]])
    book = openpyxl.load_workbook(io.BytesIO(given_back(found, [refuse(row) for row in found.rows()])))
    del book["_quxin"]
    book["名单"]["C4"] = "甲局"
    again = find_table(open_workbook(build.saved(book)), COLUMNS)
    assert again.extra == []
    assert next(again.rows()).values == {"code": "000001", "name": "甲局"}


def test_two_columns_under_one_header_stay_apart():
    found = sent([["代码", "备注", "备注", "名称"], ["1", "a", "b", ""]])
    data = given_back(found, [Refused(2, ("1", "a", "b", ""), "缺名称", ("name",))])
    page = openpyxl.load_workbook(io.BytesIO(data))["名单"]
    assert [cell.value for cell in page[3]] == ["退回原因", "代码", "备注", "备注#2", "名称"]


def test_a_layout_is_plain_data():
    import json

    layout = Layout.of(sent([["代码", "名称"], ["1", ""]]))
    again = json.loads(json.dumps({"sheet": layout.sheet, "headers": layout.headers, "mapping": layout.mapping}))
    assert Layout(again["sheet"], tuple(again["headers"]), again["mapping"]) == layout


def test_cells_survive_being_stored_as_json():
    import json

    rows = [["代码", "名称", "日期", "人数"], ["1", "", dt.date(2010, 4, 5), 2.5], ["2", "", "", ""]]
    one, two = sent(rows).rows()
    again = [restored_cells(json.loads(json.dumps(stored_cells(row)))) for row in (one, two)]
    assert again == [["1", "", "2010-04-05", 2.5], ["2"]]
    assert restored_cells({}) == []
