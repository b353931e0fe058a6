"""The tree: 3,654 agencies from Excel, and in three of them departments, party organisations and people."""

from datetime import date
from itertools import cycle
from typing import Any

from quxin.access import SYSTEM
from quxin.jobs.demo.moment import Moment, at, folder, read
from quxin.jobs.demo.names import names
from quxin.orgs import operations as orgs
from quxin.orgs.imports import import_file
from quxin.orgs.models import MemberStatus, Organisation, OrganisationKind, PartyType

FOUNDED = date(2001, 4, 10)
MERGED = date(2018, 4, 10)
OLD_NAME = "国家质量监督检验检疫总局"
NEW_NAME = "国家市场监督管理总局"


def make(moment: Moment) -> None:
    """Import the agencies, name the headquarters as it was called in its days, fill three agencies."""
    import_file(folder() / "agencies.xlsx", actor=SYSTEM, now=moment.now, on=FOUNDED)
    at.cache_clear()
    _rename_headquarters(moment)
    for number, plan in enumerate(read("organisations.yaml")):
        _fill(plan, number, moment)


def _rename_headquarters(moment: Moment) -> None:
    """The list has today's name; until the merger of 2018 the headquarters had another."""
    root = at("000000")
    orgs.correct_name(root, name=OLD_NAME, actor=SYSTEM, now=moment.now, reason="示例：2018 年以前的名称")
    root.refresh_from_db()
    orgs.rename(root, name=NEW_NAME, on=MERGED, actor=SYSTEM, now=moment.now, reason="机构改革")
    at.cache_clear()


def _fill(plan: dict[str, Any], number: int, moment: Moment) -> None:
    agency = at(plan["at"])
    departments = [_below(agency, name, OrganisationKind.DEPARTMENT, moment) for name in plan["departments"]]
    for name in plan["affiliated"]:
        _below(agency, name, OrganisationKind.AFFILIATED, moment)
    party = plan["party"]
    _below(agency, party["leading-group"], OrganisationKind.PARTY, moment, PartyType.LEADING_GROUP)
    upper = agency
    if party["committee"]:
        upper = _below(agency, party["committee"], OrganisationKind.PARTY, moment, PartyType.AGENCY_COMMITTEE)
    offices = cycle(departments)
    for index, (name, size) in enumerate(zip(party["branches"], plan["members"], strict=True)):
        branch = _below(upper, name, OrganisationKind.PARTY, moment, PartyType.BRANCH)
        _people(branch, next(offices), size, plan.get("staff", size + 1), number * 100 + index, moment)


def _below(parent: Organisation, name: str, kind: str, moment: Moment, party_type: str = "") -> Organisation:
    return orgs.create_organisation(
        name=name,
        kind=kind,
        parent=parent,
        actor=SYSTEM,
        now=moment.now,
        on=FOUNDED,
        party_type=party_type,
        level=parent.level,
    )


def _people(branch: Organisation, office: Organisation, members: int, staff: int, seed: int, moment: Moment) -> None:
    """`staff` people in `office`, the first `members` of them members of `branch`, one of these on probation."""
    people = []
    for index, name in enumerate(names(staff, seed)):
        person = orgs.create_person(name=name, organisation=branch, actor=SYSTEM, now=moment.now)
        title = "支部书记" if index == 0 else "干部"
        orgs.appoint(person, organisation=office, title=title, on=date(2009, 1, 5), actor=SYSTEM, now=moment.now)
        if index < members:
            last = index == members - 1 and members > 5
            orgs.join(
                person,
                organisation=branch,
                status=MemberStatus.PROBATIONARY if last else MemberStatus.FULL,
                on=date(2009, 1, 5),
                actor=SYSTEM,
                now=moment.now,
            )
        people.append(person)
    moment.people[branch.pk] = people
