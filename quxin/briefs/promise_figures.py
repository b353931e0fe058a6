"""The number of a promise: its own count from its entries, or a declared measure from publication to the due day.

Whether the number says that the promise is kept is here too; what a page shows of it is in `briefs.commitments`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import CharField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Cast, Concat

from quxin.briefs import promise_history as told
from quxin.briefs.figures import Figure, figure_of, printed
from quxin.kernel.clock import local_date
from quxin.kernel.missing import Missing
from quxin.kernel.periods import Period
from quxin.kernel.scaled import unscale
from quxin.ledger.models import Fact
from quxin.measures.each import Request, measure_each
from quxin.measures.reading import NOBODY_COUNTS
from quxin.measures.registry import AmbiguousMeasure, UnknownMeasure, find
from quxin.measures.types import Declared, Measured
from quxin.packs.queries import pack_of
from quxin.records.commitments.facts import PROGRESS
from quxin.records.commitments.models import Commitment, CommitmentProgress
from quxin.records.commitments.rules import is_limit

Direction = Commitment.Direction
# Measures that only grow: when the target is reached early, it is reached. A rate can still fall until the due day.
GROWING = frozenset({"count", "sum", "distinct"})
OWN_COUNT = "commitment.progress"
UNKNOWN = Missing("没有这个指标")


@dataclass(frozen=True, slots=True)
class _Counted:
    """An own count up to the due day: `total` and `largest` entry scaled, how many entries stand, how many do not."""

    total: int = 0
    largest: int = 0
    standing: int = 0
    corrections: int = 0
    entries: int = 0


def figures_of(
    rows: Sequence[Commitment], entries: list[CommitmentProgress] | None, also: Sequence[Request] = ()
) -> tuple[dict[int, Figure], list[Measured]]:
    """Commitment key → its figure, and the answers to `also`. `entries`, if they were read already, are those of `rows`."""
    own = [row for row in rows if not row.measure]
    if entries is None:
        entries = entries_of([row.pk for row in own]) if own else []
    counts = _counts(own, entries)
    figures = {row.pk: _own_figure(row, counts.get(row.pk, _Counted())) for row in own}
    measured, others = _measured_figures([row for row in rows if row.measure], also)
    return figures | measured, others


def entries_of(keys: Sequence[int]) -> list[CommitmentProgress]:
    """Progress of the promises `keys` with `net`, the scaled sum of the facts of each entry, and `left`, how many of them
    nothing has reversed (None: no fact)."""
    subject = Concat(
        Value("commitment:"),
        Cast(OuterRef("commitment_id"), CharField()),
        Value("/progress:"),
        Cast(OuterRef("pk"), CharField()),
        output_field=CharField(),
    )
    facts = Fact.objects.filter(subject=subject, kind=PROGRESS.id).order_by().values("subject")
    net = Subquery(facts.annotate(total=Sum("quantity")).values("total"))
    left = Subquery(facts.annotate(left=Sum("sign")).values("left"))
    rows = CommitmentProgress.objects.filter(commitment__in=keys).annotate(net=net, left=left)
    return list(rows.order_by("occurred_on", "pk"))


def _counts(rows: Sequence[Commitment], entries: Iterable[CommitmentProgress]) -> dict[int, _Counted]:
    due = {row.pk: row.due_on for row in rows}
    counts: dict[int, _Counted] = {}
    for entry in entries:
        if entry.commitment_id not in due or entry.occurred_on > due[entry.commitment_id]:
            continue
        so_far, net = counts.get(entry.commitment_id, _Counted()), entry.net or 0  # type: ignore[attr-defined]
        counting = stands(entry)
        counts[entry.commitment_id] = _Counted(
            so_far.total + net,
            max(so_far.largest, net) if counting else so_far.largest,
            so_far.standing + counting,
            so_far.corrections + (not counting),
            so_far.entries + 1,
        )
    return counts


def stands(entry: CommitmentProgress) -> bool:
    """Whether an entry was not taken back; one of nought stands as well."""
    return (entry.left or 0) > 0  # type: ignore[attr-defined]


def _own_value(row: Commitment, counted: _Counted) -> Decimal | Missing:
    """The number of an own count. Where a limit must not be passed, entries that were all taken back count nothing."""
    if is_limit(row.direction):
        shown = counted.largest if row.direction == Direction.EACH_AT_MOST else counted.total
        return unscale(shown) if counted.standing else NOBODY_COUNTS
    return unscale(counted.total) if counted.entries else NOBODY_COUNTS


def _own_figure(row: Commitment, counted: _Counted) -> Figure:
    value = _own_value(row, counted)
    text, verdict = printed(value, row.unit)
    return Figure(
        measure=OWN_COUNT,
        label=told.LARGEST if row.direction == Direction.EACH_AT_MOST else told.OWN_COUNT,
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


def is_reached(figure: Figure, row: Commitment) -> bool:
    """Whether the number says that the promise is kept; a number that is missing never does, however low the limit."""
    if not isinstance(figure.value, Decimal):
        return False
    target = unscale(row.target)
    return figure.value <= target if is_limit(row.direction) else figure.value >= target


def grows(row: Commitment) -> bool:
    """Whether the number can only grow before the due day, corrections aside."""
    if not row.measure:
        return True
    declared = _declared(row)
    return declared is not None and not declared.ratio and declared.fold.form in GROWING
