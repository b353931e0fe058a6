"""Shares and suppression, and the page that explains them."""

import doctest
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.records.evaluations.reckoning import TOO_FEW, UNANIMITY_FLOOR, UNANIMOUS, hidden_because, tally

PAGE = Path(__file__).parents[3] / "docs" / "reckoning" / "evaluation.md"
COUNTS = st.dictionaries(st.integers(1, 5), st.integers(0, 40), max_size=5)


def test_the_examples_of_the_page_hold():
    source = "\n".join(re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    examples = doctest.DocTestParser().get_doctest(source, {}, PAGE.name, PAGE.name, 0)
    said: list[str] = []
    outcome = doctest.DocTestRunner().run(examples, out=said.append)
    assert outcome.attempted >= 60
    assert outcome.failed == 0, "".join(said)


def test_the_last_two_grades_are_the_bad_ones():
    assert tally({5: 1, 4: 1, 3: 1, 2: 1, 1: 1}).satisfied == Decimal("60.0")
    assert tally({3: 8}).satisfied == Decimal("100.0")
    assert tally({2: 4, 1: 4}).satisfied == Decimal("0.0")


def test_nothing_has_no_share():
    with pytest.raises(ValueError, match="no ballots"):
        tally({})


@given(COUNTS.filter(lambda counts: sum(counts.values())))
def test_a_tally_adds_up(counts):
    result = tally(counts)
    assert [one.grade for one in result.grades] == [5, 4, 3, 2, 1]
    assert sum(one.count for one in result.grades) == result.total == sum(counts.values())
    assert abs(sum(one.share for one in result.grades) - 100) <= Decimal("0.3")
    assert abs(result.satisfied - sum(one.share for one in result.grades[:3])) <= Decimal("0.3")


@given(COUNTS, st.integers(3, 30))
def test_what_is_shown_gives_nobody_away(counts, minimum):
    total, given_grades = sum(counts.values()), [grade for grade, count in counts.items() if count]
    reason = hidden_because(counts, minimum)
    assert (reason == TOO_FEW) == (total < minimum)
    assert (reason == UNANIMOUS) == (minimum <= total < UNANIMITY_FLOOR and len(given_grades) == 1)
