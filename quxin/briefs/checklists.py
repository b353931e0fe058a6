"""A checklist such as the six ones: organisations × items, done or missing, each done cell with its record.

An item is done by a record with its label on one of its days (or by as many as it asks for), made by the organisation
itself. Must not write.
"""

from collections.abc import Mapping
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
from quxin.records.campaigns.closing import judged_on
from quxin.records.campaigns.models import Campaign, ChecklistItem

MANY = 5000


@dataclass(frozen=True, slots=True)
class CheckCell:
    """One organisation (or a subtree) × one item. `record` leads to what did it, None where there is none or many.

    `done` of `total` organisations have done it; of one alone, `count` says how often, where the item asks for `times`.
    """

    state: str
    text: str
    done: int
    total: int
    record: Subject | None
    count: int = 0
    times: int = 1


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
    first, today = items[0], judged_on(campaign, today)
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
    known = subjects(found.subject for found in records.values())
    rows = []
    for place in listed:
        unit = alone.get(place.path)
        cells = []
        for item in items:
            found = records.get((unit, item.pk)) if unit else None
            count = int(found is not None and found.do(item)) if unit else done.get((place.path, item.pk), 0)
            total = 1 if unit else within[place.path][0]
            cells.append(_cell(count, total, item, found, known, today))
        rows.append(CheckRow(place, place.path == root.path, unit is None, tuple(cells)))
    return rows


def _cell(
    done: int,
    total: int,
    item: ChecklistItem,
    found: queries.ItemRecords | None,
    known: Mapping[str, Subject],
    today: date,
) -> CheckCell:
    missing = total - done
    tally = Tally(
        total=total,
        kept=done,
        late=missing if today > item.ends_on else 0,
        due=missing if lamps.is_near(item.ends_on, today) else 0,
        has_data=found is not None,
    )
    count = found.count if found else 0
    return CheckCell(
        state=lamps.lamp_of_tally(tally),
        text=_text(done, total, count, item.times),
        done=done,
        total=total,
        record=known.get(found.subject) if found else None,
        count=count,
        times=item.times,
    )


def _text(done: int, total: int, count: int, times: int) -> str:
    """Of many organisations how many; of one how often, where once is not enough."""
    if total > 1:
        return f"{done}/{total}"
    if times > 1:
        return f"{count}/{times}" if count else NOTHING
    return "1" if done else NOTHING
