"""Rolls and member files as the desk shows them: who belongs where, promises, study, posts.

Everything starts from what the actor may see; numbers of identity cards and phones come with stars. Reads only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from quxin.access import Action, Actor, may, scopes
from quxin.briefs.commitments import PromiseRow, promise_rows, with_words
from quxin.briefs.progress import HONOUR, progress_kinds
from quxin.kernel.paths import is_within
from quxin.kernel.text import squeeze
from quxin.ledger.models import Fact
from quxin.ledger.queries import standing
from quxin.orgs import queries as orgs
from quxin.orgs.models import Membership, MemberStatus, Organisation, Person, PersonKey, Post
from quxin.orgs.people import masked, paths_of
from quxin.orgs.querysets import within
from quxin.records.activities.facts import PERSON
from quxin.records.activities.models import Activity
from quxin.records.campaigns.models import ProgressRecord
from quxin.records.commitments.models import Commitment

PAGE = 50
# What stands between several names in one record.
MARKS = re.compile(r"[、，,；;]")
SORTS = {"name": "person__sort_key", "status": "status", "joined": "joined_on", "from": "from_on"}


@dataclass(frozen=True, slots=True)
class RollRow:
    """A line of a roll."""

    code: str
    name: str
    status: str
    status_title: str
    joined_on: date | None
    from_on: date
    organisation: str
    organisation_code: str
    posts: tuple[str, ...]
    retired: bool


@dataclass(frozen=True, slots=True)
class RollPage:
    """A page of a roll, and how many there are of each status under the same filters."""

    rows: tuple[RollRow, ...]
    total: int
    by_status: tuple[tuple[str, str, int], ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Attended:
    """One activity that a person was named at, and the fact that says so."""

    on: date
    title: str
    code: str
    organisation: str
    book: str
    seq: int


@dataclass(frozen=True, slots=True)
class Honour:
    """A commendation that names the person. `kind` is a Chinese msgid or a title of a pack; `code` is the address of the
    record, "" for who may not see it. `is_ambiguous`: somebody else there has the same name."""

    on: date
    kind: str
    title: str
    code: str
    organisation: str
    is_ambiguous: bool


@dataclass(frozen=True, slots=True)
class MemberBrief:
    """A member's file: the basics, promises, study in a period, and what the actor may do with it."""

    file: orgs.MemberFile
    status_title: str
    memberships: tuple[tuple[orgs.Stretch, str], ...]
    posts: tuple[orgs.Stretch, ...]
    current: Membership | None
    open_posts: tuple[Post, ...]
    promises: tuple[PromiseRow, ...]
    study: tuple[Attended, ...]
    study_total: int
    honours: tuple[Honour, ...]
    is_own: bool
    may_manage: bool
    may_unmask: bool


@dataclass(frozen=True, slots=True)
class Masked:
    """What a security administrator sees of a person: who it is and that there are numbers, with stars."""

    id: int
    code: str
    name: str
    identity: str
    phone: str


# --- rolls ---


def roll_page(
    actor: Actor,
    organisation: Organisation,
    *,
    today: date,
    below: bool = False,
    status: str = "",
    search: str = "",
    sort: str = "",
    page: int = 1,
    size: int = PAGE,
) -> RollPage:
    """The members of `organisation` (with `below` of all below it too); empty where the actor may see no files."""
    chosen = _chosen(actor, organisation, today, below, search)
    counts = dict(_by_status(chosen))
    if status:
        chosen = chosen.filter(status=status)
    total = counts.get(status, 0) if status else sum(counts.values())
    start = (max(1, page) - 1) * size
    rows = list(chosen.select_related("person", "organisation").order_by(*_order(sort))[start : start + size])
    posts = _posts([row.person_id for row in rows], today)
    return RollPage(
        rows=tuple(_row(row, posts) for row in rows),
        total=total,
        by_status=tuple((one.value, one.label, counts.get(one.value, 0)) for one in MemberStatus),
        page=max(1, page),
        pages=max(1, -(-total // size)),
    )


def _chosen(actor: Actor, organisation: Organisation, today: date, below: bool, search: str) -> QuerySet[Membership]:
    place = within((organisation.path,), "organisation__path") if below else Q(organisation=organisation)
    seen = within(scopes(actor, Action.VIEW_MEMBER_FILE), "organisation__path")
    chosen = Membership.objects.on(today).filter(place, seen, person__erased_at__isnull=True)
    tidy = squeeze(search)
    if tidy:
        found = Q(person__name__contains=tidy) | Q(person__staff_number=tidy)
        if tidy.isascii():
            found |= Q(person__initials__startswith=tidy.lower())
        chosen = chosen.filter(found)
    return chosen


def _by_status(chosen: QuerySet[Membership]) -> list[tuple[str, int]]:
    return list(chosen.order_by().values_list("status").annotate(count=Count("pk")))


def _order(sort: str) -> list[str]:
    key = SORTS.get(sort.lstrip("-"))
    first = [f"{'-' if sort.startswith('-') else ''}{key}"] if key else ["organisation__path"]
    return [*first, "person__sort_key", "pk"]


def _posts(people: list[int], today: date) -> Mapping[int, list[str]]:
    held = Post.objects.filter(Q(until_on__isnull=True) | Q(until_on__gt=today), person__in=people, from_on__lte=today)
    posts: dict[int, list[str]] = {}
    for person, title in held.order_by("from_on", "pk").values_list("person_id", "title"):
        posts.setdefault(person, []).append(title)
    return posts


def _row(row: Membership, posts: Mapping[int, list[str]]) -> RollRow:
    return RollRow(
        code=row.person.code,
        name=row.person.name,
        status=row.status,
        status_title=MemberStatus(row.status).label,
        joined_on=row.joined_on,
        from_on=row.from_on,
        organisation=row.organisation.name,
        organisation_code=row.organisation.code,
        posts=tuple(posts.get(row.person_id, ())),
        retired=row.person.retired,
    )


# --- one person ---


def member_brief(actor: Actor, code: str, *, today: date) -> MemberBrief | None:
    """The file of the person with the address `code`; None when the actor may not see it."""
    file = orgs.member_file(actor, code)
    if file is None:
        return None
    person = Person.objects.get(pk=file.id)
    paths = paths_of(person)
    memberships = person.memberships.filter(until_on__isnull=True).select_related("organisation", "person")
    open_posts = person.posts.filter(until_on__isnull=True).select_related("organisation")
    promises = with_words(Commitment.objects.visible_to(actor).filter(person=person)).order_by("-due_on", "-pk")
    study, total = study_of(person)
    return MemberBrief(
        file=file,
        status_title=MemberStatus(file.status).label if file.status else "",
        memberships=tuple((stretch, MemberStatus(stretch.what).label) for stretch in file.memberships),
        posts=file.posts,
        current=memberships.first(),
        open_posts=tuple(open_posts.order_by("from_on", "pk")),
        promises=tuple(promise_rows(promises[:PAGE], today=today)),
        study=study,
        study_total=total,
        honours=() if file.erased else honours_of(actor, person),
        is_own=actor.person == person.pk,
        may_manage=not file.erased and any(may(actor, Action.MANAGE_PEOPLE, path) for path in paths),
        may_unmask=not file.erased and any(may(actor, Action.UNMASK, path) for path in paths),
    )


def study_of(person: Person, *, most: int = PAGE) -> tuple[tuple[Attended, ...], int]:
    """The activities that the person was named at, newest first, and how many there are in all; from the facts."""
    key = PersonKey.objects.filter(person=person).values_list("key", flat=True).first()
    if key is None:
        return (), 0
    facts = standing(Fact.objects.filter(kind=PERSON.id, person=key))
    total = facts.count()
    rows = list(facts.select_related("book").order_by("-on", "-book_id", "-seq")[:most])
    ids = {fact.subject: int(fact.subject.split(":")[1].split("/")[0]) for fact in rows}
    held = {row.pk: row for row in Activity.objects.filter(pk__in=ids.values()).select_related("organisation")}
    return tuple(_attended(fact, held.get(ids[fact.subject])) for fact in rows), total


def honours_of(actor: Actor, person: Person, *, most: int = PAGE) -> tuple[Honour, ...]:
    """Commendations that name the person, newest first: by an organisation where he is or was, or above it.

    A record holds names as words, so that it is the name that decides; where two people of that name could be meant, both
    files show it, and say so.
    """
    kinds, paths = progress_kinds(HONOUR), _ever_at([person.pk])
    rows = ProgressRecord.objects.filter(
        kind__in=list(kinds), partner__contains=person.name[:1], withdrawn_at__isnull=True
    )
    named = [
        row
        for row in rows.select_related("organisation").order_by("-occurred_on", "-pk")[: 10 * most]
        if person.name in names_in(row.partner) and any(is_within(path, row.organisation.path) for path in paths)
    ][:most]
    if not named:
        return ()
    seen = set(
        ProgressRecord.objects.visible_to(actor).filter(pk__in=[row.pk for row in named]).values_list("pk", flat=True)
    )
    others = Person.objects.filter(name=person.name, erased_at__isnull=True).exclude(pk=person.pk)
    elsewhere = _ever_at([other.pk for other in others[:20]])
    return tuple(
        Honour(
            on=row.occurred_on,
            kind=kinds[row.kind].zh,
            title=row.title,
            code=row.code if row.pk in seen else "",
            organisation=row.organisation.name,
            is_ambiguous=any(is_within(path, row.organisation.path) for path in elsewhere),
        )
        for row in named
    )


def names_in(text: str) -> set[str]:
    """The names that a record's words may hold: 张三、李四; 江苏省局 张三; 王 芳."""
    return {squeeze(part) for part in MARKS.split(text)} | set(re.split(r"[、，,；;\s]+", text))


def _ever_at(people: list[int]) -> list[str]:
    """The paths of the organisations that these people belong to, or ever did."""
    rows = Membership.objects.filter(person__in=people).values_list("organisation__path", flat=True)
    posts = Post.objects.filter(person__in=people).values_list("organisation__path", flat=True)
    return sorted({*rows, *posts})


def _attended(fact: Any, activity: Activity | None) -> Attended:
    return Attended(
        on=fact.on,
        title=activity.title if activity else fact.subject,
        code=activity.code if activity else "",
        organisation=activity.organisation.name if activity else "",
        book=fact.book.key,
        seq=fact.seq,
    )


def visible_person(actor: Actor, code: str) -> Person | None:
    """The person with the address `code` if the actor may see the file."""
    return Person.objects.visible_to(actor).filter(code=code).first()


# --- personal numbers ---


def unmaskable(actor: Actor) -> QuerySet[Person]:
    """People whose numbers the actor may ask to see in full: nobody, for nearly everybody."""
    paths = scopes(actor, Action.UNMASK)
    if not paths:
        return Person.objects.none()
    place = within(paths, "memberships__organisation__path") | within(paths, "posts__organisation__path")
    return Person.objects.filter(place, erased_at__isnull=True).distinct()


def masked_people(actor: Actor, search: str, *, most: int = 20) -> list[Masked]:
    """People found by name or staff number in full, for whoever may unmask; never a list of everybody."""
    tidy = squeeze(search)
    if not tidy:
        return []
    rows = unmaskable(actor).filter(Q(name=tidy) | Q(staff_number=tidy)).order_by("sort_key", "pk")[:most]
    return [masked_of(person) for person in rows]


def masked_of(person: Person) -> Masked:
    """What stands about a person on the page where numbers are shown in full."""
    return Masked(person.pk, person.code, person.name, masked(person, "identity"), masked(person, "phone"))
