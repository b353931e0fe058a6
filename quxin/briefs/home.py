"""What must I do: the to-dos of a person for the organisation looked at, by date, and how its tasks stand.

Each to-do names the thing that ends it (kind and code, or what a form is preset with); faces turn that into an address.
What does not ask for anything to be done stands in `home_side`. Must not write.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, IntegerField, Min, OuterRef, Q, Subquery, Sum, Value

from quxin.access import Action, Actor, may, scopes
from quxin.briefs import lamps
from quxin.briefs.campaigns import Numbers, number_text
from quxin.briefs.duties import record_wish
from quxin.briefs.lamps import Duty
from quxin.kernel.clock import local_date
from quxin.kernel.paths import is_within
from quxin.kernel.periods import week_of
from quxin.kernel.scaled import unscale
from quxin.measures.each import Request, measure_each
from quxin.orgs.classes import SPONSOR, classes_of
from quxin.orgs.models import Organisation
from quxin.orgs.querysets import within
from quxin.packs.vocabulary import vague_in
from quxin.records.campaigns import queries
from quxin.records.campaigns.models import Assignment, Campaign, ChecklistItem
from quxin.records.commitments.models import Commitment, CommitmentEvent, CommitmentProgress
from quxin.records.commitments.rules import is_limit
from quxin.records.evaluations.models import Answer, Round
from quxin.runs.models import Run, RunState

LATE, TODAY, WEEK, NEXT, LATER = "late", "today", "week", "next", "later"
BUCKETS = (LATE, TODAY, WEEK, NEXT, LATER)
MOST_IN_A_BUCKET = 12
MOST_ROWS = 400
REVIEWS_SHOWN = 3
REFUSED_SHOWN_FOR = timedelta(days=30)

State, Happened = Commitment.State, CommitmentEvent.Kind


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do.

    `kind`: duty, item, review, reviews (several), promise, returned, draft, explain, round, closing, refused, complaints, decide.
    `code` is the address
    of the record; `what`, `record` and `series` say which entry form ends it ("" when the record's own page does).
    """

    kind: str
    title: str
    on: date | None
    bucket: str
    code: str = ""
    note: str = ""
    number: str = ""
    count: int = 0
    what: str = ""
    record: str = ""
    series: str = ""
    campaign: str = ""
    organisation: str = ""

    def days_late(self, today: date) -> int:
        """How many days it is overdue."""
        return max(0, (today - self.on).days) if self.on else 0


@dataclass(frozen=True, slots=True)
class AspectBar:
    """How many of an organisation's tasks under an aspect are done."""

    title: str
    kept: int
    total: int


@dataclass(frozen=True, slots=True)
class CampaignBars:
    """How an organisation's tasks of one campaign stand."""

    title: str
    code: str
    tasks: int
    aspects: tuple[AspectBar, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """To-dos by bucket (at most MOST_IN_A_BUCKET each; `hidden` counts the rest) and how the tasks stand."""

    todos: tuple[tuple[str, tuple[Todo, ...]], ...]
    hidden: int
    late: int
    this_week: int
    campaigns: tuple[CampaignBars, ...]


def home_brief(actor: Actor, organisation: Organisation, *, today: date, now: datetime) -> Home:
    """The upper half of the home page for `actor` at `organisation`, which he may see; about eight queries."""
    duties = _duties(organisation, today)
    todos = [
        *_duty_todos(actor, duties, organisation, today),
        *_item_todos(actor, organisation, today),
        *_promise_todos(actor, organisation, today),
        *_round_and_run_todos(actor, organisation, today, now),
        *_closing_todos(actor, organisation, today),
        *_evaluation_todos(actor, organisation, today),
    ]
    return _gathered(todos, _bars(duties, today))


def bucket_of(on: date | None, today: date) -> str:
    """In which group a day stands: late, today, this week (to Sunday), next week, later; a thing without a day is later."""
    if on is None:
        return LATER
    if on <= today:
        return LATE if on < today else TODAY
    sunday = week_of(today).end
    if on <= sunday:
        return WEEK
    return NEXT if on <= sunday + timedelta(days=7) else LATER


def _gathered(todos: list[Todo], bars: tuple[CampaignBars, ...]) -> Home:
    groups: dict[str, list[Todo]] = {bucket: [] for bucket in BUCKETS}
    for todo in sorted(todos, key=lambda one: (one.on or date.max, one.kind, one.title)):
        groups[todo.bucket].append(todo)
    shown = tuple((name, tuple(group[:MOST_IN_A_BUCKET])) for name, group in groups.items() if group)
    return Home(
        todos=shown,
        hidden=sum(max(0, len(group) - MOST_IN_A_BUCKET) for group in groups.values()),
        late=len(groups[LATE]),
        this_week=len(groups[TODAY]) + len(groups[WEEK]),
        campaigns=bars,
    )


# --- tasks ---


@dataclass(frozen=True, slots=True)
class _Owed:
    """An organisation's task with what decides its lamp."""

    assignment: Assignment
    duty: Duty
    number: str


def _duties(organisation: Organisation, today: date) -> list[_Owed]:
    """What the organisation itself owes in campaigns that are not closed; the numbers of all are read together."""
    rows = list(
        Assignment.objects.filter(
            organisation=organisation, task__retired=False, task__campaign__state=Campaign.State.DEPLOYED
        )
        .select_related("task__aspect", "task__campaign__pack_version")
        .defer("task__campaign__pack_version__content")
        .order_by("task__campaign__starts_on", "task__aspect__ordinal", "task__ordinal")[:MOST_ROWS]
    )
    by_campaign: dict[int, list[Assignment]] = {}
    for row in rows:
        by_campaign.setdefault(row.task.campaign_id, []).append(row)
    numbers = {
        key: Numbers(group[0].task.campaign, [row.task for row in group if row.done_on is None], today)
        for key, group in by_campaign.items()
    }
    requests = [
        Request(declared, organisation.path, one.period, one.campaign.key)
        for one in numbers.values()
        for declared in {item.id: item for item in one.declared.values()}.values()
    ]
    answers = measure_each(requests)
    for one in numbers.values():
        one.values = {
            (request.declared.id, organisation.path): answer
            for request, answer in zip(requests, answers, strict=True)
            if request.campaign == one.campaign.key
        }
    return [_owed(row, numbers[row.task.campaign_id], organisation.path) for row in rows]


def _owed(row: Assignment, numbers: Numbers, path: str) -> _Owed:
    value = numbers.value(row.task, path)
    target = unscale(row.target) if row.target is not None else None
    text = number_text(value, target, row.task.unit) if row.task.measure else ""
    return _Owed(row, Duty(row.due_on, row.done_on, target, value), text)


def _duty_todos(actor: Actor, owed: Iterable[_Owed], organisation: Organisation, today: date) -> list[Todo]:
    if not may(actor, Action.REPORT_PROGRESS, organisation.path):
        return []
    return [_duty_todo(one, organisation, today) for one in owed if not lamps.is_kept(one.duty)]


def _duty_todo(one: _Owed, organisation: Organisation, today: date) -> Todo:
    row, wish = one.assignment, record_wish(one.assignment.task)
    # A number without a target is only closed on the task's own page.
    form = wish if one.duty.target is not None and wish.what in ("activity", "progress") else None
    return Todo(
        kind="duty",
        title=row.task.title,
        on=row.due_on,
        bucket=bucket_of(row.due_on, today),
        code=row.code,
        note=row.task.campaign.title,
        number=one.number,
        what=form.what if form else "",
        record=form.kind if form else "",
        series=form.series if form else "",
        campaign=row.task.campaign.code if form else "",
        organisation=organisation.code,
    )


def _bars(owed: Sequence[_Owed], today: date) -> tuple[CampaignBars, ...]:
    """The campaigns that run, else the latest: done and all, by aspect."""
    campaigns = {one.assignment.task.campaign_id: one.assignment.task.campaign for one in owed}
    running = [one for one in campaigns.values() if one.starts_on <= today <= one.ends_on]
    latest = sorted(campaigns.values(), key=lambda one: (one.ends_on, one.pk))[-1:]
    return tuple(
        _bar(campaign, [one for one in owed if one.assignment.task.campaign_id == campaign.pk])
        for campaign in running or latest
    )


def _bar(campaign: Campaign, owed: Sequence[_Owed]) -> CampaignBars:
    counts: dict[str, list[int]] = {}
    for one in owed:
        line = counts.setdefault(one.assignment.task.aspect.title, [0, 0])
        line[0] += lamps.is_kept(one.duty)
        line[1] += 1
    aspects = tuple(AspectBar(title, kept, total) for title, (kept, total) in counts.items())
    return CampaignBars(campaign.title, campaign.code, len(owed), aspects)


# --- checklists ---


def _item_todos(actor: Actor, organisation: Organisation, today: date) -> list[Todo]:
    """Items of checklists that run today and that the organisation has no record for."""
    if not may(actor, Action.RECORD_ACTIVITY, organisation.path):
        return []
    rows = (
        ChecklistItem.objects.filter(starts_on__lte=today, ends_on__gte=today, campaign__state=Campaign.State.DEPLOYED)
        .filter(for_class__in=[*classes_of(organisation), SPONSOR])
        .select_related("campaign__sponsor")
        .order_by("ends_on", "campaign", "checklist", "ordinal")[:MOST_ROWS]
    )
    items = [item for item in rows if _reaches(item, organisation)]
    done = queries.records_of(items, [organisation.pk]) if items else {}
    todos = []
    for item in items:
        found = done.get((organisation.pk, item.pk))
        if found is None or not found.do(item):
            todos.append(_item_todo(item, organisation, today, found.count if found else 0))
    return todos


def _reaches(item: ChecklistItem, organisation: Organisation) -> bool:
    sponsor = item.campaign.sponsor
    if item.for_class == SPONSOR:
        return sponsor.pk == organisation.pk
    return is_within(organisation.path, sponsor.path)


def _item_todo(item: ChecklistItem, organisation: Organisation, today: date, count: int) -> Todo:
    kind, _, series = item.label.partition("/")
    return Todo(
        kind="item",
        title=item.title,
        on=item.ends_on,
        bucket=bucket_of(item.ends_on, today),
        code=item.campaign.code,
        note=f"{item.campaign.title} · {item.checklist_title}",
        number=f"{count}/{item.times}" if item.times > 1 else "",
        what="progress" if item.kind == "progress.recorded" else "activity",
        record=kind,
        series=series,
        organisation=organisation.code,
    )


# --- promises ---


def _promise_todos(actor: Actor, organisation: Organisation, today: date) -> list[Todo]:
    """Promises to hand in, mend, report on, explain; and those of others to review. One query."""
    near = lamps.near_until(today)
    mine = _mine(actor, organisation)
    wants = (
        Q(state__in=[State.DRAFT, State.RETURNED])
        | Q(state=State.PUBLISHED, measure="", due_on__gte=today, due_on__lte=near)
        | Q(state=State.UNKEPT, explanation="")
    )
    made = CommitmentEvent.objects.filter(
        commitment=OuterRef("pk"), kind__in=[Happened.MADE, Happened.EDITED, Happened.SUBMITTED], by=actor.account
    )
    reviewed: Q = (
        within(scopes(actor, Action.REVIEW_COMMITMENT), "organisation__path")
        & within((organisation.path,), "organisation__path")
        & Q(state=State.SUBMITTED)
        & Q(~Exists(made))
    )
    if actor.person:
        reviewed = reviewed & ~Q(person_id=actor.person)
    progress = CommitmentProgress.objects.filter(commitment=OuterRef("pk"), withdrawn_at__isnull=True).order_by()
    rows = (
        Commitment.objects.filter((mine & wants) | reviewed)
        .annotate(counted=Subquery(progress.values("commitment").annotate(n=Sum("quantity")).values("n")))
        .select_related("organisation", "person")
        .order_by("due_on", "pk")[:MOST_ROWS]
    )
    found = list(rows)
    reviews = [row for row in found if row.state == State.SUBMITTED]
    todos = [todo for row in found if row.state != State.SUBMITTED and (todo := _promise_todo(row, today))]
    return todos + _review_todos(reviews, today)


def _mine(actor: Actor, organisation: Organisation) -> Q:
    """The actor's own promises, and those of the organisation itself if he may promise for it."""
    own = Q(person_id=actor.person) if actor.person else Q(pk__in=[])
    if may(actor, Action.MAKE_COMMITMENT, organisation.path):
        own |= Q(organisation=organisation)
    return own


def _promise_todo(row: Commitment, today: date) -> Todo | None:
    """What its maker must do about a promise; None when its own count has reached the target."""
    kind = {State.DRAFT: "draft", State.RETURNED: "returned", State.UNKEPT: "explain"}.get(State(row.state), "promise")
    counted: int = row.counted or 0  # type: ignore[attr-defined]
    if kind == "promise" and _has_enough(row, counted):
        return None
    # Nothing has a day before it is public; a promise that was not kept has been late since its due day.
    on = None if kind == "draft" else today if kind == "returned" else row.due_on
    return Todo(
        kind=kind,
        title=row.text,
        on=on,
        bucket=bucket_of(on, today),
        code=row.code,
        note=f"{row.organisation.name} {row.person.name}" if row.person else row.organisation.name,
        number=_counted_text(row, counted) if kind == "promise" else "",
    )


def _counted_text(row: Commitment, counted: int) -> str:
    """How far a promise's own count is from what is to be reached; nothing to say of a number not to be passed."""
    return "" if is_limit(row.direction) else number_text(unscale(counted), unscale(row.target), row.unit)


def _has_enough(row: Commitment, counted: int) -> bool:
    """Whether nothing is left to report: the target is reached; or of a number not to be passed, some entry is there."""
    if is_limit(row.direction):
        return row.counted is not None  # type: ignore[attr-defined]
    return counted >= row.target


def _review_todos(rows: Sequence[Commitment], today: date) -> list[Todo]:
    """Promises to review: each by itself while they are few, else as one, with how many have vague words."""
    if len(rows) > REVIEWS_SHOWN:
        vague = sum(1 for row in rows if vague_in(row.text))
        return [Todo("reviews", "", today, TODAY, rows[0].code, number=str(vague), count=len(rows))]
    return [
        Todo(
            kind="review",
            title=row.text,
            on=today,
            bucket=TODAY,
            code=row.code,
            note=f"{row.organisation.name} {row.person.name}" if row.person else row.organisation.name,
            number="、".join(vague_in(row.text)),
        )
        for row in rows
    ]


# --- rounds and imports ---


def _round_and_run_todos(actor: Actor, organisation: Organisation, today: date, now: datetime) -> list[Todo]:
    """Rounds that have ended and wait to be closed; one's own imports that refused rows. One query for both."""
    closing = within(scopes(actor, Action.CLOSE_ROUND), "organiser__path") & within(
        (organisation.path,), "organiser__path"
    )
    rounds = Round.objects.filter(closing, state=Round.State.OPEN, closes_at__lte=now).annotate(
        refused_rows_count=Value(0, output_field=IntegerField())
    )
    runs = Run.objects.filter(
        requested_by=actor.account,
        kind__endswith=".import",
        state=RunState.DONE,
        refused__gt=0,
        ended_at__gte=now - REFUSED_SHOWN_FOR,
    ).annotate(refused_rows_count=F("refused"))
    told = (
        rounds.order_by()
        .values_list(Value("round"), "code", "title", "closes_at", "refused_rows_count")
        .union(
            runs.order_by().values_list(Value("refused"), "code", "title", "ended_at", "refused_rows_count"), all=True
        )
    )
    return [_told(kind, code, title, local_date(at), count, today) for kind, code, title, at, count in told]


def _closing_todos(actor: Actor, organisation: Organisation, today: date) -> list[Todo]:
    """Campaigns of the organisation that are over: none closes by itself, its organiser says how it went."""
    if not may(actor, Action.DEPLOY_CAMPAIGN, organisation.path):
        return []
    over = Campaign.objects.filter(sponsor=organisation, state=Campaign.State.DEPLOYED, ends_on__lt=today)
    return [
        Todo("closing", row.title, today, TODAY, row.code, number=row.ends_on.isoformat())
        for row in over.only("code", "title", "ends_on").order_by("ends_on", "pk")
    ]


def _evaluation_todos(actor: Actor, organisation: Organisation, today: date) -> list[Todo]:
    """差评 that wait for an answer, as one thing due with the first of them; members' reviews that wait for a decision."""
    todos = []
    if may(actor, Action.ANSWER, organisation.path):
        waiting = Answer.objects.filter(within((organisation.path,), "subject__organisation__path"), answered_on=None)
        told = waiting.aggregate(count=Count("pk"), first=Min("due_on"))
        if told["count"]:
            on = told["first"]
            todos.append(Todo("complaints", "", on, bucket_of(on, today), count=told["count"]))
    if may(actor, Action.DECIDE, organisation.path):
        closed = Round.objects.filter(
            within((organisation.path,), "organiser__path"), state=Round.State.CLOSED, kind=Round.Kind.MEMBERS
        )
        undecided = closed.filter(proposal__isnull=False, subjects__decision=None).distinct().order_by("pk")
        todos += [Todo("decide", one.title, today, TODAY, one.code) for one in undecided.only("code", "title")]
    return todos


def _told(kind: str, code: str, title: str, on: date, count: int, today: date) -> Todo:
    due = on if kind == "round" else today
    return Todo(kind, title, due, bucket_of(due, today), code, count=count or 0)
