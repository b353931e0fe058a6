"""A small tree for every test here: headquarters, a province, a city, a department and two branches."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from quxin.access import SYSTEM, Actor, Grant, Role
from quxin.orgs.operations import create_organisation, create_person, join

NOW = datetime(2024, 6, 3, 2, 0, tzinfo=UTC)
TODAY = date(2024, 6, 3)
DAY = date(2024, 3, 1)
NUMBERS = ("11010519491231002X", "110105194912310038", "110105194912310054")


def actor_with(role: Role, organisation, *, account: int = 7001, person: int | None = None) -> Actor:
    """An actor with one role at an organisation."""
    return Actor(account=account, person=person, name="测试", grants=(Grant(role, organisation.path),))


@pytest.fixture
def tree(db):
    def make(name, kind, parent, **more):
        return create_organisation(name=name, kind=kind, parent=parent, actor=SYSTEM, now=NOW, **more)

    hq = make("国家总局", "agency", None, official_code="000000", level="nation")
    jiangsu = make("江苏省局", "agency", hq, official_code="320000", level="province")
    zhejiang = make("浙江省局", "agency", hq, official_code="330000", level="province")
    nanjing = make("南京市局", "agency", jiangsu, official_code="320100", level="prefecture")
    office = make("办公厅", "department", hq)
    branch = make("第一党支部", "party", nanjing, party_type="branch")
    second = make("第二党支部", "party", zhejiang, party_type="branch")
    return SimpleNamespace(
        hq=hq,
        jiangsu=jiangsu,
        zhejiang=zhejiang,
        nanjing=nanjing,
        office=office,
        branch=branch,
        second=second,
        make=make,
    )


@pytest.fixture
def person_of(tree):
    """Make people; with a status they join at once."""

    def make(name="单雄信", organisation=None, status="", on=DAY, **more):
        organisation = organisation or tree.branch
        person = create_person(name=name, organisation=organisation, actor=SYSTEM, now=NOW, **more)
        if not status:
            return person
        return join(person, organisation=organisation, status=status, on=on, actor=SYSTEM, now=NOW)

    return make


def stock(path: str, on: date = TODAY, label: str = "", kind: str = "member.counted") -> int:
    """The stock below a path on a day, straight from the facts."""
    from django.db.models import Sum

    from quxin.ledger.models import Fact

    facts = Fact.objects.filter(kind=kind, path__startswith=path, on__lte=on)
    if label:
        facts = facts.filter(label=label)
    return (facts.aggregate(total=Sum("quantity"))["total"] or 0) // 1000
