"""Activities as the desk shows them: the list with its totals, and one record with all that hangs on it."""

from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from quxin.access import Actor
from quxin.briefs.contributions import Contribution, contributions, measure_for
from quxin.briefs.figures import Figure, figure_address, figure_of
from quxin.briefs.traces import Trace, traces_of
from quxin.kernel.periods import Period
from quxin.measures.reading import measure_many
from quxin.measures.registry import UnknownMeasure, all_measures, find
from quxin.orgs.models import Organisation
from quxin.packs.queries import pack_of
from quxin.packs.types import series_label
from quxin.records.activities.facts import ATTENDANCES, HELD
from quxin.records.activities.models import Activity, Attendance
from quxin.records.activities.operations import subject_of
from quxin.records.activities.queries import ActivityDetail, Served, detail_of


@dataclass(frozen=True, slots=True)
class Totals:
    """The foot of a list. The figures are there when a measure says the same as the list; the numbers always are."""

    sessions: int
    heads: int
    sessions_figure: Figure | None = None
    heads_figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class ServedRow:
    """A task or checklist item that a record serves; `address` is the figure of its measure, "" without one."""

    served: Served
    address: str


@dataclass(frozen=True, slots=True)
class ActivityBrief:
    """One activity with its people, evidence, what it serves, what it put into the ledger, and what happened to it."""

    detail: ActivityDetail
    serves: tuple[ServedRow, ...]
    facts: tuple[Contribution, ...]
    history: tuple[Trace, ...]


def activity_brief(activity: Activity, actor: Actor) -> ActivityBrief:
    """All that the page of an activity shows to `actor`, who must be allowed to see it."""
    detail = detail_of(activity, actor)
    subject = subject_of(activity)
    return ActivityBrief(
        detail=detail,
        serves=served_rows(detail.serves),
        facts=tuple(contributions(subject, activity.organisation)),
        history=tuple(traces_of(subject)),
    )


def served_rows(serves: tuple[Served, ...]) -> tuple[ServedRow, ...]:
    """Tasks and items with the figures of their measures over the whole campaign."""
    return tuple(ServedRow(served, _address(served)) for served in serves)


def _address(served: Served) -> str:
    if not served.measure:
        return ""
    campaign = served.campaign
    try:
        declared = find(served.measure, pack_of(campaign.pack_version))
    except UnknownMeasure:
        return ""
    return figure_address(
        declared.id, campaign.sponsor.code, Period(campaign.starts_on, campaign.ends_on), campaign.key
    )


def totals(rows: QuerySet[Activity]) -> Totals:
    """Sessions and heads of the activities in `rows`; three queries. Without figures: see `totals_by_measure`."""
    counted = rows.order_by().aggregate(audience=Sum("audience"))["audience"] or 0
    named = Attendance.objects.filter(activity__in=rows.order_by().values("pk")).count()
    return Totals(rows.count(), counted + named)


def totals_by_measure(organisation: Organisation, period: Period, kind: str = "", series: str = "") -> Totals | None:
    """The same by measures, for a list filtered by nothing else; None when no measure says just that."""
    label = series_label(series.partition(".")[0], series.partition(".")[2], kind) if series else kind
    declared = all_measures()
    sessions, heads = (
        measure_for(declared, HELD.id, label, "count"),
        measure_for(declared, ATTENDANCES.id, label, "sum"),
    )
    if sessions is None or heads is None:
        return None
    found = measure_many([sessions, heads], [organisation.path], period)
    shown = [figure_of(found[one.id, organisation.path], organisation) for one in (sessions, heads)]
    numbers = [0 if one.is_missing else int(one.value) for one in shown]  # type: ignore[arg-type]
    return Totals(numbers[0], numbers[1], shown[0], shown[1])
