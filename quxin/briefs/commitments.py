"""Promises as every face shows them: who, what, how measured, where it stands, and whether it was kept.

Kept or not is reckoned here from facts, on the due day and after, whether or not the nightly settlement has run. A
promise's number is its own count (its progress facts) or a declared measure from the day of publication to the due day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import CharField, Count, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from quxin.briefs import promise_history as told
from quxin.briefs.evaluations import EvaluationResult, evaluation_of
from quxin.briefs.evidence import PublicFile, TakenDown, public_files
from quxin.briefs.figures import Figure, figure_of, printed
from quxin.files.models import Evidence
from quxin.files.queries import evidence_of
from quxin.kernel.clock import local_date
from quxin.kernel.hedged import print_number
from quxin.kernel.missing import Missing, is_missing
from quxin.kernel.periods import Period
from quxin.kernel.scaled import unscale
from quxin.ledger.models import Fact
from quxin.measures.each import Request, measure_each
from quxin.measures.reading import NOBODY_COUNTS
from quxin.measures.registry import AmbiguousMeasure, UnknownMeasure, find
from quxin.measures.types import Declared, Measured
from quxin.packs.queries import pack_of
from quxin.records.commitments.facts import PROGRESS
from quxin.records.commitments.models import Commitment, CommitmentEvent, CommitmentProgress

State = Commitment.State
KEPT, UNKEPT = "kept", "unkept"
DUE_SOON = 7
# Measures that only grow: when the target is reached early, it is reached. A rate can still fall until the due day.
GROWING = frozenset({"count", "sum", "distinct"})
OWN_COUNT = "commitment.progress"
UNKNOWN = Missing("没有这个指标")


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
    """How a promise's own count came about: its entries, those taken back included."""

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


@dataclass(frozen=True, slots=True)
class _Counted:
    """A promise's own count up to its due day: `total` scaled, how many entries stand, how many were taken back."""

    total: int = 0
    standing: int = 0
    corrections: int = 0
    entries: int = 0


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
    figures, others = _figures(rows, None, also)
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
    entries = _entries([commitment.pk]) if _had_own_count(commitment, happened) else []
    row = _row(
        commitment,
        _figures([commitment], entries)[0][commitment.pk],
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
    entries = _entries([commitment.pk])
    changes = commitment.events.filter(is_public=True, kind__in=told.CHANGES).count()
    row = _row(commitment, _figures([commitment], entries)[0][commitment.pk], changes, today)
    shown = tuple(_progressed(entry, commitment) for entry in entries)
    return PromiseWorkings(row, shown, sum((entry.quantity for entry in shown if entry.counts), Decimal(0)))


def is_kept(commitment: Commitment) -> bool:
    """What the facts say about a promise whose due day has come: was its target reached by then."""
    return _reached(_figures([commitment], None)[0][commitment.pk], commitment)


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


# --- the number ---


def _figures(
    rows: Sequence[Commitment], entries: list[CommitmentProgress] | None, also: Sequence[Request] = ()
) -> tuple[dict[int, Figure], list[Measured]]:
    """Commitment key → its figure, and the answers to `also`. `entries`, if they were read already, are those of `rows`."""
    own = [row for row in rows if not row.measure]
    if entries is None:
        entries = _entries([row.pk for row in own]) if own else []
    counts = _counts(own, entries)
    figures = {row.pk: _own_figure(row, counts.get(row.pk, _Counted())) for row in own}
    measured, others = _measured_figures([row for row in rows if row.measure], also)
    return figures | measured, others


def _entries(keys: Sequence[int]) -> list[CommitmentProgress]:
    """Progress of the promises `keys` with `net`, the scaled sum of the facts of each entry (None: no fact)."""
    subject = Concat(
        Value("commitment:"),
        Cast(OuterRef("commitment_id"), CharField()),
        Value("/progress:"),
        Cast(OuterRef("pk"), CharField()),
        output_field=CharField(),
    )
    facts = Fact.objects.filter(subject=subject, kind=PROGRESS.id).order_by().values("subject")
    net = Subquery(facts.annotate(total=Sum("quantity")).values("total"))
    return list(CommitmentProgress.objects.filter(commitment__in=keys).annotate(net=net).order_by("occurred_on", "pk"))


def _counts(rows: Sequence[Commitment], entries: Iterable[CommitmentProgress]) -> dict[int, _Counted]:
    due = {row.pk: row.due_on for row in rows}
    counts: dict[int, _Counted] = {}
    for entry in entries:
        if entry.commitment_id not in due or entry.occurred_on > due[entry.commitment_id]:
            continue
        so_far, net = counts.get(entry.commitment_id, _Counted()), entry.net or 0  # type: ignore[attr-defined]
        counts[entry.commitment_id] = _Counted(
            so_far.total + net,
            so_far.standing + (net > 0),
            so_far.corrections + (net == 0),
            so_far.entries + 1,
        )
    return counts


def _own_figure(row: Commitment, counted: _Counted) -> Figure:
    value = unscale(counted.total) if counted.entries else NOBODY_COUNTS
    text, verdict = printed(value, row.unit)
    return Figure(
        measure=OWN_COUNT,
        label=told.OWN_COUNT,
        value=value,
        text=text,
        unit=row.unit,
        organisation=row.organisation.name,
        organisation_code=row.organisation.code,
        path=row.organisation.path,
        period=_period(row),
        basis=counted.standing,
        corrections=counted.corrections,
        verdict=verdict,
        address=f"commitments/{row.code}/figure/",
        is_public=True,
        campaign=row.campaign.key if row.campaign else "",
    )


def _measured_figures(rows: Sequence[Commitment], also: Sequence[Request]) -> tuple[dict[int, Figure], list[Measured]]:
    declared = {row.pk: _declared(row) for row in rows}
    known = [(row, spec) for row in rows if (spec := declared[row.pk]) is not None and row.published_at is not None]
    requests = [
        Request(spec, row.organisation.path, _period(row), row.campaign.key if row.campaign else "")
        for row, spec in known
    ]
    answers = measure_each([*requests, *also])
    figures = {
        row.pk: figure_of(measured, row.organisation) for (row, _), measured in zip(known, answers, strict=False)
    }
    rest = {row.pk: _no_figure(row, declared[row.pk]) for row in rows if row.pk not in figures}
    return figures | rest, answers[len(known) :]


def _declared(row: Commitment) -> Declared | None:
    try:
        return find(row.measure, pack_of(row.campaign.pack_version) if row.campaign else None)
    except (UnknownMeasure, AmbiguousMeasure):
        return None


def _no_figure(row: Commitment, declared: Declared | None) -> Figure:
    """A measure that is not declared any more, or a promise that was never published: there is nothing to show."""
    value = NOBODY_COUNTS if declared else UNKNOWN
    text, verdict = printed(value, row.unit)
    return Figure(
        measure=row.measure,
        label=declared.spec.label if declared else row.measure,
        value=value,
        text=text,
        unit=row.unit,
        organisation=row.organisation.name,
        organisation_code=row.organisation.code,
        path=row.organisation.path,
        period=_period(row),
        basis=0,
        corrections=0,
        verdict=verdict,
        address="",
        is_public=False,
    )


def _period(row: Commitment) -> Period:
    """From the day of publication (or making) to the due day."""
    start = local_date(row.published_at or row.made_at)
    return Period(min(start, row.due_on), row.due_on)


def _reached(figure: Figure, row: Commitment) -> bool:
    return isinstance(figure.value, Decimal) and figure.value >= unscale(row.target)


def _grows(row: Commitment) -> bool:
    if not row.measure:
        return True
    declared = _declared(row)
    return declared is not None and not declared.ratio and declared.fold.form in GROWING


# --- the row ---


def _row(row: Commitment, figure: Figure, changes: int, today: date) -> PromiseRow:
    reached = _reached(figure, row)
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
    if reached and _grows(row):
        return "kept", "已达目标"
    if (row.due_on - today).days <= DUE_SOON:
        return "due", "还剩 %(n)s 天"
    return ("none", "还没有进展") if is_missing(figure.value) else ("going", "践诺中")


def _share(figure: Figure, target: Decimal) -> Decimal | None:
    if not isinstance(figure.value, Decimal):
        return None
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
        counts=bool(entry.net) and not late,  # type: ignore[attr-defined]
        is_late=late,
        withdrawn_on=local_date(entry.withdrawn_at) if entry.withdrawn_at else None,
        withdrawn_reason=entry.withdrawn_reason,
    )
