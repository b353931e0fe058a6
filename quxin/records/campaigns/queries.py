"""Reading campaigns: who owes what, grouped by the children of an organisation in SQL, never row by row.

Closings and deadlines stand here; what a measure says of a duty is a brief's. Every list starts from `visible_to(actor)`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Case, Count, DateField, Exists, F, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Substr

from quxin.access import Actor
from quxin.kernel.paths import STEP
from quxin.ledger.models import Fact
from quxin.ledger.queries import Selection, facts, standing
from quxin.orgs.models import Organisation, OrganisationKind
from quxin.orgs.querysets import within
from quxin.records.campaigns.models import Assignment, Campaign, ChecklistItem, Leader, Phase, Task


@dataclass(frozen=True, slots=True)
class Group:
    """The duties of one task at one child path: how many, how many closed, and so on.

    `measured` counts the open ones with a target of their own, whose number may have reached it. The last five speak of the
    one duty where there is one only: its code, whose it is (path and code), its target and deadline.
    """

    path: str
    task: int
    total: int
    closed: int
    on_time: int
    late: int
    due: int
    measured: int
    code: str
    owner_path: str
    owner_code: str
    target: int | None
    due_on: date


@dataclass(frozen=True, slots=True)
class Part:
    """A phase, a seat or a checklist of a campaign. `key` is its key; for a seat, the body that it is in."""

    what: str
    key: str
    title: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a campaign stands below an organisation: duties and those closed."""

    total: int
    closed: int


@dataclass(frozen=True, slots=True)
class ItemRecords:
    """The records by which an organisation did an item of a checklist: how many, and the subject of one of them."""

    subject: str
    count: int

    def do(self, item: ChecklistItem) -> bool:
        """Whether they are as many as the item asks for."""
        return self.count >= item.times


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """How many organisations at one child path have done one item of a checklist, as often as it asks."""

    path: str
    item: int
    done: int


def list_campaigns(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns that the actor may see, the latest first, with sponsor; drafts left out."""
    rows = Campaign.objects.visible_to(actor).exclude(state=Campaign.State.DRAFT)
    return rows.select_related("sponsor", "pack_version").defer("pack_version__content")


def standing_of(actor: Actor, campaigns: Iterable[Campaign], path: str) -> dict[int, Standing]:
    """Duties at and below `path`, by campaign id; campaigns that nobody there serves are left out."""
    rows = (
        _duties(actor, path)
        .filter(task__campaign__in=list(campaigns))
        .order_by()
        .values_list("task__campaign")
        .annotate(total=Count("pk"), closed=Count("done_on"))
    )
    return {campaign: Standing(total, closed) for campaign, total, closed in rows}


def parts_of(campaign: Campaign) -> tuple[Part, ...]:
    """Phases, seats and checklists of a campaign, each kind in its order; read once for each version of the campaign."""
    return _parts_of(campaign.pk, campaign.code, campaign.version)


@lru_cache(maxsize=64)
def _parts_of(campaign: int, code: str, version: int) -> tuple[Part, ...]:
    """The code is random and the version moves with every change: what was read under both stays true."""
    no_day = Cast(Value(None), DateField())
    phases = Phase.objects.filter(campaign=campaign).order_by()
    seats = Leader.objects.filter(campaign=campaign).order_by()
    lists = ChecklistItem.objects.filter(campaign=campaign).order_by()
    rows = phases.values_list(Value("phase"), F("key"), F("title"), F("starts_on"), F("ends_on"), Value(0)).union(
        seats.annotate(a=no_day, b=no_day).values_list(
            Value("seat"), F("body"), F("position"), F("a"), F("b"), F("ordinal")
        ),
        lists.values_list(Value("list"), F("checklist"), F("checklist_title"), F("starts_on"), F("ends_on"), Value(0)),
    )
    found = sorted(rows, key=lambda row: (row[0], str(row[3] or ""), row[5], row[1]))
    return tuple(Part(*row[:5]) for row in found)


def tasks_owed(campaign: Campaign, path: str) -> list[Task]:
    """The tasks that somebody at or below `path` owes, in order, each with its aspect; one query."""
    owed = Assignment.objects.filter(within((path,), "organisation__path"), task=OuterRef("pk"))
    rows = Task.objects.filter(Exists(owed), campaign=campaign, retired=False)
    return list(rows.select_related("aspect").order_by("aspect__ordinal", "ordinal", "pk"))


def grouped(actor: Actor, tasks: Collection[Task], path: str, *, today: date, near_until: date) -> list[Group]:
    """Duties by child of `path` and task, in one statement; those of the organisation at `path` itself stand under `path`.

    Late: open after the deadline. Due: open, with the deadline from `today` to `near_until`.
    """
    is_open = Q(done_on__isnull=True)
    rows = (
        _duties(actor, path)
        .filter(task__in=[task.pk for task in tasks])
        .annotate(child=Substr("organisation__path", 1, len(path) + STEP))
        .order_by()
        .values_list("child", "task")
        .annotate(
            total=Count("pk"),
            closed=Count("done_on"),
            on_time=Count("pk", filter=Q(done_on__lte=F("due_on"))),
            late=Count("pk", filter=is_open & Q(due_on__lt=today)),
            due=Count("pk", filter=is_open & Q(due_on__gte=today, due_on__lte=near_until)),
            measured=Count("pk", filter=is_open & Q(target__isnull=False)),
            one=Min("code"),
            owner_path=Min("organisation__path"),
            owner_code=Min("organisation__code"),
            own_target=Min("target"),
            own_due=Min("due_on"),
        )
    )
    return [Group(*row) for row in rows]


def open_with_target(actor: Actor, tasks: Collection[Task], path: str) -> list[Assignment]:
    """The open duties that have a target of their own, with organisation: only their number can say that they are kept."""
    rows = _duties(actor, path).filter(target__isnull=False, done_on__isnull=True, task__in=[task.pk for task in tasks])
    return list(rows.select_related("organisation"))


def places(paths: Collection[str]) -> list[Organisation]:
    """The organisations at `paths`: what belongs to the house itself first, then agencies, each in Chinese order."""
    agencies_last = Case(When(kind=OrganisationKind.AGENCY, then=Value(1)), default=Value(0))
    rows = Organisation.objects.filter(path__in=list(paths))
    return list(rows.order_by(agencies_last, "kind", "sort_key", "pk"))


def list_duties(actor: Actor, task: Task, path: str, *, words: str = "") -> QuerySet[Assignment]:
    """The duties of one task at and below `path`, by organisation; all of `words` stand in its name."""
    rows = _duties(actor, path).filter(task=task)
    for word in words.split()[:4]:
        rows = rows.filter(Q(organisation__name__contains=word) | Q(organisation__initials__startswith=word.lower()))
    return rows.select_related("organisation").order_by("organisation__path")


def counted(rows: QuerySet[Assignment]) -> Standing:
    """How many duties, and how many of them closed; one query."""
    found = rows.order_by().aggregate(total=Count("pk"), closed=Count("done_on"))
    return Standing(found["total"], found["closed"])


def narrowed(rows: QuerySet[Assignment], lamp: str, *, today: date, near_until: date) -> QuerySet[Assignment]:
    """Duties by closing and deadline: closed (kept), late, due, or open with time to spare (anything else: all)."""
    is_open = Q(done_on__isnull=True)
    conditions = {
        "kept": Q(done_on__isnull=False),
        "late": is_open & Q(due_on__lt=today),
        "due": is_open & Q(due_on__gte=today, due_on__lte=near_until),
        "going": is_open & Q(due_on__gt=near_until),
    }
    return rows.filter(conditions[lamp]) if lamp in conditions else rows


def owed_by_level(campaign: Campaign) -> list[tuple[int, str, int]]:
    """(task id, level of the organisation, how many owe it) of a running campaign."""
    rows = Assignment.objects.filter(task__campaign=campaign).order_by()
    return list(rows.values_list("task", "organisation__level").annotate(count=Count("pk")))


# --- checklists ---


def items_of(campaign: Campaign, checklist: str) -> list[ChecklistItem]:
    """The items of a checklist in order; empty when the campaign has no such list."""
    return list(ChecklistItem.objects.filter(campaign=campaign, checklist=checklist).order_by("ordinal", "pk"))


def items_done(
    items: Sequence[ChecklistItem], owing: QuerySet[Organisation], path: str, *, many: bool
) -> list[ItemGroup]:
    """For each item and child of `path`: how many of the organisations `owing` have a record that does it; one query.

    `many` says that there are thousands of them: then the facts of the days are gone through once, and not each organisation.
    """
    rows = [
        _has_done(item, owing.filter(within((path,))), many)
        .annotate(child=Substr("path", 1, len(path) + STEP), item=Value(item.pk))
        .order_by()
        .values_list("child", "item")
        .annotate(done=Count("pk"))
        for item in items
    ]
    found = rows[0].union(*rows[1:], all=True) if len(rows) > 1 else [row for each in rows for row in each]
    return [ItemGroup(*row) for row in found]


def complete(items: Sequence[ChecklistItem], owing: QuerySet[Organisation], path: str, *, many: bool) -> int:
    """How many of the organisations `owing` at and below `path` have done every item; one query."""
    rows = owing.filter(within((path,)))
    for item in items:
        rows = _has_done(item, rows, many)
    return rows.count()


def records_of(items: Sequence[ChecklistItem], units: Collection[int]) -> dict[tuple[int, int], ItemRecords]:
    """(organisation id, item id) → the records that count for the item, for a page of organisations; one query."""
    if not items or not units:
        return {}
    rows = [
        standing(facts(_asked_for(item)))
        .filter(unit__in=list(units))
        .order_by()
        .values_list("unit", Value(item.pk))
        .annotate(record=Min("subject"), count=Count("subject", distinct=True))
        for item in items
    ]
    found = rows[0].union(*rows[1:], all=True) if len(rows) > 1 else rows[0]
    return {(unit, item): ItemRecords(subject, count) for unit, item, subject, count in found}


def children_of(organisations: QuerySet[Organisation], path: str) -> dict[str, tuple[int, int]]:
    """Child path of `path` → (how many of `organisations` are there, the least of their ids)."""
    rows = (
        organisations.filter(within((path,)))
        .annotate(child=Substr("path", 1, len(path) + STEP))
        .order_by()
        .values_list("child")
        .annotate(count=Count("pk"), first=Min("pk"))
    )
    return {child: (count, first) for child, count, first in rows}


def _has_done(item: ChecklistItem, organisations: QuerySet[Organisation], many: bool) -> QuerySet[Organisation]:
    chosen = standing(facts(_asked_for(item))).order_by()
    if many:
        return organisations.filter(pk__in=_often_enough(chosen, item).values("unit"))
    return organisations.filter(Exists(_often_enough(chosen.filter(unit=OuterRef("pk")), item)))


def _often_enough(chosen: QuerySet[Fact], item: ChecklistItem) -> QuerySet:
    """The units of `chosen` with as many records as the item asks for."""
    if item.times == 1:
        return chosen
    counted = chosen.values("unit").annotate(records=Count("subject", distinct=True))
    return counted.filter(records__gte=item.times)


def _asked_for(item: ChecklistItem) -> Selection:
    """Anywhere: whose records they are is said by the unit, wherever it stood in the tree on that day."""
    return Selection(kind=item.kind, path=None, label=item.label, since=item.starts_on, until=item.ends_on)


def _duties(actor: Actor, path: str) -> QuerySet[Assignment]:
    return Assignment.objects.visible_to(actor).filter(within((path,), "organisation__path"), task__retired=False)
