"""Forms for importing simple records: one for all kinds, and one for each kind of the installed packs.

A pack says which fields a kind asks for; here stands where each is kept. Not for web forms.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quxin.access import Action, Actor
from quxin.kernel.hashes import Field
from quxin.kernel.scaled import ONE, ScaledError, scale
from quxin.kernel.text import narrow, nearest
from quxin.packs.queries import all_current
from quxin.packs.types import Pack, RecordKind, record_label
from quxin.packs.vocabulary import RECORD_FIELDS
from quxin.records.campaigns.closing import CampaignClosed, late_entry
from quxin.records.campaigns.models import Campaign, ProgressRecord
from quxin.records.campaigns.progress import (
    Draft,
    InTheFuture,
    Progress,
    QuantityWrong,
    check_progress,
    record_many,
)
from quxin.records.intake.forms import RecordForm, RowRefused
from quxin.records.intake.references import ORGANISATION, Organisations, recorded_keys, require_standing
from quxin.sheets.columns import Column

CAMPAIGN = Column(
    "campaign",
    "主题活动",
    aliases=("所属主题活动", "所属活动", "专项活动"),
    hint="属于某项主题活动的，填活动代号或名称；否则不填",
)
OCCURRED_ON = Column(
    "occurred_on",
    "日期",
    aliases=("发生日期", "完成日期", "时间", "发表日期", "刊发日期", "签署日期", "检查日期"),
    required=True,
    kind="date",
    example="2010-06-25",
)
QUANTITY = Column("quantity", "数量", aliases=("件数", "次数"), kind="decimal", hint="不填就是 1", example="1")
NOTE = Column("note", "备注", aliases=("说明", "附注"))

# In ProgressRecord there is one place for whom or what a record is about: the first of these that a kind asks for.
ABOUT = ("partner", "recipient", "industry", "medium")
LIMITS = {"title": 200, "partner": 120, "place": 120, "unit": 20}
TITLE_ALIASES = {
    "title": ("标题", "题目", "事项", "文稿标题", "文件名称"),
    "partner": ("合作单位", "联合单位", "企业名称", "企业", "省份"),
    "recipient": ("获奖者", "受表彰者", "姓名或单位", "获得单位"),
    "place": ("地方", "口岸", "所在地"),
    "medium": ("媒体", "报刊", "版面"),
    "industry": ("所属行业",),
    "result": ("检查结果", "成效"),
    "number": ("发文字号", "编号"),
}


class Campaigns:
    """Campaigns by key or title, for the column CAMPAIGN."""

    def __init__(self) -> None:
        self._by_text: dict[str, Campaign] | None = None

    def find(self, text: str | None) -> Campaign | None:
        """The campaign that `text` names; None for an empty cell. Raises RowRefused."""
        if not text:
            return None
        if self._by_text is None:
            rows = list(Campaign.objects.exclude(state=Campaign.State.DRAFT).order_by("pk"))
            self._by_text = {narrow(row.title): row for row in rows} | {row.key: row for row in rows}
        found = self._by_text.get(narrow(text))
        if found is None:
            near = nearest(text, self._by_text, 1)
            hint = "是不是“%(near)s”？" if near else "不属于主题活动的，这一格不填。"
            raise RowRefused("campaign", text, "没有部署过“%(text)s”这项活动", hint=hint, text=text, near="".join(near))
        return found


def record_forms() -> list[RecordForm]:
    """The form for every kind of simple record, and one for each kind that an installed pack has."""
    packs = all_current()
    kinds = {kind.id: (pack, kind) for pack in reversed(packs) for kind in pack.records.values()}
    return [
        _general(packs, {key: kind for key, (_, kind) in kinds.items()}),
        *(_fixed(kind) for _, kind in kinds.values()),
    ]


def slot_of(kind: RecordKind, field: str) -> str:
    """Where a field that a kind asks for is kept in ProgressRecord: title, partner, place or note."""
    if field in ("title", "place"):
        return field
    about = next((one for one in ABOUT if one in kind.asks), None)
    return "partner" if field == about else "note"


def name_of(kind: RecordKind, record: ProgressRecord) -> str:
    """What names a record of this kind in a list ("named_by" of its pack): 江苏省, 家电, a title."""
    field = kind.named_by or "title"
    return str(getattr(record, slot_of(kind, field))) or record.title


class ProgressRows:
    """Rows of simple records; of one kind when `fixed` is given."""

    def __init__(self, actor: Actor, today: date, kinds: Mapping[str, RecordKind], fixed: RecordKind | None) -> None:
        self.today, self.kinds, self.fixed = today, kinds, fixed
        self.organisations = Organisations(actor, Action.REPORT_PROGRESS)
        self.campaigns = Campaigns()

    def draft(self, values: Mapping[str, Any]) -> Draft:
        """See `intake.forms.Rows`."""
        label = self.fixed.id if self.fixed else values["kind"]
        kind = self.fixed or self.kinds.get(label.partition("/")[0])
        quantity = values.get("quantity")
        said = _said(kind, values) if kind else {}
        for name, limit in LIMITS.items():
            text = said.get(name) or values.get(name) or ""
            if len(text) > limit:
                raise RowRefused(name, text, "超过 %(limit)s 个字", hint="请写短一些。", limit=limit)
            said[name] = text
        progress = Progress(
            kind=label,
            title=said["title"],
            occurred_on=values["occurred_on"],
            quantity=ONE if quantity is None else _scaled(quantity),
            unit=said["unit"] or (kind.unit if kind else ""),
            partner=said["partner"],
            place=said["place"],
            note=said.get("note") or "",
        )
        check_progress(progress, self.today)
        organisation = self.organisations.find(values["organisation"])
        require_standing(organisation, progress.occurred_on)
        campaign = self.campaigns.find(values.get("campaign"))
        late_entry(campaign, progress.occurred_on)
        return Draft(organisation, progress, campaign)

    def identity(self, draft: Draft) -> tuple[Field, ...]:
        """Whose, which kind, on which day, and about what; a corrected quantity or note makes no second record."""
        said = draft.progress
        about = (narrow(said.title), narrow(said.partner), narrow(said.place))
        return ("progress", draft.organisation.pk, said.kind, said.occurred_on, *about)

    def there(self, drafts: Mapping[str, Draft]) -> Collection[str]:
        """See `intake.forms.Rows`."""
        return recorded_keys(ProgressRecord, drafts)

    def write(self, drafts: Mapping[str, Draft], *, actor: Actor, now: datetime) -> None:
        """See `intake.forms.Rows`."""
        rows = [replace(draft, row_key=key) for key, draft in drafts.items()]
        record_many(actor=actor, drafts=rows, today=self.today, now=now)


def _general(packs: Iterable[Pack], kinds: Mapping[str, RecordKind]) -> RecordForm:
    choices = [(key, kind.title.zh) for key, kind in kinds.items()]
    choices += [
        (record_label(pack, series.kind, series.id), f"{kinds[series.kind].title.zh}：{series.title.zh}")
        for pack in packs
        for series in pack.series.values()
        if series.kind in pack.records
    ]
    fields = ("title", "partner", "place")
    columns = (
        ORGANISATION,
        Column(
            "kind",
            "记录种类",
            aliases=("种类", "类别", "类型"),
            required=True,
            kind="choice",
            choices=tuple(choices),
            hint="从下拉列表选",
        ),
        OCCURRED_ON,
        *(_asked(field) for field in fields),
        QUANTITY,
        Column("unit", "计量单位", hint="不填就用这一种类的单位", example=""),
        NOTE,
        CAMPAIGN,
    )
    return RecordForm(
        "progress",
        "工作进展",
        columns,
        lambda actor, today: ProgressRows(actor, today, kinds, None),
        ("一行一件事。只填已经发生的；以前录过的行会自动认出，不会重复。",),
        {InTheFuture: "occurred_on", QuantityWrong: "quantity", CampaignClosed: "campaign"},
    )


def _fixed(kind: RecordKind) -> RecordForm:
    columns = (
        ORGANISATION,
        OCCURRED_ON,
        *(_asked(field, required=field == kind.named_by) for field in kind.asks),
        QUANTITY,
        NOTE,
        CAMPAIGN,
    )
    return RecordForm(
        kind.id,
        kind.title.zh,
        columns,
        lambda actor, today: ProgressRows(actor, today, {kind.id: kind}, kind),
        (f"一行一{kind.unit}，数量不填就是 1。以前录过的行会自动认出，不会重复。",),
        {InTheFuture: "occurred_on", QuantityWrong: "quantity", CampaignClosed: "campaign"},
    )


def _asked(field: str, required: bool = False) -> Column:
    return Column(field, RECORD_FIELDS[field].zh, aliases=TITLE_ALIASES.get(field, ()), required=required)


def _said(kind: RecordKind, values: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a row in their places; what has no place of its own goes into the note, with its name."""
    said = {name: str(values.get(name) or "") for name in ("title", "partner", "place")}
    notes = []
    for field in kind.asks:
        text, slot = values.get(field), slot_of(kind, field)
        if text and slot == "note":
            notes.append(f"{RECORD_FIELDS[field].zh}：{text}")
        elif text:
            said[slot] = text
    if values.get("note"):
        notes.append(values["note"])
    said["note"] = "；".join(notes)
    about = said["partner"] or said["place"]
    said["title"] = said["title"] or (f"{kind.title.zh}：{about}" if about else kind.title.zh)
    return said


def _scaled(quantity: Decimal | int) -> int:
    try:
        return scale(quantity)
    except ScaledError as error:
        raise RowRefused("quantity", quantity, error.message, hint=error.hint, **error.params) from error
