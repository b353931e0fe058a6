"""Members and staff: one place at a time, stretches of history, stocks by facts."""

from datetime import date, timedelta

import pytest

from quxin.access import SYSTEM, Refused, Role
from quxin.orgs import membership as members
from quxin.orgs import nodes
from quxin.orgs.models import Membership
from quxin.orgs.operations import appoint, change_status, join, leave, leave_post, transfer
from tests.orgs.conftest import DAY, NOW, TODAY, actor_with, stock

HOW = {"actor": SYSTEM, "now": NOW}
LATER = date(2024, 5, 1)


def test_joining_counts_and_leaving_takes_out_from_that_day(tree, person_of):
    member = person_of(status="full")
    assert stock(tree.branch.path) == 1
    leave(member, on=LATER, **HOW)
    assert stock(tree.branch.path, LATER - timedelta(days=1)) == 1
    assert stock(tree.branch.path, LATER) == 0
    with pytest.raises(members.NotMember):
        leave(member, on=LATER, **HOW)


def test_activists_are_on_the_roll_and_not_counted(tree, person_of):
    member = person_of(status="activist")
    assert stock(tree.branch.path) == 0
    probationary = change_status(member, status="probationary", on=LATER, **HOW)
    assert probationary.joined_on == LATER
    assert stock(tree.branch.path) == 1
    leave(probationary, on=TODAY, **HOW)
    assert stock(tree.branch.path) == 0


def test_from_probationary_to_full(tree, person_of):
    member = person_of(status="probationary")
    full = change_status(member, status="full", on=LATER, **HOW)
    assert full.pk != member.pk
    assert stock(tree.branch.path, LATER - timedelta(days=1), "probationary") == 1
    assert stock(tree.branch.path, LATER, "probationary") == 0
    assert stock(tree.branch.path, LATER, "full") == 1
    assert stock(tree.branch.path, LATER) == 1
    with pytest.raises(members.SameStatus):
        change_status(full, status="full", on=TODAY, **HOW)


def test_a_member_is_in_one_place(tree, person_of):
    member = person_of(status="full")
    with pytest.raises(members.AlreadyMember) as told:
        join(member.person, organisation=tree.second, status="full", on=DAY, **HOW)
    assert "第一党支部" in str(told.value)
    new = transfer(member, to=tree.second, on=LATER, **HOW)
    assert Membership.objects.filter(until_on__isnull=True).get() == new
    assert (stock(tree.branch.path), stock(tree.second.path), stock(tree.hq.path)) == (0, 1, 1)


def test_transferring_asks_for_rights_on_both_sides(tree, person_of):
    member = person_of(status="full")
    for place in (tree.branch, tree.second):
        with pytest.raises(Refused):
            transfer(member, to=tree.second, on=LATER, actor=actor_with(Role.SECRETARY, place), now=NOW)


def test_only_basic_party_organisations_have_members(tree, person_of):
    group = tree.make("党组", "party", tree.jiangsu, party_type="leading-group")
    for place in (group, tree.nanjing):
        with pytest.raises(members.NotAPartyOrganisation):
            join(person_of(), organisation=place, status="full", on=DAY, **HOW)


def test_days_must_make_sense(tree, person_of):
    member = person_of(status="full")
    with pytest.raises(nodes.BadDay):
        leave(member, on=DAY - timedelta(days=1), **HOW)
    with pytest.raises(nodes.BadDay):
        leave(member, on=TODAY + timedelta(days=1), **HOW)


def test_staff_are_counted_once_however_many_posts(tree, person_of):
    person = person_of()
    post = appoint(person, organisation=tree.office, title="处长", on=DAY, **HOW)
    second = appoint(person, organisation=tree.nanjing, title="挂职副局长", on=DAY, **HOW)
    secretary = appoint(person, organisation=tree.branch, title="书记", on=DAY, **HOW)
    assert (post.is_staff_post, second.is_staff_post, secretary.is_staff_post) == (True, False, False)
    assert stock(tree.hq.path, kind="staff.counted") == 1
    with pytest.raises(members.AlreadyOnStaff):
        appoint(person, organisation=tree.nanjing, title="局长", on=DAY, is_staff_post=True, **HOW)
    leave_post(post, on=LATER, **HOW)
    assert stock(tree.hq.path, kind="staff.counted") == 0
    with pytest.raises(members.NotMember):
        leave_post(post, on=LATER, **HOW)
