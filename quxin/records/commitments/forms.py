"""Forms for importing promises, and the progress made on them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quxin.access import Action, Actor, may
from quxin.kernel.hashes import Field
from quxin.kernel.scaled import ONE, ScaledError, scale
from quxin.kernel.text import narrow, nearest
from quxin.orgs.models import Organisation, Person
from quxin.packs.queries import measure_specs
from quxin.records.campaigns.forms import CAMPAIGN, Campaigns
from quxin.records.campaigns.models import Campaign
from quxin.records.commitments.models import Commitment, CommitmentProgress
from quxin.records.commitments.operations import (
    STEPS,
    DueTooEarly,
    InTheFuture,
    Promise,
    make_commitment,
    report_commitment_progress,
)
from quxin.records.commitments.rules import TargetWrong, require_quantity
from quxin.records.intake.forms import RecordForm, RowRefused
from quxin.records.intake.references import ORGANISATION, Organisations, People, recorded_keys, require_short
from quxin.sheets.columns import Column

LIMITS = {"text": 300, "unit": 20, "verifier": 120, "note": 300}
PERSON = Column("person", "承诺人", aliases=("姓名", "党员姓名"), hint="单位的承诺不填")
NUMBER = Column("number", "工号", aliases=("人员编号", "职工号"), kind="code", hint="有同名的人时填")
TEXT = Column(
    "text",
    "承诺内容",
    aliases=("承诺事项", "承诺", "内容"),
    required=True,
    example="每月走访企业 2 家，帮助解决质量难题",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A promise that a row makes."""

    organisation: Organisation
    promise: Promise
    person: Person | None
    campaign: Campaign | None


@dataclass(frozen=True, slots=True)
class Done:
    """Progress that a row reports."""

    commitment: Commitment
    on: date
    quantity: int
    note: str


def record_forms() -> list[RecordForm]:
    """The forms of this kind of record."""
    return [_commitments(), _progress()]


class CommitmentRows:
    """Rows of promises; they come in as 提诺, and still have to be reviewed."""

    def __init__(self, actor: Actor, today: date) -> None:
        self.today = today
        self.organisations = Organisations(actor, Action.MAKE_COMMITMENT)
        self.people = People(actor, Action.MAKE_COMMITMENT)
        self.campaigns = Campaigns()
        self.measures = measure_specs()

    def draft(self, values: Mapping[str, Any]) -> Made:
        """See `intake.forms.Rows`."""
        require_short(values, LIMITS)
        organisation = self.organisations.find(values["organisation"])
        name, number = values.get("person") or "", values.get("number") or ""
        person = self.people.find(name, number, organisation, "person") if name or number else None
        promise = Promise(
            kind=values["kind"],
            text=values["text"],
            target=_scaled("target", values["target"]),
            unit=values["unit"],
            due_on=values["due_on"],
            measure=self._measure(values.get("measure")),
            verifier=values.get("verifier") or "",
            direction=values.get("direction") or Commitment.Direction.AT_LEAST.value,
        )
        require_quantity(promise.target, promise.direction)
        if promise.due_on < self.today:
            raise DueTooEarly(due_on=promise.due_on)
        return Made(organisation, promise, person, self.campaigns.find(values.get("campaign")))

    def identity(self, draft: Made) -> tuple[Field, ...]:
        """Who promises what by when."""
        said = draft.promise
        person = draft.person.pk if draft.person else None
        return ("commitment", draft.organisation.pk, person, said.kind, narrow(said.text), said.due_on)

    def there(self, drafts: Mapping[str, Made]) -> Collection[str]:
        """See `intake.forms.Rows`."""
        return recorded_keys(Commitment, drafts)

    def write(self, drafts: Mapping[str, Made], *, actor: Actor, now: datetime) -> None:
        """See `intake.forms.Rows`."""
        for key, draft in drafts.items():
            make_commitment(
                actor=actor,
                organisation=draft.organisation,
                promise=draft.promise,
                person=draft.person,
                campaign=draft.campaign,
                today=self.today,
                now=now,
                row_key=key,
            )

    def _measure(self, text: str | None) -> str:
        """The id of the measure that a cell names, by id or by its Chinese name; empty for the promise's own count."""
        if not text or text in self.measures:
            return text or ""
        by_label = {narrow(spec.label): key for key, (spec, _) in self.measures.items()}
        found = by_label.get(narrow(text))
        if found is None:
            near = nearest(text, by_label, 1)
            hint = "是不是“%(near)s”？" if near else "不填就由承诺人自己报数。"
            raise RowRefused("measure", text, "没有“%(text)s”这个指标", hint=hint, text=text, near="".join(near))
        return found


class CommitmentProgressRows:
    """Rows of progress on promises that are public."""

    def __init__(self, actor: Actor, today: date) -> None:
        self.actor, self.today = actor, today
        self.organisations = Organisations(actor, Action.MAKE_COMMITMENT)
        self._of: dict[int, list[Commitment]] = {}

    def draft(self, values: Mapping[str, Any]) -> Done:
        """See `intake.forms.Rows`."""
        require_short(values, LIMITS)
        quantity = ONE if values.get("quantity") is None else _scaled("quantity", values["quantity"])
        if values["on"] > self.today:
            raise InTheFuture(on=values["on"])
        organisation = self.organisations.find(values["organisation"])
        commitment = self._commitment(organisation, values["text"], values.get("person") or "")
        require_quantity(quantity, commitment.direction)
        return Done(commitment, values["on"], quantity, values.get("note") or "")

    def identity(self, draft: Done) -> tuple[Field, ...]:
        """On which promise, when, how much and what: the same deed twice a day must differ in its words."""
        return ("commitment-progress", draft.commitment.pk, draft.on, draft.quantity, narrow(draft.note))

    def there(self, drafts: Mapping[str, Done]) -> Collection[str]:
        """See `intake.forms.Rows`."""
        return recorded_keys(CommitmentProgress, drafts)

    def write(self, drafts: Mapping[str, Done], *, actor: Actor, now: datetime) -> None:
        """See `intake.forms.Rows`."""
        for key, draft in drafts.items():
            report_commitment_progress(
                actor=actor,
                commitment=draft.commitment,
                on=draft.on,
                quantity=draft.quantity,
                note=draft.note,
                today=self.today,
                now=now,
                row_key=key,
            )

    def _commitment(self, organisation: Organisation, text: str, person: str) -> Commitment:
        """The public promise of that organisation with those words, or with that code."""
        if organisation.pk not in self._of:
            rows = Commitment.objects.filter(organisation=organisation, state__in=STEPS["progress"])
            self._of[organisation.pk] = list(rows.select_related("organisation", "person", "campaign"))
        there = [
            row
            for row in self._of[organisation.pk]
            if may(self.actor, Action.MAKE_COMMITMENT, organisation.path, person=row.person_id)
        ]
        found = [row for row in there if text == row.code or narrow(text) == narrow(row.text)]
        if person:
            found = [row for row in found if row.person is not None and row.person.name == narrow(person)]
        if len(found) == 1:
            return found[0]
        if found:
            raise RowRefused(
                "text",
                text,
                "有 %(count)s 项这样的承诺",
                hint="请加填承诺人，或者在这一格填承诺编号。",
                count=len(found),
            )
        near = nearest(text, [row.text for row in there], 1)
        hint = "是不是“%(near)s”？" if near else "只有已公开、还没有结算的承诺可以报进展。"
        raise RowRefused("text", text, "没有找到这项承诺", hint=hint, near="".join(near)[:80])


def _commitments() -> RecordForm:
    columns = (
        ORGANISATION,
        PERSON,
        NUMBER,
        Column(
            "kind",
            "承诺类型",
            aliases=("类型", "类别", "承诺类别"),
            required=True,
            kind="choice",
            choices=tuple(Commitment.Kind.choices),
            example=Commitment.Kind.POST.label,
        ),
        TEXT,
        Column(
            "direction",
            "目标的意思",
            aliases=("目标方向",),
            kind="choice",
            choices=tuple(Commitment.Direction.choices),
            hint="不填就是“不少于”；办理天数、投诉件数这类填“不超过”",
        ),
        Column("target", "目标值", aliases=("目标", "目标数"), required=True, kind="decimal", example="12"),
        Column("unit", "计量单位", aliases=("目标单位",), required=True, example="家"),
        Column(
            "due_on",
            "兑现期限",
            aliases=("完成时限", "完成期限", "期限", "完成时间"),
            required=True,
            kind="date",
            example="2010-11-30",
        ),
        Column("measure", "衡量指标", aliases=("指标",), hint="由系统自动计数的才填；不填就由承诺人自己报数"),
        Column("verifier", "核验人", aliases=("监督人",)),
        CAMPAIGN,
    )
    return RecordForm(
        "commitments",
        "承诺",
        columns,
        CommitmentRows,
        ("一行一项承诺。导入后是“提诺”，仍要审核才公开。", "以前录过的行会自动认出，不会重复。"),
        {DueTooEarly: "due_on", TargetWrong: "target"},
    )


def _progress() -> RecordForm:
    columns = (
        ORGANISATION,
        replace(TEXT, hint="填承诺原文，或承诺编号"),
        PERSON,
        Column("on", "日期", aliases=("完成日期", "时间"), required=True, kind="date", example="2010-06-25"),
        Column("quantity", "完成数", aliases=("数量", "完成数量"), kind="decimal", hint="不填就是 1", example="1"),
        Column("note", "做了什么", aliases=("说明", "备注", "进展"), example="走访某某机械厂"),
    )
    return RecordForm(
        "commitment-progress",
        "承诺进展",
        columns,
        CommitmentProgressRows,
        ("一行一次进展。以前录过的行会自动认出，不会重复。",),
        {InTheFuture: "on", TargetWrong: "quantity"},
    )


def _scaled(column: str, value: Decimal | int) -> int:
    try:
        return scale(value)
    except ScaledError as error:
        raise RowRefused(column, value, error.message, hint=error.hint, **error.params) from error
