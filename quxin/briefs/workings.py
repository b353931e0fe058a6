"""How a number came about: what the measure means, the sum, its facts, each leading to its record."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quxin.briefs.figures import Figure, figure_of
from quxin.briefs.subjects import Subject, subjects
from quxin.kernel.periods import Period
from quxin.kernel.scaled import unscale
from quxin.measures.facts import facts_of
from quxin.measures.reading import measure
from quxin.measures.registry import find
from quxin.orgs.models import Organisation

PAGE = 50

FORMS = {
    "count": "计数：符合的记录有几件，冲销的减去",
    "sum": "求和：各笔数量相加，冲销的减去",
    "distinct": "去重：同一个人或同一件事只算一次",
    "ratio": "比率：分子除以分母",
    "stock": "存量：从有记录以来累计到期末",
    "first": "首次：最早一笔的日期",
}


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact under a number, with the record that it came from."""

    book: str
    seq: int
    on: date
    subject: Subject
    organisation: str
    quantity: Decimal
    is_reversal: bool


@dataclass(frozen=True, slots=True)
class Workings:
    """Everything the side panel says about a figure."""

    figure: Figure
    description: str
    form: str
    parts: tuple[Figure, ...]
    facts: tuple[FactRow, ...]
    total_facts: int
    page: int
    pages: int


def workings(
    measure_id: str, organisation: Organisation, period: Period, *, campaign: str = "", page: int = 1
) -> Workings:
    """The workings of a figure, `page` of its facts (50 a page). Raises UnknownMeasure."""
    declared = find(measure_id)
    measured = measure(declared, path=organisation.path, period=period, campaign=campaign)
    rows: tuple[FactRow, ...] = ()
    total = 0
    if not declared.ratio:
        facts = facts_of(declared, path=organisation.path, period=period, campaign=campaign)
        total = facts.count()
        rows = _rows(list(facts[(page - 1) * PAGE : page * PAGE]))
    return Workings(
        figure=figure_of(measured, organisation),
        description=declared.spec.description,
        form=FORMS[declared.fold.form],
        parts=tuple(figure_of(part, organisation) for part in measured.parts),
        facts=rows,
        total_facts=total,
        page=page,
        pages=max(1, -(-total // PAGE)),
    )


def _rows(facts: list) -> tuple[FactRow, ...]:
    known = subjects(fact.subject for fact in facts)
    names = dict(Organisation.objects.filter(pk__in={fact.unit for fact in facts}).values_list("pk", "name"))
    return tuple(
        FactRow(
            book=str(fact.book_id),
            seq=fact.seq,
            on=fact.on,
            subject=known.get(fact.subject, Subject(fact.subject)),
            organisation=names.get(fact.unit, ""),
            quantity=unscale(fact.quantity),
            is_reversal=fact.sign < 0,
        )
        for fact in facts
    )
