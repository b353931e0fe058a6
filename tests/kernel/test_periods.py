from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.periods import Period, PeriodError, month_of, quarter_of, week_of, zh_date

days = st.dates(date(1949, 10, 1), date(2199, 12, 31))
periods = st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


@pytest.mark.parametrize(
    ("text", "start", "end", "canonical", "zh", "en"),
    [
        ("2010-04..2010-11", "2010-04-01", "2010-11-30", "2010-04..2010-11", "2010年4月—11月", "April–November 2010"),
        ("2010-07", "2010-07-01", "2010-07-31", "2010-07", "2010年7月", "July 2010"),
        ("2010", "2010-01-01", "2010-12-31", "2010", "2010年", "2010"),
        ("2010-Q3", "2010-07-01", "2010-09-30", "2010-07..2010-09", "2010年7月—9月", "July–September 2010"),
        ("2010-h1", "2010-01-01", "2010-06-30", "2010-01..2010-06", "2010年1月—6月", "January–June 2010"),
        (
            "2010-04-01..2010-05-15",
            *("2010-04-01", "2010-05-15", "2010-04-01..2010-05-15", "2010年4月1日—5月15日", "1 April–15 May 2010"),
        ),
        (
            " ２０１０-12 .. 2012-2 ",
            *("2010-12-01", "2012-02-29", "2010-12..2012-02", "2010年12月—2012年2月"),
            "December 2010–February 2012",
        ),
        ("2010..2011", "2010-01-01", "2011-12-31", "2010..2011", "2010年—2011年", "2010–2011"),
        ("2010-09-20", "2010-09-20", "2010-09-20", "2010-09-20", "2010年9月20日", "20 September 2010"),
    ],
)
def test_forms(text, start, end, canonical, zh, en):
    period = Period.parse(text)
    assert period == Period(date.fromisoformat(start), date.fromisoformat(end))
    assert (str(period), period.zh(), period.en()) == (canonical, zh, en)


@pytest.mark.parametrize(
    "text",
    ["", "..", "2010-13", "2010-00", "2010-02-30", "2010-Q5", "2010-04..", "2010..2011..2012", "今年", "0000", "10-04"],
)
def test_what_is_no_period_is_refused_with_a_hint(text):
    with pytest.raises(PeriodError) as caught:
        Period.parse(text)
    assert caught.value.hint_text()


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(PeriodError, match="早于"):
        Period.parse("2010-11..2010-04")


def test_helpers():
    day = date(2010, 9, 20)
    assert month_of(day) == 201009
    assert zh_date(day) == "2010年9月20日"
    assert str(quarter_of(day)) == "2010-07..2010-09"
    assert week_of(date(2010, 9, 26)) == week_of(day) == Period(day, date(2010, 9, 26))
    assert Period.of_month(201002).end == date(2010, 2, 28)
    assert Period.of_year(2010).days == 365


@given(periods)
def test_the_canonical_form_is_read_back(period):
    assert Period.parse(str(period)) == period
    assert str(Period.parse(str(period))) == str(period)


@given(periods, days)
def test_contains(period, day):
    assert period.contains(period.start)
    assert period.contains(period.end)
    assert not period.contains(period.end + timedelta(days=1))
    assert period.contains(day) == period.overlaps(Period(day, day))


@given(periods)
def test_months_are_those_of_its_days(period):
    months = period.months()
    assert (months[0], months[-1]) == (period.first_month, period.last_month)
    assert months == sorted(set(months))
    assert all(period.overlaps(Period.of_month(month)) for month in months)
    assert len(months) == (period.end.year - period.start.year) * 12 + period.end.month - period.start.month + 1


@given(periods)
def test_whole_months_are_the_sum_of_their_months(period):
    total = sum(Period.of_month(month).days for month in period.months())
    assert period.is_whole_months == (total == period.days)
