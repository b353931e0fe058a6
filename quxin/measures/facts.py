"""The facts under a measure, and sums about one subject: what a figure's page and a promise's own count show.

Must not reckon measures: `reading` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from quxin.kernel.missing import MISSING, Missing
from quxin.kernel.paths import subtree_range
from quxin.kernel.periods import Period
from quxin.kernel.scaled import unscale
from quxin.ledger import queries
from quxin.ledger.models import Fact
from quxin.ledger.queries import PAGE, Page, Selection
from quxin.measures.registry import Wanted, find
from quxin.measures.types import Declared, Placement
from quxin.orgs.models import Organisation
from quxin.packs.types import Pack


def facts_of(
    wanted: Wanted,
    *,
    path: str,
    period: Period,
    as_of: datetime | None = None,
    placement: Placement = "then",
    campaign: str = "",
    pack: Pack | None = None,
) -> QuerySet[Fact]:
    """The facts that `measure` with the same arguments folds, newest day first, as a queryset.

    Reversed facts and their reversals are among them: the page shows what was corrected. For a ratio, the facts of both
    parts. Raises UnknownMeasure, PathError.
    """
    chosen = _facts(find(wanted, pack), path, period, as_of, placement, campaign)
    return chosen.order_by("-on", "-book_id", "-seq")


def page_of(
    wanted: Wanted,
    *,
    path: str,
    period: Period,
    as_of: datetime | None = None,
    placement: Placement = "then",
    campaign: str = "",
    pack: Pack | None = None,
    after: str = "",
    size: int = PAGE,
) -> Page:
    """A page of `facts_of` with what reversed each fact; the last page of five million costs what the first does.

    `after` is `Page.next` of the page before. Raises UnknownMeasure, PathError, ledger.queries.BadPlace.
    """
    chosen = _facts(find(wanted, pack), path, period, as_of, placement, campaign)
    return queries.page(chosen, after=after, size=size)


def subjects_of(
    wanted: Wanted,
    *,
    path: str,
    period: Period,
    campaign: str = "",
    pack: Pack | None = None,
) -> dict[str, tuple[int, Decimal]]:
    """Subject → (facts that stand, their quantity) under a figure: which things it counts. For one organisation's page."""
    totals: dict[str, tuple[int, Decimal]] = {}
    chosen = _facts(find(wanted, pack), path, period, None, "then", campaign)
    for subject, sign, quantity in chosen.values_list("subject", "sign", "quantity").iterator(2000):
        count, total = totals.get(subject, (0, Decimal(0)))
        totals[subject] = (count + sign, total + unscale(quantity))
    return {subject: found for subject, found in totals.items() if found[0] > 0}


def subject_sum(subject: str, kind: str) -> Decimal | Missing:
    """The sum of what was recorded about one subject (a promise's own count); Missing when nothing ever was."""
    return subject_sums([subject], kind)[subject]


def subject_sums(subjects: Iterable[str], kind: str) -> dict[str, Decimal | Missing]:
    """`subject_sum` for many subjects in one query."""
    wanted = list(dict.fromkeys(subjects))
    totals = queries.subject_totals(wanted, [kind])
    return {each: unscale(totals[each, kind][1]) if (each, kind) in totals else MISSING for each in wanted}


def subject_counts(subjects: Iterable[str], kinds: Sequence[str]) -> dict[tuple[str, str], int]:
    """(subject, kind) → how many facts stand, for every pair (0 without any), in one query."""
    wanted = list(dict.fromkeys(subjects))
    totals = queries.subject_totals(wanted, kinds)
    return {(each, kind): totals.get((each, kind), (0, 0))[0] for each in wanted for kind in kinds}


def _facts(
    item: Declared, path: str, period: Period, as_of: datetime | None, placement: str, campaign: str
) -> QuerySet[Fact]:
    chosen = Q(pk__in=[])
    for part in _folded(item):
        if part.fold.scope == "campaign" and not campaign:
            continue
        selection = Selection(
            kind=part.fold.kind,
            path=None if placement == "now" else path,
            label=part.fold.label,
            since=None if part.fold.form == "stock" else period.start,
            until=period.end,
            campaign=campaign if part.fold.scope == "campaign" else "",
            as_of=as_of,
        )
        placed = _units_now(path) if placement == "now" else Q()
        chosen |= selection.condition() & placed
    return Fact.objects.filter(chosen)


def _folded(item: Declared) -> Iterator[Declared]:
    if not item.ratio:
        yield item
    for part in item.ratio:
        yield from _folded(part)


def _units_now(path: str) -> Q:
    """Facts of the organisations that stand below `path` today."""
    low, high = subtree_range(path)
    return Q(unit__in=Organisation.objects.filter(path__gte=low, path__lt=high).values("pk"))
