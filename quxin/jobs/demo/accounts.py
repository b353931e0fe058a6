"""One account for each role. Their password is made anew for each demonstration and stands on its log-in page only."""

from quxin.access import SYSTEM, Role
from quxin.jobs.demo.moment import Moment, at
from quxin.kernel.identifiers import new_code
from quxin.orgs import operations as orgs
from quxin.orgs.models import Organisation, Person

ACCOUNTS = (
    # username, role, title on the log-in page, agency, organisation below it ("" = the agency), person's place
    ("zongju", Role.ORGANISER, "组织者（总局党建办）", "000000", "", None),
    ("shengju", Role.ORGANISER, "组织者（省局机关党委）", "320000", "", None),
    ("shuji", Role.SECRETARY, "支部书记", "320000", "特种设备处党支部", 0),
    ("dangyuan", Role.MEMBER, "党员", "320000", "特种设备处党支部", 3),
    ("lingdao", Role.LEADER, "领导", "320000", "", None),
    ("shenhe", Role.REVIEWER, "审核人员", "320000", "", None),
    ("ducha", Role.AUDITOR, "督查·审计", "000000", "", None),
    ("xitong", Role.SYSTEM_ADMIN, "系统管理员", "000000", "", None),
    ("anquan", Role.SECURITY_ADMIN, "安全管理员", "000000", "", None),
    ("shenji", Role.AUDIT_ADMIN, "审计管理员", "000000", "", None),
)


def make(moment: Moment) -> None:
    """Open the accounts and grant their roles."""
    password = f"qx-{new_code(8)}"
    for username, role, title, agency, below, place in ACCOUNTS:
        organisation = _organisation(agency, below)
        made = orgs.create_account(
            username=username,
            organisation=organisation,
            actor=SYSTEM,
            now=moment.now,
            display_name=title,
            person=_person(organisation, place, moment),
            password=password,
            must_change_password=False,
        )
        orgs.grant_role(
            made.account, organisation=organisation, role=role, on=moment.today, actor=SYSTEM, now=moment.now
        )
        moment.accounts.append(
            {"username": username, "password": password, "role": title, "organisation": organisation.name}
        )


def _organisation(agency: str, below: str) -> Organisation:
    root = at(agency)
    return Organisation.objects.within(root.path).get(name=below) if below else root


def _person(organisation: Organisation, place: int | None, moment: Moment) -> Person | None:
    return None if place is None else moment.people[organisation.pk][place]
