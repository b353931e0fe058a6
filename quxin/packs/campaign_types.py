"""The types of a campaign: who runs it, its phases, aspects, tasks and checklists, and promises.

Must not hold progress, people or organisations of the real world: a pack names roles and classes only.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from quxin.packs.base_types import (
    BY,
    KEYED,
    ActivityKind,
    EvidenceCode,
    ForClass,
    Id,
    KeyId,
    PeriodText,
    PromiseAsk,
    PromiseKind,
    ShareText,
    Strict,
    Words,
    about,
)
from quxin.packs.vocabulary import PROMISE_KINDS


class Authority(Strict):
    """Who may run such a campaign: asked for when it is deployed."""

    level: str = about("举办层级", "level that may run it", min_length=1)
    approval: Literal["required", "recorded", "none"] = about(
        "批准手续：必须填文号、备案、不需要", "approval number required, recorded or none", "required"
    )
    object: str = about("活动对象", "whom it addresses", "")


class LeadingGroup(Strict):
    """The leading group and its office."""

    title: Words | None = about("领导小组名称", "name of the leading group", None)
    chair: str = about("组长由谁担任", "who chairs it", "")
    office: str = about("办公室设在哪里", "where its office is", "")


class TaskForce(Strict):
    """A task force (工作专班) that does the work of a drive."""

    id: Id = about("编号", "id")
    title: Words = about("名称", "title")
    period: PeriodText | None = about("起止", "period", None)
    serves: list[Id] = about("负责的任务", "tasks it answers for", list)
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)


class Demand(Strict):
    """One of the things that the campaign as a whole demands (a level, a goal, a kind of agency)."""

    id: Id = about("编号", "id")
    title: Words = about("要求", "the demand")
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)


class Phase(Strict):
    """A phase with its period."""

    id: Id = about("编号", "id")
    title: Words = about("阶段名称", "title")
    period: PeriodText = about("起止月份", "period")
    ours: bool = about("划分为我方所拟", "the division is ours", False)


class FieldAsked(Strict):
    """One thing that an organisation must type; a number the ledger knows needs a reason."""

    text: str = about("要填的文字栏目", "a field of words", "")
    measure: Id | None = about("要填的数（账本已有的须说明理由）", "a number (with a reason if known)", None)
    reason: str = about("为什么还要填", "why it is asked all the same", "")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.text) == bool(self.measure):
            raise PydanticCustomError("asked_one", "text 与 measure 须写且只写一项", {})
        return self


class Task(Strict):
    """One key task: how much, by when, to what standard, by whom."""

    id: Id = about("任务编号，永久不变", "id, stable for ever")
    title: Words = about("任务名称", "title")
    for_: ForClass = about("由谁完成", "who owes it", alias="for")
    measure: Id | None = about("用哪个指标衡量", "the measure of its progress", None)
    target: Decimal | None = about("目标值", "target", None, ge=0)
    unit: str = about("单位，须与指标一致", "unit, as the measure's", "")
    by: dt.date | None = about("完成时限", "by when", None)
    phase: Id | None = about("所属阶段", "its phase", None)
    standard: str = about("完成标准", "when it counts as done", "")
    evidence: EvidenceCode = about("佐证要求，默认不要求", "evidence asked, none by default", "none")
    share: ShareText | None = about(
        "目标怎么分：each 各单位都要完成全数，equal 平分，by:指标 按规模分；不写则共同完成，不分到单位",
        "how the target is shared out: each (all of it), equal, by:<measure>; without it all owe it together",
        None,
    )
    minutes: int = about("一个单位每次用时（分钟）", "minutes it costs one organisation", 5, ge=0, le=10000)
    owner: str = about("牵头部门", "department in charge", "")
    needs: list[Id] = about("须先完成的任务", "tasks that come first", list)
    asked: list[FieldAsked] = about("要填的栏目", "fields that are asked", list, alias="fields_asked")
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)

    @model_validator(mode="after")
    def _target_needs_measure(self) -> Self:
        if self.target is not None and self.measure is None:
            raise PydanticCustomError("target_unmeasured", "有目标值就必须写明用哪个指标衡量", {})
        if self.share and self.target is None:
            raise PydanticCustomError("share_of_nothing", "没有目标值，就没有可以分的", {})
        return self

    @property
    def size(self) -> str:
        """The measure by which the target is shared out, or ""."""
        return (self.share or "").removeprefix(BY) if (self.share or "").startswith(BY) else ""


class Aspect(Strict):
    """A group of tasks."""

    id: Id = about("编号", "id")
    title: Words = about("方面名称", "title")
    tasks: list[Task] = about("任务", "tasks", list)
    ours: bool = about("归类为我方所拟", "the grouping is ours", False)


class SatisfiedBy(Strict):
    """What record ticks an item of a checklist: exactly one."""

    activity: ActivityKind | None = about("某类活动", "a kind of activity", None)
    series: Id | None = about("某一系列", "a series", None)
    record: Id | None = about("某类简单记录", "a kind of record", None)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise PydanticCustomError("satisfied_one", "satisfied_by 须写且只写一项", {})
        return self


class ChecklistItem(Strict):
    """One line of a checklist."""

    id: Id = about("编号", "id")
    title: Words = about("事项", "what is to be done")
    satisfied_by: SatisfiedBy = about("由什么记录完成", "the record that does it")
    times: int = about("至少几次", "how often at least", 1, ge=1)


class Checklist(Strict):
    """Organisations × items (the "six ones")."""

    id: KeyId = about("编号，取自键", "id, taken from the key", "")
    title: Words = about("名称", "title")
    period: PeriodText = about("哪一段时间", "period", alias="month")
    for_: ForClass = about("对谁", "for whom", alias="for")
    theme: str = about("主题", "theme", "")
    items: list[ChecklistItem] = about("事项", "items", min_length=1)


class StudyStep(Strict):
    """One step of a study mechanism: who studies how."""

    id: Id = about("编号", "id")
    title: Words = about("步骤", "step")
    for_: ForClass = about("由谁", "by whom", alias="for")
    activity: ActivityKind | None = about("记为哪类活动", "recorded as", None)


class StudyPlan(Strict):
    """A plan of study: a series, how many sessions, on what, or the steps of a mechanism."""

    id: KeyId = about("编号，取自键", "id, taken from the key", "")
    title: Words = about("名称", "title")
    for_: ForClass = about("对谁", "for whom", alias="for")
    series: Id | None = about("对应系列", "its series", None)
    sessions: int | None = about("计划次数", "sessions planned", None, ge=0)
    topics: list[str] = about("学习内容", "topics", list)
    steps: list[StudyStep] = about("步骤", "steps", list)
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)


class Campaign(Strict):
    """A campaign as deployed: everything but who takes part, which is bound at installation."""

    sponsor: ForClass = about("主办角色，部署时绑定到单位", "sponsor's role, bound when deployed")
    period: PeriodText = about("起止", "period")
    theme: Words = about("主题", "theme")
    slogan: str = about("口号", "slogan", "")
    basis: list[str] = about("依据文件", "documents it rests on", list)
    authority: Authority = about("谁有权举办", "who may run it")
    leading_group: LeadingGroup | None = about("领导小组和办公室", "leading group and office", None)
    demands: list[Demand] = about("总体要求", "what is demanded", list)
    phases: list[Phase] = about("阶段", "phases", list)
    aspects: list[Aspect] = about("方面与任务", "aspects and tasks", list)
    task_forces: list[TaskForce] = about("工作专班", "task forces", list)
    checklists: Annotated[dict[Id, Checklist], KEYED] = about("清单", "checklists", dict)
    study_plans: Annotated[dict[Id, StudyPlan], KEYED] = about("学习计划", "study plans", dict)

    @property
    def tasks(self) -> list[Task]:
        """All tasks, in the order of their aspects."""
        return [task for aspect in self.aspects for task in aspect.tasks]


_KIND_WORDS = {term.zh: code for code, term in PROMISE_KINDS.items()}


def _kinds_in_chinese(value: Any) -> Any:
    return [_KIND_WORDS.get(item, item) for item in value] if isinstance(value, list) else value


class PromiseForm(Strict):
    """What a promise must say, and who reviews it before it is shown."""

    asks: list[PromiseAsk] = about("必填项", "what is asked", min_length=1)
    kinds: Annotated[list[PromiseKind], BeforeValidator(_kinds_in_chinese)] = about(
        "承诺类别：共性、岗位、实事", "kinds: common, post, deed", list
    )
    review_by: Literal["parent", "branch", "sponsor", "leading-group"] = about("由谁审诺", "who reviews", "parent")
    voluntary_for: list[Literal["retired", "probationary", "seconded"]] = about("自愿参加", "voluntary for", list)
    made_at: ActivityKind | None = about("在什么会上承诺", "the meeting where it is made", None)
    shown_on: list[str] = about("在哪里亮诺", "where it is shown", list)
    examples: list[str] = about("示例（不会自动发布）", "examples, never published by themselves", list)


class ServicePromise(Strict):
    """A service with its published procedure and time limit. No limit: the agency fills it in."""

    id: Id = about("编号", "id")
    title: Words = about("事项", "service")
    procedure: str = about("办事程序", "procedure", "")
    working_days: int | None = about("办事时限（工作日）,空则由单位填写", "limit in working days", None, ge=0)
    for_: ForClass = about("由谁承诺", "who promises", alias="for")
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)


class Promises(Strict):
    """The promise forms of organisations and members, and the service promises."""

    organisation: PromiseForm | None = about("党组织承诺", "promises of organisations", None)
    member: PromiseForm | None = about("党员承诺", "promises of members", None)
    services: list[ServicePromise] = about("服务承诺", "service promises", list)
    vague_words: list[str] = about("另外要提示的空话", "more vague words to flag", list)
