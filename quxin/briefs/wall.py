"""The promise wall: promises as rows, what they come to as figures, and what was changed after it was published."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from quxin.briefs.commitments import PromiseRow, PublicChange, promise_page, public_changes
from quxin.briefs.figures import Figure, figure_of
from quxin.kernel.periods import Period
from quxin.measures.each import Request
from quxin.measures.registry import find
from quxin.orgs.models import Organisation
from quxin.records.commitments.models import Commitment

_PROMISES = ("commitments.published", "commitments.kept", "commitments.unkept")
COUNTS = (*_PROMISES, "commitments.changed", "commitments.extended", "evaluations.ballots")
ORGANISATION_COUNTS = (*_PROMISES, "activities.sessions", "activities.attendances", "evaluations.ballots")
SINCE = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Wall:
    """A page of the wall. `counts` are figures of the organisation with all below it, since ever."""

    rows: tuple[PromiseRow, ...]
    counts: tuple[Figure, ...]
    changes: tuple[PublicChange, ...]


def wall(
    page: Iterable[Commitment],
    *,
    organisation: Organisation,
    today: date,
    changed_among: QuerySet[Commitment],
    counts: tuple[str, ...] = COUNTS,
    most: int = 6,
) -> Wall:
    """The page's promises (taken through `with_words`), counts of `organisation`, and the latest public changes."""
    period = ever(today)
    also = [Request(find(measure), organisation.path, period) for measure in counts]
    rows, measured = promise_page(page, today=today, also=also)
    return Wall(
        rows=tuple(rows),
        counts=tuple(figure_of(one, organisation) for one in measured),
        changes=tuple(public_changes(changed_among, most=most)) if most else (),
    )


def ever(today: date) -> Period:
    """All the years up to this one, as a period that a figure's page can show."""
    return Period(SINCE, date(today.year, 12, 31))
