"""Activities and progress: those of text 002, whose sums are the published figures, and some of this season."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from quxin.access import SYSTEM
from quxin.jobs.demo.moment import Moment, at, noon, read
from quxin.kernel.scaled import scale
from quxin.orgs.models import Organisation, PartyType
from quxin.orgs.queries import of_class
from quxin.packs import queries as packs
from quxin.packs.types import series_label
from quxin.records.activities.operations import Draft, Happening, record_activities
from quxin.records.campaigns.progress import Draft as ProgressDraft
from quxin.records.campaigns.progress import Progress, record_many, record_progress

PACK = "aqsiq-2010"
SAMPLE = "示例记录：原文只公布了总数。"
SIX_ONES = (
    ("study", "集中学习：廉政准则"),
    ("democratic-life-meeting", "民主生活会"),
    ("party-lesson", "党课：以质取胜"),
    ("warning-lesson", "警示教育"),
    ("theme-day", "主题党日"),
)
RHYTHM = (
    # days ago, kind, title
    (9, "theme-day", "主题党日：走进检验一线"),
    (23, "study", "集中学习：党纪学习教育"),
    (37, "party-lesson", "支部书记讲党课"),
    (52, "members-meeting", "支部党员大会"),
    (66, "first-agenda", "第一议题学习"),
)


def make(moment: Moment) -> None:
    """Enter them all through the same operations that branches use."""
    data = read("text-002.yaml")
    _activities(data["activities"], moment)
    for row in data["progress"]:
        _progress(row, moment)
    _discipline_month(moment)
    _this_season(moment)


def _activities(rows: list[dict[str, Any]], moment: Moment) -> None:
    series = packs.current(PACK).series
    drafts = []
    for row in rows:
        happening = Happening(
            kind=series[row["series"]].kind,
            series=f"{PACK}.{row['series']}",
            title=row["title"],
            held_on=row["day"],
            place=row.get("place", ""),
            agenda=row.get("agenda", ""),
            minutes=SAMPLE,
            audience=row.get("audience", 0),
            contestants=row.get("contestants", 0),
        )
        drafts.append(Draft(_where(row), happening, campaign=moment.campaigns[PACK], is_sample=True))
    for draft in drafts:
        day = noon(draft.happening.held_on)
        record_activities(actor=SYSTEM, drafts=[draft], today=day.date(), now=day)


def _progress(row: dict[str, Any], moment: Moment) -> None:
    kind, _, series = row["kind"].partition("/")
    day = noon(row["day"])
    record_progress(
        actor=SYSTEM,
        organisation=_where(row),
        campaign=moment.campaigns[PACK],
        progress=Progress(
            kind=series_label(PACK, series, kind) if series else kind,
            title=row["title"],
            occurred_on=row["day"],
            quantity=scale(row.get("quantity", 1)),
            unit=packs.current(PACK).records[kind].unit,
            partner=row.get("partner", ""),
            place=row.get("place", ""),
            note=f"{row['note']}。{SAMPLE}" if row.get("note") else SAMPLE,
        ),
        today=day.date(),
        now=day,
        is_sample=True,
    )


def _where(row: dict[str, Any]) -> Organisation:
    return row.get("organisation") or at(row.get("at", "000000"))


def _discipline_month(moment: Moment) -> None:
    """July 2010: nearly every organisation did what the six ones ask; here and there one is missing, as the board shows."""
    owing = list(of_class("every-organisation", root=at("000000").path, on=date(2010, 7, 1)))
    activities, models = [], []
    for number, organisation in enumerate(owing):
        people = moment.people.get(organisation.pk, [])
        for step, (kind, title) in enumerate(SIX_ONES):
            if (number * 7 + step * 13) % 97 == 5:
                continue
            day = date(2010, 7, 5 + 4 * step + number % 3)
            happening = Happening(kind, title, day, minutes=SAMPLE, audience=0 if people else 12 + number % 19)
            named = tuple(people[: len(people) - step % 3])
            activities.append(Draft(organisation, happening, named, moment.campaigns[PACK], None, True))
        if number % 31 != 7:
            text = Progress("role-model", f"{organisation.name}身边典型", date(2010, 7, 28), unit="名", note=SAMPLE)
            models.append(ProgressDraft(organisation, text, moment.campaigns[PACK], None, True))
    entered = noon(date(2010, 7, 30))
    for batch in _batches(activities):
        record_activities(actor=SYSTEM, drafts=batch, today=entered.date(), now=entered)
    for batch in _batches(models):
        record_many(actor=SYSTEM, drafts=batch, today=entered.date(), now=entered)


def _batches(drafts: list, size: int = 2000) -> Iterator[list]:
    for start in range(0, len(drafts), size):
        yield drafts[start : start + size]


def _this_season(moment: Moment) -> None:
    """What the branches of the provincial agency did in the last weeks."""
    for number, branch in enumerate(_branches("320000")):
        people = moment.people[branch.pk]
        for days, kind, title in RHYTHM[: 5 - number % 3]:
            day = moment.today - timedelta(days=days + number)
            happening = Happening(kind=kind, title=title, held_on=day, audience=number % 2, minutes="示例记录")
            draft = Draft(branch, happening, tuple(people[:-1]), None, None, True)
            record_activities(actor=SYSTEM, drafts=[draft], today=day, now=noon(day))


def _branches(official_code: str) -> list[Organisation]:
    agency = at(official_code)
    rows = Organisation.objects.within(agency.path).filter(party_type=PartyType.BRANCH, depth__lte=agency.depth + 2)
    return list(rows.order_by("path"))
