"""A task, and a task as one organisation owes it: what is asked, what the records say, what was done about it.

The rules of lamps stand in `briefs.lamps`, the reading of numbers in `briefs.campaigns`. Must not write.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from quxin.access import Actor
from quxin.briefs import lamps
from quxin.briefs.campaigns import NOTHING, PAGE, Numbers, Owed, number_text
from quxin.briefs.lamps import Duty
from quxin.briefs.traces import Trace, traces_of
from quxin.files.models import Evidence
from quxin.files.queries import evidence_of
from quxin.kernel.paths import is_within
from quxin.kernel.periods import Period
from quxin.kernel.scaled import plain, unscale
from quxin.measures.registry import find
from quxin.orgs.models import Organisation
from quxin.packs.queries import pack_of
from quxin.records.campaigns import queries
from quxin.records.campaigns.closing import judged_on
from quxin.records.campaigns.facts import task_subject
from quxin.records.campaigns.models import Assignment, Campaign, Task
from quxin.records.campaigns.operations import assignment_subject


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the address of its workings, relative to a face's root ("" where there is none)."""

    text: str
    figure: str
    label: str


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One organisation's duty in a list."""

    assignment: Assignment
    state: str
    number: Number
    days: int


@dataclass(frozen=True, slots=True)
class TaskBrief:
    """A task: its own lamp (the sponsor's), what it asks, and a page of the duties below an organisation."""

    task: Task
    campaign: Campaign
    state: str
    target: str
    number: Number
    organisation: Organisation
    lines: tuple[DutyLine, ...]
    total: int
    closed: int
    page: int
    pages: int
    history: tuple[Trace, ...]


@dataclass(frozen=True, slots=True)
class RecordWish:
    """What to record so that a task's number moves. `what` is "activity" or "progress", or "" when nothing fits.

    `kind` and `series` preset its form.
    """

    what: str
    kind: str = ""
    series: str = ""


@dataclass(frozen=True, slots=True)
class DutyBrief:
    """One organisation's duty, for its page."""

    assignment: Assignment
    task: Task
    campaign: Campaign
    organisation: Organisation
    state: str
    is_on_time: bool
    target: str
    number: Number
    period: Period
    wish: RecordWish
    evidence: tuple[Evidence, ...]
    history: tuple[Trace, ...]


def task_brief(
    *,
    actor: Actor,
    task: Task,
    organisation: Organisation,
    today: date,
    words: str = "",
    lamp: str = "",
    page: int = 1,
) -> TaskBrief:
    """A task with page `page` of its duties at and below `organisation`; the queries do not grow with their number."""
    campaign = task.campaign
    rows = task_duties(actor, task, organisation, today, words=words, lamp=lamp)
    judged = judged_on(campaign, today)
    counted = queries.counted(rows)
    pages = max(1, -(-counted.total // PAGE))
    page = min(max(1, page), pages)
    shown = list(rows[(page - 1) * PAGE : page * PAGE])
    sponsor = campaign.sponsor
    numbers = Numbers(campaign, [task], today)
    numbers.read({sponsor.path, *(row.organisation.path for row in shown)})
    target = unscale(task.target) if task.target is not None else None
    whole = Duty(task.due_on, task.done_on, target, numbers.value(task, sponsor.path))
    return TaskBrief(
        task=task,
        campaign=campaign,
        state=lamps.lamp_of(whole, judged),
        target=_target_text(task, task.target, numbers),
        number=_number(numbers, task, sponsor, target),
        organisation=organisation,
        lines=tuple(_lines(shown, task, numbers, today)),
        total=counted.total,
        closed=counted.closed,
        page=page,
        pages=pages,
        history=tuple(traces_of(task_subject(task))),
    )


def task_duties(
    actor: Actor, task: Task, organisation: Organisation, today: date, *, words: str = "", lamp: str = ""
) -> QuerySet[Assignment]:
    """The duties of a task below `organisation`, narrowed by name and lamp (by closing and deadline)."""
    rows = queries.list_duties(actor, task, organisation.path, words=words)
    judged = judged_on(task.campaign, today)
    return queries.narrowed(rows, lamp, today=judged, near_until=lamps.near_until(judged))


def duty_lines(rows: list[Assignment], task: Task, today: date) -> list[DutyLine]:
    """Lines for a list of duties of one task (an export)."""
    numbers = Numbers(task.campaign, [task], today)
    numbers.read({row.organisation.path for row in rows})
    return _lines(rows, task, numbers, today)


def duty_brief(assignment: Assignment, today: date) -> DutyBrief:
    """One organisation's duty; `assignment` comes with organisation, task, campaign and sponsor."""
    task, organisation = assignment.task, assignment.organisation
    campaign = task.campaign
    numbers = Numbers(campaign, [task], today)
    numbers.read([organisation.path])
    duty = numbers.duties([Owed.of(assignment)])[0]
    subject = assignment_subject(assignment)
    return DutyBrief(
        assignment=assignment,
        task=task,
        campaign=campaign,
        organisation=organisation,
        state=lamps.lamp_of(duty, numbers.today),
        is_on_time=lamps.is_on_time(duty),
        target=_target_text(task, assignment.target, numbers),
        number=_number(numbers, task, organisation, duty.target),
        period=numbers.period,
        wish=record_wish(task),
        evidence=tuple(evidence_of(subject)),
        history=tuple(traces_of(subject)),
    )


def reaches(campaign: Campaign, organisation: Organisation) -> bool:
    """Whether the organisation lies in the campaign's field, or the campaign below the organisation."""
    sponsor = campaign.sponsor.path
    return is_within(organisation.path, sponsor) or is_within(sponsor, organisation.path)


def record_wish(task: Task) -> RecordWish:
    """Which record moves the number of a task: what its measure counts (of a ratio, the numerator)."""
    if not task.measure:
        return RecordWish("")
    declared = find(task.measure, pack_of(task.campaign.pack_version))
    while declared.ratio:
        declared = declared.ratio[0]
    fold = declared.fold
    kind, _, series = fold.label.partition("/")
    if fold.kind.startswith("activity."):
        return RecordWish("activity", kind, series)
    if fold.kind == "progress.recorded":
        return RecordWish("progress", kind, series)
    if fold.kind.startswith("commitment."):
        return RecordWish("commitment", kind)
    return RecordWish("")


def _lines(rows: list[Assignment], task: Task, numbers: Numbers, today: date) -> list[DutyLine]:
    return [
        DutyLine(
            assignment=row,
            state=lamps.lamp_of(duty, numbers.today),
            number=_number(numbers, task, row.organisation, duty.target),
            days=(row.due_on - today).days,
        )
        for row, duty in zip(rows, numbers.duties([Owed.of(row) for row in rows]), strict=True)
    ]


def _target_text(task: Task, target: int | None, numbers: Numbers) -> str:
    declared = numbers.declared.get(task.pk)
    unit = task.unit or (declared.spec.unit if declared else "")
    return plain(target, group=True) + unit if target is not None else ""


def _number(numbers: Numbers, task: Task, organisation: Organisation, target: Decimal | None) -> Number:
    measured = numbers.of(task, organisation.path)
    if measured is None:
        return Number("", "", "")
    text = number_text(measured.value, target, task.unit or measured.unit)
    # Nothing recorded is no number: there are no workings to open.
    figure = numbers.address(task, organisation.code) if text != NOTHING else ""
    return Number(text, figure, measured.spec.label)
