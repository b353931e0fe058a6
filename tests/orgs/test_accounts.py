"""Accounts and roles: separate duties, no default password, an actor in one query."""

from datetime import date, timedelta

import pytest

from quxin.access import ANYONE, SYSTEM, Grant, Refused, Role
from quxin.access.policy import APART
from quxin.ledger.models import AuditEntry
from quxin.orgs import accounts
from quxin.orgs.models import Account, Organisation, RoleGrant
from quxin.orgs.operations import (
    build_actor,
    create_account,
    create_first_administrator,
    deactivate,
    grant_role,
    move,
    reactivate,
    revoke_role,
    set_password,
)
from tests.orgs.conftest import DAY, NOW, TODAY, actor_with

HOW = {"actor": SYSTEM, "now": NOW}


@pytest.fixture
def account(tree):
    return create_account(username="zhang", display_name="张三", organisation=tree.hq, **HOW).account


def test_the_first_administrator_has_a_random_password_and_only_security(tree):
    made = create_first_administrator(username="admin", now=NOW)
    assert made.account.check_password(made.password)
    assert made.account.must_change_password
    assert build_actor(made.account, TODAY).roles() == {Role.SECURITY_ADMIN}
    with pytest.raises(accounts.NotTheFirst):
        create_first_administrator(username="admin2", now=NOW)


def test_random_passwords_differ(tree):
    assert accounts.random_password() != accounts.random_password()


@pytest.mark.django_db
def test_without_organisations_there_is_no_administrator():
    with pytest.raises(accounts.NoOrganisations):
        create_first_administrator(username="admin", now=NOW)
    assert not Account.objects.exists()


def test_a_weak_password_is_refused_with_the_reason(tree):
    with pytest.raises(accounts.WeakPassword) as told:
        create_account(username="li", organisation=tree.hq, password="12345", **HOW)
    assert told.value.params["why"]


def test_names_are_taken_whatever_their_case(tree, account):
    with pytest.raises(accounts.BadUsername):
        create_account(username="ZHANG", organisation=tree.hq, **HOW)


def test_the_actor_holds_what_is_granted_on_the_day(tree, account, django_assert_num_queries):
    grant = grant_role(account, organisation=tree.jiangsu, role="secretary", on=DAY, **HOW)
    with django_assert_num_queries(1):
        actor = build_actor(account, DAY)
    assert actor.grants == (Grant(Role.SECRETARY, tree.jiangsu.path),)
    assert actor.name == "张三"
    assert build_actor(account, DAY - timedelta(days=1)).grants == ()
    revoke_role(grant, on=TODAY, **HOW)
    assert build_actor(account, TODAY).grants == ()
    assert build_actor(account, TODAY - timedelta(days=1)).grants
    with pytest.raises(accounts.NoSuchGrant):
        revoke_role(grant, on=TODAY, **HOW)


def test_a_grant_follows_its_organisation(tree, account):
    grant_role(account, organisation=tree.nanjing, role="secretary", on=DAY, **HOW)
    moved = move(tree.nanjing, to=tree.zhejiang, on=DAY, **HOW)
    assert build_actor(account, TODAY).grants == (Grant(Role.SECRETARY, moved.path),)


def test_nobody_and_shut_accounts_are_anyone(tree, account):
    grant_role(account, organisation=tree.hq, role="leader", on=DAY, **HOW)
    assert build_actor(None, TODAY) is ANYONE
    assert build_actor(deactivate(account, **HOW), TODAY) is ANYONE
    assert build_actor(reactivate(account, **HOW), TODAY).grants


@pytest.mark.parametrize("pair", [tuple(sorted(pair)) for pair in APART])
def test_roles_that_are_apart_stay_apart_anywhere(tree, account, pair):
    first, second = pair
    grant_role(account, organisation=tree.jiangsu, role=first, on=DAY, **HOW)
    with pytest.raises(accounts.RolesApart):
        grant_role(account, organisation=tree.zhejiang, role=second, on=DAY, **HOW)
    assert RoleGrant.objects.count() == 1


def test_only_security_administrators_grant_and_never_to_themselves(tree, account):
    for role in Role:
        if role is not Role.SECURITY_ADMIN:
            with pytest.raises(Refused):
                grant_role(
                    account, organisation=tree.hq, role="member", on=DAY, actor=actor_with(role, tree.hq), now=NOW
                )
    security = actor_with(Role.SECURITY_ADMIN, tree.jiangsu, account=account.pk)
    with pytest.raises(accounts.OwnAccount):
        grant_role(account, organisation=tree.jiangsu, role="organiser", on=DAY, actor=security, now=NOW)
    other = actor_with(Role.SECURITY_ADMIN, tree.jiangsu)
    grant_role(account, organisation=tree.nanjing, role="member", on=DAY, actor=other, now=NOW)
    with pytest.raises(accounts.AlreadyGranted):
        grant_role(account, organisation=tree.nanjing, role="member", on=DAY, actor=other, now=NOW)
    with pytest.raises(Refused):
        grant_role(account, organisation=tree.zhejiang, role="member", on=DAY, actor=other, now=NOW)


def test_who_manages_a_province_cannot_take_over_the_headquarters(tree, account):
    grant_role(account, organisation=tree.hq, role="organiser", on=DAY, **HOW)
    grant_role(account, organisation=tree.jiangsu, role="leader", on=DAY, **HOW)
    province = actor_with(Role.SECURITY_ADMIN, tree.jiangsu)
    for act in (set_password, deactivate):
        with pytest.raises(Refused):
            act(account, actor=province, now=NOW)
    assert set_password(account, actor=actor_with(Role.SECURITY_ADMIN, tree.hq), now=NOW)


def test_ones_own_password_is_ones_own_business(account):
    own = build_actor(account, TODAY)
    set_password(account, actor=own, now=NOW, password="correct horse 9 battery")
    stored = Account.objects.get(pk=account.pk)
    assert stored.check_password("correct horse 9 battery")
    assert not stored.must_change_password
    assert "correct" not in str(AuditEntry.objects.get(action="account.password-set").details)


def test_organisations_are_really_the_scope(tree, account):
    assert Organisation.objects.visible_to(build_actor(account, TODAY)).count() == 0
    grant_role(account, organisation=tree.jiangsu, role="leader", on=date(2024, 1, 1), **HOW)
    seen = set(Organisation.objects.visible_to(build_actor(account, TODAY)).values_list("name", flat=True))
    assert seen == {"江苏省局", "南京市局", "第一党支部"}
