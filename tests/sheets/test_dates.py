"""Dates in every habit, and the ones that are not."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.sheets import dates

FIFTH = dt.date(2010, 4, 5)


@pytest.mark.parametrize(
    "value",
    [
        FIFTH,
        dt.datetime(2010, 4, 5, 13, 30),
        40273.0,
        40273.5,
        "40273",
        20100405.0,
        "20100405",
        "2010-4-5",
        "2010-04-05",
        "2010/4/5",
        "2010.4.5",
        "2010.04.05",
        "2010年4月5日",
        "2010 年 4 月 5 日",
        "2010年4月5号",
        "2010-04-05 00:00:00",
        "2010-04-05T08:00",
    ],
)
def test_one_day_in_many_ways(value):
    assert dates.day(value) == FIFTH


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2010-02-30", "2010 年 2 月没有 30 日"),
        (20100230.0, "2010 年 2 月没有 30 日"),
        ("2010年4月31日", "2010 年 4 月没有 31 日"),
        ("2010-13-01", "没有 13 月"),
        ("2010-4-0", "没有 0 日"),
        ("0210-4-5", "年份 210 不对"),
        ("10-4-5", "“10-4-5”的年份只有两位"),
        ("4月5日", "“4月5日”没有年份"),
        ("2010", "只有年"),
        (2010.0, "只有年"),
        ("2010年4月", "没有日"),
        (2010.4, "小数"),
        (12.0, "数字“12”不是日期"),
        ("明天", "“明天”不是日期"),
        (True, "不是日期"),
        (dt.time(3), "不是日期"),
        (dt.date(9999, 1, 1), "年份 9999 不对"),
        (float("inf"), "不是日期"),
        (float("nan"), "不是日期"),
    ],
)
def test_refused_saying_why(value, why):
    with pytest.raises(dates.NotADate) as caught:
        dates.day(value)
    assert why in caught.value.reason % caught.value.params
    assert "2010-04-05" in caught.value.hint


@pytest.mark.parametrize(
    "value", ["2010-04", "2010年4月", "2010年04月份", "201004", 201004.0, "2010.4", FIFTH, "2010-4-5", 40273.0]
)
def test_one_month_in_many_ways(value):
    assert dates.month(value) == dt.date(2010, 4, 1)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (2010.1, "分不清是 1 月还是 10 月"),
        (2010.0, "没有月"),
        ("2010", "没有月"),
        ("2010-13", "没有 13 月"),
        ("四月", "不是年月"),
    ],
)
def test_months_refused(value, why):
    with pytest.raises(dates.NotADate) as caught:
        dates.month(value)
    assert why in caught.value.reason % caught.value.params


@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_serial_numbers_and_text_agree(day):
    serial = float((day - dt.date(1899, 12, 30)).days)
    assert dates.day(serial) == dates.day(day.isoformat()) == dates.day(f"{day.year}年{day.month}月{day.day}日") == day
