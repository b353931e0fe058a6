"""What one record puts into the ledger, and which figures it goes into: every number of a record's page is a link.

Not for sums over many records: those are figures (`briefs.figures`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from quxin.briefs.figures import Figure, figure_address, figure_of, plain_quantity
from quxin.kernel.periods import Period, month_of
from quxin.ledger.kinds import kind_of
from quxin.ledger.models import Fact
from quxin.ledger.queries import of_subject
from quxin.measures.reading import measure
from quxin.measures.registry import all_measures
from quxin.measures.types import Declared
from quxin.orgs.models import Organisation

# The built-in measure that sums all facts of a kind, and its unit.
SUMMED_BY = {
    "activity.held": ("activities.sessions", "场"),
    "activity.attendances": ("activities.attendances", "人次"),
    "activity.contestants": ("activities.contestants", "人"),
    "activity.person": ("activities.people", "人"),
}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a record has in the ledger of one kind. `address` is the figure of its organisation and month, "" without one."""

    title: str
    text: str
    corrections: int
    address: str


def contributions(subject: str, organisation: Organisation, unit: str = "") -> list[Contribution]:
    """The facts of `subject` that stand, by kind, with the figure into which they go; one query."""
    by_kind: dict[str, list[Fact]] = {}
    for fact in of_subject(subject):
        by_kind.setdefault(fact.kind, []).append(fact)
    return [_contribution(kind, facts, organisation, unit) for kind, facts in sorted(by_kind.items())]


def _contribution(kind: str, facts: list[Fact], organisation: Organisation, unit: str) -> Contribution:
    measure_id, measured_in = SUMMED_BY.get(kind, ("", unit))
    month = Period.of_month(month_of(facts[-1].on))
    return Contribution(
        title=kind_of(kind).title,
        text=plain_quantity(sum(fact.quantity for fact in facts), measured_in),
        corrections=sum(1 for fact in facts if fact.sign < 0),
        address=figure_address(measure_id, organisation.code, month) if measure_id else "",
    )


def figure_for(kind: str, label: str, organisation: Organisation, period: Period, *, form: str) -> Figure | None:
    """The figure of the measure that sums just the facts of `kind` and `label` by `form`; None when nobody declared one."""
    found = measure_for(all_measures(), kind, label, form)
    if found is None:
        return None
    return figure_of(measure(found, path=organisation.path, period=period), organisation)


def measure_for(declared: Iterable[Declared], kind: str, label: str, form: str) -> Declared | None:
    """The measure of every campaign that folds the facts of `kind` and `label` by `form` ("count", "sum"); else None."""
    for one in declared:
        fold = one.fold
        if (fold.kind, fold.label, fold.form, fold.scope) == (kind, label, form, "all"):
            return one
    return None
