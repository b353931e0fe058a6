"""Reading organisations and people: the tree, search, history, rolls, member files. Frozen dataclasses or querysets.

Whatever is for a person's eyes starts from `visible_to(actor)`. Public pages that may show any organisation use
`public_*`. Writes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from quxin.access import Action, Actor, may
from quxin.kernel.paths import STEP, ancestors
from quxin.kernel.text import squeeze
from quxin.orgs.classes import classes_of, of_class
from quxin.orgs.models import (
    Membership,
    MemberStatus,
    Organisation,
    OrganisationChange,
    OrganisationKind,
    Person,
    Placement,
    Post,
)
from quxin.orgs.people import masked
from quxin.orgs.querysets import OrganisationQuerySet, within

__all__ = [
    "ChildRow",
    "MemberFile",
    "MemberRow",
    "Placed",
    "Stretch",
    "ancestors_of",
    "by_name",
    "children",
    "classes_of",
    "history",
    "member_file",
    "of_class",
    "path_on",
    "public_organisation",
    "roll",
    "roots",
    "search_organisations",
    "search_people",
    "subtree_on",
    "visible_organisation",
]

MEMBERS = (MemberStatus.FULL, MemberStatus.PROBATIONARY)


# --- the tree ---


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A line of the tree page. `children` are direct and open; `members` count it and all below, None when not asked."""

    id: int
    code: str
    official_code: str
    name: str
    kind: str
    party_type: str
    level: str
    path: str
    children: int
    members: int | None
    closed_on: date | None


def visible_organisation(actor: Actor, code: str) -> Organisation | None:
    """The organisation with the address `code` if `actor` may see it, with its parent; else None (a 404)."""
    return Organisation.objects.visible_to(actor).select_related("parent", "successor").filter(code=code).first()


def public_organisation(code: str) -> Organisation | None:
    """The organisation with the address `code` for public pages; names of organisations are public."""
    return Organisation.objects.select_related("parent", "successor").filter(code=code).first()


def roots(actor: Actor) -> list[Organisation]:
    """The tops of what `actor` may see: where his tree page begins."""
    tops: list[Organisation] = []
    for row in Organisation.objects.visible_to(actor).filter(path__in=_scope_paths(actor)).order_by("path"):
        if not any(row.path.startswith(top.path) for top in tops):
            tops.append(row)
    return tops


def _scope_paths(actor: Actor) -> list[str]:
    if actor.is_system:
        return list(Organisation.objects.filter(depth=1).values_list("path", flat=True))
    return [grant.path for grant in actor.grants]


def children(
    actor: Actor,
    parent: Organisation,
    *,
    on: date,
    with_members: bool = False,
    with_closed: bool = False,
    kinds: Sequence[str] = (),
    offset: int = 0,
    limit: int | None = None,
) -> list[ChildRow]:
    """The children of `parent` that `actor` may see, in Chinese order within each kind; at most three queries.

    Party organisations, departments and units of the house stand before the agencies below it. `with_members` counts
    正式 and 预备 members of each subtree, which reads them all: not for the root of a nation.
    """
    found = Organisation.objects.visible_to(actor).filter(parent=parent)
    if not with_closed:
        found = found.open_on(on)
    if kinds:
        found = found.filter(kind__in=kinds)
    found = found.annotate(rank=_KIND_RANK).order_by("rank", "sort_key", "pk")
    rows = list(found[offset : offset + limit if limit is not None else None])
    below = dict(
        Organisation.objects.filter(parent__in=[row.pk for row in rows])
        .open_on(on)
        .order_by()
        .values_list("parent")
        .annotate(count=Count("pk"))
    )
    members = _members_below(parent, on) if with_members else None
    return [
        ChildRow(
            id=row.pk,
            code=row.code,
            official_code=row.official_code or "",
            name=row.name,
            kind=row.kind,
            party_type=row.party_type,
            level=row.level,
            path=row.path,
            children=below.get(row.pk, 0),
            members=members.get(row.path, 0) if members is not None else None,
            closed_on=row.closed_on,
        )
        for row in rows
    ]


_ORDER = (
    OrganisationKind.PARTY,
    OrganisationKind.DEPARTMENT,
    OrganisationKind.AFFILIATED,
    OrganisationKind.AGENCY,
)
# What belongs to the house itself stands before the agencies below it.
_KIND_RANK = Case(
    *(When(kind=kind, then=Value(rank)) for rank, kind in enumerate(_ORDER)),
    default=Value(len(_ORDER)),
    output_field=IntegerField(),
)


def _members_below(parent: Organisation, on: date) -> dict[str, int]:
    """Members by the path of the child of `parent` below which they stand."""
    grouped = (
        Membership.objects.on(on)
        .filter(within((parent.path,), "organisation__path"), status__in=MEMBERS)
        .annotate(child=Substr("organisation__path", 1, len(parent.path) + STEP))
        .order_by()
        .values_list("child")
        .annotate(count=Count("pk"))
    )
    return dict(grouped)


def ancestors_of(organisation: Organisation, *, include_self: bool = False) -> list[Organisation]:
    """The organisations above it, root first; one query. Names only: for breadcrumbs, whoever looks."""
    paths = ancestors(organisation.path, include_self=include_self)
    return list(Organisation.objects.filter(path__in=paths).order_by("path"))


# --- search ---


def search_organisations(
    actor: Actor, text: str, *, on: date | None = None, kinds: Sequence[str] = (), limit: int = 20
) -> list[Organisation]:
    """Organisations that `actor` may see, by name, short name, pinyin initials or official code; best first.

    An official code or a name typed in full comes first, then what begins so, then the rest, in Chinese order; one query.
    """
    tidy = squeeze(text)
    if not tidy:
        return []
    found = Organisation.objects.visible_to(actor)
    if on is not None:
        found = found.open_on(on)
    if kinds:
        found = found.filter(kind__in=kinds)
    keys = by_name(found, tidy).values("pk")[:limit]
    return list(Organisation.objects.filter(pk__in=keys).order_by(*_order(tidy)))


def by_name(found: OrganisationQuerySet, text: str) -> OrganisationQuerySet:
    """Those of `found` that `text` (not empty) names: best first, the upper levels before the lower, in Chinese order.

    Take keys from it and fetch rows by them: whatever choosing looks at stands in the index `organisation_search`, so that a
    hundred thousand names are read from it one after another, and only the rows that will be shown are fetched.
    """
    tidy = squeeze(text)
    return found.filter(_matches(tidy)[0]).order_by(*_order(tidy))


def _order(tidy: str) -> tuple[Case | str, ...]:
    _, whole, head = _matches(tidy)
    rank = Case(When(whole, then=Value(0)), When(head, then=Value(1)), default=Value(2), output_field=IntegerField())
    return rank, "depth", "sort_key", "pk"


def _matches(tidy: str) -> tuple[Q, Q, Q]:
    """What is found at all, what is meant when typed in full, and what begins so."""
    inside = Q(name__contains=tidy) | Q(short_name__contains=tidy)
    whole, head = Q(name=tidy) | Q(short_name=tidy), Q(name__startswith=tidy)
    if not tidy.isascii():
        return inside, whole, head
    # Letters and digits are initials or codes as a rule, and seldom a part of a name.
    code, letters = tidy.upper(), tidy.lower()
    begins = _begins("initials", letters) | _begins("official_code", code)
    return inside | begins, whole | Q(official_code=code) | Q(initials=letters), head | begins


def _begins(field: str, text: str) -> Q:
    """`startswith` of a byte-ordered column, which needs no care for capitals."""
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + "~"})


def search_people(actor: Actor, text: str, *, limit: int = 20) -> list[Person]:
    """People whose files `actor` may see, by name, pinyin initials or staff number in full; in Chinese order."""
    tidy = squeeze(text)
    if not tidy:
        return []
    condition = Q(name__contains=tidy) | Q(staff_number=tidy)
    if tidy.isascii():
        condition |= _begins("initials", tidy.lower())
    found = Person.objects.visible_to(actor).filter(condition, erased_at__isnull=True)
    # As for organisations: names are read from the index `person_search`, and only the rows to be shown are fetched.
    keys = found.order_by("sort_key", "pk").values("pk")[:limit]
    return list(Person.objects.filter(pk__in=keys).order_by("sort_key", "pk"))


# --- as it was ---


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an organisation stood on a day, under the name it had."""

    organisation: int
    code: str
    path: str
    parent: int | None
    name: str


def _on(day: date) -> Q:
    return Q(from_on__lte=day) & (Q(until_on__isnull=True) | Q(until_on__gt=day))


def path_on(organisation: int, day: date) -> str | None:
    """The path that the organisation with this id had on `day`; None before it was opened."""
    placements = Placement.objects.filter(_on(day), organisation=organisation)
    return placements.order_by("-pk").values_list("path", flat=True).first()


def subtree_on(path: str, day: date) -> list[Placed]:
    """The organisation that stood at `path` on `day` and all that stood below it then, by path: the tree as it was.

    For the tree as it is now: `Organisation.objects.within(path)`.
    """
    rows = (
        Placement.objects.filter(_on(day), within((path,)))
        .filter(Q(organisation__closed_on__isnull=True) | Q(organisation__closed_on__gt=day))
        .order_by("path", "pk")
        .values_list("organisation_id", "organisation__code", "path", "parent_id", "name")
    )
    return [Placed(*row) for row in rows]


def history(organisation: Organisation) -> QuerySet[OrganisationChange]:
    """The changes of the organisation, the earliest first."""
    return OrganisationChange.objects.filter(organisation=organisation).order_by("on", "pk")


# --- people ---


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A line of a roll."""

    membership: int
    person: int
    person_code: str
    name: str
    status: str
    joined_on: date | None
    from_on: date
    organisation: str
    organisation_code: str
    posts: tuple[str, ...]


def roll(
    actor: Actor, organisation: Organisation, *, on: date, below: bool = False, limit: int | None = None
) -> list[MemberRow]:
    """The members of a party organisation on `on` (with `below` of all below it too), in Chinese order; two queries.

    Empty when `actor` may not see member files there.
    """
    if not may(actor, Action.VIEW_MEMBER_FILE, organisation.path):
        return []
    place = within((organisation.path,), "organisation__path") if below else Q(organisation=organisation)
    found = (
        Membership.objects.on(on)
        .filter(place)
        .select_related("person", "organisation")
        .order_by("organisation__path", "person__sort_key", "pk")
    )
    rows = list(found[:limit])
    posts = _posts_of([row.person_id for row in rows], on)
    return [
        MemberRow(
            membership=row.pk,
            person=row.person_id,
            person_code=row.person.code,
            name=row.person.name,
            status=row.status,
            joined_on=row.joined_on,
            from_on=row.from_on,
            organisation=row.organisation.name,
            organisation_code=row.organisation.code,
            posts=tuple(posts.get(row.person_id, ())),
        )
        for row in rows
    ]


def _posts_of(people: Iterable[int], on: date) -> dict[int, list[str]]:
    posts: dict[int, list[str]] = {}
    rows = Post.objects.filter(Q(until_on__isnull=True) | Q(until_on__gt=on), person__in=people, from_on__lte=on)
    for person, title in rows.order_by("from_on", "pk").values_list("person_id", "title"):
        posts.setdefault(person, []).append(title)
    return posts


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of membership or of a post: `what` is the status or the title."""

    organisation: str
    organisation_code: str
    what: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class MemberFile:
    """The basics of a person's file, numbers with stars; promises and study are added by whoever knows records."""

    id: int
    code: str
    name: str
    staff_number: str
    identity: str
    phone: str
    retired: bool
    erased: bool
    status: str
    joined_on: date | None
    memberships: tuple[Stretch, ...]
    posts: tuple[Stretch, ...]


def member_file(actor: Actor, code: str) -> MemberFile | None:
    """The file of the person with the address `code`, or None when `actor` may not see it; three or four queries."""
    person = Person.objects.visible_to(actor).filter(code=code).first()
    if person is None:
        return None
    memberships = list(person.memberships.select_related("organisation").order_by("-from_on", "-pk"))
    posts = list(person.posts.select_related("organisation").order_by("-from_on", "-pk"))
    current = next((row for row in memberships if row.until_on is None), None)
    return MemberFile(
        id=person.pk,
        code=person.code,
        name=person.name,
        staff_number=person.staff_number or "",
        identity=masked(person, "identity"),
        phone=masked(person, "phone"),
        retired=person.retired,
        erased=person.erased_at is not None,
        status=current.status if current else "",
        joined_on=current.joined_on if current else None,
        memberships=tuple(_stretch(row, row.status) for row in memberships),
        posts=tuple(_stretch(row, row.title) for row in posts),
    )


def _stretch(row: Membership | Post, what: str) -> Stretch:
    return Stretch(row.organisation.name, row.organisation.code, what, row.from_on, row.until_on)
