"""A campaign's list line, head and board: what tasks ask (records) beside what measures read, organisation by organisation.

Only here the two come together. Lamps are `briefs.lamps`' business; addresses of pages are the faces'. Must not write.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from quxin.access import Actor
from quxin.briefs import lamps
from quxin.briefs.figures import figure_address
from quxin.briefs.lamps import Duty, Reading, Tally
from quxin.kernel.hedged import print_number
from quxin.kernel.missing import MISSING, is_missing
from quxin.kernel.paths import STEP, ancestors, is_within
from quxin.kernel.periods import Period
from quxin.kernel.scaled import unscale
from quxin.measures.each import Request, measure_each
from quxin.measures.reading import measure_many
from quxin.measures.registry import find
from quxin.measures.types import Measured
from quxin.orgs.models import Organisation
from quxin.packs.queries import pack_of
from quxin.records.campaigns import queries
from quxin.records.campaigns.closing import judged_on, last_day
from quxin.records.campaigns.models import Assignment, Campaign, Leader, Task

PAGE = 50
MEASURED_AT_ONCE = 400
"""So many rows are measured for the strip and the filters; beyond, those of the page only."""
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class CampaignCard:
    """A campaign in the list, as it stands below the organisation looked at; `standing` is None where nobody there owes."""

    campaign: Campaign
    period: Period
    stage: str
    standing: queries.Standing | None


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """A phase; `stage` is past, now or ahead."""

    title: str
    starts_on: date
    ends_on: date
    stage: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above every page of a campaign."""

    campaign: Campaign
    period: Period
    stage: str
    phases: tuple[PhaseLine, ...]
    seats: tuple[tuple[str, tuple[str, ...]], ...]
    checklists: tuple[tuple[str, str], ...]

    @property
    def phase(self) -> str:
        """The title of the phase we are in, "" between or outside of phases."""
        return next((phase.title for phase in self.phases if phase.stage == "now"), "")


@dataclass(frozen=True, slots=True)
class Cell:
    """One organisation (with all below it) × one task. `text` is kept/owed, or the number (against its target).

    `figure` is the address of the number's workings, relative to a face's root, "" when it counts duties; `assignment` is
    the code of the one duty there, "" when there are more.
    """

    state: str
    text: str
    words: str
    tally: Tally
    task: Task
    figure: str = ""
    assignment: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """An organisation across the tasks; cells are None where nobody owes the task. `is_own`: the organisation looked at."""

    organisation: Organisation
    is_own: bool
    cells: tuple[Cell | None, ...]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Strip:
    """Cells of the board by lamp; `none` is None when there are too many rows to measure them all."""

    total: int
    kept: int
    due: int
    late: int
    none: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """The board of a campaign for an organisation. `rows` are those asked for; `page_rows` the ones to be shown."""

    organisation: Organisation
    period: Period
    aspects: tuple[tuple[str, str, int], ...]
    aspect: str
    tasks: tuple[Task, ...]
    rows: tuple[BoardRow, ...]
    page_rows: tuple[BoardRow, ...]
    strip: Strip
    totals: tuple[Tally, ...]
    tally: Tally
    page: int
    pages: int
    above: tuple[Organisation, ...]


def stage_of(campaign: Campaign, today: date) -> str:
    """Where a campaign stands in time: ahead, running, over or closed."""
    if campaign.state == Campaign.State.CLOSED:
        return "closed"
    if today < campaign.starts_on:
        return "ahead"
    return "over" if today > campaign.ends_on else "running"


def read_period(campaign: Campaign, today: date) -> Period:
    """The days over which a task's measure is read: from the first day to today, the last day or the closing."""
    return Period(campaign.starts_on, max(campaign.starts_on, min(today, last_day(campaign))))


def whole_period(campaign: Campaign) -> Period:
    """The campaign's own days."""
    return Period(campaign.starts_on, campaign.ends_on)


def campaign_cards(actor: Actor, organisation: Organisation, today: date) -> list[CampaignCard]:
    """The campaigns that the actor may see and that reach `organisation` or start below it; two queries."""
    rows = [
        row
        for row in queries.list_campaigns(actor)
        if is_within(organisation.path, row.sponsor.path) or is_within(row.sponsor.path, organisation.path)
    ]
    standings = queries.standing_of(actor, rows, organisation.path)
    return [CampaignCard(row, whole_period(row), stage_of(row, today), standings.get(row.pk)) for row in rows]


def head_of(campaign: Campaign, today: date) -> Head:
    """Theme, phases, leading group, checklists of a campaign; one query."""
    parts = queries.parts_of(campaign)
    phases = [part for part in parts if part.what == "phase" and part.starts_on and part.ends_on]
    bodies: dict[str, list[str]] = {}
    for part in parts:
        if part.what == "seat":
            bodies.setdefault(part.key, []).append(part.title)
    names = dict(Leader.Body.choices)
    return Head(
        campaign=campaign,
        period=whole_period(campaign),
        stage=stage_of(campaign, today),
        phases=tuple(_phase(part.title, part.starts_on, part.ends_on, today) for part in phases),  # type: ignore[arg-type]
        seats=tuple((str(names[body]), tuple(bodies[body])) for body in Leader.Body.values if body in bodies),
        checklists=tuple(dict.fromkeys((part.key, part.title) for part in parts if part.what == "list")),
    )


def _phase(title: str, starts_on: date, ends_on: date, today: date) -> PhaseLine:
    stage = "past" if today > ends_on else "ahead" if today < starts_on else "now"
    return PhaseLine(title, starts_on, ends_on, stage)


# --- numbers of duties ---


@dataclass(frozen=True, slots=True)
class Owed:
    """What the records say of one duty: of which task (its id), whose (the path), until when, closed on, scaled target."""

    task: int
    path: str
    due_on: date
    done_on: date | None
    target: int | None

    @classmethod
    def of(cls, row: Assignment) -> "Owed":
        """From an assignment that came with its organisation."""
        return cls(row.task_id, row.organisation.path, row.due_on, row.done_on, row.target)


class Numbers:
    """What the measures of a campaign's tasks read for many organisations, put together in a few queries."""

    def __init__(self, campaign: Campaign, tasks: Iterable[Task], today: date) -> None:
        self.campaign = campaign
        self.period = read_period(campaign, today)
        self.today = judged_on(campaign, today)
        pack = pack_of(campaign.pack_version)
        self.declared = {task.pk: find(task.measure, pack) for task in tasks if task.measure}
        self.values: dict[tuple[str, str], Measured] = {}

    def read(self, paths: Iterable[str]) -> None:
        """Read every task's measure for the subtrees `paths`."""
        wanted = {item.id: item for item in self.declared.values()}
        found = measure_many(wanted.values(), paths, self.period, campaign=self.campaign.key)
        if self.campaign.closed_on is not None:
            found = {place: _final(measured) for place, measured in found.items()}
        self.values |= found

    def of(self, task: Task, path: str) -> Measured | None:
        """The reading of a task's measure at `path`; None without a measure, or where it was not read."""
        declared = self.declared.get(task.pk)
        return self.values.get((declared.id, path)) if declared else None

    def value(self, task: Task, path: str) -> Reading:
        """The value alone."""
        measured = self.of(task, path)
        return measured.value if measured else None

    def address(self, task: Task, organisation_code: str) -> str:
        """The address of the workings of a task's number, "" where it has no measure."""
        declared = self.declared.get(task.pk)
        return figure_address(declared.id, organisation_code, self.period, self.campaign.key) if declared else ""

    def duties(self, owed: Sequence[Owed]) -> list[Duty]:
        """What decides their lamps, in order. Those whose number came through are also read up to their deadline."""
        duties = []
        for one in owed:
            target = unscale(one.target) if one.target is not None else None
            duties.append(Duty(one.due_on, one.done_on, target, self._value(one)))
        reached = [
            place
            for place, duty in enumerate(duties)
            if duty.done_on is None and lamps.is_reached(duty.value, duty.target)
        ]
        passed = [place for place in reached if self.period.start <= owed[place].due_on < self.today]
        answers = measure_each([self._until_due(owed[place]) for place in passed])
        then = {place: answer.value for place, answer in zip(passed, answers, strict=True)}
        for place in reached:
            value = then.get(place) if owed[place].due_on < self.today else duties[place].value
            duties[place] = replace(duties[place], value_when_due=value)
        return duties

    def _value(self, one: Owed) -> Reading:
        declared = self.declared.get(one.task)
        measured = self.values.get((declared.id, one.path)) if declared else None
        return measured.value if measured else None

    def _until_due(self, one: Owed) -> Request:
        period = Period(self.period.start, one.due_on)
        return Request(self.declared[one.task], one.path, period, self.campaign.key)


def _final(measured: Measured) -> Measured:
    """In a closed campaign nothing recorded stays so: a 0 may come of what others began to count afterwards."""
    return replace(measured, value=MISSING) if measured.value == 0 and not measured.basis.gross else measured


def number_text(value: Reading, target: Decimal | None = None, unit: str = "") -> str:
    """A duty's number for print: 3/4, 160, a date; a dash where nothing was recorded."""
    if value is None or is_missing(value):
        return NOTHING
    if isinstance(value, date):
        return value.isoformat()
    text = print_number(value, "")  # type: ignore[arg-type]
    return f"{text}/{print_number(target, '')}{unit}" if target is not None else f"{text}{unit}"


# --- the board ---


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address of a board asks for. `sort`: "" (order of the tree), rate, -rate, title, -title."""

    aspect: str = ""
    words: str = ""
    lamp: str = ""
    sort: str = ""
    page: int = 1


def board_brief(*, actor: Actor, campaign: Campaign, organisation: Organisation, today: date, wish: Wish) -> Board:
    """The board of `campaign` below `organisation`: its children down, the tasks of an aspect (or found by words) across.

    The number of queries does not depend on the number of organisations.
    """
    everything = queries.tasks_owed(campaign, organisation.path)
    aspects = _aspects(everything)
    words = wish.words.strip()
    found = [task for task in everything if words and words in task.title]
    chosen = wish.aspect if wish.aspect in {key for key, _, _ in aspects} else (aspects[0][0] if aspects else "")
    tasks = found or [task for task in everything if task.aspect.key == chosen]
    rows, measured_all, above = board_rows(actor, campaign, organisation, tasks, today, wish.page)
    if words and not found:
        rows = [row for row in rows if _is_called(row.organisation, words)]
    strip = _strip(rows, measured_all)
    shown = [row for row in rows if not wish.lamp or any(cell and cell.state == wish.lamp for cell in row.cells)]
    shown = _sorted(shown, wish.sort)
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(1, wish.page), pages)
    totals = tuple(
        sum((row.cells[n].tally for row in shown if row.cells[n]), Tally())  # type: ignore[union-attr]
        for n in range(len(tasks))
    )
    return Board(
        organisation=organisation,
        period=read_period(campaign, today),
        aspects=tuple(aspects),
        aspect="" if found else chosen,
        tasks=tuple(tasks),
        rows=tuple(shown),
        page_rows=tuple(shown[(page - 1) * PAGE : page * PAGE]),
        strip=strip,
        totals=totals,
        tally=sum(totals, Tally()),
        page=page,
        pages=pages,
        above=tuple(above),
    )


def _aspects(tasks: Iterable[Task]) -> list[tuple[str, str, int]]:
    """(key, title, how many tasks) of the aspects with tasks, in order."""
    counted: dict[tuple[str, str], int] = {}
    for task in tasks:
        pair = (task.aspect.key, task.aspect.title)
        counted[pair] = counted.get(pair, 0) + 1
    return [(key, title, count) for (key, title), count in counted.items()]


def board_rows(
    actor: Actor, campaign: Campaign, root: Organisation, tasks: list[Task], today: date, page: int = 1
) -> tuple[list[BoardRow], bool, list[Organisation]]:
    """All rows in the order of the tree, whether all were measured, and the organisations above."""
    judged = judged_on(campaign, today)
    groups = queries.grouped(actor, tasks, root.path, today=judged, near_until=lamps.near_until(judged))
    by_task = {task.pk: task for task in tasks}
    owed = _with_target(actor, root, tasks, groups)
    above = ancestors(root.path)
    found = queries.places({group.path for group in groups} | set(above))
    places = [place for place in found if len(place.path) > len(root.path)]
    if any(group.path == root.path for group in groups):
        places.insert(0, root)
    all_measured = len(places) <= MEASURED_AT_ONCE
    shown = {place.path for place in (places if all_measured else places[(page - 1) * PAGE : page * PAGE])}
    paths = shown | {group.owner_path for group in groups if group.total == 1 and group.path in shown}
    numbers = Numbers(campaign, tasks, today)
    numbers.read(sorted(paths | {one.path for one in owed}))
    tallies = _tallies(groups, owed, numbers, by_task, root.path)
    names = {place.path: place for place in places}
    cells = {
        (group.path, group.task): _cell(
            group, by_task[group.task], tallies[group.path, group.task], names[group.path], numbers
        )
        for group in groups
        if group.path in names
    }
    return (
        [
            BoardRow(
                organisation=place,
                is_own=place.path == root.path,
                cells=(line := tuple(cells.get((place.path, task.pk)) for task in tasks)),
                tally=sum((cell.tally for cell in line if cell), Tally()),
            )
            for place in places
        ],
        all_measured,
        sorted(set(found) - set(places), key=lambda place: place.path),
    )


def _with_target(
    actor: Actor, root: Organisation, tasks: Sequence[Task], groups: Sequence[queries.Group]
) -> list[Owed]:
    """The open duties with a target of their own. One alone in its group needs no further query."""
    if any(group.measured and group.total > 1 for group in groups):
        return [Owed.of(row) for row in queries.open_with_target(actor, tasks, root.path)]
    return [Owed(group.task, group.owner_path, group.due_on, None, group.target) for group in groups if group.measured]


def _tallies(
    groups: Iterable[queries.Group],
    owed: Sequence[Owed],
    numbers: Numbers,
    tasks: Mapping[int, Task],
    root: str,
) -> dict[tuple[str, int], Tally]:
    """The counts of SQL, which knows closings and deadlines, corrected by the duties whose number reached the target."""
    tallies = {
        (group.path, group.task): Tally(
            total=group.total,
            kept=group.closed,
            on_time=group.on_time,
            fallen=group.closed + group.late,
            due=group.due,
            late=group.late,
            has_data=lamps.has_data(
                numbers.value(tasks[group.task], group.owner_path if group.total == 1 else group.path)
            ),
        )
        for group in groups
    }
    for one, duty in zip(owed, numbers.duties(owed), strict=True):
        if not lamps.is_kept(duty):
            continue
        place = (one.path[: len(root) + STEP], one.task)
        still_open = lamps.tally_of(replace(duty, target=None), numbers.today)
        kept, was = lamps.tally_of(duty, numbers.today), tallies[place]
        tallies[place] = replace(
            was,
            kept=was.kept + 1,
            on_time=was.on_time + kept.on_time,
            fallen=was.fallen + 1 - still_open.fallen,
            due=was.due - still_open.due,
            late=was.late - still_open.late,
        )
    return tallies


def _cell(group: queries.Group, task: Task, tally: Tally, place: Organisation, numbers: Numbers) -> Cell:
    words = f"{place.name}：{task.title}"
    state = lamps.lamp_of_tally(tally)
    if group.total > 1:
        return Cell(state, f"{tally.kept}/{tally.total}", words, tally, task)
    if not task.measure:
        return Cell(state, "1/1" if tally.kept else NOTHING, words, tally, task, "", group.code)
    target = unscale(group.target) if group.target is not None else None
    text = number_text(numbers.value(task, group.owner_path), target)
    if text == NOTHING and tally.kept:
        return Cell(state, "1/1", words, tally, task, "", group.code)
    figure = numbers.address(task, group.owner_code) if text != NOTHING else ""
    return Cell(state, text, words, tally, task, figure, group.code)


def _strip(rows: Iterable[BoardRow], measured_all: bool) -> Strip:
    states = [cell.state for row in rows for cell in row.cells if cell]
    return Strip(
        total=len(states),
        kept=states.count(lamps.KEPT),
        due=states.count(lamps.DUE),
        late=states.count(lamps.LATE),
        none=states.count(lamps.NONE) if measured_all else None,
    )


def _is_called(organisation: Organisation, words: str) -> bool:
    return words in organisation.name or organisation.initials.startswith(words.lower())


def _sorted(rows: list[BoardRow], sort: str) -> list[BoardRow]:
    key = sort.lstrip("-")
    if key == "rate":
        # Rows where nothing has fallen due have no rate and stand last, whichever way it is sorted.
        rated = [row for row in rows if row.tally.rate is not None]
        rated.sort(key=lambda row: row.tally.rate or Decimal(0), reverse=sort.startswith("-"))
        return rated + [row for row in rows if row.tally.rate is None]
    if key == "title":
        return sorted(rows, key=lambda row: row.organisation.sort_key, reverse=sort.startswith("-"))
    return rows
