"""Dates and numbers as the interface writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from quxin.kernel.periods import Period
from quxin.packs.vocabulary import Term
from quxin.ui import words

DAY = date(2026, 11, 24)


def test_dates_in_text_and_in_tables():
    assert words.zh_date(date(2026, 3, 2)) == "2026年3月2日"
    assert words.iso_date(date(2026, 3, 2)) == "2026-03-02"
    assert words.zh_day(DAY) == "11月24日 周二"
    assert words.zh_month(DAY) == "2026年11月"


def test_a_moment_is_told_in_local_time():
    late_evening = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
    assert words.zh_date(late_evening) == "2026年11月21日"
    assert words.iso_time(late_evening) == "2026-11-21 01:05"


@pytest.mark.parametrize("text", ["2026-11-24", "2026-11-24T08:30:00"])
def test_iso_text_counts_as_a_date(text):
    assert words.zh_date(text) == "2026年11月24日"


@pytest.mark.parametrize("nothing", [None, "", "soon", 7])
def test_no_date_is_a_dash(nothing):
    assert words.zh_date(nothing) == words.iso_date(nothing) == words.zh_day(nothing) == "—"


def test_english_readers_get_english_dates():
    with override("en"):
        assert words.zh_date(DAY) == "24 November 2026"
        assert words.zh_day(DAY) == "Tue 24 Nov"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1960, "1,960"), ("1960", "1,960"), (0, "0"), (-1234.5, "-1,234.5"), (Decimal("98.60"), "98.6"),
     (None, "—"), ("", "—"), ("近2000", "近2000"), (float("nan"), "—"), (100000, "100,000")],
)  # fmt: skip
def test_numbers_are_grouped(value, shown):
    assert words.num(value) == shown


def test_decimals_as_asked():
    assert words.num(64.4, 1) == "64.4"
    assert words.num(64, 1) == "64.0"


def test_every_state_has_its_own_word():
    assert len({words.lamp_title(state) for state in words.STATES}) == 5
    assert words.lamp_title("unheard-of") == words.lamp_title("none")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1960人次", "1,960 attendances"),
        ("1人次", "1 attendance"),
        ("35项", "35"),
        ("2.5年", "2.5 years"),
        ("2010年4月1日", "1 April 2010"),
        ("2010年4月", "April 2010"),
        ("2010年13月", "2010年13月"),
        ("98.6%", "98.6%"),
        ("3 样", "3 样"),
        ("近2000人次", "近2000人次"),
        ("", ""),
        (None, ""),
    ],
)
def test_english_readers_get_figures_in_english(text, shown):
    with override("en"):
        assert words.quantity(text) == shown
    assert words.quantity(text) == (text or "")


def test_what_has_words_in_both_languages_speaks_the_readers():
    april = Period.parse("2010-04")
    assert words.spoken(april) == "2010年4月"
    assert words.spoken(Term("样", "")) == "样"
    with override("en"):
        assert words.spoken(april) == "April 2010"
        assert words.spoken(Term("讲座", "Lecture")) == "Lecture"
        assert words.spoken(Term("样", "")) == "样"
        assert words.spoken("没有数据") == "No data"
    assert words.spoken(None) == ""
