"""How the target of a task is shared out: what each organisation has, what a way of sharing would give it, by what size.

Sizes are read from the ledger; the rules stand in `records.campaigns.deploying`. Must not write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quxin.kernel.paths import is_within
from quxin.kernel.periods import Period
from quxin.kernel.scaled import plain
from quxin.kernel.sharing import share_by, share_equally
from quxin.measures.reading import measure_many
from quxin.measures.registry import all_measures, find
from quxin.measures.types import Declared
from quxin.orgs.models import Organisation
from quxin.packs.base_types import BY
from quxin.packs.queries import pack_of
from quxin.packs.types import Pack
from quxin.records.campaigns.deploying import EACH, EQUAL, SizesMissing, Weigh, in_units
from quxin.records.campaigns.models import Assignment, Task

MOST_BY_HAND = 400
"""So many organisations are given their share by hand at most: a longer table nobody can check."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One organisation: its share now, the one proposed (both scaled; None: no share of its own), its size if it counts."""

    assignment: Assignment
    now: int | None
    proposed: int | None
    size: Decimal | None
    below: bool

    @property
    def typed(self) -> str:
        """The proposed share as it stands in a form."""
        return "" if self.proposed is None else plain(self.proposed)


@dataclass(frozen=True, slots=True)
class Shares:
    """The table of a task's shares. `way` is the one proposed, `unit` that of the target; `missing`: nobody has a size."""

    task: Task
    way: str
    unit: str
    lines: tuple[ShareLine, ...]
    sizes: tuple[tuple[str, str], ...]
    missing: bool

    @property
    def total(self) -> int:
        """The shares proposed, added up (scaled)."""
        return sum(line.proposed or 0 for line in self.lines)

    @property
    def is_parts(self) -> bool:
        """Whether the shares must sum to the target."""
        return self.way not in ("", EACH)

    @property
    def by_hand(self) -> bool:
        """Whether the table is short enough to be filled in by hand."""
        return len(self.lines) <= MOST_BY_HAND

    @property
    def nested(self) -> bool:
        """Whether some of the organisations stand below others, whose number includes theirs."""
        return any(line.below for line in self.lines)


def weigh_with(pack: Pack | None, on: date) -> Weigh:
    """Sizes as they stand on the day `on`: the callback that deploying takes. 0 where nothing was recorded."""

    def weigh(measure: str, organisations: Sequence[Organisation]) -> list[Decimal]:
        declared = find(measure, pack)
        period = Period(date(on.year, 1, 1), on)
        sizes: list[Decimal] = []
        for at in range(0, len(organisations), AT_ONCE):
            some = [one.path for one in organisations[at : at + AT_ONCE]]
            found = measure_many([declared], some, period)
            values = (found[declared.id, path].value for path in some)
            sizes += [value if isinstance(value, Decimal) else Decimal(0) for value in values]
        return sizes

    return weigh


def shares_brief(task: Task, today: date, way: str | None = None) -> Shares:
    """The shares of `task` (with campaign and pack version), and what `way` would make of them; None: as it is now."""
    rows = list(task.assignments.select_related("organisation").order_by("organisation__path"))
    pack = pack_of(task.campaign.pack_version)
    chosen = task.share if way is None else way
    sizes: list[Decimal] = []
    if chosen.startswith(BY):
        sizes = list(weigh_with(pack, today)(chosen.removeprefix(BY), [row.organisation for row in rows]))
    missing = False
    proposed: list[int | None] = [row.target for row in rows]
    if way is not None:
        try:
            proposed = proposal(task, chosen, len(rows), sizes, proposed)
        except SizesMissing:
            missing = True
    declared = find(task.measure, pack) if task.measure else None
    return Shares(
        task=task,
        way=chosen,
        unit=task.unit or (declared.spec.unit if declared else ""),
        lines=tuple(_lines(rows, proposed, sizes)),
        sizes=tuple(_offered(pack, chosen)),
        missing=missing,
    )


def proposal(task: Task, way: str, count: int, sizes: Sequence[Decimal], now: Sequence[int | None]) -> list[int | None]:
    """What `way` gives to each of `count` organisations; by hand begins with what they have. Raises SizesMissing."""
    if task.target is None or not way:
        return [None] * count
    if way == EACH or count == 1:
        return [task.target] * count
    if way == EQUAL:
        return list(in_units(task.target, lambda units: share_equally(units, count)))
    if way.startswith(BY):
        if not any(sizes):
            raise SizesMissing(task=task.title, measure=way.removeprefix(BY))
        return list(in_units(task.target, lambda units: share_by(units, sizes)))
    return list(now)


def _lines(rows: Sequence[Assignment], proposed: Sequence[int | None], sizes: Sequence[Decimal]) -> list[ShareLine]:
    lines: list[ShareLine] = []
    above = ""
    for place, row in enumerate(rows):
        path = row.organisation.path
        below = bool(above) and is_within(path, above)
        above = above if below else path
        lines.append(ShareLine(row, row.target, proposed[place], sizes[place] if sizes else None, below))
    return lines


def _offered(pack: Pack, chosen: str) -> list[tuple[str, str]]:
    """The measures that say how large an organisation is: the stocks, and the one chosen."""
    known: dict[str, Declared] = {}
    for declared in all_measures():
        if declared.spec.form == "stock":
            known[declared.id] = declared
    if chosen.startswith(BY):
        asked = find(chosen.removeprefix(BY), pack)
        known.setdefault(asked.id, asked)
    return [(BY + key, declared.spec.label) for key, declared in known.items()]
