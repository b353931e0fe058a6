"""Finding tables the way offices send them, and what is said about rows that do not fit."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.sheets import reading
from quxin.sheets.columns import Column
from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import find_table

from . import build

LEVELS = ("国家级", "省级", "市级", "县级")
AGENCIES = (
    Column("code", "机构代码", aliases=("单位代码", "行政区划代码"), required=True, kind="code", width=6),
    Column("name", "机构名称", aliases=("单位名称",), required=True),
    Column("level", "层级", kind="choice", choices=LEVELS),
    Column("parent", "上级机构代码", aliases=("上级单位代码",), kind="code", width=6),
)


def table(rows, columns=AGENCIES, *, sheet=None, mapping=None, merges=(), **more):
    return find_table(open_workbook(build.xlsx(rows, merges=merges, **more)), columns, sheet=sheet, mapping=mapping)


def how(found):
    return {one.column: (one.header, one.how, one.letter) for one in found.mapping}


class TestTheRealFile:
    def test_every_row_arrives_with_its_number(self):
        found = find_table(open_workbook(build.agencies()), AGENCIES)
        assert (found.sheet, found.header_row, found.extra, found.guessed) == ("机构名录", 3, ["序号"], False)
        rows = list(found.rows())
        assert len(rows) == 3_654 + 4
        assert [row.number for row in rows] == list(range(4, 3_662))
        assert {row.values["code"] for row in rows[:3_654]} == build.real_codes()
        assert all(row.values["name"] == row.values["name"].strip() for row in rows)
        assert {row.values["level"] for row in rows} <= set(LEVELS)

    def test_of_the_four_bad_rows_only_the_empty_code_is_bad_in_itself(self):
        """An unknown parent, a duplicate and a malformed code are for whoever knows what a code is."""
        found = find_table(open_workbook(build.agencies()), AGENCIES)
        bad = [row for row in found.rows() if row.problems]
        assert [(row.number, [(p.column, p.reason) for p in row.problems]) for row in bad] == [
            (3_660, [("B", "必填，不能空着")])
        ]
        assert bad[0].values["name"] == "没有代码的市场监督管理局"
        assert str(bad[0].problems[0]) == "第 3660 行 B 列“机构代码”：必填，不能空着"

    def test_the_total_line_is_listed_not_read(self):
        found = find_table(open_workbook(build.agencies()), AGENCIES)
        list(found.rows())
        assert found.skipped == [(3_663, reading.TOTAL_LINE, "合计 3658")]
        assert found.blank_rows == 1

    def test_rows_can_be_read_again(self):
        found = find_table(open_workbook(build.agencies()), AGENCIES)
        assert sum(1 for _ in found.rows()) == sum(1 for _ in found.rows()) == 3_658
        assert len(found.skipped) == 1


class TestFindingTheHeader:
    def test_other_names_and_another_order(self):
        found = table([["上级单位代码", "单位名称", "备注", "单位代码（必填）"], ["000000", "甲局", "", "110000"]])
        assert how(found) == {
            "code": ("单位代码（必填）", "alias", "D"),
            "name": ("单位名称", "alias", "B"),
            "parent": ("上级单位代码", "alias", "A"),
        }
        assert found.extra == ["备注"]
        assert next(found.rows()).values == {"code": "110000", "name": "甲局", "parent": "000000"}

    def test_a_guess_is_shown_as_one(self):
        found = table([["代码", "机构全称", "层级"], ["110000", "甲局", "省级"]])
        assert how(found)["code"] == ("代码", "guess", "A")
        assert how(found)["name"] == ("机构全称", "guess", "B")
        assert found.guessed
        assert 0.6 <= found.mapping[0].confidence < 0.9

    def test_the_parents_code_is_never_guessed_to_be_the_code(self):
        with pytest.raises(reading.MissingColumn) as caught:
            table([["上级机构代码", "机构名称"], ["1", "甲"]], AGENCIES[:2])
        assert caught.value.params["nearest"] == "上级机构代码"
        assert "“上级机构代码”" in caught.value.hint_text()
        assert "机构代码" in str(caught.value)

    def test_a_missing_column_without_a_likeness_lists_the_header(self):
        with pytest.raises(reading.MissingColumn) as caught:
            table([["机构名称", "层级", "电话"], ["甲", "省级", "1"]])
        assert "机构名称、层级、电话" in caught.value.hint_text()

    def test_titles_units_and_a_table_that_begins_in_the_middle(self):
        rows = [[], ["", "机构名录"], ["", "填报单位：甲", "", "单位：个"], [], ["", "机构代码", "机构名称", "层级"]]
        found = table([*rows, ["", 110000, "甲局", "省级"]], merges=["B2:D2"])
        assert found.header_row == 5
        row = next(found.rows())
        assert (row.number, row.values) == (6, {"code": "110000", "name": "甲局", "level": "省级"})
        assert how(found)["code"][2] == "B"

    def test_letters_are_right_when_the_first_columns_are_empty(self):
        found = table([["", "", "机构代码", "机构名称"], ["", "", "", "甲"]])
        assert [(p.row, p.column) for row in found.rows() for p in row.problems] == [(2, "C")]

    def test_a_header_of_two_lines(self):
        rows = [
            ["活动情况统计表", "", "", "", ""],
            ["单位", "活动", "", "参加人次", ""],
            ["", "名称", "日期", "党员", "群众"],
            ["甲局", "宣讲", "2010-04-05", 12, 30],
        ]
        columns = (
            Column("unit", "单位", required=True),
            Column("name", "活动名称", required=True),
            Column("on", "活动日期", kind="date"),
            Column("members", "参加人次党员", kind="integer"),
            Column("others", "参加人次群众", kind="integer"),
        )
        found = table(rows, columns, merges=["A1:E1", "A2:A3", "B2:C2", "D2:E2"])
        assert how(found)["members"] == ("参加人次/党员", "exact", "D")
        row = next(found.rows())
        assert row.values == {"unit": "甲局", "name": "宣讲", "on": dt.date(2010, 4, 5), "members": 12, "others": 30}
        assert row.number == 4

    def test_a_header_cell_merged_downwards_ends_where_it_ends(self):
        found = table([["机构代码", "机构名称"], ["", ""], ["1", "甲"]], merges=["A1:A2", "B1:B2"])
        assert [row.number for row in found.rows()] == [3]
        assert found.blank_rows == 0

    def test_the_sheet_that_fits_best_is_taken(self):
        book = build.openpyxl.Workbook()
        book.active.append(["说明：代码为六位"])
        book.create_sheet("旧").append(["机构代码", "备注"])
        book.create_sheet("新").append(["机构代码", "机构名称", "层级"])
        data = open_workbook(build.saved(book))
        assert find_table(data, AGENCIES).sheet == "新"
        with pytest.raises(reading.MissingColumn, match="旧"):
            find_table(data, AGENCIES, sheet="旧", mapping={"name": "机构名称", "code": "机构代码"})
        with pytest.raises(reading.NoSuchSheet):
            find_table(data, AGENCIES, sheet="没有")

    def test_no_table_at_all(self):
        with pytest.raises(reading.NoTable) as caught:
            table([["今天天气好"], ["很好", 1]])
        assert "机构代码、机构名称" in caught.value.hint_text()
        with pytest.raises(reading.NoTable):
            table([])

    def test_a_person_s_mapping_outranks_everything(self):
        rows = [["机构代码", "旧码", "名"], ["1", "2", "甲局"]]
        found = table(rows, mapping={"code": "旧码", "name": "C"})
        assert how(found) == {"code": ("旧码", "given", "B"), "name": ("名", "given", "C")}
        assert next(found.rows()).values == {"code": "000002", "name": "甲局"}
        with pytest.raises(reading.MissingColumn) as caught:
            table(rows, mapping={"code": "旧碼码", "name": "C"})
        assert caught.value.params["nearest"] == "旧码"

    def test_text_files_go_the_same_way(self):
        data = "机构名录,,\n机构代码,机构名称,层级\n０１００００,甲局,省级\n合计,1,\n".encode("gb18030")
        found = find_table(open_workbook(data), AGENCIES)
        assert [(row.number, row.values["code"]) for row in found.rows()] == [(3, "010000")]
        assert [one.why for one in found.skipped] == [reading.TOTAL_LINE]


class TestRowsThatAreNotData:
    HEAD = (["机构代码", "机构名称", "层级"],)

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            (["合计", 3, ""], reading.TOTAL_LINE),
            (["合　计", 3, ""], reading.TOTAL_LINE),
            (["", "总计：3", ""], reading.TOTAL_LINE),
            (["小计", "", ""], reading.TOTAL_LINE),
            (["注：1. 代码为六位。", "", ""], reading.FOOTNOTE),
            (["填表人：张三", "", "填表日期：2010-4-5"], reading.FOOTNOTE),
            (["单位负责人", "", ""], reading.FOOTNOTE),
            (["机构代码", "机构名称", "层级"], reading.REPEATED_HEADER),
        ],
    )
    def test_are_skipped_and_listed(self, line, why):
        found = table([*self.HEAD, ["1", "甲", ""], line, ["2", "乙", ""]])
        assert [row.values["name"] for row in found.rows()] == ["甲", "乙"]
        assert [(one.number, one.why) for one in found.skipped] == [(3, why)]

    @pytest.mark.parametrize("name", ["合计局", "注册局", "总计划司", "审核注册处", "负责人管理局", "说明书审查中心"])
    def test_but_not_what_only_begins_like_them(self, name):
        found = table([["机构名称", "机构代码"], [name, "1"]])
        assert [row.values["name"] for row in found.rows()] == [name]

    @pytest.mark.parametrize("line", [["甲", "乙", 1], [1, 2, 3], ["(1)", "(2)", "(3)"], ["甲", 1, "2"]])
    def test_a_line_of_column_numbers(self, line):
        found = table([*self.HEAD, line, ["1", "甲", ""]])
        assert [row.number for row in found.rows()] == [3]
        assert found.skipped[0].why == reading.NUMBERING_LINE

    def test_printed_serial_numbers_without_anything_else(self):
        found = table([["序号", "机构代码", "机构名称"], [1, "1", "甲"], [2, "", ""], [3, None, "　"]])
        assert [row.number for row in found.rows()] == [2]
        assert found.blank_rows == 2


PEOPLE = (
    Column("name", "姓名", required=True),
    Column("identity", "身份证号", kind="identity"),
    Column("on", "入党日期", kind="date"),
    Column("phone", "电话", kind="phone"),
)


def test_a_ruined_identity_number_is_refused_by_row_and_column():
    found = table([["姓名", "身份证号"], ["张三", "11010519491231002x"], ["李四", 110105194912310021]], PEOPLE)
    good, bad = found.rows()
    assert (good.values["identity"], good.problems) == ("11010519491231002X", ())
    (problem,) = bad.problems
    assert (problem.row, problem.column, problem.header) == (3, "B", "身份证号")
    assert "1.10E+17" in problem.text()
    assert "文本" in problem.hint_text()
    assert bad.values["identity"] is None


def test_personal_values_are_masked_in_problems():
    found = table([["姓名", "电话"], ["张三", "一三八零零一三八零零零"]], PEOPLE)
    (row,) = found.rows()
    assert row.problems[0].value == "一*********零"


def test_a_row_keeps_its_cells_as_they_came():
    found = table([["姓名", "备注", "入党日期"], ["张三", "x ", "2010-02-30"]], PEOPLE)
    (row,) = found.rows()
    assert list(row.cells) == ["张三", "x ", "2010-02-30"]
    assert row.problems[0].text() == "2010 年 2 月没有 30 日"


CELL = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)


@given(st.lists(st.lists(CELL, min_size=3, max_size=5), max_size=8))
def test_whatever_stands_in_a_text_file_every_row_is_accounted_for(rows):
    import csv
    import io

    stream = io.StringIO()
    csv.writer(stream).writerows([["机构代码", "机构名称", "层级"], *rows])
    found = find_table(open_workbook(stream.getvalue().replace("\x00", "").encode()), AGENCIES)
    read = list(found.rows())
    total = sum(1 for _ in csv.reader(io.StringIO(stream.getvalue().replace("\x00", ""), newline="")))
    assert len(read) + len(found.skipped) + found.blank_rows == total - found.header_row
    assert all(row.values["code"] or row.problems for row in read)
