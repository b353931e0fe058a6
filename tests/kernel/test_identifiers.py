from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel import identifiers
from quxin.kernel.identifiers import (
    RUINED,
    check_citizen_number,
    check_credit_code,
    find_personal_numbers,
    is_code,
    looks_like_ruined_number,
    mask_identity,
    mask_name,
    mask_phone,
    new_code,
)

VALID = "11010519491231002X"


def test_codes_are_random_and_free_of_lookalikes():
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(is_code(code) for code in codes)
    assert not set("ilou") & set("".join(codes))
    assert len(new_code(16)) == 16


def test_is_code():
    assert is_code("0123456789")
    assert not any(
        is_code(text) for text in ("", "012345678", "01234567891", "012345678l", "012345678A", "０123456789")
    )


@pytest.mark.parametrize(
    "text", [VALID, VALID.lower(), " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_a_good_citizen_number_however_typed(text):
    checked = check_citizen_number(text)
    assert (checked.ok, checked.number, checked.warnings) == (True, VALID, ())
    assert VALID not in repr(checked)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("110105194912310021", "校验码"),
        ("990105194912310020", "省级"),
        ("110105194913310025", "出生日期"),
        ("110105189912310020", "出生日期"),
        ("110105491231002", "15位"),
        ("1101051949123100", "18位"),
        ("11010519491231OO2X", "18位"),
        (None, "18位"),
        (1.10105194912310e17, RUINED),
        (110105194912310000, RUINED),
        ("1.10105E+17", RUINED),
        ("440311199001011000", RUINED),
    ],
)
def test_bad_citizen_numbers_say_what_is_wrong(text, problem):
    checked = check_citizen_number(text)
    assert not checked.ok
    assert checked.number == ""
    assert any(problem in one for one in checked.problems)


def number_with_check(first_17):
    return first_17 + identifiers._check_digit(first_17)


def test_an_unknown_county_only_warns():
    checked = check_citizen_number(number_with_check("11999919900101123"))
    assert checked.ok
    assert "行政区划" in checked.warnings[0]


def test_a_birth_in_the_future_is_refused_when_today_is_known():
    number = number_with_check("11010520300101123")
    assert check_citizen_number(number).ok
    assert not check_citizen_number(number, today=date(2026, 1, 1)).ok


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(birth, serial, place, shift):
    number = number_with_check(f"110105{birth:%Y%m%d}{serial:03d}")
    assert check_citizen_number(number).ok
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not check_citizen_number(wrong).ok


def test_ruined_numbers():
    assert all(map(looks_like_ruined_number, (1.67e17, 10**17, "1.67E+17", "1.1e17", "１.67E+17", float("inf"))))
    assert not any(map(looks_like_ruined_number, (13800138000.0, 12, "E17", VALID, "", None, True, "1.67")))


def test_credit_codes():
    for code in ("91110000600037341L", "91330106673959654P"):
        assert check_credit_code(code.lower()).code == code
    problems = {
        text: check_credit_code(text).problems[0] for text in ("9111000060003734IL", "91110000600037341M", "9", 9.1e17)
    }
    assert [reason[:3] for reason in problems.values()] == ["统一社", "校验码", "统一社", "表格软"]


def test_masks():
    assert mask_identity(VALID) == "**************002X"
    assert mask_phone("138 0013 8000") == "138****8000"
    assert [mask_name(name) for name in ("张三", "张 三丰", "欧阳修", "欧阳", "")] == [
        "张*",
        "张**",
        "欧阳*",
        "欧*",
        "",
    ]
    assert [mask_phone("8000"), mask_identity("002X"), mask_phone("1380013")] == ["****", "****", "*******"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"身份证{VALID}。", ["identity"]),
        ("身份证１１０１０５１９４９１２３１００２Ｘ", ["identity"]),
        ("110105 19491231 0021", ["identity"]),
        ("旧号110105491231002", ["identity"]),
        ("手机138-0013-8000，转 13800138001", ["phone", "phone"]),
        ("+86 138 0013 8000", ["phone"]),
        ("1380\u200b0138000", ["phone"]),
        ("2010年13812345678", ["phone"]),
        (f"{VALID}\t13800138000", ["identity", "phone"]),
        ("统一社会信用代码91110000600037341L", []),
        ("电话010-88888888，金额13800138000123元，2010年1960人次", []),
        ("ab13800138000cd", []),
    ],
)
def test_personal_numbers_in_free_text(text, kinds):
    found = find_personal_numbers(text)
    assert [one.kind for one in found] == kinds
    assert all(text[one.start].isdigit() or text[one.start] == "+" for one in found)
    assert all(text[one.end - 1].isalnum() for one in found)
