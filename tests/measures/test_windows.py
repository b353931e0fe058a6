"""Whole months and edges together are the days that are wanted, each once, whatever the period."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.periods import Period
from quxin.measures.windows import SINCE_EVER, Edge, window_of

DAYS = st.dates(date(2007, 12, 1), date(2010, 3, 31))


def every_day(first, last):
    """The days from first to last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@given(DAYS, DAYS)
def test_every_day_once(one, other):
    period = Period(min(one, other), max(one, other))
    window = window_of("count", period)
    times = dict.fromkeys(every_day(*window.whole) if window.whole else [], 1)
    for edge in window.edges:
        for day in every_day(edge.first, edge.last):
            times[day] = times.get(day, 0) + edge.times
        assert (edge.last - edge.first).days < 16
    assert {day for day, count in times.items() if count} == set(every_day(period.start, period.end))
    assert set(times.values()) <= {0, 1}
    assert len(window.edges) <= 2
    if window.whole:
        assert Period(*window.whole).is_whole_months


@pytest.mark.parametrize(
    ("period", "whole", "edges"),
    [
        ("2010", ("2010-01-01", "2010-12-31"), []),
        ("2010-04-01..2010-11-20", ("2010-04-01", "2010-11-30"), [("2010-11-21", "2010-11-30", -1)]),
        ("2010-04-01..2010-11-10", ("2010-04-01", "2010-10-31"), [("2010-11-01", "2010-11-10", 1)]),
        ("2010-04-03..2010-04-03", None, [("2010-04-03", "2010-04-03", 1)]),
        ("2010-04-02..2010-04-29", ("2010-04-01", "2010-04-30"), [("2010-04-01", "2010-04-01", -1), ("2010-04-30", "2010-04-30", -1)]),
        ("2010-04-25..2010-05-05", None, [("2010-04-25", "2010-04-30", 1), ("2010-05-01", "2010-05-05", 1)]),
    ],
)  # fmt: skip
def test_examples(period, whole, edges):
    window = window_of("sum", Period.parse(period))
    assert window.whole == (tuple(map(date.fromisoformat, whole)) if whole else None)
    assert window.edges == tuple(Edge(date.fromisoformat(a), date.fromisoformat(b), times) for a, b, times in edges)


def test_a_stock_counts_since_ever():
    window = window_of("stock", Period.parse("2010-04-10..2010-04-20"))
    assert window.first == SINCE_EVER
    assert window.whole == (SINCE_EVER, date(2010, 4, 30))
    assert window_of("stock", Period.parse("9999-12")).last == date(9999, 12, 31)
