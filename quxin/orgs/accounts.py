"""Accounts, passwords and roles; builds the Actor that `access` judges.

Roles stand in RoleGrant, each for a subtree and dated. Only security administrators give them, never to themselves.
Not for sessions and log-in pages: those are a face's.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from quxin.access import ANYONE, SYSTEM, Action, Actor, Grant, Role, require, scopes
from quxin.access.policy import APART
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError
from quxin.kernel.identifiers import CODE_ALPHABET
from quxin.kernel.text import narrow, squeeze
from quxin.ledger.operations import audit
from quxin.orgs import nodes
from quxin.orgs.models import Account, Organisation, Person, RoleGrant

_PASSWORD_GROUPS, _PASSWORD_GROUP = 4, 5


class BadUsername(QuxinError):
    """A log-in name that is empty, too long or taken."""

    default_message = "登录名“%(username)s”不能用"
    default_hint = "登录名为1至60个字符，不能与别人的重复。"


class WeakPassword(QuxinError):
    """A password that the rules refuse."""

    default_message = "密码不合要求：%(why)s"
    default_hint = "请用至少10个字符、不常见、不全是数字、与登录名无关的密码。"


class RolesApart(QuxinError):
    """Two roles that one account must not hold together."""

    default_message = "“%(role)s”与已有的“%(held)s”不能由同一账号担任"
    default_hint = "请另设账号，或者先收回已有的角色。"


class OwnAccount(QuxinError):
    """Nobody gives roles to himself."""

    default_message = "不能给自己的账号授权"
    default_hint = "请由另一位安全管理员办理。"


class NoSuchGrant(QuxinError):
    """The grant has ended already."""

    default_message = "这项授权已经收回"
    default_hint = "请刷新页面看最新的授权。"


class AlreadyGranted(QuxinError):
    """The account holds the role there already."""

    default_message = "这个账号在“%(name)s”已经有这个角色"
    default_hint = "不需要重复授权。"


class NotTheFirst(QuxinError):
    """There is a security administrator already."""

    default_message = "已经有安全管理员，不能再用命令建立第一个"
    default_hint = "请由现有的安全管理员在系统里新建账号；忘记密码时用重设密码的命令。"


class NoOrganisations(QuxinError):
    """A role needs an organisation, and there is none yet."""

    default_message = "还没有任何机构，不能授权"
    default_hint = "请先导入机构，例如 quxin orgs import 机构名录.xlsx。"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account and its first password, which is shown once and stored nowhere."""

    account: Account
    password: str


def random_password() -> str:
    """A password of 20 random characters in four groups: 100 bits, easy to read out."""
    groups = ["".join(secrets.choice(CODE_ALPHABET) for _ in range(_PASSWORD_GROUP)) for _ in range(_PASSWORD_GROUPS)]
    return "-".join(groups)


def create_account(
    *,
    username: str,
    organisation: Organisation,
    actor: Actor,
    now: datetime,
    display_name: str = "",
    email: str = "",
    person: Person | None = None,
    password: str | None = None,
    must_change_password: bool = True,
) -> NewAccount:
    """Open an account that will work for `organisation` (for the rights; it holds no role yet).

    Without `password` a random one is made. Raises Refused, BadUsername, WeakPassword.
    """
    require(actor, Action.MANAGE_ACCOUNTS, organisation.path)
    username = _tidy_username(username)
    account = Account(
        username=username,
        display_name=narrow(display_name)[:60] or (person.name if person else ""),
        email=squeeze(email),
        person=person,
        created_at=now,
        must_change_password=must_change_password,
    )
    password = _set_password(account, password)
    with transaction.atomic():
        try:
            with transaction.atomic():
                account.save(force_insert=True)
        except IntegrityError as error:
            raise BadUsername(username=username) from error
        _audit("account.created", account, actor, now, organisation.path)
    return NewAccount(account, password)


def open_account(
    *,
    username: str,
    organisation: Organisation,
    role: str,
    on: date,
    actor: Actor,
    now: datetime,
    display_name: str = "",
    person: Person | None = None,
) -> NewAccount:
    """An account with a random password and its first role, both or neither. Raises as `create_account`, `grant_role`."""
    with transaction.atomic():
        made = create_account(
            username=username,
            organisation=organisation,
            actor=actor,
            now=now,
            display_name=display_name,
            person=person,
        )
        grant_role(made.account, organisation=organisation, role=role, on=on, actor=actor, now=now)
    return made


def create_first_administrator(
    *,
    username: str,
    now: datetime,
    display_name: str = "",
    organisation: Organisation | None = None,
    password: str | None = None,
) -> NewAccount:
    """Open the first security administrator's account, by command only; there is no default password.

    His role stands at `organisation` or at the first root. System and audit administrators are other accounts, which
    he opens. Raises NotTheFirst, NoOrganisations, BadUsername, WeakPassword.
    """
    with transaction.atomic():
        if RoleGrant.objects.filter(role=Role.SECURITY_ADMIN, until_on__isnull=True, account__is_active=True).exists():
            raise NotTheFirst()
        root = organisation or Organisation.objects.filter(depth=1).order_by("path").first()
        if root is None:
            raise NoOrganisations()
        made = create_account(
            username=username,
            organisation=root,
            actor=SYSTEM,
            now=now,
            display_name=display_name or "安全管理员",
            password=password,
            must_change_password=password is None,
        )
        grant_role(
            made.account,
            organisation=root,
            role=Role.SECURITY_ADMIN,
            on=local_date(now),
            actor=SYSTEM,
            now=now,
        )
    return made


def grant_role(
    account: Account, *, organisation: Organisation, role: str, on: date, actor: Actor, now: datetime
) -> RoleGrant:
    """Give `account` a role for `organisation` and all below it from `on`.

    Raises Refused, OwnAccount, RolesApart, AlreadyGranted.
    """
    role = Role(role)
    require(actor, Action.MANAGE_ACCOUNTS, organisation.path)
    if actor.account is not None and actor.account == account.pk:
        raise OwnAccount()
    with transaction.atomic():
        # The account's row is the lock: two grants at once could otherwise join what must stay apart.
        account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
        standing = list(RoleGrant.objects.filter(account=account).filter(Q(until_on__isnull=True) | Q(until_on__gt=on)))
        _require_apart(role, {Role(grant.role) for grant in standing})
        if any(
            grant.role == role and grant.organisation_id == organisation.pk and grant.until_on is None
            for grant in standing
        ):
            raise AlreadyGranted(name=organisation.name)
        grant = RoleGrant.objects.create(account=account, organisation=organisation, role=role, from_on=on)
        _audit(
            "role.granted",
            account,
            actor,
            now,
            organisation.path,
            role=str(role),
            organisation=organisation.pk,
            on=on.isoformat(),
        )
    return grant


def _require_apart(role: Role, held: set[Role]) -> None:
    for pair in APART:
        others = (pair - {role}) & held if role in pair else set()
        if others:
            raise RolesApart(role=str(role), held=str(next(iter(others))))


def revoke_role(grant: RoleGrant, *, on: date, actor: Actor, now: datetime) -> RoleGrant:
    """End a grant on `on`: on that day it does not hold any more. Raises Refused, NoSuchGrant, BadDay."""
    with transaction.atomic():
        grant = (
            RoleGrant.objects.select_for_update(of=("self",)).select_related("organisation", "account").get(pk=grant.pk)
        )
        require(actor, Action.MANAGE_ACCOUNTS, grant.organisation.path)
        if grant.until_on is not None:
            raise NoSuchGrant()
        if on < grant.from_on:
            raise nodes.BadDay(day=on.isoformat(), why="早于授权的日期")
        grant.until_on = on
        grant.save(update_fields=["until_on"])
        _audit(
            "role.revoked",
            grant.account,
            actor,
            now,
            grant.organisation.path,
            role=grant.role,
            organisation=grant.organisation_id,
            on=on.isoformat(),
        )
    return grant


def set_password(
    account: Account, *, actor: Actor, now: datetime, password: str | None = None, must_change: bool | None = None
) -> str:
    """Set a new password, one's own or as administrator; None makes a random one. Returns it.

    An administrator must hold his role wherever the account holds one: who manages a county cannot take over the
    headquarters. Raises Refused, WeakPassword.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
        own = actor.account is not None and actor.account == account.pk
        path = "" if own else require_over(actor, account)
        password = _set_password(account, password)
        account.must_change_password = (not own) if must_change is None else must_change
        account.save(update_fields=["password", "must_change_password"])
        _audit("account.password-set", account, actor, now, path, own=own)
    return password


def deactivate(account: Account, *, actor: Actor, now: datetime) -> Account:
    """Shut an account: it cannot log in and its grants do not count. Raises Refused, OwnAccount."""
    return _set_active(account, False, actor, now)


def reactivate(account: Account, *, actor: Actor, now: datetime) -> Account:
    """Open a shut account again. Raises Refused, OwnAccount."""
    return _set_active(account, True, actor, now)


def _set_active(account: Account, active: bool, actor: Actor, now: datetime) -> Account:
    if actor.account is not None and actor.account == account.pk:
        raise OwnAccount("不能停用或启用自己的账号")
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
        path = require_over(actor, account)
        account.is_active = active
        account.save(update_fields=["is_active"])
        _audit("account.reactivated" if active else "account.deactivated", account, actor, now, path)
    return account


def require_over(actor: Actor, account: Account) -> str:
    """A path at which `actor` manages the account: he must manage accounts wherever it holds a role. Raises Refused."""
    paths = list(
        RoleGrant.objects.filter(account=account, until_on__isnull=True)
        .order_by("organisation__path")
        .values_list("organisation__path", flat=True)
    )
    for path in paths:
        require(actor, Action.MANAGE_ACCOUNTS, path)
    if paths:
        return paths[0]
    # Without any role the account can do nothing: whoever manages accounts at all may manage it.
    within = scopes(actor, Action.MANAGE_ACCOUNTS)
    path = within[0] if within else ""
    require(actor, Action.MANAGE_ACCOUNTS, path)
    return path


def build_actor(account: Account | None, on: date) -> Actor:
    """The Actor of `account` on the day `on`, in one query; ANYONE for none or a shut account."""
    if account is None or account.pk is None or not account.is_active:
        return ANYONE
    grants = (
        RoleGrant.objects.filter(account=account, from_on__lte=on)
        .filter(Q(until_on__isnull=True) | Q(until_on__gt=on))
        .order_by("organisation__path", "role")
        .values_list("role", "organisation__path")
    )
    return Actor(
        account=account.pk,
        person=account.person_id,
        name=account.display_name or account.username,
        grants=tuple(Grant(Role(role), path) for role, path in grants if role in set(Role)),
    )


def _tidy_username(username: str) -> str:
    tidy = squeeze(username)
    if not 1 <= len(tidy) <= 60 or not tidy.isprintable():
        raise BadUsername(username=tidy[:60])
    if Account.objects.filter(username__iexact=tidy).exists():
        raise BadUsername(username=tidy)
    return tidy


def _set_password(account: Account, password: str | None) -> str:
    if password is None:
        password = random_password()
    else:
        try:
            validate_password(password, account)
        except ValidationError as error:
            raise WeakPassword(why="；".join(error.messages)) from error
    account.set_password(password)
    return password


def _audit(action: str, account: Account, actor: Actor, now: datetime, path: str, **details: object) -> None:
    audit(action, f"account:{account.pk}", actor=actor.account, now=now, path=path, **details)
