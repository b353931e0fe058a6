"""Which accounts a security administrator sees, with which roles."""

import pytest

from quxin.access import ANYONE, SYSTEM, Role
from quxin.briefs.accounts import ROLE_TITLES, account_page, visible_accounts
from quxin.orgs.operations import create_account, deactivate
from tests import cast
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def players():
    """The cast."""
    return cast.build()


def names(page) -> set[str]:
    """The log-in names of a page."""
    return {row.username for row in page.rows}


def test_every_role_has_a_title():
    assert set(ROLE_TITLES) == set(Role)


def test_accounts_of_the_subtree_and_those_without_a_role(players):
    create_account(username="fresh", organisation=players.offices.hq, actor=SYSTEM, now=NOW)
    below = cast.actor("security-admin", players.offices.zhejiang)
    assert names(account_page(below, today=TODAY)) == {"stranger", "fresh"}
    assert len(names(account_page(players.actor("security-admin"), today=TODAY))) == len(players.people) + 1


@pytest.mark.parametrize("who", ["organiser", "system-admin", "audit-admin", "member"])
def test_nobody_else_sees_accounts(players, who):
    assert not visible_accounts(players.actor(who), today=TODAY).exists()
    assert not visible_accounts(ANYONE, today=TODAY).exists()


def test_filters(players):
    security = players.actor("security-admin")
    assert names(account_page(security, today=TODAY, role="secretary")) == {"secretary", "stranger"}
    assert names(account_page(security, today=TODAY, search="audit")) == {"auditor", "audit-admin"}
    deactivate(players.people["leader"], actor=security, now=NOW)
    assert names(account_page(security, today=TODAY, shut=True)) == {"leader"}


def test_a_page_costs_three_queries(players, django_assert_num_queries):
    security = players.actor("security-admin")
    with django_assert_num_queries(3):
        account_page(security, today=TODAY)
