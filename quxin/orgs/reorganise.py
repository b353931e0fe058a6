"""Rebuild the tree on a day: move, merge, split, close, reopen.

Facts keep the paths of their days: a report on last year reads last year's tree. Only stocks (members, staff) are
carried over on the day of the change, because they go on. Not for names: those are in `tree`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Substr

from quxin.access import Action, Actor, require
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError
from quxin.kernel.paths import is_within
from quxin.orgs import membership as members
from quxin.orgs import nodes, stock
from quxin.orgs.models import Membership, Organisation, OrganisationChange, Post
from quxin.orgs.tree import create_organisation

Kind = OrganisationChange.Kind


class MoveIntoItself(QuxinError):
    """The new parent stands below the organisation."""

    default_message = "“%(name)s”不能移到自己或自己的下级“%(to)s”之下"
    default_hint = "请另选上级；如要对调，请先把下级移出来。"


class AlreadyThere(QuxinError):
    """The organisation stands there already."""

    default_message = "“%(name)s”的上级已经是“%(to)s”"
    default_hint = "不需要划转。"


class HasChildren(QuxinError):
    """Something still stands below the organisation."""

    default_message = "“%(name)s”之下还有%(count)s个机构，例如“%(first)s”"
    default_hint = "请先撤销或划转下级机构，或者指定承接机构。"


class HasMembers(QuxinError):
    """People still belong to the organisation."""

    default_message = "“%(name)s”还有%(count)s名党员或任职人员"
    default_hint = "请先转出，或者指定承接机构。"


class WrongSuccessor(QuxinError):
    """The successor is of another kind, is the organisation itself, or stands below it."""

    default_message = "“%(successor)s”不能承接“%(name)s”"
    default_hint = "请选择同一类、现在还在的机构，不能是它自己或它的下级。"


class NotClosed(QuxinError):
    """Only what was closed can be reopened."""

    default_message = "“%(name)s”没有撤销，不需要恢复"
    default_hint = "请刷新页面看最新的状态。"


class NotOfThis(QuxinError):
    """A child or member named for a part does not belong to the organisation that is split."""

    default_message = "“%(what)s”不属于“%(name)s”，不能分到新机构"
    default_hint = "请重新选择要划出的下级机构和党员。"


def move(
    organisation: Organisation,
    *,
    to: Organisation,
    on: date,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    reason: str = "",
) -> Organisation:
    """Put the organisation, with all below it, under `to` from the day `on`.

    Asks for rights at the old and at the new parent. Raises Refused, Stale, BadDay, Closed, WrongParent, TooDeep,
    MoveIntoItself, AlreadyThere.
    """
    with transaction.atomic():
        nodes.lock_tree(organisation.path, to.path)
        organisation = nodes.fresh(organisation, version=version, mine=to.name)
        to = nodes.fresh(to)
        _require_both(actor, organisation, to)
        return _move(organisation, to, on, actor, now, reason)


def _require_both(actor: Actor, organisation: Organisation, to: Organisation) -> None:
    # A root has no parent whose rights could be asked: only the system may move it.
    require(actor, Action.MANAGE_ORGANISATIONS, organisation.parent.path if organisation.parent else "")
    require(actor, Action.MANAGE_ORGANISATIONS, to.path)


def _move(
    organisation: Organisation, to: Organisation, on: date, actor: Actor, now: datetime, reason: str
) -> Organisation:
    if is_within(to.path, organisation.path):
        raise MoveIntoItself(name=organisation.name, to=to.name)
    if organisation.parent_id == to.pk:
        raise AlreadyThere(name=organisation.name, to=to.name)
    nodes.require_open(organisation, on)
    nodes.require_open(to, on)
    nodes.require_parent(organisation.kind, to)
    nodes.require_day(organisation, on, now)
    before = {"parent": organisation.parent_id, "path": organisation.path}
    _rewrite_paths(organisation, to, on, now)
    nodes.replace(Organisation.objects.within(organisation.path), on)
    stock.carry_over(organisation, on=on, actor=actor, now=now)
    nodes.record_change(
        organisation,
        Kind.MOVED,
        on=on,
        actor=actor,
        now=now,
        before=before,
        after={"parent": to.pk, "path": organisation.path},
        reason=reason,
    )
    return organisation


def _rewrite_paths(organisation: Organisation, to: Organisation, on: date, now: datetime) -> None:
    """Give the whole subtree its new paths in one statement, and set the parent of its top."""
    subtree = Organisation.objects.within(organisation.path)
    facts = subtree.aggregate(deepest=Max("depth"), latest=Max("placements__from_on"))
    nodes.require_depth(facts["deepest"] - organisation.depth + to.depth + 1)
    if facts["latest"] and facts["latest"] > on:
        latest = facts["latest"].isoformat()
        raise nodes.BadDay("日期 %(day)s 之后，它的下级在 %(latest)s 还有变动", day=on.isoformat(), latest=latest)
    old, new = organisation.path, nodes.take_path(to)
    deeper = to.depth + 1 - organisation.depth
    subtree.update(
        path=Concat(Value(new), Substr("path", len(old) + 1)),
        depth=F("depth") + deeper,
        version=F("version") + 1,
    )
    Organisation.objects.filter(pk=organisation.pk).update(parent=to)
    organisation.refresh_from_db()


def close(
    organisation: Organisation,
    *,
    on: date,
    actor: Actor,
    now: datetime,
    successor: Organisation | None = None,
    version: int | None = None,
    reason: str = "",
) -> Organisation:
    """Close the organisation on `on`: it does not exist any more on that day.

    With a `successor` its children, members and posts go there first; without one it must be empty. Raises Refused,
    Stale, BadDay, Closed, HasChildren, HasMembers, WrongSuccessor, WrongParent.
    """
    with transaction.atomic():
        nodes.lock_tree(organisation.path, successor.path if successor else "")
        organisation = nodes.fresh(organisation, version=version, mine=reason)
        require(actor, Action.MANAGE_ORGANISATIONS, organisation.path)
        if successor is not None:
            successor = nodes.fresh(successor)
            require(actor, Action.MANAGE_ORGANISATIONS, successor.path)
        return _close(organisation, successor, Kind.CLOSED, on, actor, now, reason)


def _close(
    organisation: Organisation,
    successor: Organisation | None,
    kind: OrganisationChange.Kind,
    on: date,
    actor: Actor,
    now: datetime,
    reason: str,
) -> Organisation:
    nodes.require_open(organisation, on)
    nodes.require_day(organisation, on, now)
    if successor is not None:
        _require_successor(organisation, successor, on)
        _hand_over(organisation, successor, on, actor, now, reason)
        organisation.refresh_from_db()
    _require_empty(organisation, on)
    organisation.closed_on = on
    organisation.successor = successor
    organisation.version += 1
    organisation.save(update_fields=["closed_on", "successor", "version"])
    nodes.record_change(
        organisation,
        kind,
        on=on,
        actor=actor,
        now=now,
        before={"closed_on": None},
        after={"closed_on": on.isoformat(), "successor": successor.pk if successor else None},
        reason=reason,
    )
    return organisation


def _require_successor(organisation: Organisation, successor: Organisation, on: date) -> None:
    nodes.require_open(successor, on)
    if successor.kind != organisation.kind or is_within(successor.path, organisation.path):
        raise WrongSuccessor(name=organisation.name, successor=successor.name)


def _hand_over(
    organisation: Organisation, successor: Organisation, on: date, actor: Actor, now: datetime, reason: str
) -> None:
    for child in nodes.open_children(organisation, on):
        successor.refresh_from_db()
        _move(child, successor, on, actor, now, reason)
    members.hand_over(organisation, successor, on=on, actor=actor, now=now)


def _require_empty(organisation: Organisation, on: date) -> None:
    children = nodes.open_children(organisation, on)
    if children:
        raise HasChildren(name=organisation.name, count=len(children), first=children[0].name)
    people = (
        Membership.objects.filter(organisation=organisation, until_on__isnull=True).count()
        + Post.objects.filter(organisation=organisation, until_on__isnull=True).count()
    )
    if people:
        raise HasMembers(name=organisation.name, count=people)


def merge(
    organisations: Sequence[Organisation],
    *,
    into: Organisation,
    on: date,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Organisation:
    """Merge `organisations` into `into` on `on`: what belongs to them goes there, they close and name it as successor.

    To merge into a new organisation create that first. Raises as `close`.
    """
    with transaction.atomic():
        nodes.lock_tree(into.path, *(one.path for one in organisations))
        into = nodes.fresh(into)
        require(actor, Action.MANAGE_ORGANISATIONS, into.path)
        for one in organisations:
            source = nodes.fresh(one)
            require(actor, Action.MANAGE_ORGANISATIONS, source.path)
            _close(source, into, Kind.MERGED, on, actor, now, reason)
            into = nodes.fresh(into)
        nodes.record_change(
            into,
            Kind.MERGED,
            on=on,
            actor=actor,
            now=now,
            before={"from": [one.pk for one in organisations]},
            after={"into": into.pk},
            reason=reason,
        )
    return into


@dataclass(frozen=True, slots=True)
class Part:
    """A new organisation that a split makes: its name, and which children and members (of the old one) go to it."""

    name: str
    official_code: str = ""
    party_type: str = ""
    children: tuple[Organisation, ...] = ()
    members: tuple[Membership, ...] = ()


def split(
    organisation: Organisation,
    *,
    parts: Sequence[Part],
    on: date,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    reason: str = "",
) -> list[Organisation]:
    """Split `parts` off the organisation on `on`, beside it, of its kind; it stays itself with what is left.

    To end it as well, `close` it with a successor afterwards. Raises Refused, Stale, NotOfThis, and as
    `create_organisation` and `move`. A root cannot be split.
    """
    with transaction.atomic():
        nodes.lock_tree(organisation.path)
        organisation = nodes.fresh(organisation, version=version, mine="、".join(part.name for part in parts))
        parent = organisation.parent
        require(actor, Action.MANAGE_ORGANISATIONS, parent.path if parent else "")
        nodes.require_open(organisation, on)
        nodes.require_day(organisation, on, now)
        made = [_split_off(organisation, part, on, actor, now, reason) for part in parts]
        Organisation.objects.filter(pk=organisation.pk).update(version=F("version") + 1)
        nodes.record_change(
            organisation,
            Kind.SPLIT,
            on=on,
            actor=actor,
            now=now,
            after={"into": [one.pk for one in made]},
            reason=reason,
        )
    return made


def _split_off(
    organisation: Organisation, part: Part, on: date, actor: Actor, now: datetime, reason: str
) -> Organisation:
    new = create_organisation(
        name=part.name,
        kind=organisation.kind,
        parent=organisation.parent,
        actor=actor,
        now=now,
        on=on,
        official_code=part.official_code,
        party_type=part.party_type or organisation.party_type,
        level=organisation.level,
        reason=reason,
    )
    for child in part.children:
        fresh_child = nodes.fresh(child)
        if fresh_child.parent_id != organisation.pk:
            raise NotOfThis(what=child.name, name=organisation.name)
        _move(fresh_child, nodes.fresh(new), on, actor, now, reason)
    for one in part.members:
        if one.organisation_id != organisation.pk or one.until_on is not None:
            raise NotOfThis(what=one.person.name, name=organisation.name)
        members.transfer(one, to=new, on=on, actor=actor, now=now)
    return new


def reopen(
    organisation: Organisation, *, actor: Actor, now: datetime, version: int | None = None, reason: str = ""
) -> Organisation:
    """Undo a closing that was wrong. What was handed to a successor stays there and is moved back by hand.

    Raises Refused, Stale, NotClosed, Closed (the parent is closed too).
    """
    with transaction.atomic():
        organisation = nodes.fresh(organisation, version=version, mine=reason)
        require(actor, Action.MANAGE_ORGANISATIONS, organisation.path)
        if organisation.closed_on is None:
            raise NotClosed(name=organisation.name)
        if organisation.parent is not None:
            nodes.require_open(organisation.parent, local_date(now))
        before = {"closed_on": organisation.closed_on.isoformat(), "successor": organisation.successor_id}
        organisation.closed_on, organisation.successor = None, None
        organisation.version += 1
        organisation.save(update_fields=["closed_on", "successor", "version"])
        nodes.record_change(
            organisation,
            Kind.CORRECTED,
            on=local_date(now),
            actor=actor,
            now=now,
            before=before,
            after={"closed_on": None},
            reason=reason,
        )
    return organisation
