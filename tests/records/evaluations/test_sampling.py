"""Panels drawn from a seed, intervals, response rates and bursts."""

import hashlib
import shutil
import subprocess
from decimal import Decimal, getcontext, localcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quxin.records.evaluations.sampling import bursts, draw, interval, rank, response_rate

ENTRIES = [f"entry-{number}" for number in range(500)]
SEED = "上证指数 2026-11-23 3412.55"


def test_a_panel_can_be_drawn_again_by_anybody():
    panel = draw(SEED, ENTRIES, 40)
    by_hand = sorted(ENTRIES, key=lambda entry: hashlib.sha256(f"{SEED}\n{entry}".encode()).digest())[:40]
    assert panel == by_hand == draw(SEED, reversed(ENTRIES), 40)
    assert draw(SEED + "6", ENTRIES, 40) != panel


def test_the_command_of_the_page_gives_the_rank():
    printf = shutil.which("printf")
    out = subprocess.run([printf, "%s\n%s", "seed", "entry-1"], capture_output=True, check=True).stdout
    assert hashlib.sha256(out).hexdigest() == rank("seed", "entry-1")


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_larger_panel_holds_the_smaller(n, more):
    assert draw(SEED, ENTRIES[:60], n + more)[:n] == draw(SEED, ENTRIES[:60], n)


@given(st.sets(st.sampled_from(ENTRIES), min_size=1, max_size=50), st.integers(1, 50))
def test_who_leaves_the_roster_moves_nobody_before_him(entries, n):
    panel = draw(SEED, entries, n)
    gone = panel[-1]
    assert draw(SEED, entries - {gone}, n)[: len(panel) - 1] == panel[:-1]


def test_every_entry_has_its_chance():
    drawn = [entry for number in range(300) for entry in draw(f"seed {number}", ENTRIES[:10], 3)]
    assert {entry: 60 < drawn.count(entry) < 120 for entry in ENTRIES[:10]} == dict.fromkeys(ENTRIES[:10], True)


@pytest.mark.parametrize(
    ("seed", "entries", "n"), [("", ["a"], 1), ("a\nb", ["a"], 1), ("s", ["a", "a"], 1), ("s", ["a"], -1)]
)
def test_a_draw_that_could_be_read_two_ways_is_refused(seed, entries, n):
    with pytest.raises(ValueError, match=r"seed|twice|nobody"):
        draw(seed, entries, n)


# R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (Wilson); per cent with one decimal
NEWCOMBE = [(81, 263, "25.5", "36.6"), (15, 148, "6.2", "16.0"), (0, 20, "0.0", "16.1"), (1, 29, "0.6", "17.2")]


@pytest.mark.parametrize(("part", "answered", "low", "high"), NEWCOMBE)
def test_wilson_as_newcombe_printed_it(part, answered, low, high):
    found = interval(part, answered, 10**12)
    assert (str(found.low), str(found.high)) == (low, high)


def test_a_census_leaves_no_doubt_and_half_a_house_less():
    assert interval(30, 40, 40).low == interval(30, 40, 40).high == Decimal("75.0")
    half, few = interval(30, 40, 80), interval(30, 40, 10**6)
    assert few.low < half.low < Decimal("75.0") < half.high < few.high


@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 40))
def test_the_bounds_solve_wilsons_equation_for_the_corrected_number(part, answered, more):
    """The bounds are the shares p from which the found one is 1.96 standard errors away."""
    assume(part <= answered)
    size = answered + more
    found = interval(part, answered, size)
    n, share = answered * (size - 1) / more, part / answered
    for bound, other in ((found.low, found.high), (found.high, found.low)):
        p = float(bound) / 100
        near = [(share - q) ** 2 - 3.841458820694124 * q * (1 - q) / n for q in (p - 0.00051, p + 0.00051)]
        assert near[0] * near[1] <= 0 or bound == other


@given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 10_000))
def test_an_interval_holds_its_share_and_mirrors(part, answered, more):
    assume(part <= answered)
    found, mirrored = interval(part, answered, answered + more), interval(answered - part, answered, answered + more)
    assert 0 <= found.low <= found.share <= found.high <= 100
    assert abs(found.low + mirrored.high - 100) <= Decimal("0.1")


def test_the_precision_of_the_caller_does_not_matter():
    plain = interval(81, 263, 1000)
    with localcontext() as context:
        context.prec = 3
        assert interval(81, 263, 1000) == plain
    assert getcontext().prec == 28


@pytest.mark.parametrize(("part", "answered", "population"), [(5, 4, 9), (-1, 4, 9), (0, 0, 9), (1, 4, 3)])
def test_no_sample_no_interval(part, answered, population):
    with pytest.raises(ValueError, match="no sample"):
        interval(part, answered, population)


def test_response_rate():
    assert str(response_rate(312, 480)) == "65.0"
    assert str(response_rate(0, 3)) == "0.0"
    assert response_rate(0, 0) is None
    with pytest.raises(ValueError, match="4 of 3"):
        response_rate(4, 3)


def test_a_burst_is_flagged_and_an_even_day_is_not():
    assert bursts([12, 9, 14, 11, 10, 13]) == []
    flagged = bursts([12, 9, 14, 260, 10, 13])
    assert [(one.place, one.count, one.limit) for one in flagged] == [(3, 260, 60)]
    assert [one.place for one in bursts([0, 0, 25, 0, 0])] == [2]
    assert bursts([0, 0, 19, 0, 0]) == []
    assert bursts([900]) == bursts([1, 900]) == []


@given(st.lists(st.integers(0, 1000), min_size=3, max_size=30), st.integers(2, 9), st.integers(1, 50))
def test_bursts_do_not_hide_one_another(counts, times, least):
    found = bursts(counts, times=times, least=least)
    assert all(one.count == counts[one.place] >= max(least, one.limit) for one in found)
    higher = [count * 1000 if place in {one.place for one in found} else count for place, count in enumerate(counts)]
    if len(found) * 2 < len(counts) - 1:
        assert {one.place for one in found} <= {one.place for one in bursts(higher, times=times, least=least)}
