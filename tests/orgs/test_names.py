"""What organisations were called on a day, and what a person is told of himself."""

from datetime import date

import pytest

from quxin.access import SYSTEM, Actor, Refused
from quxin.ledger.models import AuditEntry
from quxin.orgs.models import MemberStatus
from quxin.orgs.names import name_on, names_on
from quxin.orgs.operations import create_person, join, rename
from quxin.orgs.own_data import own_data
from tests import cast

pytestmark = pytest.mark.django_db
IDENTITY = "11010519491231002X"


@pytest.fixture
def tree():
    """The offices; 南京 was renamed on 1 September."""
    made = cast.offices()
    rename(made.nanjing, name="南京市市场监督管理局", on=date(2010, 9, 1), actor=SYSTEM, now=cast.NOW)
    made.nanjing.refresh_from_db()
    return made


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2009, 1, 1), "南京市质量技术监督局"),
        (date(2010, 8, 31), "南京市质量技术监督局"),
        (date(2010, 9, 1), "南京市市场监督管理局"),
        (date(2030, 1, 1), "南京市市场监督管理局"),
    ],
)
def test_the_name_is_that_of_the_day(tree, day, name):
    assert name_on(tree.nanjing, day) == name


def test_before_its_first_day_an_organisation_has_its_first_name(tree):
    first = tree.nanjing.placements.order_by("from_on").first()
    first.from_on = date(2010, 3, 1)
    first.save()
    assert name_on(tree.nanjing, date(2000, 1, 1)) == "南京市质量技术监督局"


def test_many_names_cost_one_query(tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = names_on(tree.all(), date(2010, 8, 31))
    assert found[tree.hq.pk] == tree.hq.name
    assert found[tree.nanjing.pk] == "南京市质量技术监督局"


def test_own_data_are_whole_and_audited(tree):
    person = create_person(
        name="王建国",
        organisation=tree.branch,
        actor=SYSTEM,
        now=cast.NOW,
        identity_number=IDENTITY,
        phone="13800138000",
    )
    join(person, organisation=tree.branch, status=MemberStatus.FULL, on=cast.LONG_AGO, actor=SYSTEM, now=cast.NOW)
    data = own_data(person, actor=Actor(account=5, person=person.pk), now=cast.NOW)
    assert data["identity_number"] == IDENTITY
    assert data["phone"] == "13800138000"
    assert data["memberships"][0]["organisation"] == tree.branch.name
    entry = AuditEntry.objects.get(action="person.exported")
    assert (entry.actor, entry.subject) == (5, f"person:{person.pk}")
    assert IDENTITY not in str(entry.details)


def test_nobody_else_gets_them_not_even_the_system(tree):
    person = cast.people(tree)[0]
    for actor in (SYSTEM, Actor(account=5, person=person.pk + 1), cast.actor("organiser", tree.hq)):
        with pytest.raises(Refused):
            own_data(person, actor=actor, now=cast.NOW)
    assert not AuditEntry.objects.filter(action="person.exported").exists()
