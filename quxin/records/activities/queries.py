"""Reading activities: lists, one in detail with who took part, and which tasks and checklists it serves.

Nothing here writes, and nothing reckons progress: that is a brief's, from measures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quxin.access import Action, Actor, may
from quxin.files.models import Evidence
from quxin.files.queries import evidence_of
from quxin.kernel.periods import Period
from quxin.ledger.models import AuditEntry
from quxin.orgs.models import Person
from quxin.orgs.querysets import within
from quxin.packs.builtin import BUILTIN
from quxin.packs.measure_types import Fold, fold_of
from quxin.packs.queries import all_current, pack_of
from quxin.packs.types import Pack
from quxin.packs.vocabulary import ACTIVITY_KINDS
from quxin.records.activities import facts
from quxin.records.activities.models import Activity, Attendance
from quxin.records.activities.operations import label_of, series_kinds, subject_of
from quxin.records.campaigns.models import Campaign, ChecklistItem, Task


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a form: the value stored and its titles."""

    value: str
    zh: str
    en: str = ""


@dataclass(frozen=True, slots=True)
class SeriesOption:
    """A series of an installed pack, with the kind of activity that it holds."""

    value: str
    zh: str
    en: str
    kind: str


@dataclass(frozen=True, slots=True)
class Served:
    """Something that one activity serves: a task by its measure, or an item of a checklist.

    `code` is the task's code (empty for an item), `measure` the task's measure, `label` what is asked for in the ledger.
    """

    what: str
    campaign: Campaign
    title: str
    key: str
    label: str
    code: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class ActivityDetail:
    """An activity as its page shows it. `people` are those whose names the viewer may see; `named` counts all."""

    activity: Activity
    kind_title: str
    series_title: str
    named: int
    people: tuple[Person, ...]
    serves: tuple[Served, ...]
    evidence: tuple[Evidence, ...]
    history: tuple[AuditEntry, ...]

    @property
    def heads(self) -> int:
        """People named and counted: what the ledger has as attendances."""
        return self.named + self.activity.audience

    @property
    def hidden(self) -> int:
        """How many are named whose names the viewer may not see."""
        return self.named - len(self.people)


def list_activities(
    actor: Actor,
    *,
    kind: str = "",
    series: str = "",
    period: Period | None = None,
    path: str = "",
    words: str = "",
    withdrawn: bool = False,
) -> QuerySet:
    """Activities that `actor` may see, the latest first, each with `named` (people named), by whatever is given.

    `path` is the organisation with all below it; every one of the `words` must stand in the title, place, host, speaker
    or name of the organisation. Withdrawn ones are left out unless asked for, and then they stand alone.
    """
    rows = Activity.objects.visible_to(actor).filter(withdrawn_at__isnull=not withdrawn)
    if kind:
        rows = rows.filter(kind=kind)
    if series:
        rows = rows.filter(series=series)
    if period is not None:
        rows = rows.filter(held_on__range=(period.start, period.end))
    if path:
        rows = rows.filter(within((path,), "organisation__path"))
    for word in words.split()[:8]:
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(place__icontains=word)
            | Q(host__icontains=word)
            | Q(speaker__icontains=word)
            | Q(organisation__name__icontains=word)
        )
    # A subquery for each row shown, not a join for all rows there are: the first page costs the same however long the list.
    heads = Attendance.objects.filter(activity=OuterRef("pk")).order_by().values("activity").annotate(n=Count("pk"))
    return rows.select_related("organisation", "campaign").annotate(named=Coalesce(Subquery(heads.values("n")), 0))


def detail_of(activity: Activity, actor: Actor) -> ActivityDetail:
    """What the page of an activity shows to `actor`, who must already be allowed to see it."""
    present = Person.objects.filter(pk__in=activity.attendances.values("person")).order_by("sort_key", "pk")
    all_names = may(actor, Action.VIEW_MEMBER_FILE, activity.organisation.path)
    shown = present if all_names else present.filter(pk=actor.person) if actor.person else present.none()
    subject = subject_of(activity)
    return ActivityDetail(
        activity=activity,
        kind_title=ACTIVITY_KINDS[activity.kind].zh if activity.kind in ACTIVITY_KINDS else activity.kind,
        series_title=series_title(activity.series),
        named=activity.attendances.count(),
        people=tuple(shown),
        serves=tuple(served_by(activity)),
        evidence=tuple(evidence_of(subject)),
        history=tuple(AuditEntry.objects.filter(subject=subject).order_by("at", "pk")),
    )


def kind_options() -> list[Option]:
    """The kinds of activity that a form offers."""
    return [Option(code, term.zh, term.en) for code, term in ACTIVITY_KINDS.items()]


def series_options() -> list[SeriesOption]:
    """The series of the installed packs that a form offers, by pack."""
    kinds = series_kinds()
    return [
        SeriesOption(value, series.title.zh, series.title.en, series.kind)
        for pack in all_current()
        for series in pack.series.values()
        if (value := f"{pack.pack}.{series.id}") in kinds
    ]


def series_title(series: str) -> str:
    """The Chinese title of "<pack>.<series>"; the code itself when its pack is gone, empty for none."""
    pack_id, _, name = series.partition(".")
    pack = next((pack for pack in all_current() if pack.pack == pack_id), None) if series else None
    return pack.series[name].title.zh if pack and name in pack.series else series


def served_by(activity: Activity, *, named: bool | None = None) -> list[Served]:
    """The tasks and checklist items that this one record serves: nobody has to enter it a second time for them.

    Looked for in every campaign that runs above the organisation on that day; by label, as the measures do. `named` says
    whether people are named at an activity that is not saved yet.
    """
    if activity.withdrawn_at:
        return []
    path = activity.organisation.path
    named = activity.attendances.exists() if named is None else named
    campaigns = [
        campaign
        for campaign in Campaign.objects.filter(starts_on__lte=activity.held_on, ends_on__gte=activity.held_on)
        .exclude(state=Campaign.State.DRAFT)
        .select_related("sponsor", "pack_version")
        if path.startswith(campaign.sponsor.path)
    ]
    return [
        served for campaign in campaigns for served in (*_tasks(campaign, activity, named), *_items(campaign, activity))
    ]


def _tasks(campaign: Campaign, activity: Activity, named: bool) -> Iterator[Served]:
    pack = pack_of(campaign.pack_version)
    for task in Task.objects.filter(campaign=campaign, retired=False).exclude(measure="").order_by("ordinal"):
        fold = _fold(task.measure, pack)
        if fold is None or (fold.scope == "campaign" and activity.campaign_id != campaign.pk):
            continue
        if _has(activity, fold.kind, named) and _asks_for(fold.label, activity):
            yield Served("task", campaign, task.title, task.key, fold.label, task.code, task.measure)


def _items(campaign: Campaign, activity: Activity) -> Iterator[Served]:
    rows = ChecklistItem.objects.filter(
        campaign=campaign, kind=facts.HELD.id, starts_on__lte=activity.held_on, ends_on__gte=activity.held_on
    )
    for item in rows.order_by("checklist", "ordinal"):
        if _asks_for(item.label, activity):
            key = f"{item.checklist}/{item.key}"
            yield Served("checklist", campaign, f"{item.checklist_title}：{item.title}", key, item.label)


def _fold(measure: str, pack: Pack) -> Fold | None:
    """The measure resolved; None for one that is neither the pack's nor built in, and for a ratio."""
    if measure in pack.measures:
        fold = fold_of(pack.measures[measure], pack)
    elif measure in BUILTIN:
        fold = fold_of(BUILTIN[measure])
    else:
        return None
    return None if fold.ratio else fold


def _asks_for(label: str, activity: Activity) -> bool:
    mine = label_of(activity.kind, activity.series)
    return not label or mine == label or mine.startswith(f"{label}/")


def _has(activity: Activity, kind: str, named: bool) -> bool:
    """Whether the activity appends facts of a kind."""
    if kind == facts.HELD.id:
        return True
    if kind == facts.CONTESTANTS.id:
        return activity.contestants > 0
    if kind == facts.PERSON.id:
        return named
    return kind == facts.ATTENDANCES.id and (activity.audience > 0 or named)
