"""What changed in a report since a day: each figure before and after, and the facts that made the difference.

A report was printed on a day; whoever prints it again must be able to say why a number is another now. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from quxin.briefs.figures import Figure
from quxin.briefs.reports import ReportBrief, report_brief
from quxin.briefs.subjects import Subject, subjects
from quxin.kernel.periods import Period
from quxin.ledger.queries import FactRow
from quxin.ledger.queries import page as page_of
from quxin.measures.facts import facts_of
from quxin.measures.registry import find
from quxin.orgs.models import Organisation
from quxin.packs.types import Pack
from quxin.records.campaigns.models import Campaign

MOST_FACTS = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A figure whose value or words are others than they were; `facts` were recorded since, `more` beyond those shown."""

    before: Figure
    after: Figure
    facts: tuple[tuple[FactRow, Subject], ...]
    more: int

    @property
    def is_text_same(self) -> bool:
        """Whether the report reads the same, though the number under it moved (近2000人次)."""
        return self.before.text == self.after.text


@dataclass(frozen=True, slots=True)
class Changes:
    """The report now, and what is different in it from the one of `since`."""

    now: ReportBrief
    since: datetime
    changed: tuple[Change, ...]
    unchanged: int


def report_changes(
    *,
    pack: Pack,
    campaign: Campaign,
    organisation: Organisation,
    period: Period,
    since: datetime,
    report_id: str = "",
) -> Changes:
    """Compare the report with what it said at `since` (aware). Raises as `report_brief`."""
    brief = partial(
        report_brief, pack=pack, campaign=campaign, organisation=organisation, period=period, report_id=report_id
    )
    now, then = brief(), brief(as_of=since)
    pairs = _pairs(then.figures(), now.figures())
    changed = [pair for pair in pairs if _differs(*pair)]
    return Changes(
        now=now,
        since=since,
        changed=tuple(_change(before, after, since, pack) for before, after in changed),
        unchanged=len(pairs) - len(changed),
    )


def _pairs(then: Sequence[Figure], now: Sequence[Figure]) -> list[tuple[Figure, Figure]]:
    """Each figure once with what it was; both reports come from one outline, so they stand in one order."""
    seen: set[tuple[str, str]] = set()
    pairs = []
    for before, after in zip(then, now, strict=True):
        key = (after.figure_id or after.measure, after.text)
        if key not in seen:
            seen.add(key)
            pairs.append((before, after))
    return pairs


def _differs(before: Figure, after: Figure) -> bool:
    return before.text != after.text or (
        before.value != after.value if not (before.is_missing and after.is_missing) else False
    )


def _change(before: Figure, after: Figure, since: datetime, pack: Pack) -> Change:
    chosen = facts_of(
        find(after.measure, pack), path=after.path, period=after.period, campaign=after.campaign, pack=pack
    ).filter(recorded_at__gt=since)
    total = chosen.count()
    rows = page_of(chosen, size=MOST_FACTS).rows
    known = subjects(row.subject for row in rows)
    told = tuple((row, known.get(row.subject, Subject(row.subject))) for row in rows)
    return Change(before, after, told, total - len(told))
