"""The offices and people that many tests share: plain functions, so that a test takes what it needs.

    agencies = offices()          headquarters, two provinces, a city, a department, a committee, branches
    staff = people(agencies)      named members of the first branch
    cast = build()                all of that, with an account for each role (see tests/structure/permissions.py)

Everything is made by the product's own operations as the system, on the day TODAY.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from quxin.access import SYSTEM, Actor, Grant, Role
from quxin.orgs.models import Account, MemberStatus, Organisation, OrganisationKind, PartyType, Person
from quxin.orgs.operations import (
    build_actor,
    create_account,
    create_organisation,
    create_person,
    grant_role,
    join,
)
from quxin.packs.load import load
from quxin.packs.models import PackVersion
from quxin.packs.operations import install
from quxin.packs.types import Pack
from quxin.records.campaigns.models import Campaign
from quxin.records.campaigns.operations import deploy_campaign

TODAY = date(2010, 11, 18)
NOW = datetime(2010, 11, 18, 2, 0, tzinfo=UTC)
LONG_AGO = date(2010, 1, 1)
PACK = Path(__file__).resolve().parents[1] / "packs" / "aqsiq-2010"
APPROVAL = "国质检党〔2010〕121号"
NAMES = ("王建国", "李秀英", "张伟", "单雄信", "欧阳明")
PASSWORD = "correct-horse-battery-9"


@dataclass(frozen=True)
class Offices:
    """The tree: `hq` over two provinces; a city, an office, a committee and branches below."""

    hq: Organisation
    office: Organisation
    committee: Organisation
    branch: Organisation
    jiangsu: Organisation
    nanjing: Organisation
    nanjing_branch: Organisation
    zhejiang: Organisation
    zhejiang_branch: Organisation

    def all(self) -> list[Organisation]:
        """Every organisation, headquarters first."""
        return [getattr(self, name) for name in self.__dataclass_fields__]


@dataclass(frozen=True)
class Cast:
    """Offices, people, an account for each role, and values for the arguments of addresses."""

    offices: Offices
    members: list[Person]
    people: dict[str, Account]
    arguments: dict[str, str] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """The actor behind the account `name`."""
        return build_actor(self.people[name], TODAY)


def offices() -> Offices:
    """Headquarters 国家质量监督检验检疫总局, 江苏 with 南京, 浙江; each with a party branch."""
    hq = _agency("国家质量监督检验检疫总局", None, "100000", "nation", "总局")
    jiangsu = _agency("江苏省质量技术监督局", hq, "320000", "province", "江苏省局")
    zhejiang = _agency("浙江省质量技术监督局", hq, "330000", "province", "浙江省局")
    nanjing = _agency("南京市质量技术监督局", jiangsu, "320100", "prefecture", "南京市局")
    office = create_organisation(
        name="办公厅", kind=OrganisationKind.DEPARTMENT, parent=hq, actor=SYSTEM, now=NOW, official_code="100001"
    )
    committee = _party("中共国家质检总局机关委员会", hq, PartyType.AGENCY_COMMITTEE)
    return Offices(
        hq=_fresh(hq),
        office=_fresh(office),
        committee=_fresh(committee),
        branch=_party("办公厅第一党支部", committee, PartyType.BRANCH),
        jiangsu=_fresh(jiangsu),
        nanjing=_fresh(nanjing),
        nanjing_branch=_party("南京市局第一党支部", nanjing, PartyType.BRANCH),
        zhejiang=_fresh(zhejiang),
        zhejiang_branch=_party("浙江省局机关第一党支部", zhejiang, PartyType.BRANCH),
    )


def people(
    tree: Offices, names: Iterable[str] = NAMES, organisation: Organisation | None = None, prefix: str = "P"
) -> list[Person]:
    """Full members of `organisation` (the first branch of headquarters) since LONG_AGO; staff numbers P001, P002 …"""
    home = organisation or tree.branch
    made = []
    for number, name in enumerate(names, start=1):
        person = create_person(name=name, organisation=home, actor=SYSTEM, now=NOW, staff_number=f"{prefix}{number:03}")
        join(person, organisation=home, status=MemberStatus.FULL, on=LONG_AGO, actor=SYSTEM, now=NOW)
        made.append(person)
    return made


def actor(role: Role | str, organisation: Organisation, *, account: int = 9001, person: int | None = None) -> Actor:
    """An actor with one role at an organisation, without an account in the database."""
    return Actor(account=account, person=person, name="测试", grants=(Grant(Role(role), organisation.path),))


def build() -> Cast:
    """Offices, members of the first branch, and an account for each role.

    All work for headquarters, but for the secretary (the first branch), the member (its first member) and the stranger (a
    secretary in 浙江).
    """
    tree = offices()
    members = people(tree)
    homes = {role.value: tree.hq for role in Role} | {"secretary": tree.branch, "member": tree.branch}
    accounts = {
        name: _account(name, home, Role(name), members[0] if name == "member" else None) for name, home in homes.items()
    }
    accounts["stranger"] = _account("stranger", tree.zhejiang_branch, Role.SECRETARY, None)
    return Cast(tree, members, accounts, {"org_code": tree.branch.code, "person_code": members[0].code})


def pack() -> tuple[PackVersion, Pack]:
    """The pack aqsiq-2010, installed."""
    loaded = load(PACK)
    assert loaded.pack is not None, loaded.problems
    return install(actor=SYSTEM, loaded=loaded, now=NOW).version, loaded.pack


def campaign(tree: Offices) -> Campaign:
    """The campaign of the pack, deployed by headquarters; every class of organisation has all that it fits."""
    version, content = pack()
    return deploy_campaign(
        actor=actor(Role.ORGANISER, tree.hq),
        version=version,
        pack=content,
        sponsor=tree.hq,
        organisations_for=lambda code: organisations_for(tree, code),
        now=NOW,
        approval_number=APPROVAL,
    )


def organisations_for(tree: Offices, code: str) -> list[Organisation]:
    """The organisations of a class of the pack's vocabulary in this small tree."""
    classes = {
        "hq": [tree.hq],
        "sponsor": [tree.hq],
        "province": [tree.jiangsu, tree.zhejiang],
        "prefecture": [tree.nanjing],
        "department": [tree.office],
        "every-agency": [tree.hq, tree.jiangsu, tree.zhejiang, tree.nanjing],
        "branch": [tree.branch, tree.nanjing_branch, tree.zhejiang_branch],
        "every-party-organisation": [tree.committee, tree.branch, tree.nanjing_branch, tree.zhejiang_branch],
        "every-organisation": tree.all(),
    }
    return classes.get(code, [])


def days_ago(count: int) -> date:
    """The day `count` days before TODAY."""
    return TODAY - timedelta(days=count)


def _agency(name: str, parent: Organisation | None, code: str, level: str, short: str) -> Organisation:
    return create_organisation(
        name=name,
        kind=OrganisationKind.AGENCY,
        parent=parent,
        actor=SYSTEM,
        now=NOW,
        official_code=code,
        level=level,
        short_name=short,
    )


def _party(name: str, parent: Organisation, kind: str) -> Organisation:
    return create_organisation(
        name=name, kind=OrganisationKind.PARTY, parent=parent, actor=SYSTEM, now=NOW, party_type=kind
    )


def _account(name: str, home: Organisation, role: Role, person: Person | None) -> Account:
    made = create_account(
        username=name,
        organisation=home,
        actor=SYSTEM,
        now=NOW,
        person=person,
        password=PASSWORD,
        must_change_password=False,
    )
    grant_role(made.account, organisation=home, role=role, on=LONG_AGO, actor=SYSTEM, now=NOW)
    return made.account


def _fresh(organisation: Organisation) -> Organisation:
    return Organisation.objects.get(pk=organisation.pk)
