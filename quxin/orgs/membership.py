"""Who belongs where: join, transfer, leave, change status; appoint and leave a post. Each keeps the stocks right.

A stretch of membership is a row: a change of place or status ends one row and begins another, so history stays.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError
from quxin.ledger.operations import audit
from quxin.orgs import nodes, stock
from quxin.orgs.models import (
    Membership,
    MemberStatus,
    Organisation,
    OrganisationKind,
    PartyType,
    Person,
    Post,
)


class NotAPartyOrganisation(QuxinError):
    """Only basic party organisations have members."""

    default_message = "“%(name)s”不是可以接收党员的基层党组织"
    default_hint = "请选择党支部、党总支、党委或党小组；党组是派出的，不设党员。"


class AlreadyMember(QuxinError):
    """The person is a member somewhere already."""

    default_message = "%(person)s的组织关系已在“%(name)s”"
    default_hint = "请由原党组织办理转接，不要重复登记。"


class NotMember(QuxinError):
    """The membership has ended already."""

    default_message = "这段组织关系已于 %(day)s 结束"
    default_hint = "请刷新页面看最新的情况。"


class SameStatus(QuxinError):
    """The status is the one the member has."""

    default_message = "现在已经是%(status)s"
    default_hint = "不需要办理。"


class AlreadyOnStaff(QuxinError):
    """The person is counted as staff somewhere already."""

    default_message = "%(person)s已在“%(name)s”任职，在编只计一处"
    default_hint = "兼职请去掉“在编岗位”；调动请先结束原来的任职。"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts and when: what every step within an operation needs."""

    actor: Actor
    now: datetime


def join(
    person: Person,
    *,
    organisation: Organisation,
    status: str,
    on: date,
    actor: Actor,
    now: datetime,
    joined_on: date | None = None,
) -> Membership:
    """Enter `person` on the roll of a party organisation from `on`; `joined_on` is when he joined the party.

    Raises Refused, NotAPartyOrganisation, Closed, BadDay, AlreadyMember.
    """
    require(actor, Action.MANAGE_PEOPLE, organisation.path)
    status = str(MemberStatus(status))
    require_basic(organisation)
    with transaction.atomic():
        # The person's row is the lock: two branches must not enter him at once.
        person = Person.objects.select_for_update().get(pk=person.pk)
        current = Membership.objects.select_related("organisation").filter(person=person, until_on__isnull=True)
        if (held := current.first()) is not None:
            raise AlreadyMember(person=person.name, name=held.organisation.name)
        membership = _begin(person, organisation, status, on, joined_on, Hand(actor, now))
        _note("member.joined", membership, on, Hand(actor, now))
    return membership


def require_basic(organisation: Organisation) -> None:
    """Raises NotAPartyOrganisation when it has no members of its own."""
    if organisation.kind != OrganisationKind.PARTY or organisation.party_type == PartyType.LEADING_GROUP:
        raise NotAPartyOrganisation(name=organisation.name)


def transfer(membership: Membership, *, to: Organisation, on: date, actor: Actor, now: datetime) -> Membership:
    """Move the organisational relation to another party organisation on `on`; returns the new stretch.

    Asks for rights on both sides. Raises Refused, NotAPartyOrganisation, Closed, BadDay, NotMember, AlreadyMember.
    """
    require(actor, Action.MANAGE_PEOPLE, to.path)
    require_basic(to)
    hand = Hand(actor, now)
    with transaction.atomic():
        membership = _current(membership, actor)
        if membership.organisation_id == to.pk:
            raise AlreadyMember(person=membership.person.name, name=to.name)
        _end(membership, on, hand)
        new = _begin(membership.person, to, membership.status, on, membership.joined_on, hand)
        _note("member.transferred", new, on, hand, before=membership.pk)
    return new


def change_status(membership: Membership, *, status: str, on: date, actor: Actor, now: datetime) -> Membership:
    """Give the member another status from `on` (预备 → 正式); returns the new stretch.

    A person who becomes a probationary member joins the party on that day. Raises Refused, BadDay, NotMember,
    SameStatus.
    """
    status = str(MemberStatus(status))
    hand = Hand(actor, now)
    with transaction.atomic():
        membership = _current(membership, actor)
        if membership.status == status:
            raise SameStatus(status=MemberStatus(status).label)
        _end(membership, on, hand)
        joined = membership.joined_on or (on if status == MemberStatus.PROBATIONARY else None)
        new = _begin(membership.person, membership.organisation, status, on, joined, hand)
        _note("member.status-changed", new, on, hand, before=membership.pk, status=status)
    return new


def leave(membership: Membership, *, on: date, actor: Actor, now: datetime, reason: str = "") -> Membership:
    """Take the member off the roll from `on`. Raises Refused, BadDay, NotMember."""
    hand = Hand(actor, now)
    with transaction.atomic():
        membership = _current(membership, actor)
        _end(membership, on, hand)
        _note("member.left", membership, on, hand, reason=reason[:200])
    return membership


def correct_joined(membership: Membership, *, joined_on: date, actor: Actor, now: datetime) -> Membership:
    """Correct the day on which the member joined the party. Raises Refused, NotMember, BadDay."""
    hand = Hand(actor, now)
    with transaction.atomic():
        membership = _current(membership, actor)
        _require_not_future(joined_on, now)
        before = membership.joined_on.isoformat() if membership.joined_on else ""
        membership.joined_on = joined_on
        membership.save(update_fields=["joined_on"])
        _note("member.corrected", membership, joined_on, hand, before=before)
    return membership


def appoint(
    person: Person,
    *,
    organisation: Organisation,
    title: str,
    on: date,
    actor: Actor,
    now: datetime,
    is_staff_post: bool | None = None,
) -> Post:
    """Give `person` a post from `on`. A staff post counts him among the staff, which he can be only once.

    `is_staff_post` None decides: yes for the first post outside party organisations. Raises Refused, BadName, Closed,
    BadDay, AlreadyOnStaff.
    """
    require(actor, Action.MANAGE_PEOPLE, organisation.path)
    title = nodes.tidy_name(title, limit=60)
    hand = Hand(actor, now)
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person.pk)
        staff = Post.objects.select_related("organisation").filter(
            person=person, is_staff_post=True, until_on__isnull=True
        )
        held = staff.first()
        if is_staff_post and held is not None:
            raise AlreadyOnStaff(person=person.name, name=held.organisation.name)
        if is_staff_post is None:
            is_staff_post = held is None and organisation.kind != OrganisationKind.PARTY
        post = _begin_post(person, organisation, title, is_staff_post, on, hand)
        _note_post("post.appointed", post, on, hand)
    return post


def leave_post(post: Post, *, on: date, actor: Actor, now: datetime) -> Post:
    """End a post on `on`. Raises Refused, BadDay, NotMember."""
    hand = Hand(actor, now)
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=post.pk)
        require(actor, Action.MANAGE_PEOPLE, post.organisation.path)
        if post.until_on is not None:
            raise NotMember("这项任职已于 %(day)s 结束", day=post.until_on.isoformat())
        _end_post(post, on, hand)
        _note_post("post.left", post, on, hand)
    return post


def hand_over(organisation: Organisation, successor: Organisation, *, on: date, actor: Actor, now: datetime) -> None:
    """Bring every member and post of `organisation` to `successor` on `on`; whoever calls has asked for the rights."""
    hand = Hand(actor, now)
    people = Membership.objects.filter(organisation=organisation, until_on__isnull=True)
    for row in people.select_related("person", "organisation").order_by("pk"):
        _end(row, on, hand)
        _begin(row.person, successor, row.status, on, row.joined_on, hand)
    posts = Post.objects.filter(organisation=organisation, until_on__isnull=True)
    for post in posts.select_related("person", "organisation").order_by("pk"):
        _end_post(post, on, hand)
        _begin_post(post.person, successor, post.title, post.is_staff_post, on, hand)


def _current(membership: Membership, actor: Actor) -> Membership:
    row = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("organisation", "person")
        .get(pk=membership.pk)
    )
    require(actor, Action.MANAGE_PEOPLE, row.organisation.path)
    if row.until_on is not None:
        raise NotMember(day=row.until_on.isoformat())
    return row


def _require_not_future(on: date, now: datetime) -> None:
    if on > local_date(now):
        raise nodes.BadDay(day=on.isoformat(), why="还没有到这一天")


def _begin(
    person: Person, organisation: Organisation, status: str, on: date, joined_on: date | None, hand: Hand
) -> Membership:
    _require_not_future(on, hand.now)
    nodes.require_open(organisation, on)
    membership = Membership.objects.create(
        person=person, organisation=organisation, status=status, joined_on=joined_on, from_on=on
    )
    stock.count_members([membership], actor=hand.actor, now=hand.now)
    return membership


def _end(membership: Membership, on: date, hand: Hand) -> None:
    _require_not_future(on, hand.now)
    _require_after(membership.from_on, on)
    membership.until_on = on
    membership.save(update_fields=["until_on"])
    stock.count_out([stock.membership_subject(membership)], on=on, actor=hand.actor, now=hand.now)


def _require_after(from_on: date, on: date) -> None:
    if on < from_on:
        start = from_on.isoformat()
        raise nodes.BadDay("日期 %(day)s 早于开始的日期 %(start)s", day=on.isoformat(), start=start)


def _begin_post(
    person: Person, organisation: Organisation, title: str, is_staff_post: bool, on: date, hand: Hand
) -> Post:
    _require_not_future(on, hand.now)
    nodes.require_open(organisation, on)
    post = Post.objects.create(
        person=person, organisation=organisation, title=title, is_staff_post=is_staff_post, from_on=on
    )
    stock.count_staff([post], actor=hand.actor, now=hand.now)
    return post


def _end_post(post: Post, on: date, hand: Hand) -> None:
    _require_not_future(on, hand.now)
    _require_after(post.from_on, on)
    post.until_on = on
    post.save(update_fields=["until_on"])
    stock.count_out([stock.post_subject(post)], on=on, actor=hand.actor, now=hand.now)


def _note(action: str, row: Membership, on: date, hand: Hand, **details: object) -> None:
    audit(
        action,
        stock.membership_subject(row),
        actor=hand.actor.account,
        now=hand.now,
        path=row.organisation.path,
        on=on.isoformat(),
        person=row.person_id,
        **details,
    )


def _note_post(action: str, row: Post, on: date, hand: Hand) -> None:
    audit(
        action,
        stock.post_subject(row),
        actor=hand.actor.account,
        now=hand.now,
        path=row.organisation.path,
        on=on.isoformat(),
        person=row.person_id,
    )
