"""Promises as every face shows them: who, what, how measured, where it stands, and whether it was kept.

Kept or not is reckoned here from facts, on the due day and after, whether or not the nightly settlement has run. A
promise's number is its own count (its progress facts) or a declared measure from the day of publication to the due day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quxin.briefs import promise_history as told
from quxin.briefs.evaluations import EvaluationResult, evaluation_of
from quxin.briefs.evidence import PublicFile, TakenDown, public_files
from quxin.briefs.figures import Figure
from quxin.briefs.promise_figures import entries_of, figures_of, grows, is_reached, stands
from quxin.files.models import Evidence
from quxin.files.queries import evidence_of
from quxin.kernel.clock import local_date
from quxin.kernel.hedged import print_number
from quxin.kernel.missing import is_missing
from quxin.kernel.scaled import unscale
from quxin.measures.each import Request
from quxin.measures.types import Measured
from quxin.records.commitments.models import Commitment, CommitmentEvent, CommitmentProgress
from quxin.records.commitments.rules import is_limit

State, Direction = Commitment.State, Commitment.Direction
KEPT, UNKEPT = "kept", "unkept"
DUE_SOON = 7
BOUNDS = {
    Direction.AT_LEAST: "，达到",
    Direction.AT_MOST: "，不超过",
    Direction.EACH_AT_MOST: "，每一笔不超过",
}
"""What a page says between how a promise is measured and its target: Chinese msgids."""


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """One promise in a list.

    `lamp` is kept, going, due, late or none and `lamp_text` a Chinese msgid (for `due` with %(n)s days). `verdict` is
    "kept" or "unkept" on and after the due day, "" before. `share` is per cent of the target, for bars.
    """

    key: int
    code: str
    kind: str
    kind_title: str
    text: str
    organisation: str
    organisation_code: str
    path: str
    person: str
    campaign: str
    published_on: date | None
    due_on: date
    state: str
    state_title: str
    measured_by: str
    figure: Figure
    target: Decimal
    target_text: str
    direction: str
    share: Decimal | None
    reached: bool
    days_left: int
    verdict: str
    is_settled: bool
    lamp: str
    lamp_text: str
    changes: int
    is_explained: bool
    is_sample: bool

    @property
    def is_public(self) -> bool:
        """Whether the public sees it."""
        return self.state in (State.PUBLISHED, State.KEPT, State.UNKEPT)

    @property
    def is_limit(self) -> bool:
        """Whether the target is not to be passed."""
        return is_limit(self.direction)

    @property
    def is_each(self) -> bool:
        """Whether every single entry is held against the target."""
        return self.direction == Direction.EACH_AT_MOST

    @property
    def bound(self) -> str:
        """What stands before the target in a sentence, as a Chinese msgid."""
        return BOUNDS[Direction(self.direction)]

    @property
    def who(self) -> str:
        """Who promised: the member and the organisation, or the organisation."""
        return f"{self.organisation} {self.person}" if self.person else self.organisation


@dataclass(frozen=True, slots=True)
class PromiseBrief:
    """A promise as a receipt: the row, and everything that happened to it, oldest first.

    `evidence` is for staff and empty for the public; `files` and `taken_down` are what the public has and had.
    """

    row: PromiseRow
    commitment: Commitment
    made_on: date
    verifier: str
    explanation: str
    history: tuple[told.Happening, ...]
    evidence: tuple[Evidence, ...]
    files: tuple[PublicFile, ...]
    taken_down: tuple[TakenDown, ...]
    evaluation: EvaluationResult | None
    contradicted: bool


@dataclass(frozen=True, slots=True)
class Progressed:
    """One entry of a promise's own count: what is left of it in the ledger, and why it was taken back if it was."""

    code: str
    on: date
    note: str
    quantity: Decimal
    counts: bool
    is_late: bool
    withdrawn_on: date | None
    withdrawn_reason: str


@dataclass(frozen=True, slots=True)
class PromiseWorkings:
    """How a promise's own count came about: its entries, those taken back included.

    `total` is their sum, or the largest where every single one is held against the target.
    """

    row: PromiseRow
    entries: tuple[Progressed, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class PublicChange:
    """Something published that was changed, extended or explained: for the list that nobody can keep a change out of."""

    code: str
    text: str
    organisation: str
    organisation_code: str
    happening: told.Happening


def with_words(rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    """`rows` with all that a `PromiseRow` needs beside its number, in the same query."""
    changes = CommitmentEvent.objects.filter(commitment=OuterRef("pk"), is_public=True, kind__in=told.CHANGES)
    counted = changes.order_by().values("commitment").annotate(n=Count("pk")).values("n")
    return (
        rows.select_related("organisation", "person", "campaign__pack_version")
        .defer("campaign__pack_version__content", "organisation__note")
        .annotate(change_count=Coalesce(Subquery(counted), 0))
    )


def promise_rows(commitments: Iterable[Commitment], *, today: date) -> list[PromiseRow]:
    """Rows for a list, in the order given (through `with_words`): five queries more, however many there are."""
    return promise_page(commitments, today=today)[0]


def promise_page(
    commitments: Iterable[Commitment], *, today: date, also: Sequence[Request] = ()
) -> tuple[list[PromiseRow], list[Measured]]:
    """Rows as `promise_rows`, and the answers to `also`, read in the same queries."""
    rows = list(commitments)
    figures, others = figures_of(rows, None, also)
    return [_row(row, figures[row.pk], row.change_count, today) for row in rows], others  # type: ignore[attr-defined]


def promise_brief(
    commitment: Commitment,
    *,
    today: date,
    now: datetime,
    public_only: bool = True,
    events: Sequence[CommitmentEvent] | None = None,
) -> PromiseBrief:
    """The whole of one promise; `public_only` leaves out what only staff see. `events` spares their query."""
    happened = list(commitment.events.order_by("number")) if events is None else list(events)
    entries = entries_of([commitment.pk]) if _had_own_count(commitment, happened) else []
    row = _row(
        commitment,
        figures_of([commitment], entries)[0][commitment.pk],
        sum(event.kind in told.CHANGES for event in happened),
        today,
    )
    titles, subject = {commitment.measure: row.measured_by}, f"commitment:{commitment.pk}"
    files, taken_down = public_files(subject)
    history = told.happenings(happened, unit=commitment.unit, public_only=public_only, measure_titles=titles)
    return PromiseBrief(
        row=row,
        commitment=commitment,
        made_on=local_date(commitment.made_at),
        verifier=commitment.verifier,
        explanation=commitment.explanation,
        history=_merged(history, entries, commitment.unit),
        evidence=() if public_only else tuple(evidence_of(subject)),
        files=files,
        taken_down=taken_down,
        evaluation=evaluation_of(subject, now=now, with_words=False) if row.is_public else None,
        contradicted=row.is_settled and (row.state == State.KEPT) != row.reached,
    )


def promise_workings(commitment: Commitment, *, today: date) -> PromiseWorkings:
    """The entries under a promise's own count, oldest first."""
    entries = entries_of([commitment.pk])
    changes = commitment.events.filter(is_public=True, kind__in=told.CHANGES).count()
    row = _row(commitment, figures_of([commitment], entries)[0][commitment.pk], changes, today)
    shown = tuple(_progressed(entry, commitment) for entry in entries)
    counting = [entry.quantity for entry in shown if entry.counts]
    total = max(counting, default=Decimal(0)) if row.is_each else sum(counting, Decimal(0))
    return PromiseWorkings(row, shown, total)


def is_kept(commitment: Commitment) -> bool:
    """What the facts say about a promise whose due day has come: was its target reached by then."""
    return is_reached(figures_of([commitment], None)[0][commitment.pk], commitment)


def public_changes(commitments: QuerySet[Commitment], *, most: int = 10) -> list[PublicChange]:
    """The latest changes of published promises among `commitments` (a queryset of public ones), one query."""
    kinds = [*told.CHANGES, CommitmentEvent.Kind.EXPLAINED]
    events = (
        CommitmentEvent.objects.filter(commitment__in=commitments.order_by(), is_public=True, kind__in=kinds)
        .select_related("commitment__organisation")
        .order_by("-at", "-pk")[:most]
    )
    return [
        PublicChange(
            event.commitment.code,
            event.commitment.text,
            event.commitment.organisation.name,
            event.commitment.organisation.code,
            told.happenings([event], unit=event.commitment.unit)[0],
        )
        for event in events
    ]


# --- the row ---


def _row(row: Commitment, figure: Figure, changes: int, today: date) -> PromiseRow:
    reached = is_reached(figure, row)
    verdict = _verdict(row, reached, today)
    lamp, lamp_text = _lamp(row, figure, reached, verdict, today)
    target = unscale(row.target)
    return PromiseRow(
        key=row.pk,
        code=row.code,
        kind=row.kind,
        kind_title=str(Commitment.Kind(row.kind).label),
        text=row.text,
        organisation=row.organisation.name,
        organisation_code=row.organisation.code,
        path=row.organisation.path,
        person=row.person.name if row.person else "",
        campaign=row.campaign.title if row.campaign else "",
        published_on=local_date(row.published_at) if row.published_at else None,
        due_on=row.due_on,
        state=row.state,
        state_title=str(State(row.state).label),
        measured_by=figure.label,
        figure=figure,
        target=target,
        target_text=print_number(target, row.unit),
        direction=row.direction,
        share=_share(figure, target),
        reached=reached,
        days_left=(row.due_on - today).days,
        verdict=verdict,
        is_settled=row.state in (State.KEPT, State.UNKEPT),
        lamp=lamp,
        lamp_text=lamp_text,
        changes=changes,
        is_explained=bool(row.explanation),
        is_sample=row.is_sample,
    )


def _verdict(row: Commitment, reached: bool, today: date) -> str:
    if row.state in (State.KEPT, State.UNKEPT):
        return KEPT if row.state == State.KEPT else UNKEPT
    if row.state != State.PUBLISHED or today < row.due_on:
        return ""
    if is_limit(row.direction) and reached and today == row.due_on:
        return ""  # the day is not over, and the limit may still be passed
    return KEPT if reached else UNKEPT


def _lamp(row: Commitment, figure: Figure, reached: bool, verdict: str, today: date) -> tuple[str, str]:
    """State of the lamp and its words. A promise that was never public has no lamp but "none"."""
    if row.state not in (State.PUBLISHED, State.KEPT, State.UNKEPT):
        return "none", str(State(row.state).label)
    if verdict == KEPT:
        return "kept", "已兑现"
    if verdict == UNKEPT:
        if row.state == State.PUBLISHED and today == row.due_on:
            return "late", "今天到期，尚未兑现"
        return "late", "未兑现，已说明" if row.explanation else "未兑现"
    if is_limit(row.direction):
        if not reached and not is_missing(figure.value) and grows(row):
            return "late", "已超过上限"
        if today == row.due_on:
            return "going", "今天到期，没有超过"
    elif reached and grows(row):
        return "kept", "已达目标"
    if (row.due_on - today).days <= DUE_SOON:
        return "due", "还剩 %(n)s 天"
    return ("none", "还没有进展") if is_missing(figure.value) else ("going", "践诺中")


def _share(figure: Figure, target: Decimal) -> Decimal | None:
    if not isinstance(figure.value, Decimal):
        return None
    if not target:
        return Decimal(100) if figure.value else Decimal(0)
    return (figure.value * 100 / target).quantize(Decimal("0.1"))


# --- the history ---


def _had_own_count(commitment: Commitment, events: Iterable[CommitmentEvent]) -> bool:
    """Whether progress may have been typed in: now, or before the way of measuring was changed."""
    return not commitment.measure or any(event.before.get("measure") == "" for event in events)


def _merged(
    history: tuple[told.Happening, ...], entries: Iterable[CommitmentProgress], unit: str
) -> tuple[told.Happening, ...]:
    """Events and progress in one line of time; steps of one day stay in their order."""
    progress = [
        told.Happening(
            number=0,
            on=entry.occurred_on,
            kind=CommitmentEvent.Kind.PROGRESS,
            title=str(CommitmentEvent.Kind.PROGRESS.label),
            reason=entry.withdrawn_reason,
            text=entry.note,
            quantity=print_number(unscale(entry.quantity), unit),
            is_withdrawn=entry.withdrawn_at is not None,
        )
        for entry in entries
    ]
    return tuple(sorted([*history, *progress], key=lambda one: (one.on, one.number)))


def _progressed(entry: CommitmentProgress, commitment: Commitment) -> Progressed:
    late = entry.occurred_on > commitment.due_on
    return Progressed(
        code=entry.code,
        on=entry.occurred_on,
        note=entry.note,
        quantity=unscale(entry.quantity),
        counts=stands(entry) and not late,
        is_late=late,
        withdrawn_on=local_date(entry.withdrawn_at) if entry.withdrawn_at else None,
        withdrawn_reason=entry.withdrawn_reason,
    )
