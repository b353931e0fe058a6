"""Accounts as security administrators see them: who can log in, with which roles where. Reads only.

A security administrator sees the accounts that hold a role in his subtree, and those that hold none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from quxin.access import Action, Actor, Role, scopes
from quxin.orgs.models import Account, RoleGrant
from quxin.orgs.querysets import within

PAGE = 50

ROLE_TITLES: dict[str, str] = {
    Role.ORGANISER: "组织者",
    Role.SECRETARY: "支部书记",
    Role.MEMBER: "党员·干部",
    Role.LEADER: "领导",
    Role.REVIEWER: "审核·核验人员",
    Role.AUDITOR: "督查·审计",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an account holds now."""

    id: int
    role: str
    title: str
    organisation: str
    organisation_code: str
    from_on: date


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A line of the list."""

    username: str
    name: str
    is_active: bool
    must_change_password: bool
    last_login: datetime | None
    created_at: datetime
    roles: tuple[Held, ...]
    has_person: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A page of accounts."""

    rows: tuple[AccountRow, ...]
    total: int
    page: int
    pages: int


def visible_accounts(actor: Actor, *, today: date) -> QuerySet[Account]:
    """Accounts that the actor may manage or partly manage; nobody's without the right."""
    paths = scopes(actor, Action.MANAGE_ACCOUNTS)
    if not paths:
        return Account.objects.none()
    standing = RoleGrant.objects.filter(Q(until_on__isnull=True) | Q(until_on__gt=today))
    here = standing.filter(within(paths, "organisation__path")).values("account")
    return Account.objects.filter(Q(pk__in=here) | ~Q(pk__in=standing.values("account")))


def account_page(
    actor: Actor, *, today: date, search: str = "", role: str = "", shut: bool = False, page: int = 1, size: int = PAGE
) -> AccountPage:
    """A page of the accounts, by log-in name; `shut` lists those that are shut."""
    chosen = visible_accounts(actor, today=today).filter(is_active=not shut)
    if search:
        chosen = chosen.filter(Q(username__contains=search) | Q(display_name__contains=search))
    if role:
        held = RoleGrant.objects.filter(role=role).filter(Q(until_on__isnull=True) | Q(until_on__gt=today))
        chosen = chosen.filter(pk__in=held.values("account"))
    total = chosen.count()
    start = (max(1, page) - 1) * size
    rows = list(chosen.order_by("username")[start : start + size])
    return AccountPage(account_rows(rows, today=today), total, max(1, page), max(1, -(-total // size)))


def account_rows(accounts: Iterable[Account], *, today: date) -> tuple[AccountRow, ...]:
    """Accounts with the roles that they hold, in one query more."""
    listed = list(accounts)
    grants = RoleGrant.objects.filter(account__in=listed).filter(Q(until_on__isnull=True) | Q(until_on__gt=today))
    held: dict[int, list[Held]] = {}
    for grant in grants.select_related("organisation").order_by("organisation__path", "role"):
        held.setdefault(grant.account_id, []).append(
            Held(
                grant.pk,
                grant.role,
                ROLE_TITLES.get(grant.role, grant.role),
                grant.organisation.name,
                grant.organisation.code,
                grant.from_on,
            )
        )
    return tuple(
        AccountRow(
            username=one.username,
            name=one.display_name,
            is_active=one.is_active,
            must_change_password=one.must_change_password,
            last_login=one.last_login,
            created_at=one.created_at,
            roles=tuple(held.get(one.pk, ())),
            has_person=one.person_id is not None,
        )
        for one in listed
    )
