"""The policy as a table: role × action × (own, below, above, sideways), and the separation of duties over it."""

import pytest

from quxin.access import ANYONE, SYSTEM, Action, Actor, Grant, Refused, Role, may, require, scopes
from quxin.access.policy import GRANTS

PROVINCE, CITY, BRANCH, OTHER = "00010001", "000100010001", "0001000100010001", "00010002"
NOWHERE_NEAR = {"above": "0001", "sideways": OTHER}


def holder(role: Role, path: str = CITY) -> Actor:
    return Actor(account=1, person=7, name="某人", grants=(Grant(role, path),))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", [action for action in Action if action is not Action.CAST_BALLOT])
def test_a_role_reaches_its_own_and_what_is_below_and_nothing_else(role, action):
    allowed = action in GRANTS[role]
    assert bool(may(holder(role), action, CITY)) is allowed
    assert bool(may(holder(role), action, BRANCH)) is allowed
    for where in NOWHERE_NEAR.values():
        assert not may(holder(role), action, where)


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.CAST_BALLOT])
def test_nobody_may_do_anything_without_logging_in(action):
    assert not may(ANYONE, action, CITY)
    assert scopes(ANYONE, action) == ()


@pytest.mark.parametrize("action", list(Action))
def test_an_empty_path_opens_nothing_to_a_person(action):
    actor = Actor(account=1, grants=tuple(Grant(role, "") for role in Role if role is not Role.ORGANISER))
    if action is not Action.CAST_BALLOT:
        assert not may(actor, action, CITY)
        assert not may(holder(Role.ORGANISER), action, "")


def test_the_promising_organisation_does_not_verify_its_own_promise():
    both = Actor(account=1, grants=(Grant(Role.REVIEWER, PROVINCE), Grant(Role.SECRETARY, BRANCH)))
    assert not may(both, Action.SETTLE_COMMITMENT, BRANCH, judged=[BRANCH])
    assert may(holder(Role.REVIEWER, PROVINCE), Action.SETTLE_COMMITMENT, BRANCH, judged=[BRANCH])


def test_nobody_reviews_his_own_promise():
    organiser = holder(Role.ORGANISER)
    assert may(organiser, Action.REVIEW_COMMITMENT, CITY, person=8)
    assert not may(organiser, Action.REVIEW_COMMITMENT, CITY, person=7)


def test_organisers_do_not_judge():
    assert may(ANYONE, Action.CAST_BALLOT, CITY)
    assert not may(holder(Role.ORGANISER), Action.CAST_BALLOT, CITY)


def test_the_three_administrators_are_apart():
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        others = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN} - {role}
        work = {Action.MANAGE_ACCOUNTS, Action.VIEW_AUDIT, Action.INSTALL_PACK} & GRANTS[role]
        assert len(work) == 1
        assert not any(work & GRANTS[other] for other in others)


def test_refusal_says_why_and_what_to_do():
    with pytest.raises(Refused) as caught:
        require(holder(Role.MEMBER), Action.DEPLOY_CAMPAIGN, CITY)
    assert "职责" in str(caught.value)
    assert caught.value.hint


def test_scopes_leave_out_what_lies_inside_another():
    actor = Actor(account=1, grants=(Grant(Role.LEADER, CITY), Grant(Role.LEADER, PROVINCE), Grant(Role.LEADER, OTHER)))
    assert scopes(actor, Action.VIEW) == (PROVINCE, OTHER)
    assert scopes(SYSTEM, Action.VIEW) == ("",)
