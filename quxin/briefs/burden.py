"""What a campaign costs those who carry it out, before and after it is deployed: minutes × organisations.

The minutes are the pack's own estimate for one organisation and one go. Must not write, and must not soften: what is asked
although the ledger knows it stands beside the hours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count

from quxin.orgs.models import Level, Organisation
from quxin.orgs.queries import of_class
from quxin.packs.types import Pack
from quxin.packs.vocabulary import ORGANISATION_CLASSES
from quxin.records.campaigns.burden import KnownField, known_fields
from quxin.records.campaigns.models import Campaign, Task
from quxin.records.campaigns.queries import owed_by_level

LEVELS = (*Level.values, "")


@dataclass(frozen=True, slots=True)
class BurdenLine:
    """One class of organisation: its tasks, the minutes of one organisation, organisations by level, minutes in all."""

    code: str
    title: str
    tasks: int
    minutes: int
    levels: tuple[tuple[str, int], ...]
    organisations: int
    total: int

    @property
    def hours(self) -> Decimal:
        """Hours of all organisations of the class together."""
        return _hours(self.total)


@dataclass(frozen=True, slots=True)
class Burden:
    """The whole: lines by class (the heaviest first), duties and minutes in all, numbers asked that the ledger knows."""

    lines: tuple[BurdenLine, ...]
    duties: int
    minutes: int
    known: tuple[KnownField, ...]

    @property
    def hours(self) -> Decimal:
        """Hours in all."""
        return _hours(self.minutes)

    @property
    def refused(self) -> tuple[KnownField, ...]:
        """The known numbers that are asked without a reason: deploying refuses them."""
        return tuple(field for field in self.known if field.is_refused)


def burden_of_pack(pack: Pack, sponsor: Organisation, on: date, reasons: Mapping[str, str] | None = None) -> Burden:
    """The burden of deploying `pack` under `sponsor`: one query for each class of organisation."""
    tasks = pack.campaign.tasks if pack.campaign else []
    counted: dict[str, dict[str, int]] = {}
    for code in dict.fromkeys(task.for_ for task in tasks):
        rows = of_class(code, root=sponsor.path, on=on).order_by().values_list("level").annotate(count=Count("pk"))
        counted[code] = dict(rows)
    asked = [(task.for_, task.minutes, counted[task.for_]) for task in tasks]
    return _burden(asked, known_fields(pack, reasons))


def burden_of_campaign(campaign: Campaign, pack: Pack) -> Burden:
    """The burden of a deployed campaign, from who owes what; two queries."""
    owed: dict[int, dict[str, int]] = {}
    for task, level, count in owed_by_level(campaign):
        owed.setdefault(task, {})[level] = count
    tasks = Task.objects.filter(campaign=campaign, retired=False)
    asked = [(task.for_class, task.minutes, owed.get(task.pk, {})) for task in tasks]
    return _burden(asked, known_fields(pack))


def _burden(asked: Iterable[tuple[str, int, dict[str, int]]], known: list[KnownField]) -> Burden:
    by_class: dict[str, list[tuple[int, dict[str, int]]]] = {}
    for code, minutes, levels in asked:
        by_class.setdefault(code, []).append((minutes, levels))
    lines = [_line(code, tasks) for code, tasks in by_class.items()]
    lines.sort(key=lambda line: -line.total)
    duties = sum(line.tasks * line.organisations for line in lines)
    return Burden(tuple(lines), duties, sum(line.total for line in lines), tuple(known))


def _line(code: str, tasks: list[tuple[int, dict[str, int]]]) -> BurdenLine:
    levels = max((levels for _, levels in tasks), key=lambda levels: sum(levels.values()))
    names = {**{level.value: str(level.label) for level in Level}, "": "不分层级"}
    return BurdenLine(
        code=code,
        title=ORGANISATION_CLASSES[code].zh,
        tasks=len(tasks),
        minutes=sum(minutes for minutes, _ in tasks),
        levels=tuple((names[level], levels[level]) for level in LEVELS if levels.get(level)),
        organisations=sum(levels.values()),
        total=sum(minutes * sum(by_level.values()) for minutes, by_level in tasks),
    )


def _hours(minutes: int) -> Decimal:
    return (Decimal(minutes) / 60).quantize(Decimal("0.1"))
