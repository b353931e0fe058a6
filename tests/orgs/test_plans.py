"""The plan of an import, without a database: any order, bad rows with reasons, what differs and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.orgs.plans import Known, guess_level, plan_import
from quxin.sheets.reading import Row

EVERYWHERE = ("",)


def row(number, code, name="某局", level=None, parent=None, kind=None):
    values = {"code": code, "name": name, "level": level, "parent": parent, "kind": kind}
    return Row(number, values, (), [code, name, level, parent, kind])


def known(code, name, parent="", path="0001", **more):
    return Known(1, code, name, more.pop("kind", "agency"), "", more.pop("level", ""), parent, path, **more)


def plan(*rows, known=None, scopes=EVERYWHERE):
    return plan_import(rows, known=known or {}, scopes=scopes)


def reasons(result):
    return {refusal.row: refusal.text() for refusal in result.refused}


def test_children_may_stand_above_their_parents():
    result = plan(
        row(4, "320102", parent="320100"),
        row(5, "320100", parent="320000"),
        row(6, "320000", parent="000000"),
        row(7, "000000", name="总局"),
    )
    assert [one.code for one in result.created] == ["000000", "320000", "320100", "320102"]
    assert [one.depth for one in result.created] == [1, 2, 3, 4]
    assert not result.refused


@pytest.mark.parametrize(
    ("code", "level"),
    [("000000", "nation"), ("320000", "province"), ("320100", "prefecture"), ("320102", "county"), ("A1", "")],
)
def test_the_level_is_guessed_from_the_division_code(code, level):
    assert guess_level(code) == level


def test_an_unknown_parent_is_refused_with_the_one_that_was_meant():
    result = plan(
        row(4, "000000", name="总局"), row(5, "320000", "江苏省局", parent="000000"), row(6, "320100", parent="32000O")
    )
    (refusal,) = result.refused
    assert (refusal.row, refusal.id, refusal.value) == (6, "parent", "32000O")
    assert "320000" in refusal.hint_text()
    assert "江苏省局" in refusal.hint_text()


def test_rows_below_a_refused_row_say_so():
    result = plan(row(4, "000000"), row(5, "3200", level="星级", parent="000000"), row(6, "320100", parent="3200"))
    assert "看不懂层级" in reasons(result)[5]
    assert "第 5 行" in reasons(result)[6]
    assert result.accepted == 1


def test_a_circle_is_refused_at_each_of_its_rows_and_below():
    result = plan(
        row(3, "000000"),
        row(4, "A1", parent="B1"),
        row(5, "B1", parent="A1"),
        row(6, "C1", parent="C1"),
        row(7, "D1", parent="A1"),
    )
    assert set(reasons(result)) == {4, 5, 6, 7}
    assert "又是它自己" in reasons(result)[4]
    assert "圈" in reasons(result)[7]


def test_a_circle_through_what_is_known_already_is_seen():
    there = {
        "A1": known("A1", "甲", "R1", "00010001"),
        "B1": known("B1", "乙", "A1", "000100010001"),
        "R1": known("R1", "根"),
    }
    result = plan(row(4, "A1", "甲", parent="B1"), known=there)
    assert "又是它自己" in reasons(result)[4]
    # Two that change places are no circle.
    swapped = plan(row(4, "A1", "甲", parent="B1"), row(5, "B1", "乙", parent="R1"), known=there)
    assert [one.wanted.code for one in swapped.moved] == ["B1", "A1"]


@pytest.mark.parametrize("code", ["320199X", "32 01 99?", "三二零", "-", "A" * 31, "91110000600037341X"])
def test_malformed_codes_are_refused(code):
    assert set(reasons(plan(row(4, "000000"), row(5, code, parent="000000")))) == {5}


@pytest.mark.parametrize("code", ["320199", "91110000600037341L", "A01", "320000-01", "00000001", "D2143569-X"])
def test_codes_of_the_usual_forms_are_taken(code):
    assert plan(row(4, "000000"), row(5, code, parent="000000")).accepted == 2


def test_numbers_that_lost_their_zeros_get_them_back_among_six_digit_codes():
    result = plan(row(4, "0", "总局"), *(row(5 + n, f"{n + 11}0000", parent="0") for n in range(5)))
    assert result.created[0].code == "000000"
    assert result.created[-1].parent == "000000"
    other = plan(row(4, "1", "根"), row(5, "101", parent="1"), row(6, "102", parent="1"))
    assert [one.code for one in other.created] == ["1", "101", "102"]


def test_the_second_row_with_a_code_is_refused_and_the_first_stands():
    result = plan(row(4, "000000", "总局"), row(5, "000000", "总局(重复)"))
    assert reasons(result) == {5: "代码 000000 与第 4 行重复"}
    assert result.created[0].name == "总局"


def test_a_second_root_is_refused():
    result = plan(row(4, "000000"), row(5, "320000"))
    assert "没有填上级" in reasons(result)[5]
    assert "000000" in result.refused[0].hint_text()


def test_a_parent_may_be_given_by_a_name_that_is_unique():
    result = plan(row(4, "000000", "总局"), row(5, "320000", "江苏省局", parent="总局"))
    assert result.created[1].parent == "000000"


def test_what_differs_is_changed_or_moved_and_the_rest_is_left():
    there = {
        "000000": known("000000", "总局", level="nation"),
        "320000": known("320000", "江苏省局", "000000", "00010001", level="province"),
        "330000": known("330000", "浙江省局", "000000", "00010002", level="province"),
        "320100": known("320100", "南京市局", "320000", "000100010001", level="prefecture"),
    }
    result = plan(
        row(4, "000000", "总局", "国家级"),
        row(5, "320000", "江苏省市场监督管理局", "省级", "000000"),
        row(6, "320100", "南京市局", None, "330000"),
        row(7, "330000", "浙江省局"),
        known=there,
    )
    assert [dict(one.fields) for one in result.changed] == [{"name": "江苏省市场监督管理局"}]
    assert [one.wanted.code for one in result.moved] == ["320100"]
    assert result.unchanged == 2
    assert result.accepted == 4


def test_nothing_outside_the_importers_scope():
    there = {
        "000000": known("000000", "总局"),
        "320000": known("320000", "江苏省局", "000000", "00010001"),
        "330000": known("330000", "浙江省局", "000000", "00010002"),
        "330100": known("330100", "杭州市局", "330000", "000100020001"),
    }
    result = plan(
        row(4, "320100", "南京市局", parent="320000"),
        row(5, "330200", "宁波市局", parent="330000"),
        row(6, "330100", "改名", parent="330000"),
        row(7, "330000", "浙江省局"),
        row(8, "320102", "玄武区局", parent="320100"),
        row(9, "330201", "海曙区局", parent="330200"),
        known=there,
        scopes=("00010001",),
    )
    assert [one.code for one in result.created] == ["320100", "320102"]
    assert set(reasons(result)) == {5, 6, 9}
    assert result.unchanged == 1


def test_closed_organisations_and_wrong_kinds_are_refused():
    there = {
        "000000": known("000000", "总局"),
        "A1": known("A1", "旧局", "000000", "00010001", closed=True),
        "B1": known("B1", "办公厅", "000000", "00010002", kind="department"),
    }
    result = plan(
        row(4, "A1", "旧局", parent="000000"),
        row(5, "C1", parent="A1"),
        row(6, "D1", parent="B1", kind="机关"),
        row(7, "E1", parent="B1", kind="党支部"),
        row(8, "B1", "办公厅", kind="机关"),
        row(9, "F1", parent="B1", kind="支部"),
        known=there,
    )
    assert set(reasons(result)) == {4, 5, 6, 8, 9}
    (branch,) = result.created
    assert (branch.kind, branch.party_type, branch.level) == ("party", "branch", "")
    assert "党支部" in result.refused[-1].hint_text()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "000000", "110000", "110100", "110101", "A1", "坏"]),
            st.sampled_from([None, "000000", "110000", "110100", "A1", "999999"]),
        ),
        max_size=12,
    )
)
def test_every_row_is_accepted_or_refused_and_parents_come_first(pairs):
    rows = [row(4 + at, code, parent=parent) for at, (code, parent) in enumerate(pairs)]
    result = plan(*rows)
    assert result.accepted + len({refusal.row for refusal in result.refused}) == len(rows)
    seen = set()
    for one in result.created:
        assert not one.parent or one.parent in seen
        seen.add(one.code)
