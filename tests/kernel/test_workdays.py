from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.workdays import Answer, Deadline, WorkdaysError, WorkingCalendar, YearCalendar, seed_years

SEED = seed_years()
CALENDAR = WorkingCalendar(SEED)
known_days = st.dates(date(2004, 1, 1), date(2025, 12, 31))


def test_the_seed_holds_every_decreed_year():
    assert set(SEED) >= set(range(2004, 2027))
    assert all(year.decreed and year.year == key for key, year in SEED.items())
    assert all(day.weekday() >= 5 for year in SEED.values() for day in year.workdays)


def test_the_national_day_of_2025():
    assert CALENDAR.is_working(date(2025, 9, 28)) == Answer(True, False)  # a Sunday, made up
    assert CALENDAR.is_working(date(2025, 10, 8)) == Answer(False, False)  # a Wednesday, holiday
    assert CALENDAR.add_working_days(date(2025, 9, 29), 5) == Deadline(date(2025, 10, 13))


def test_2026_has_248_working_days():
    assert CALENDAR.count_working_days(date(2025, 12, 31), date(2026, 12, 31)) == 248


def test_the_start_never_counts_even_when_it_is_a_holiday():
    assert CALENDAR.add_working_days(date(2026, 9, 25), 20).on == date(2026, 10, 29)
    assert CALENDAR.add_working_days(date(2026, 9, 25), 0) == Deadline(date(2026, 9, 25))


def test_a_term_that_runs_into_a_year_without_decree_is_provisional():
    calendar = WorkingCalendar({year: SEED[year] for year in range(2004, 2027)})
    deadline = calendar.add_working_days(date(2026, 12, 21), 20)
    assert deadline.provisional_years == (2027,)
    assert deadline.provisional
    assert calendar.is_working(date(2027, 1, 1)) == Answer(False, True)
    assert calendar.is_working(date(2027, 1, 4)) == Answer(True, True)
    assert calendar.is_working(date(2027, 1, 2)) == Answer(False, True)
    assert not calendar.add_working_days(date(2026, 12, 21), 5).provisional


def test_a_year_entered_before_its_decree_is_used_and_marked():
    early = YearCalendar(2027, frozenset({date(2027, 2, 8)}), frozenset({date(2027, 2, 14)}), decreed=False)
    calendar = WorkingCalendar({**SEED, 2027: early})
    assert calendar.is_working(date(2027, 2, 8)) == Answer(False, True)
    assert calendar.is_working(date(2027, 2, 14)) == Answer(True, True)


def test_without_any_decree_every_day_still_has_an_answer():
    assert WorkingCalendar({}).add_working_days(date(2030, 4, 30), 2).on == date(2030, 5, 6)


@pytest.mark.parametrize("days", [-1, 2501])
def test_a_senseless_term_is_refused(days):
    with pytest.raises(WorkdaysError) as caught:
        CALENDAR.add_working_days(date(2025, 1, 1), days)
    assert "2500" in caught.value.hint_text()


@given(known_days, st.integers(1, 40))
def test_a_deadline_is_a_working_day_with_exactly_its_count_before_it(start, n):
    on = CALENDAR.add_working_days(start, n).on
    assert CALENDAR.is_working(on).working
    assert CALENDAR.count_working_days(start, on) == n
    assert CALENDAR.count_working_days(on, start) == 0
    assert CALENDAR.add_working_days(start, n + 1).on > on >= start + timedelta(days=n)
