"""Proof of work: bound to its form, cheap to check, and never an exception for what a stranger sends."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel import work
from quxin.kernel.work import BadWork

KEY = bytes(range(32))
FORM = {"round_code": "r1", "subject": "s1", "day": date(2026, 11, 22), "nonce": "n1"}
CHALLENGE = work.challenge(KEY, **FORM)
SOLUTION = work.solve(CHALLENGE)


def test_a_solution_is_accepted_for_its_own_challenge_only():
    work.check(SOLUTION, CHALLENGE)
    changes = [
        {"round_code": "r2"}, {"subject": ""}, {"day": FORM["day"] + timedelta(1)}, {"nonce": "n2"},
        {"round_code": "r1s1", "subject": ""},
    ]  # fmt: skip
    others = [work.challenge(KEY, **FORM | change) for change in changes]
    others.append(work.challenge(bytes(32), **FORM))
    assert len({CHALLENGE, *others}) == 7
    for other in others:
        with pytest.raises(BadWork):
            work.check(SOLUTION, other)
    work.check(SOLUTION, *others, CHALLENGE)  # yesterday's form, after midnight


def test_every_puzzle_counts():
    counters = SOLUTION.split(".")
    assert len(counters) == work.PUZZLES
    for place in range(work.PUZZLES):
        wrong = [*counters]
        wrong[place] = f"{int(wrong[place], 16) ^ 1:x}"
        with pytest.raises(BadWork):
            work.check(".".join(wrong), CHALLENGE)
    with pytest.raises(BadWork):
        work.check(".".join([counters[0]] * work.PUZZLES), CHALLENGE)


def test_numbers_take_as_many_trials_as_they_should():
    # Without work a solution would be all zeros; the mean of 2 × 32 geometric trials lies within 5 standard deviations.
    solutions = [work.solve(work.challenge(KEY, **FORM | {"nonce": str(n)})) for n in range(2)]
    trials = [int(counter, 16) + 1 for solution in solutions for counter in solution.split(".")]
    mean, expected = sum(trials) / len(trials), 2**work.BITS
    assert abs(mean - expected) < 5 * expected / len(trials) ** 0.5


@given(st.one_of(st.text(), st.none(), st.integers(), st.binary()))
def test_whatever_a_stranger_sends_is_refused_with_a_sentence(sent):
    with pytest.raises(BadWork) as told:
        work.check(sent, CHALLENGE)
    assert told.value.text()


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s + ".0", lambda s: s.rpartition(".")[0], lambda s: s + "\n", str.upper, lambda s: " " + s,
        lambda s: s.replace(".", ","), lambda s: "1" * 9 + s, lambda s: "-" + s, lambda s: "٣" + s,
    ],
)  # fmt: skip
def test_other_spellings_are_refused(change):
    changed = change(SOLUTION)
    if changed != SOLUTION:
        with pytest.raises(BadWork):
            work.check(changed, CHALLENGE)


def test_short_keys_and_odd_challenges_are_programming_mistakes():
    with pytest.raises(ValueError, match="32 bytes"):
        work.challenge(b"short", **FORM)
    with pytest.raises(ValueError, match="64 hex"):
        work.solve("zz")
