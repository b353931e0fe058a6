"""Simple records as the desk shows them: the list with its totals by kind, honours, and one record with its history."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from quxin.access import Actor
from quxin.briefs.contributions import Contribution, contributions, measure_for
from quxin.briefs.figures import Figure, figure_of, plain_quantity
from quxin.briefs.traces import Trace, traces_of
from quxin.files.models import Evidence
from quxin.files.queries import evidence_of
from quxin.kernel.periods import Period
from quxin.measures.reading import measure_many
from quxin.measures.registry import all_measures
from quxin.orgs.models import Organisation
from quxin.orgs.querysets import within
from quxin.packs.queries import all_current
from quxin.packs.types import Pack, RecordKind, record_label
from quxin.packs.vocabulary import RECORD_FAMILIES
from quxin.records.campaigns.facts import PROGRESS
from quxin.records.campaigns.models import ProgressRecord
from quxin.records.campaigns.progress import subject_of

HONOUR = "honour"


@dataclass(frozen=True, slots=True)
class KindOption:
    """A kind of record (or a series of it) that a form offers: its label in the ledger, its titles, what it asks."""

    label: str
    zh: str
    en: str
    kind: RecordKind
    pack: str

    @property
    def family(self) -> str:
        """The Chinese title of its family."""
        return RECORD_FAMILIES[self.kind.family].zh


@dataclass(frozen=True, slots=True)
class KindTotal:
    """How many records of a kind a list holds and their quantity; the figure is there when a measure says the same."""

    label: str
    title: str
    records: int
    text: str
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class ProgressBrief:
    """One simple record with its evidence, what it put into the ledger, and what happened to it."""

    record: ProgressRecord
    kind: KindOption | None
    quantity: str
    evidence: tuple[Evidence, ...]
    facts: tuple[Contribution, ...]
    history: tuple[Trace, ...]


def progress_kinds(family: str = "") -> dict[str, KindOption]:
    """The kinds of the installed packs and their series, by label in the ledger; the first pack to declare one names it."""
    found: dict[str, KindOption] = {}
    for pack in all_current():
        for option in _kinds_of(pack):
            if not family or option.kind.family == family:
                found.setdefault(option.label, option)
    return found


def _kinds_of(pack: Pack) -> list[KindOption]:
    options = [KindOption(kind.id, kind.title.zh, kind.title.en, kind, pack.pack) for kind in pack.records.values()]
    for series in pack.series.values():
        if series.kind in pack.records:
            kind = pack.records[series.kind]
            label = record_label(pack, series.kind, series.id)
            zh, en = f"{kind.title.zh}：{series.title.zh}", f"{kind.title.en}: {series.title.en}"
            options.append(KindOption(label, zh, en, kind, pack.pack))
    return options


def list_progress(
    actor: Actor,
    *,
    kinds: Collection[str] | None = None,
    period: Period | None = None,
    path: str = "",
    words: str = "",
    campaign: str = "",
    withdrawn: bool = False,
) -> QuerySet[ProgressRecord]:
    """Records that `actor` may see, by whatever is given; a kind stands for its series too. `campaign` is a code."""
    rows = ProgressRecord.objects.visible_to(actor).filter(withdrawn_at__isnull=not withdrawn)
    if kinds is not None:
        chosen = Q(kind__in=list(kinds))
        for kind in kinds:
            chosen |= Q(kind__startswith=f"{kind}/")
        rows = rows.filter(chosen) if kinds else rows.none()
    if period is not None:
        rows = rows.filter(occurred_on__range=(period.start, period.end))
    if path:
        rows = rows.filter(within((path,), "organisation__path"))
    if campaign:
        rows = rows.filter(campaign__code=campaign)
    for word in words.split()[:8]:
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(partner__icontains=word)
            | Q(place__icontains=word)
            | Q(organisation__name__icontains=word)
        )
    return rows.select_related("organisation", "campaign")


def totals_by_kind(
    rows: QuerySet[ProgressRecord],
    organisation: Organisation,
    kinds: Mapping[str, KindOption],
    *,
    period: Period | None = None,
) -> list[KindTotal]:
    """The records of `rows` by kind, the most first; with figures when `period` says that nothing else narrows the list."""
    counted = rows.order_by().values("kind").annotate(records=Count("pk"), quantity=Sum("quantity"))
    found = sorted(counted, key=lambda row: (-row["records"], row["kind"]))
    figures = _figures([row["kind"] for row in found], organisation, period) if period and found else {}
    return [_total(row["kind"], row["records"], row["quantity"], kinds, figures) for row in found]


def _figures(labels: list[str], organisation: Organisation, period: Period) -> dict[str, Figure]:
    """The figure of each label for which a measure sums just its quantities; three queries for all."""
    declared = all_measures()
    measures = {label: found for label in labels if (found := measure_for(declared, PROGRESS.id, label, "sum"))}
    answers = measure_many(measures.values(), [organisation.path], period)
    return {label: figure_of(answers[one.id, organisation.path], organisation) for label, one in measures.items()}


def _total(
    label: str, records: int, quantity: int, kinds: Mapping[str, KindOption], figures: Mapping[str, Figure]
) -> KindTotal:
    option = kinds.get(label)
    title, unit = (option.zh, option.kind.unit) if option else (label, "")
    figure = figures.get(label)
    # A measure without the kind's series would say something else than the list.
    same = figure is not None and not figure.is_missing and figure.text == plain_quantity(quantity, figure.unit)
    return KindTotal(label, title, records, plain_quantity(quantity, unit), figure if same else None)


def progress_brief(record: ProgressRecord) -> ProgressBrief:
    """All that the page of a record shows; whoever asks must be allowed to see it."""
    kind = progress_kinds().get(record.kind)
    unit = record.unit or (kind.kind.unit if kind else "")
    subject = subject_of(record)
    return ProgressBrief(
        record=record,
        kind=kind,
        quantity=plain_quantity(record.quantity, unit),
        evidence=tuple(evidence_of(subject)),
        facts=tuple(contributions(subject, record.organisation, unit)),
        history=tuple(traces_of(subject)),
    )
