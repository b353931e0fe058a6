"""What a cell becomes in each kind of column, and what is said when it cannot."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.sheets.cells import Unfit, converter, show
from quxin.sheets.columns import Column, index_of, letter


def of(kind, value, **more):
    return converter(Column("a", "列", kind=kind, **more))(value)


def refused(kind, value, **more):
    with pytest.raises(Unfit) as caught:
        of(kind, value, **more)
    return caught.value.reason % caught.value.params, caught.value.hint % caught.value.params


BLANK = ["", " ", "　 ", "\u00a0", "\u200b\ufeff", "\t\n"]


@pytest.mark.parametrize("blank", BLANK)
@pytest.mark.parametrize(
    "kind", ["text", "code", "integer", "decimal", "date", "month", "boolean", "identity", "phone"]
)
def test_blank_is_none_in_every_kind(kind, blank):
    assert of(kind, blank) is None


@pytest.mark.parametrize("blank", BLANK)
def test_blank_choice(blank):
    assert of("choice", blank, choices=("甲",)) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (110000.0, "110000"),
        (110000, "110000"),
        ("１１００００　", "110000"),
        (" 110000\u00a0", "110000"),
        ("110000.0", "110000"),
        (7.0, "000007"),
        ("7", "000007"),
        ("320199X", "320199X"),
        ("A7", "A7"),
        ("3E12", "3E12"),
    ],
)
def test_codes(value, code):
    assert of("code", value, width=6) == code


def test_codes_without_a_width_keep_their_form():
    assert of("code", "1.0") == "1.0"
    assert of("code", 7.0) == "7"


@pytest.mark.parametrize("value", [1.67e17, 110105194912310021, "1.67E+17", "1.10105E+17", 1e15])
@pytest.mark.parametrize("kind", ["code", "identity", "phone", "text"])
def test_ruined_numbers(kind, value):
    if kind == "text" and isinstance(value, str):
        assert of(kind, value) == value
        return
    if kind == "text" and isinstance(value, int):
        value = float(value)
    reason, hint = refused(kind, value)
    assert "E+1" in reason
    assert "文本" in hint


def test_fifteen_digits_are_still_whole():
    assert of("identity", 123456789012345.0) == "123456789012345"


def test_a_code_that_excel_made_a_date():
    assert "日期（2010-01-02）" in refused("code", dt.date(2010, 1, 2))[0]


def test_identity_is_upper_case_and_narrow():
    assert of("identity", "１１０１０５１９４９１２３１００２ｘ ") == "11010519491231002X"


@pytest.mark.parametrize(
    ("value", "text"), [(13800000000.0, "13800000000"), ("（010）１２３４５６７８", "(010)12345678")]
)
def test_phones(value, text):
    assert of("phone", value) == text


@pytest.mark.parametrize(
    ("value", "number"), [(3.0, 3), ("３", 3), ("1,234", 1234), ("１，２３４", 1234), ("3.00", 3), ("-2", -2), (0.0, 0)]
)
def test_integers(value, number):
    found = of("integer", value)
    assert (found, type(found)) == (number, int)


@pytest.mark.parametrize(
    "value", ["三", "3人", "12,34", "87.5%", "1e5", "=1", "--1", "nan", "Infinity", dt.date(2010, 1, 1)]
)
def test_not_numbers(value):
    assert refused("integer", value)[1]
    assert refused("decimal", value)[1]


def test_fractions():
    assert "不是整数" in refused("integer", 2.5)[0]
    assert of("decimal", 0.1 + 0.2) == Decimal("0.3")
    assert of("decimal", "87.50") == Decimal("87.50")


@given(st.decimals(-(10**9), 10**9, places=3))
def test_a_number_in_excel_comes_back_as_typed(number):
    assert of("decimal", float(number)) == number


@pytest.mark.parametrize(
    ("value", "truth"), [("是", True), ("√", True), ("Ｙ", True), (1.0, True), ("否", False), (0.0, False)]
)
def test_booleans(value, truth):
    assert of("boolean", value) is truth


def test_not_a_boolean():
    assert "“也许”" in refused("boolean", "也许")[0]


def test_choices():
    choices = (("deed", "实事承诺"), ("post", "岗位承诺（个人）"), "共性承诺")
    assert of("choice", "实事承诺 ", choices=choices) == "deed"
    assert of("choice", "deed", choices=choices) == "deed"
    assert of("choice", "岗位承诺(个人)", choices=choices) == "post"
    assert of("choice", "共性 承诺", choices=choices) == "共性承诺"
    reason, hint = refused("choice", "实事承若", choices=choices)
    assert (reason, hint.startswith("是不是“实事承诺”？")) == ("没有“实事承若”这一项", True)
    assert refused("choice", "xyz", choices=choices)[1] == "可填：实事承诺、岗位承诺（个人）、共性承诺。"


def test_text_keeps_what_people_typed_and_drops_what_nobody_can():
    assert of("text", "　甲、乙（丙）\r\n丁 ") == "甲、乙（丙）\n丁"
    assert of("text", "a\x00b\x1fc") == "abc"
    assert of("text", 3.0) == "3"
    assert of("text", True) == "是"


@given(st.text(max_size=30))
def test_text_never_keeps_control_characters(value):
    found = of("text", value)
    assert found is None or not {"\x00", "\x08", "\x1f"} & set(found)
    assert found is None or found == of("text", found)


def test_shown_values_are_short_and_may_be_masked():
    assert show("甲" * 100) == "甲" * 59 + "…"
    assert show("11010519491231002X", masked=True) == "1****************X"
    assert show(0.1) == "0.1"


@given(st.integers(0, 20_000))
def test_letters_and_positions_are_inverse(index):
    assert index_of(letter(index)) == index


def test_letters():
    assert [letter(index) for index in (0, 25, 26, 255, 701, 702)] == ["A", "Z", "AA", "IV", "ZZ", "AAA"]
