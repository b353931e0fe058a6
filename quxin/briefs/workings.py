"""How a number came about: what the measure means, the sum, its facts, each leading to its record."""

from collections.abc import Sequence
from dataclasses import dataclass

from quxin.briefs.figures import Figure, figure_of
from quxin.briefs.subjects import Subject, subjects
from quxin.kernel.periods import Period
from quxin.ledger.queries import FactRow, Page
from quxin.measures.facts import page_of
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
class WorkingRow:
    """One fact under a number, with the record that it came from. `person` facts never tell whom they count."""

    fact: FactRow
    subject: Subject
    organisation: str


@dataclass(frozen=True, slots=True)
class Workings:
    """Everything the side panel says about a figure."""

    figure: Figure
    description: str
    form: str
    parts: tuple[Figure, ...]
    facts: tuple[WorkingRow, ...]
    after: str
    next: str


def workings(
    measure_id: str, organisation: Organisation, period: Period, *, campaign: str = "", after: str = ""
) -> Workings:
    """The workings of a figure with a page of its facts, newest day first; `after` is `next` of the page before.

    Raises UnknownMeasure, BadPlace.
    """
    declared = find(measure_id)
    measured = measure(declared, path=organisation.path, period=period, campaign=campaign)
    page = Page((), "")
    if not declared.ratio:
        page = page_of(declared, path=organisation.path, period=period, campaign=campaign, after=after, size=PAGE)
    return Workings(
        figure=figure_of(measured, organisation),
        description=declared.spec.description,
        form=FORMS[declared.fold.form],
        parts=tuple(figure_of(part, organisation) for part in measured.parts),
        facts=_rows(page.rows),
        after=after,
        next=page.next,
    )


def _rows(facts: Sequence[FactRow]) -> tuple[WorkingRow, ...]:
    known = subjects(fact.subject for fact in facts)
    names = dict(Organisation.objects.filter(pk__in={fact.unit for fact in facts}).values_list("pk", "name"))
    return tuple(
        WorkingRow(fact, known.get(fact.subject, Subject(fact.subject)), names.get(fact.unit, "")) for fact in facts
    )
