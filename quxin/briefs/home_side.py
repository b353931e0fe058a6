"""The lower half of the home page: promises with lamps, minutes spent on entries this month, what people said, own study.

Nothing here asks for anything to be done: that is `home`. Must not write.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, Value

from quxin.access import Action, Actor, may
from quxin.briefs.commitments import PromiseRow, promise_rows, with_words
from quxin.briefs.evaluations import Result, evaluation_of
from quxin.kernel.clock import TZ
from quxin.kernel.periods import Period, month_of
from quxin.orgs.models import Organisation
from quxin.packs.queries import all_current
from quxin.packs.types import Pack
from quxin.packs.vocabulary import ACTIVITY_KINDS
from quxin.records.activities.models import Activity, Attendance
from quxin.records.campaigns.models import ProgressRecord
from quxin.records.commitments.models import Commitment

PROMISES_SHOWN = 12
STUDY_SHOWN = 5
MINUTES = 5
"""What an entry costs where no installed pack says it (the packs' own default)."""


@dataclass(frozen=True, slots=True)
class MinutesLine:
    """Entries of one kind this month: how many, minutes each, minutes together."""

    title: str
    count: int
    each: int
    minutes: int


@dataclass(frozen=True, slots=True)
class MinutesSpent:
    """Minutes reckoned for this month's entries, and for last month's."""

    minutes: int
    before: int
    entries: int
    lines: tuple[MinutesLine, ...]

    @property
    def difference(self) -> int:
        """Minutes more (or, negative, less) than last month."""
        return self.minutes - self.before

    @property
    def less(self) -> int:
        """Minutes less than last month."""
        return max(0, -self.difference)


@dataclass(frozen=True, slots=True)
class Voices:
    """The latest closed round about the organisation, and the one before."""

    latest: Result
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class Study:
    """Activities at which a person was named this year, the latest of them, and how many there were."""

    count: int
    latest: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class HomeSide:
    """What stands below the to-dos; `minutes` only for those who enter records, `study` only for those with a file."""

    promises: tuple[PromiseRow, ...]
    more_promises: bool
    minutes: MinutesSpent | None
    voices: Voices | None
    study: Study | None


def home_side(actor: Actor, organisation: Organisation, *, today: date, now: datetime) -> HomeSide:
    """The lower half for `actor` at `organisation`, which he may see."""
    rows = list(
        with_words(
            Commitment.objects.public()
            .filter(_shown(actor, organisation))
            .order_by(F("settled_at").desc(nulls_first=True), "due_on", "pk")
        )[: PROMISES_SHOWN + 1]
    )
    enters = may(actor, Action.RECORD_ACTIVITY, organisation.path)
    return HomeSide(
        promises=tuple(promise_rows(rows[:PROMISES_SHOWN], today=today)),
        more_promises=len(rows) > PROMISES_SHOWN,
        minutes=minutes_spent(organisation, today) if enters else None,
        voices=_voices(organisation, now),
        study=_study(actor.person, today) if actor.person else None,
    )


def _shown(actor: Actor, organisation: Organisation) -> Q:
    """The organisation's own promises, and the actor's."""
    shown = Q(organisation=organisation, person__isnull=True)
    return shown | Q(person_id=actor.person) if actor.person else shown


# --- minutes ---


def minutes_spent(organisation: Organisation, today: date) -> MinutesSpent:
    """How long this month's entries of the organisation took, by the minutes that packs state for their forms."""
    first = today.replace(day=1)
    begins, earlier = (
        datetime.combine(day, time.min, TZ) for day in (first, (first - timedelta(days=1)).replace(day=1))
    )
    this, before = Q(recorded_at__gte=begins), Q(recorded_at__lt=begins)
    counted = {"now": Count("pk", filter=this), "then": Count("pk", filter=before)}
    records = ProgressRecord.objects.filter(organisation=organisation, recorded_at__gte=earlier)
    activities = Activity.objects.filter(organisation=organisation, recorded_at__gte=earlier)
    rows = (
        activities.order_by()
        .values_list("kind", "series")
        .annotate(**counted)
        .union(records.order_by().values_list("kind", Value("")).annotate(**counted), all=True)
    )
    cost, titles = _costs(all_current())
    return _spent(rows, cost, titles)


def _spent(rows: Iterable[tuple[str, str, int, int]], cost: dict[str, int], titles: dict[str, str]) -> MinutesSpent:
    lines: dict[str, MinutesLine] = {}
    earlier = 0
    for kind, series, now, then in rows:
        each = cost.get(series) or cost.get(kind) or cost.get(kind.partition("/")[0]) or MINUTES
        earlier += then * each
        if now:
            title = titles.get(series) or titles.get(kind.partition("/")[0]) or kind
            had = lines.get(title)
            count = now + (had.count if had else 0)
            lines[title] = MinutesLine(title, count, each, now * each + (had.minutes if had else 0))
    ordered = sorted(lines.values(), key=lambda line: (-line.minutes, line.title))
    return MinutesSpent(
        sum(line.minutes for line in ordered), earlier, sum(line.count for line in ordered), tuple(ordered)
    )


def _costs(packs: Iterable[Pack]) -> tuple[dict[str, int], dict[str, str]]:
    """Minutes of an entry and its title, by series ("<pack>.<series>"), by kind of record and by kind of activity."""
    cost: dict[str, int] = {}
    titles = {kind: term.zh for kind, term in ACTIVITY_KINDS.items()}
    for pack in packs:
        titles |= {record.id: record.title.zh for record in pack.records.values()}
        titles |= {f"{pack.pack}.{series.id}": series.title.zh for series in pack.series.values()}
        for form in pack.forms.values():
            made = form.records
            key = f"{pack.pack}.{made.series}" if made.series else made.record or made.activity or ""
            cost[key] = form.minutes
    return cost, titles


# --- people ---


def _voices(organisation: Organisation, now: datetime) -> Voices | None:
    found = evaluation_of(f"organisation:{organisation.pk}", now=now, with_words=False)
    if found.latest is None:
        return None
    before = next((one.satisfied for one in found.history if one.satisfied is not None), None)
    return Voices(found.latest, before)


def _study(person: int, today: date) -> Study:
    """The person's own attendances of this year; one query."""
    year = Period.of_year(month_of(today) // 100)
    rows = Attendance.objects.filter(
        person_id=person,
        activity__withdrawn_at__isnull=True,
        activity__held_on__range=(year.start, year.end),
    )
    found = list(rows.select_related("activity").order_by("-activity__held_on", "-activity_id")[:500])
    return Study(len(found), tuple(row.activity for row in found[:STUDY_SHOWN]))
