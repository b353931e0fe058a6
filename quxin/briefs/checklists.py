"""A checklist such as the six ones: organisations × items, done or missing, each done cell with its record.

An item is done by a record with its label on one of its days, made by the organisation itself. Must not write.
"""

from dataclasses import dataclass
from datetime import date

from quxin.briefs import lamps
from quxin.briefs.campaigns import NOTHING, PAGE
from quxin.briefs.lamps import Tally
from quxin.briefs.subjects import Subject, subjects
from quxin.kernel.periods import Period
from quxin.orgs.models import Organisation
from quxin.orgs.queries import of_class
from quxin.packs.vocabulary import ORGANISATION_CLASSES
from quxin.records.campaigns import queries
from quxin.records.campaigns.models import Campaign, ChecklistItem

MANY = 5000


@dataclass(frozen=True, slots=True)
class CheckCell:
    """One organisation (or a subtree) × one item. `record` leads to what did it, None where there is none or many."""

    state: str
    text: str
    done: int
    total: int
    record: Subject | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """An organisation across the items; `below` says that it stands for others below it too."""

    organisation: Organisation
    is_own: bool
    below: bool
    cells: tuple[CheckCell, ...]


@dataclass(frozen=True, slots=True)
class CheckBoard:
    """A checklist for an organisation: all `rows`, those of the page, and per item how many have done it."""

    campaign: Campaign
    key: str
    title: str
    period: Period
    for_title: str
    items: tuple[ChecklistItem, ...]
    organisation: Organisation
    rows: tuple[CheckRow, ...]
    totals: tuple[tuple[int, int], ...]
    complete: int
    organisations: int
    page: int
    pages: int
    each: bool

    @property
    def done(self) -> int:
        """Items done, of all organisations together."""
        return sum(done for done, _ in self.totals)

    @property
    def owed(self) -> int:
        """Items that all organisations together owe."""
        return sum(total for _, total in self.totals)


def checklist_brief(
    *,
    campaign: Campaign,
    items: list[ChecklistItem],
    organisation: Organisation,
    today: date,
    each: bool = False,
    words: str = "",
    page: int = 1,
    whole: bool = False,
) -> CheckBoard:
    """The board of the checklist `items` (not empty) below `organisation`.

    By child of the organisation, or with `each` every organisation that owes the list; `whole` gives all rows, else a page.
    """
    first = items[0]
    owing = of_class(first.for_class, root=campaign.sponsor.path, on=min(today, first.ends_on))
    within = queries.children_of(owing, organisation.path)
    total = sum(count for count, _ in within.values())
    done = {
        (row.path, row.item): row.done for row in queries.items_done(items, owing, organisation.path, many=total > MANY)
    }
    if each:
        chosen = owing.within(organisation.path)
        if words:
            chosen = chosen.filter(name__contains=words)
        count = chosen.count() if words else total
    else:
        listed = [place for place in _places(within, organisation) if not words or words in place.name]
        count = len(listed)
    pages = max(1, -(-count // PAGE))
    page = min(max(1, page), pages)
    cut = slice(None) if whole else slice((page - 1) * PAGE, page * PAGE)
    listed = list(chosen[cut]) if each else listed[cut]
    return CheckBoard(
        campaign=campaign,
        key=first.checklist,
        title=first.checklist_title,
        period=Period(first.starts_on, first.ends_on),
        for_title=ORGANISATION_CLASSES[first.for_class].zh,
        items=tuple(items),
        organisation=organisation,
        rows=tuple(_rows(listed, items, within, done, organisation, today, each)),
        totals=tuple((sum(count for (_, item), count in done.items() if item == one.pk), total) for one in items),
        complete=queries.complete(items, owing, organisation.path, many=total > MANY),
        organisations=total,
        page=page,
        pages=pages,
        each=each,
    )


def _places(within: dict[str, tuple[int, int]], organisation: Organisation) -> list[Organisation]:
    own = [organisation] if organisation.path in within else []
    return own + queries.places(set(within) - {organisation.path})


def _rows(
    listed: list[Organisation],
    items: list[ChecklistItem],
    within: dict[str, tuple[int, int]],
    done: dict[tuple[str, int], int],
    root: Organisation,
    today: date,
    each: bool,
) -> list[CheckRow]:
    """One organisation in a row shows its record; more of them, how many have done it."""
    alone = {
        place.path: place.pk if each else within[place.path][1]
        for place in listed
        if each or within[place.path][0] == 1
    }
    records = queries.records_of(items, list(alone.values()))
    known = subjects(records.values())
    rows = []
    for place in listed:
        unit = alone.get(place.path)
        cells = []
        for item in items:
            subject = records.get((unit, item.pk)) if unit else None
            count = int(subject is not None) if unit else done.get((place.path, item.pk), 0)
            total = 1 if unit else within[place.path][0]
            cells.append(_cell(count, total, known.get(subject or ""), item.ends_on, today))
        rows.append(CheckRow(place, place.path == root.path, unit is None, tuple(cells)))
    return rows


def _cell(done: int, total: int, record: Subject | None, ends_on: date, today: date) -> CheckCell:
    missing = total - done
    tally = Tally(
        total=total,
        kept=done,
        late=missing if today > ends_on else 0,
        due=missing if lamps.is_near(ends_on, today) else 0,
    )
    text = f"{done}/{total}" if total > 1 else ("1" if done else NOTHING)
    return CheckCell(lamps.lamp_of_tally(tally), text, done, total, record)
