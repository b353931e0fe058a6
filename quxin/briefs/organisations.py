"""The tree and one organisation as the desk shows them: children, history in words, counts, sizes to look at.

Reads only. What may be done with an organisation is asked of `access` by the page; operations ask again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from quxin.access import Action, Actor, may
from quxin.briefs.figures import Figure, figure_of
from quxin.kernel.missing import is_missing
from quxin.kernel.paths import ancestors, subtree_range
from quxin.kernel.periods import Period
from quxin.ledger.models import Fact
from quxin.measures.reading import measure_many
from quxin.measures.registry import find
from quxin.orgs import queries as orgs
from quxin.orgs.models import (
    Level,
    Membership,
    Organisation,
    OrganisationChange,
    OrganisationKind,
    PartyType,
    Placement,
    Post,
)
from quxin.orgs.sizes import Size, Warning, committee_counts, judge_size

PAGE = 50
MOST_FACTS = 100_000
SORTS = {"name": "sort_key", "code": "official_code", "level": "level", "kind": "kind"}
STOCKS = ("members.all", "staff.all", "members.ratio")
FLOWS = ("commitments.published", "commitments.kept", "activities.sessions")


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A line of the tree: what it is, how many members, what is unusual about its size.

    `name` is the name on the day asked for and `name_now` today's where it differs. `members` is None where nothing
    can be counted any more; its number is a link only where the organisation still stands where it stood.
    """

    code: str
    name: str
    name_now: str
    kind: str
    kind_title: str
    level_title: str
    official_code: str
    has_children: bool
    members: Figure | None
    is_linked: bool
    warnings: tuple[Warning, ...]
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class TreePage:
    """A node of the tree with a page of what stands below it, or what a search found (`crumbs` are (code, name))."""

    node: Organisation
    name: str
    crumbs: tuple[tuple[str, str], ...]
    rows: tuple[TreeRow, ...]
    total: int
    page: int
    pages: int
    on: date | None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change in words. `strong` is the kind (更名), `text` what changed."""

    on: date
    kind: str
    strong: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class PostHolder:
    """A post and who holds it."""

    code: str
    title: str
    person: str
    person_code: str
    is_staff: bool
    from_on: date


@dataclass(frozen=True, slots=True)
class OrganisationBrief:
    """The page of one organisation."""

    organisation: Organisation
    kind_title: str
    crumbs: tuple[Organisation, ...]
    history: tuple[HistoryEntry, ...]
    departments: tuple[orgs.ChildRow, ...]
    parties: tuple[orgs.ChildRow, ...]
    agencies: int
    stocks: tuple[Figure, ...]
    flows: tuple[Figure, ...]
    posts: tuple[PostHolder, ...]
    warnings: tuple[Warning, ...]
    may_see_people: bool


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change would take along, and how many facts stay under the old name and place."""

    below: int
    members: int
    posts: int
    facts: int

    @property
    def facts_text(self) -> str:
        """The count of facts; above MOST_FACTS only that they are more."""
        return f"{MOST_FACTS}+" if self.facts > MOST_FACTS else str(self.facts)


# --- the tree ---


def tree_page(
    actor: Actor,
    node: Organisation,
    *,
    today: date,
    on: date | None = None,
    search: str = "",
    kind: str = "",
    sort: str = "",
    page: int = 1,
    size: int = PAGE,
) -> TreePage:
    """`node` and a page of its children; with `on` as it was that day, with `search` what is found in all that is seen.

    `sort` is a key of SORTS, with "-" before it downwards; without it the house itself stands before agencies below.
    At most ten queries, however large the tree.
    """
    day = on or today
    if search:
        found = orgs.search_organisations(actor, search, on=day, kinds=(kind,) if kind else (), limit=size + 1)
        return _page(node, _rows(_now(found[:size]), day), len(found[:size]), 1, size, on, len(found) > size)
    if on is not None and on < today:
        chosen: QuerySet = _placed(actor, node, on, kind, sort)
    else:
        chosen = _children(actor, node, day, kind, sort)
    start = (max(1, page) - 1) * size
    taken = list(chosen[start : start + size + 1])
    # The count is asked for only where the page itself does not tell it.
    total = start + len(taken) if len(taken) <= size and (taken or start == 0) else chosen.count()
    rows = _rows(_then(taken[:size]) if on is not None and on < today else _now(taken[:size]), day)
    return _page(node, rows, total, max(1, page), size, on)


def _children(actor: Actor, node: Organisation, day: date, kind: str, sort: str) -> QuerySet:
    found = Organisation.objects.visible_to(actor).filter(parent=node).open_on(day)
    if kind:
        found = found.filter(kind=kind)
    return found.annotate(has_children=Exists(_open_below("pk"))).order_by(*_order(sort, ""))


def _placed(actor: Actor, node: Organisation, on: date, kind: str, sort: str) -> QuerySet:
    """Where organisations stood on `on` below `node`; those that the actor may see today."""
    visible = Organisation.objects.visible_to(actor)
    found = Placement.objects.filter(_held(on), parent=node, organisation__in=visible).filter(
        Q(organisation__closed_on__isnull=True) | Q(organisation__closed_on__gt=on)
    )
    if kind:
        found = found.filter(organisation__kind=kind)
    below = Placement.objects.filter(_held(on), parent=OuterRef("organisation_id"))
    return (
        found.select_related("organisation")
        .annotate(has_children=Exists(below))
        .order_by(*_order(sort, "organisation__"))
    )


def _open_below(outer: str) -> QuerySet:
    return Organisation.objects.filter(parent=OuterRef(outer), closed_on__isnull=True)


def _held(day: date) -> Q:
    return Q(from_on__lte=day) & (Q(until_on__isnull=True) | Q(until_on__gt=day))


def _order(sort: str, prefix: str) -> list[str | Case]:
    key = SORTS.get(sort.lstrip("-"))
    if key is None:
        return [_rank(prefix), f"{prefix}sort_key", "pk"]
    return [f"{'-' if sort.startswith('-') else ''}{prefix}{key}", f"{prefix}sort_key", "pk"]


def _rank(prefix: str) -> Case:
    """What belongs to the house itself stands before the agencies below it."""
    order = (OrganisationKind.PARTY, OrganisationKind.DEPARTMENT, OrganisationKind.AFFILIATED)
    whens = [When(**{f"{prefix}kind": kind}, then=Value(rank)) for rank, kind in enumerate(order)]
    return Case(*whens, default=Value(len(order)), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class _Stood:
    """An organisation, its path and name on the day asked for."""

    organisation: Organisation
    path: str
    name: str
    has_children: bool


def _now(rows: Iterable[Organisation]) -> list[_Stood]:
    rows = list(rows)
    asked = [row.pk for row in rows if not hasattr(row, "has_children")]
    parents = set()
    if asked:
        below = Organisation.objects.filter(parent__in=asked, closed_on__isnull=True)
        parents = set(below.order_by().values_list("parent", flat=True).distinct())
    return [_Stood(row, row.path, row.name, getattr(row, "has_children", row.pk in parents)) for row in rows]


def _then(rows: Iterable[Any]) -> list[_Stood]:
    return [_Stood(row.organisation, row.path, row.name, row.has_children) for row in rows]


def _rows(stood: Sequence[_Stood], day: date) -> tuple[TreeRow, ...]:
    counted = [find("members.all"), find("members.full")]
    measured = measure_many(counted, [row.path for row in stood], Period(day, day))
    parties = [row.organisation.pk for row in stood if row.organisation.kind == OrganisationKind.PARTY]
    committees = committee_counts(parties, on=day) if parties else {}
    return tuple(_row(row, measured, committees) for row in stood)


def _row(stood: _Stood, measured: Mapping[tuple[str, str], Any], committees: Mapping[int, int]) -> TreeRow:
    organisation = stood.organisation
    members = figure_of(measured["members.all", stood.path], organisation)
    warnings: list[Warning] = []
    if organisation.kind == OrganisationKind.PARTY:
        full = measured["members.full", stood.path].value
        size = Size(_whole(members.value), _whole(full), committees.get(organisation.pk, 0))
        warnings = judge_size(organisation.party_type, size)
    return TreeRow(
        code=organisation.code,
        name=stood.name,
        name_now=organisation.name if organisation.name != stood.name else "",
        kind=organisation.kind,
        kind_title=kind_title(organisation),
        level_title=Level(organisation.level).label if organisation.level else "",
        official_code=organisation.official_code or "",
        has_children=stood.has_children,
        members=members,
        is_linked=stood.path == organisation.path,
        warnings=tuple(warnings),
        closed_on=organisation.closed_on,
    )


def _whole(value: Any) -> int:
    return 0 if is_missing(value) else int(value)


def _page(
    node: Organisation,
    rows: tuple[TreeRow, ...],
    total: int,
    page: int,
    size: int,
    on: date | None,
    is_cut: bool = False,
) -> TreePage:
    name, crumbs = _standing(node, on)
    return TreePage(node, name, crumbs, rows, total, page, max(1, -(-total // size)), on, is_cut)


def _standing(node: Organisation, on: date | None) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The node's name and what stood above it, today or on a day."""
    if on is None:
        return node.name, tuple((row.code, row.name) for row in orgs.ancestors_of(node))
    path = orgs.path_on(node.pk, on) or node.path
    rows = Placement.objects.filter(_held(on), path__in=ancestors(path, include_self=True)).order_by("path")
    above = list(rows.values_list("organisation__code", "name", "organisation_id"))
    name = next((row[1] for row in above if row[2] == node.pk), node.name)
    return name, tuple((code, title) for code, title, pk in above if pk != node.pk)


def kind_title(organisation: Organisation) -> str:
    """What the organisation is, as a Chinese msgid: the type of a party organisation, else its kind."""
    if organisation.party_type:
        return PartyType(organisation.party_type).label
    return OrganisationKind(organisation.kind).label


# --- one organisation ---


def organisation_brief(actor: Actor, organisation: Organisation, *, today: date, period: Period) -> OrganisationBrief:
    """Everything on the page of one organisation, as it is today; flows are those of `period`."""
    house = (OrganisationKind.DEPARTMENT, OrganisationKind.AFFILIATED)
    stocks, flows = _figures(organisation, today, period)
    size = _size(organisation, stocks, today)
    return OrganisationBrief(
        organisation=organisation,
        kind_title=kind_title(organisation),
        crumbs=tuple(orgs.ancestors_of(organisation)),
        history=history_in_words(orgs.history(organisation)),
        departments=tuple(orgs.children(actor, organisation, on=today, kinds=house)),
        parties=tuple(orgs.children(actor, organisation, on=today, kinds=(OrganisationKind.PARTY,))),
        agencies=_agencies(actor, organisation, today),
        stocks=stocks,
        flows=flows,
        posts=_posts(organisation, today),
        warnings=tuple(judge_size(organisation.party_type, size)) if size else (),
        may_see_people=bool(may(actor, Action.VIEW_MEMBER_FILE, organisation.path)),
    )


def _figures(organisation: Organisation, today: date, period: Period) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    day = Period(today, today)
    stocks = measure_many(STOCKS, [organisation.path], day)
    flows = measure_many(FLOWS, [organisation.path], period)
    return (
        tuple(figure_of(stocks[one, organisation.path], organisation) for one in STOCKS),
        tuple(figure_of(flows[one, organisation.path], organisation) for one in FLOWS),
    )


def _size(organisation: Organisation, stocks: Sequence[Figure], today: date) -> Size | None:
    if organisation.kind != OrganisationKind.PARTY:
        return None
    full = measure_many(["members.full"], [organisation.path], Period(today, today))
    committee = committee_counts([organisation.pk], on=today).get(organisation.pk, 0)
    return Size(_whole(stocks[0].value), _whole(full["members.full", organisation.path].value), committee)


def _agencies(actor: Actor, organisation: Organisation, today: date) -> int:
    below = Organisation.objects.visible_to(actor).filter(parent=organisation, kind=OrganisationKind.AGENCY)
    return below.open_on(today).count()


def _posts(organisation: Organisation, today: date) -> tuple[PostHolder, ...]:
    held = Post.objects.filter(Q(until_on__isnull=True) | Q(until_on__gt=today), from_on__lte=today)
    rows = held.filter(organisation=organisation).select_related("person").order_by("from_on", "pk")[:PAGE]
    return tuple(
        PostHolder(str(row.pk), row.title, row.person.name, row.person.code, row.is_staff_post, row.from_on)
        for row in rows
    )


# --- history ---


def history_in_words(changes: Iterable[OrganisationChange]) -> tuple[HistoryEntry, ...]:
    """The changes of an organisation, the latest first, with the names of those they speak of; one query more."""
    # Who was set up on a day that nobody knew has that change dated when it was entered; it is the first all the same.
    created = OrganisationChange.Kind.CREATED
    listed = sorted(changes, key=lambda change: (change.kind != created, change.on, change.pk))
    wanted = {pk for change in listed for pk in _spoken_of(change)}
    names = dict(Organisation.objects.filter(pk__in=wanted).values_list("pk", "name"))
    made = [
        HistoryEntry(change.on, change.kind, change.get_kind_display(), _words(change, names), change.reason)
        for change in listed
    ]
    return tuple(reversed(made))


def _spoken_of(change: OrganisationChange) -> set[int]:
    found: set[int] = set()
    for side in (change.before, change.after):
        for key in ("parent", "successor", "from", "into"):
            value = side.get(key)
            found |= {one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int)}
    return found


def _words(change: OrganisationChange, names: Mapping[int, str]) -> str:
    before, after = change.before, change.after
    kinds = OrganisationChange.Kind
    if change.kind == kinds.CREATED:
        return f"{after.get('name', '')}"
    if change.kind == kinds.RENAMED or (change.kind == kinds.CORRECTED and "name" in after):
        return f"{before.get('name', '')} → {after.get('name', '')}"
    if change.kind == kinds.MOVED:
        return f"{names.get(before.get('parent'), '—')} → {names.get(after.get('parent'), '—')}"
    if "from" in before:
        return f"{'、'.join(names.get(pk, '—') for pk in before['from'])} → {names.get(after.get('into'), '—')}"
    if after.get("successor"):
        return f"→ {names.get(after['successor'], '—')}"
    if change.kind == kinds.SPLIT:
        return "、".join(names.get(pk, "—") for pk in after.get("into", []))
    if change.kind == kinds.CORRECTED and "closed_on" in before:
        return f"{before['closed_on']} → —"
    return "；".join(f"{before.get(key) or '—'} → {after.get(key) or '—'}" for key in after if key != "path")


# --- before a change ---


def impact(organisation: Organisation, *, today: date) -> Impact:
    """What hangs on an organisation: what stands below, who belongs to it and below, what was recorded so far."""
    low, high = subtree_range(organisation.path)
    below = Organisation.objects.within(organisation.path).open_on(today)
    people = Membership.objects.filter(organisation__in=below, until_on__isnull=True)
    posts = Post.objects.filter(organisation__in=below, until_on__isnull=True)
    facts = Fact.objects.filter(path__gte=low, path__lt=high)[: MOST_FACTS + 1]
    counted = below.aggregate(all=Count("pk"))["all"]
    return Impact(max(0, counted - 1), people.count(), posts.count(), facts.count())
