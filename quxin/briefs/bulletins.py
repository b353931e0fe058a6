"""The bulletin of a campaign 通报: an outline, and between its words what the board says at this moment, number by number.

Every number leads back to the board, or to its workings where the outline names a measure. Must not write.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from quxin.access import Actor
from quxin.briefs.campaigns import BoardRow, board_rows, read_period
from quxin.briefs.figures import EXACT, Figure
from quxin.briefs.lamps import Tally
from quxin.briefs.reports import Piece, ReportBrief, SectionBrief, report_brief
from quxin.kernel.hedged import print_number
from quxin.kernel.periods import zh_date
from quxin.orgs.models import Organisation
from quxin.packs.bulletin import BULLETIN
from quxin.packs.queries import pack_of
from quxin.records.campaigns import queries
from quxin.records.campaigns.models import Campaign, Task

MOST_AHEAD, MOST_LATE, MOST_TASKS = 5, 10, 5
Paragraph = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The whole board of a campaign below an organisation: its rows over all tasks, and each task's tally."""

    rows: tuple[BoardRow, ...]
    tasks: tuple[tuple[Task, Tally], ...]

    @property
    def tally(self) -> Tally:
        """All duties together."""
        return sum((row.tally for row in self.rows), Tally())


def standing_of(*, actor: Actor, campaign: Campaign, organisation: Organisation, today: date) -> Standing:
    """Every task of the campaign below `organisation`, of all aspects at once."""
    tasks = queries.tasks_owed(campaign, organisation.path)
    rows, _measured, _above = board_rows(actor, campaign, organisation, tasks, today)
    tallies = [
        sum((row.cells[place].tally for row in rows if row.cells[place]), Tally())  # type: ignore[union-attr]
        for place in range(len(tasks))
    ]
    return Standing(tuple(rows), tuple(zip(tasks, tallies, strict=True)))


def campaign_tally(*, actor: Actor, campaign: Campaign, today: date) -> Tally:
    """How the duties of the whole campaign stand: kept, late, on time."""
    return standing_of(actor=actor, campaign=campaign, organisation=campaign.sponsor, today=today).tally


def bulletin_brief(*, actor: Actor, campaign: Campaign, organisation: Organisation, today: date) -> ReportBrief:
    """The bulletin of `campaign` for `organisation` and those below it, as things stand today.

    The outline is the pack's own or the built-in one. Raises as `report_brief`.
    """
    pack = pack_of(campaign.pack_version)
    outline = pack.bulletin or BULLETIN
    filled = report_brief(
        pack=pack,
        campaign=campaign,
        organisation=organisation,
        period=read_period(campaign, today),
        outline=outline,
    )
    standing = standing_of(actor=actor, campaign=campaign, organisation=organisation, today=today)
    writer = _Writer(filled, standing)
    sections = [
        replace(section, paragraphs=(*section.paragraphs, *writer.paragraphs(plan.board)))
        for section, plan in zip(filled.sections, outline.walk(), strict=True)
    ]
    return replace(filled, sections=tuple(_kept(sections)))


def _kept(sections: Iterable[SectionBrief]) -> Iterator[SectionBrief]:
    """A section in which nothing stands would be a heading over nothing."""
    found = list(sections)
    for place, section in enumerate(found):
        leads = place + 1 < len(found) and found[place + 1].level > section.level
        if section.paragraphs or leads:
            yield section


class _Writer:
    """Writes what the board says, in paragraphs of words and figures."""

    def __init__(self, brief: ReportBrief, standing: Standing) -> None:
        self.brief, self.standing = brief, standing
        self.count = 0

    def paragraphs(self, board: str | None) -> list[Paragraph]:
        """The paragraphs of one part of the board."""
        parts = {"overall": self._overall, "ahead": self._ahead, "late": self._late, "due": self._due}
        return parts[board]() if board else []

    def _overall(self) -> list[Paragraph]:
        tally = self.standing.tally
        day = zh_date(self.brief.period.end)
        if not tally.total:
            return [(f"截至{day}，{self.brief.issuer}及所属单位没有分到任务。",)]
        said: list[Piece] = [
            f"截至{day}，{self.brief.issuer}及所属单位共承担",
            self._number("owed", "承担任务", tally.total, "项"),
            "，已办结或达到目标",
            self._number("kept", "已完成任务", tally.kept, "项", lamp="kept"),
        ]
        if tally.rate is not None:
            said += [
                "；应到期",
                self._number("fallen", "应到期任务", tally.fallen, "项"),
                "，按期完成",
                self._number("on-time", "按期完成任务", tally.on_time, "项"),
                "，按期率",
                self._rate(tally, self.brief.organisation),
            ]
        said += ["；逾期", self._number("late", "逾期任务", tally.late, "项", lamp="late"), "。"]
        return [tuple(said)]

    def _ahead(self) -> list[Paragraph]:
        """Organisations whose duties have fallen due and none of which is late, the surest first."""
        rows = [row for row in self.standing.rows if row.tally.rate is not None and not row.tally.late]
        rows.sort(key=lambda row: (-(row.tally.rate or Decimal(0)), -row.tally.kept, row.organisation.sort_key))
        if not rows:
            return [("到期任务全部完成的单位，目前还没有。",)]
        said: list[Piece] = ["到期任务没有逾期的单位："]
        for row in rows[:MOST_AHEAD]:
            said += [
                *([] if row is rows[0] else ["；"]),
                f"{row.organisation.name}按期率",
                self._rate(row.tally, row.organisation),
                "，完成",
                self._number("kept", "已完成任务", row.tally.kept, "项", row.organisation, lamp="kept"),
            ]
        return [(*said, "。")]

    def _late(self) -> list[Paragraph]:
        rows = sorted(
            (row for row in self.standing.rows if row.tally.late),
            key=lambda row: (-row.tally.late, row.organisation.sort_key),
        )
        if not rows:
            return [("没有逾期未完成的任务。",)]
        said: list[Piece] = ["有逾期任务的单位：" if len(rows) <= MOST_LATE else "逾期任务较多的单位："]
        for row in rows[:MOST_LATE]:
            said += [
                *([] if row is rows[0] else ["；"]),
                f"{row.organisation.name}逾期",
                self._number("late", "逾期任务", row.tally.late, "项", row.organisation, lamp="late"),
            ]
        tasks = sorted((one for one in self.standing.tasks if one[1].late), key=lambda one: -one[1].late)
        named: list[Piece] = ["逾期单位较多的任务："]
        for task, tally in tasks[:MOST_TASKS]:
            named += [
                *([] if task is tasks[0][0] else ["；"]),
                f"{_quoted(task.title)}有",
                self._duties(task, "late", tally.late),
                "没有完成",
            ]
        return [(*said, "。"), (*named, "。")]

    def _due(self) -> list[Paragraph]:
        due = [(task, tally) for task, tally in self.standing.tasks if tally.due]
        if not due:
            return [("一周以内没有到期的任务。",)]
        said: list[Piece] = ["一周以内到期、尚未完成的任务："]
        for task, tally in due:
            said += [
                *([] if task is due[0][0] else ["；"]),
                f"{_quoted(task.title)}（{zh_date(task.due_on)}到期）",
                self._duties(task, "due", tally.due),
            ]
        return [(*said, "。")]

    def _number(
        self,
        what: str,
        label: str,
        value: int | Decimal,
        unit: str,
        organisation: Organisation | None = None,
        *,
        lamp: str = "",
        basis: int | None = None,
    ) -> Figure:
        """A number of the board as a figure that leads back to it; `basis` counts the duties under it."""
        place = organisation or self.brief.organisation
        query = {"org": place.code} | ({"lamp": lamp} if lamp else {})
        address = f"campaigns/{self.brief.campaign.code}/?{urlencode(query)}"
        return self._figure(what, label, Decimal(value), unit, place, address, int(value) if basis is None else basis)

    def _rate(self, tally: Tally, organisation: Organisation) -> Figure:
        rate = tally.rate or Decimal(0)
        return self._number("rate", "按期率", rate, "%", organisation, basis=tally.fallen)

    def _duties(self, task: Task, lamp: str, count: int) -> Figure:
        query = urlencode({"org": self.brief.organisation.code, "lamp": lamp})
        place = self.brief.organisation
        address = f"tasks/{task.code}/?{query}"
        return self._figure(f"task-{lamp}", task.title, Decimal(count), "个单位", place, address, count)

    def _figure(
        self, what: str, label: str, value: Decimal, unit: str, place: Organisation, address: str, basis: int
    ) -> Figure:
        self.count += 1
        return Figure(
            measure=f"board.{what}",
            label=f"{label}（任务推进表）",
            value=value,
            text=print_number(value, unit),
            unit=unit,
            organisation=place.name,
            organisation_code=place.code,
            path=place.path,
            period=self.brief.period,
            basis=basis,
            corrections=0,
            verdict=EXACT,
            address=address,
            is_public=False,
            campaign=self.brief.campaign.key,
            figure_id=f"B{self.count:02}",
        )


def _quoted(title: str) -> str:
    """A title in quotation marks; those inside it become single ones."""
    inner = title.replace("“", "‘").replace("”", "’")
    return f"“{inner}”"


def paragraphs_of(brief: ReportBrief) -> Sequence[str]:
    """The bulletin as plain paragraphs, for lists and tests."""
    return [
        "".join(piece if isinstance(piece, str) else piece.text for piece in paragraph)
        for section in brief.sections
        for paragraph in section.paragraphs
    ]
