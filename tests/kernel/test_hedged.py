from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.hedged import HedgeError, check_hedge, count_zh, hedge, number_zh, print_number, wan

counts = st.integers(0, 10**10) | st.integers(0, 3000)


@pytest.mark.parametrize(
    ("value", "unit", "text", "kind"),
    [
        (1960, "人次", "近2000人次", "近"),
        (163, "篇", "160多篇", "多"),
        (3120, "人", "3000多人", "多"),
        (2050, "人", "2000多人", "多"),
        (97_800, "人", "近10万人", "近"),
        (2040, "", "2000多", "多"),
        (168, "篇", "近170篇", "近"),
        (103_000, "人", "10万多人", "多"),
        (12_345, "人", "1.2万多人", "多"),
        (123_456_789, "元", "1.2亿多元", "多"),
        (19, "个", "19个", "exact"),
        (96, "名", "96名", "exact"),
        (2000, "人", "2000人", "exact"),
        (100_000, "人", "10万人", "exact"),
        (0, "项", "0项", "exact"),
        (-163, "项", "-163项", "exact"),
        (Decimal("87.5"), "%", "近90%", "近"),
        (Decimal("83.5"), "%", "80%多", "多"),
    ],
)
def test_hedge(value, unit, text, kind):
    hedged = hedge(value, unit)
    assert (hedged.text, hedged.kind) == (text, kind)


@given(counts)
def test_what_hedge_makes_check_accepts(value):
    hedged = hedge(value, "人次")
    assert check_hedge(hedged.text, value).ok
    assert abs(hedged.base - value) <= hedged.base / 10


@given(counts)
def test_a_hedge_names_at_most_two_digits(value):
    hedged = hedge(value, "")
    if hedged.kind != "exact":
        assert len(str(int(hedged.base)).rstrip("0")) <= 2


@given(st.integers(20, 10**8))
def test_a_hedge_is_wrong_for_its_own_round_number_and_beyond(value):
    hedged = hedge(value, "个")
    assert check_hedge(hedged.text, int(hedged.base)).ok == (hedged.kind == "exact")
    assert not check_hedge(hedged.text, 3 * value).ok


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("近2000人次", [1960, 1800, 1999], [2040, 2000, 1799]),
        ("2000多人", [2001, 2040, 2999], [2000, 1960, 3000]),
        ("160余篇", [161, 169], [160, 170, 159]),
        ("约10万人", [97_800, 100_000, 110_000], [89_999, 110_001]),
        ("近10万人", [97_800], [100_001]),
        ("10多万人", [165_000], [99_000, 200_000]),
        ("10万余人", [165_000], [100_000, 200_000]),
        ("两千多人", [2050], [1999, 3000]),
        ("三百五十余项", [355], [360]),
        ("６个", [6], [5]),
        ("1,960人次", [1960], [1961]),
        ("80%多", [Decimal("83.5")], [Decimal("79.9")]),
        ("1.2亿元", [120_000_000], [12]),
        ("大约二十人", [19], [15]),
    ],
)
def test_check_hedge(text, right, wrong):
    assert [check_hedge(text, value).ok for value in right] == [True] * len(right)
    verdicts = [check_hedge(text, value) for value in wrong]
    assert not any(verdict.ok for verdict in verdicts)
    assert all(str(value) in verdict.reason for value, verdict in zip(wrong, verdicts, strict=True))


def test_a_text_without_number_cannot_be_judged():
    with pytest.raises(HedgeError):
        check_hedge("许多人", 100)


def test_floats_are_no_report_numbers():
    for value in (1.5, True):
        with pytest.raises(TypeError):
            hedge(value, "人")


@pytest.mark.parametrize(
    ("n", "text"),
    [
        *((0, "零"), (6, "六"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (102, "一百零二")),
        *((110, "一百一十"), (1005, "一千零五"), (1010, "一千零一十"), (10_000, "一万"), (100_010, "十万零一十")),
        *((120_500, "十二万零五百"), (101_000, "十万一千"), (100_000_005, "一亿零五"), (1_234_567_890_12, None)),
    ],
)
def test_number_zh(n, text):
    assert number_zh(n) == (text or "一千二百三十四亿五千六百七十八万九千零一十二")


@given(st.integers(0, 9999))
def test_chinese_numerals_are_read_back(n):
    assert check_hedge(number_zh(n) + "个", n).ok


def test_two_before_a_measure_word():
    assert [count_zh(n) for n in (1, 2, 12)] == ["一", "两", "十二"]
    with pytest.raises(ValueError, match="outside"):
        number_zh(-1)


def test_exact_numbers():
    assert print_number(1960, "人次") == "1960人次"
    assert print_number(Decimal("87.50"), "%") == "87.5%"
    assert print_number(Decimal("1E+3"), "项") == "1000项"
    assert [wan(n) for n in (2000, 97_800, 100_000, 120_000_000)] == ["2000", "9.78万", "10万", "1.2亿"]
