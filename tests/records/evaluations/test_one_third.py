"""民主评议党员: what the count proposes under the limit, and what a body may decide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.records.evaluations.one_third import (
    EXCELLENT,
    GRADES,
    QUALIFIED,
    UNQUALIFIED,
    DepartureUnexplained,
    NotDecided,
    TooManyExcellent,
    decide,
    most_excellent,
    propose,
)

NINE = {
    "a": {4: 11, 3: 1}, "b": {4: 10, 3: 2}, "c": {4: 9, 3: 3}, "d": {4: 8, 3: 4}, "e": {3: 12}, "f": {3: 9, 4: 3},
    "g": {3: 7, 2: 5}, "h": {3: 12}, "i": {2: 7, 3: 5},
}  # fmt: skip


def grades(proposal):
    return {one.member: one.grades for one in proposal.members}


@pytest.mark.parametrize(("judged", "most"), [(0, 0), (2, 0), (3, 1), (8, 2), (9, 3), (30, 10), (31, 10)])
def test_at_most_a_third_rounded_down(judged, most):
    assert most_excellent(judged) == most
    assert most_excellent(judged, "2/5") == judged * 2 // 5


def test_the_fourth_of_nine_is_over():
    proposal = propose(NINE)
    assert (proposal.most, proposal.over, proposal.tied) == (3, ("d",), ())
    assert grades(proposal) == {
        "a": (4,),
        "b": (4,),
        "c": (4,),
        "d": (3,),
        "e": (3,),
        "f": (3,),
        "g": (3,),
        "h": (3,),
        "i": (2,),
    }


def test_equals_across_the_limit_are_all_left_open():
    proposal = propose({**NINE, "d": {4: 9, 3: 3}})
    assert (proposal.over, proposal.tied) == ((), ("c", "d"))
    assert grades(proposal)["c"] == grades(proposal)["d"] == (4, 3)
    either = {**dict.fromkeys(NINE, QUALIFIED), "a": 4, "b": 4, "d": 4, "i": 2}
    assert [one.member for one in decide(proposal, either, {}) if one.departs] == []


def test_of_equal_praise_the_less_blamed_stands_first():
    proposal = propose({**NINE, "c": {4: 9, 3: 2, 1: 1}, "d": {4: 9, 3: 3}})
    assert (proposal.over, proposal.tied) == (("c",), ())


def test_shares_not_heads_because_not_everybody_judges_everybody():
    proposal = propose({"a": {4: 6, 3: 1}, "b": {4: 8, 3: 4}, "c": {3: 9}})
    assert grades(proposal)["a"] == (4,)
    assert proposal.over == ("b",)


def test_a_tie_of_grades_is_open_while_there_are_places():
    assert grades(propose({"a": {4: 6, 3: 6}, "b": {3: 9}, "c": {3: 9}}))["a"] == (4, 3)
    assert grades(propose({"a": {4: 6, 3: 6}, "b": {4: 9}, "c": {3: 9}}))["a"] == (3,)
    assert grades(propose({"a": {3: 5, 2: 5}, "b": {}, "c": {3: 9}})) == {"a": (3, 2), "b": GRADES, "c": (3,)}


def test_a_branch_of_two_has_no_place_for_excellence():
    proposal = propose({"a": {4: 5}, "b": {4: 5}})
    assert (proposal.most, proposal.over) == (0, ("a", "b"))
    with pytest.raises(TooManyExcellent, match="最多 0 人"):
        decide(proposal, {"a": EXCELLENT, "b": QUALIFIED}, {"a": "表现突出"})


def test_a_body_departs_with_a_reason_and_not_without():
    proposal = propose(NINE)
    counted = {member: found[0] for member, found in grades(proposal).items()}
    assert not any(one.departs for one in decide(proposal, counted, {}))
    other = {**counted, "c": QUALIFIED, "d": EXCELLENT}
    with pytest.raises(DepartureUnexplained, match="c、d"):
        decide(proposal, other, {"c": "  "})
    decided = decide(proposal, other, {"c": "受到诫勉", "d": "承担专班任务"})
    assert [(one.member, one.reason) for one in decided if one.departs] == [("c", "受到诫勉"), ("d", "承担专班任务")]


@pytest.mark.parametrize("grade", [0, 5, True, "4", None, 4.0])
def test_only_grades_of_the_scale(grade):
    proposal = propose({"a": {3: 9}, "b": {3: 9}, "c": {3: 9}})
    with pytest.raises(NotDecided, match="a"):
        decide(proposal, {"a": grade, "b": 3, "c": 3}, {"a": "理由"})


def test_everybody_judged_is_decided_and_nobody_else():
    proposal = propose({"a": {3: 9}, "b": {3: 9}, "c": {3: 9}})
    with pytest.raises(NotDecided, match="c、d"):
        decide(proposal, {"a": 3, "b": 3, "d": 3}, {})


VOTES = st.dictionaries(
    st.sampled_from("abcdefghijkl"),
    st.dictionaries(st.sampled_from(GRADES), st.integers(0, 6), max_size=4),
    max_size=12,
)


@given(VOTES)
def test_the_count_never_proposes_more_than_the_limit(votes):
    proposal = propose(votes)
    sure = [one for one in proposal.members if one.grades == (EXCELLENT,)]
    assert len(sure) <= proposal.most == len(votes) // 3
    assert all(one.grades == (QUALIFIED,) for one in proposal.members if one.over)
    assert set(proposal.over) & set(proposal.tied) == set()
    cautious = {one.member: one.grades[-1] for one in proposal.members}
    assert not any(one.departs for one in decide(proposal, cautious, {}))


@given(VOTES, st.permutations("abcdefghijkl"))
def test_names_decide_nothing(votes, order):
    renamed = dict(zip("abcdefghijkl", order, strict=True))
    other = propose({renamed[member]: given_ for member, given_ in votes.items()})
    assert {renamed[one.member]: (one.grades, one.over) for one in propose(votes).members} == {
        one.member: (one.grades, one.over) for one in other.members
    }


@given(VOTES.filter(bool), st.data())
def test_one_more_vote_of_blame_never_helps(votes, data):
    member = data.draw(st.sampled_from(sorted(votes)))
    blamed = {**votes, member: {**votes[member], UNQUALIFIED: votes[member].get(UNQUALIFIED, 0) + 1}}
    assert max(grades(propose(blamed))[member]) <= max(grades(propose(votes))[member])
