"""Forms for importing activities, and the names of those who took part in activities that are recorded already."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from quxin.access import Action, Actor
from quxin.kernel.hashes import Field
from quxin.kernel.text import narrow, nearest
from quxin.orgs.models import Organisation, Person
from quxin.packs.vocabulary import ACTIVITY_KINDS
from quxin.records.activities.attendance import Presence, name_people
from quxin.records.activities.models import Activity, Attendance
from quxin.records.activities.operations import (
    CountWrong,
    Draft,
    Happening,
    NoContest,
    SeriesOfOtherKind,
    TitleMissing,
    UnknownKind,
    UnknownSeries,
    check_happening,
    record_activities,
    series_kinds,
)
from quxin.records.activities.queries import series_options
from quxin.records.campaigns.closing import CampaignClosed, late_entry
from quxin.records.campaigns.forms import CAMPAIGN, Campaigns
from quxin.records.campaigns.progress import InTheFuture
from quxin.records.intake.forms import RecordForm, RowRefused
from quxin.records.intake.references import (
    ORGANISATION,
    Organisations,
    People,
    recorded_keys,
    require_short,
    require_standing,
)
from quxin.sheets.columns import Column

HELD_ON = Column(
    "held_on",
    "日期",
    aliases=("活动日期", "举办日期", "召开日期", "开展日期", "活动时间", "时间"),
    required=True,
    kind="date",
    example="2010-06-25",
)
TITLE = Column(
    "title",
    "活动名称",
    aliases=("主题", "活动主题", "名称", "题目", "会议名称", "内容"),
    required=True,
    example="质检大讲堂第一期：宏观质量管理",
)
LIMITS = {"title": 200, "place": 120, "host": 60, "speaker": 120}
_SEPARATORS = str.maketrans(dict.fromkeys("，,;；/|\n\t ", "、"))


def record_forms() -> list[RecordForm]:
    """The forms of this kind of record."""
    return [_activities(), _attendance()]


class ActivityRows:
    """Rows of activities."""

    def __init__(self, actor: Actor, today: date) -> None:
        self.today = today
        self.series = series_kinds()
        self.organisations = Organisations(actor, Action.RECORD_ACTIVITY)
        self.people = People(actor, Action.RECORD_ACTIVITY)
        self.campaigns = Campaigns()

    def draft(self, values: Mapping[str, Any]) -> Draft:
        """See `intake.forms.Rows`."""
        require_short(values, LIMITS)
        organisation = self.organisations.find(values["organisation"])
        people = self._named(values.get("people"), organisation)
        happening = Happening(
            kind=values["kind"],
            title=values["title"],
            held_on=values["held_on"],
            series=values.get("series") or "",
            starts_at=_time(values.get("starts_at")),
            place=values.get("place") or "",
            host=values.get("host") or "",
            speaker=values.get("speaker") or "",
            agenda=values.get("agenda") or "",
            minutes=values.get("minutes") or "",
            audience=_audience(values.get("heads"), len(people)),
            contestants=values.get("contestants") or 0,
        )
        check_happening(happening, self.today, self.series)
        require_standing(organisation, happening.held_on)
        campaign = self.campaigns.find(values.get("campaign"))
        late_entry(campaign, happening.held_on)
        return Draft(organisation, happening, people, campaign)

    def identity(self, draft: Draft) -> tuple[Field, ...]:
        """Whose, which kind, when, where and what about; corrected heads or minutes make no second activity."""
        said = draft.happening
        at = said.starts_at.isoformat("minutes") if said.starts_at else ""
        about = (narrow(said.title), narrow(said.place))
        return ("activity", draft.organisation.id, said.kind, said.series, said.held_on, at, *about)

    def there(self, drafts: Mapping[str, Draft]) -> Collection[str]:
        """See `intake.forms.Rows`."""
        return recorded_keys(Activity, drafts)

    def write(self, drafts: Mapping[str, Draft], *, actor: Actor, now: datetime) -> None:
        """See `intake.forms.Rows`."""
        rows = [
            Draft(draft.organisation, draft.happening, draft.people, draft.campaign, key)
            for key, draft in drafts.items()
        ]
        record_activities(actor=actor, drafts=rows, today=self.today, now=now)

    def _named(self, text: str | None, organisation: Organisation) -> tuple[Person, ...]:
        """The people that a cell names, each once: 张三、李四."""
        if not text:
            return ()
        names = dict.fromkeys(name for name in text.translate(_SEPARATORS).split("、") if name)
        found = {(person := self.people.find(name, "", organisation, "people")).pk: person for name in names}
        return tuple(found.values())


class AttendanceRows:
    """Rows of names, each for an activity that is recorded already."""

    def __init__(self, actor: Actor, today: date) -> None:
        self.organisations = Organisations(actor, Action.RECORD_ACTIVITY)
        self.people = People(actor, Action.RECORD_ACTIVITY)
        self._days: dict[tuple[int, date], list[Activity]] = {}

    def draft(self, values: Mapping[str, Any]) -> Presence:
        """See `intake.forms.Rows`."""
        organisation = self.organisations.find(values["organisation"])
        activity = self._activity(organisation, values["held_on"], values.get("title") or "")
        person = self.people.find(values["name"], values.get("number") or "", organisation)
        return Presence(activity, person, values.get("counted") is not False)

    def identity(self, draft: Presence) -> tuple[Field, ...]:
        """Who was at which activity."""
        return ("attendance", draft.activity.pk, draft.person.pk)

    def there(self, drafts: Mapping[str, Presence]) -> Collection[str]:
        """See `intake.forms.Rows`."""
        rows = Attendance.objects.filter(activity__in={draft.activity.pk for draft in drafts.values()})
        known = set(rows.values_list("activity_id", "person_id"))
        return {key for key, draft in drafts.items() if (draft.activity.pk, draft.person.pk) in known}

    def write(self, drafts: Mapping[str, Presence], *, actor: Actor, now: datetime) -> None:
        """See `intake.forms.Rows`."""
        name_people(actor=actor, present=list(drafts.values()), now=now)

    def _activity(self, organisation: Organisation, on: date, title: str) -> Activity:
        """The activity of that organisation, day and title; without a title, the only one of the day."""
        key = (organisation.pk, on)
        if key not in self._days:
            self._days[key] = list(
                Activity.objects.filter(organisation=organisation, held_on=on)
                .standing()
                .select_related("organisation", "campaign")
            )
        there = self._days[key]
        found = [row for row in there if narrow(row.title) == narrow(title)] if title else there
        if len(found) == 1:
            return found[0]
        if not there:
            raise RowRefused(
                "held_on",
                on,
                "“%(name)s”在 %(on)s 没有登记过活动",
                hint="请核对日期，或者先登记（导入）活动。",
                name=organisation.name,
                on=on.isoformat(),
            )
        titles = "”“".join(dict.fromkeys(row.title for row in there))
        near = nearest(title, [row.title for row in there], 1) if title else []
        raise RowRefused(
            "title",
            title,
            "那一天有 %(count)s 项活动与“%(title)s”同名" if len(found) > 1 else "那一天没有名为“%(title)s”的活动",
            hint="是不是“%(near)s”？" if near else "那一天登记的有：“%(titles)s”。",
            count=len(found),
            title=title,
            near="".join(near),
            titles=titles[:200],
        )


def _activities() -> RecordForm:
    kinds = tuple((code, term.zh) for code, term in ACTIVITY_KINDS.items())
    series = tuple((option.value, option.zh) for option in series_options())
    columns = (
        ORGANISATION,
        Column(
            "kind",
            "活动种类",
            aliases=("种类", "类别", "类型", "活动类型", "活动类别", "活动形式"),
            required=True,
            kind="choice",
            choices=kinds,
            example="讲座",
        ),
        TITLE,
        HELD_ON,
        Column("series", "系列", aliases=("所属系列",), kind="choice", choices=series, hint="属于某个系列的才填"),
        Column("starts_at", "开始时间", hint="如 14:30", example="14:30"),
        Column("place", "地点", aliases=("活动地点", "会议地点"), example="机关礼堂"),
        Column("host", "主持人"),
        Column("speaker", "主讲人", aliases=("授课人", "报告人", "讲课人")),
        Column(
            "heads",
            "实到人数",
            aliases=("参加人数", "到会人数", "参加人次", "听众人数", "人数", "应到实到"),
            kind="integer",
            hint="到场的总人数，含“参加人员”里列出姓名的",
            example="120",
        ),
        Column("contestants", "参赛人数", kind="integer", hint="只在演讲比赛、征文中填"),
        Column("people", "参加人员", aliases=("参加人", "参会人员", "到会人员"), hint="姓名，用顿号分开；可以不填"),
        Column("agenda", "议程"),
        Column("minutes", "记录", aliases=("会议记录", "活动记录", "活动内容", "纪要")),
        CAMPAIGN,
    )
    return RecordForm(
        "activities",
        "活动记录",
        columns,
        ActivityRows,
        ("一行一次活动，登记一次，各项任务和清单都能用到。", "以前录过的行会自动认出，不会重复。"),
        {
            InTheFuture: "held_on",
            CampaignClosed: "campaign",
            UnknownKind: "kind",
            UnknownSeries: "series",
            SeriesOfOtherKind: "series",
            TitleMissing: "title",
            NoContest: "contestants",
            CountWrong: "heads",
        },
    )


def _attendance() -> RecordForm:
    columns = (
        ORGANISATION,
        HELD_ON,
        replace(TITLE, required=False, hint="那一天只有一次活动时可以不填"),
        Column("name", "姓名", aliases=("参加人", "人员姓名"), required=True, example="张三"),
        Column("number", "工号", aliases=("人员编号", "职工号"), kind="code", hint="有同名的人时填"),
        Column(
            "counted",
            "已计入实到人数",
            kind="boolean",
            hint="登记活动时报的人数里已经有他，填“是”（不填就是“是”）；另外增加的，填“否”",
            example="是",
        ),
    )
    return RecordForm(
        "attendance",
        "参加人员名单",
        columns,
        AttendanceRows,
        ("一行一个人。活动要先登记；同一个人写两次只算一次。",),
    )


@lru_cache(maxsize=1024)  # a table knows few times of day
def _time(text: str | None) -> time | None:
    if not text:
        return None
    tidy = narrow(text).replace("：", ":").replace("点", ":").rstrip(":分").replace("时", ":")
    hour, _, rest = tidy.partition(":")
    try:
        return time(int(hour), int(rest.partition(":")[0] or 0))
    except ValueError as error:
        raise RowRefused("starts_at", text, "“%(text)s”不是时间", hint="请写成 14:30。", text=text[:20]) from error


def _audience(heads: int | None, named: int) -> int:
    """Who was there beside the people named."""
    if heads is None:
        return 0
    if heads < named:
        raise RowRefused(
            "heads",
            heads,
            "实到人数 %(heads)s 少于列出姓名的 %(named)s 人",
            hint="实到人数是到场的总人数，含列出姓名的。",
            heads=heads,
            named=named,
        )
    return heads - named
