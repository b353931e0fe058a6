"""Lamps as a pure rule: what always holds, whatever the numbers and days."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quxin.briefs.lamps import (
    DUE,
    GOING,
    KEPT,
    LATE,
    NONE,
    STATES,
    Duty,
    Tally,
    is_on_time,
    lamp_of,
    lamp_of_tally,
    tally_of,
)
from quxin.kernel.missing import MISSING
from quxin.ui.words import STATES as SHOWN

days = st.dates(date(2009, 12, 1), date(2011, 1, 31))
numbers = st.decimals(0, 50, places=1)
readings = st.one_of(st.none(), st.just(MISSING), numbers, days)
duties = st.builds(
    Duty,
    due_on=days,
    done_on=st.one_of(st.none(), days),
    target=st.one_of(st.none(), numbers),
    value=readings,
    value_when_due=readings,
)


def test_the_interface_knows_every_lamp():
    assert STATES == SHOWN


@given(duties, days)
def test_each_lamp_says_what_its_words_say(duty, today):
    lamp = lamp_of(duty, today)
    reached = duty.target is not None and isinstance(duty.value, Decimal) and duty.value >= duty.target
    assert (lamp == KEPT) == (duty.done_on is not None or reached)
    if lamp == LATE:
        assert duty.due_on < today
    if lamp == DUE:
        assert timedelta(0) <= duty.due_on - today <= timedelta(days=7)
    if lamp in (GOING, NONE):
        assert duty.due_on - today > timedelta(days=7)
        assert (lamp == NONE) == (duty.value is None or duty.value == MISSING)


@given(duties, days, st.integers(1, 400))
def test_time_alone_never_improves_a_lamp(duty, today, later):
    order = [NONE, GOING, DUE, LATE]
    before, after = lamp_of(duty, today), lamp_of(duty, today + timedelta(days=later))
    if before == KEPT:
        assert after == KEPT
    else:
        assert order.index(after) >= order.index(before)


@given(duties, days)
def test_a_tally_of_one_is_the_duty(duty, today):
    tally = tally_of(duty, today)
    assert lamp_of_tally(tally) == lamp_of(duty, today)
    assert tally.on_time == int(is_on_time(duty))
    assert (tally.rate is None) == (not tally.fallen)


@given(st.lists(duties, min_size=1, max_size=8), days)
def test_a_sum_is_as_bad_as_its_worst(owed, today):
    tally = sum((tally_of(duty, today) for duty in owed), Tally())
    lamps = [lamp_of(duty, today) for duty in owed]
    assert tally.total == len(owed)
    assert tally.kept == lamps.count(KEPT)
    assert (tally.late, tally.due) == (lamps.count(LATE), lamps.count(DUE))
    assert tally.on_time <= tally.kept <= tally.fallen <= tally.total
    assert (lamp_of_tally(tally) == KEPT) == (set(lamps) == {KEPT})
    assert (lamp_of_tally(tally) == LATE) == (LATE in lamps)
