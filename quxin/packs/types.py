"""A pack as typed data: the one place from which the rest of the house imports pack types.

``Pack.model_validate(content)`` reads what ``pack_content(pack)`` wrote. Loading from YAML, with line and
column of each fault, is :mod:`quxin.packs.load`'s work. Must not hold rules: :mod:`quxin.packs.check` does.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints

from quxin.packs.base_types import (
    KEYED,
    Bilingual,
    EvidenceCode,
    ForClass,
    Id,
    KeyId,
    RecordFamily,
    RecordField,
    Strict,
    Words,
    about,
)
from quxin.packs.campaign_types import (
    Aspect,
    Authority,
    Campaign,
    Checklist,
    ChecklistItem,
    Demand,
    FieldAsked,
    LeadingGroup,
    Phase,
    PromiseForm,
    Promises,
    SatisfiedBy,
    ServicePromise,
    StudyPlan,
    StudyStep,
    Task,
    TaskForce,
)
from quxin.packs.evaluation_types import Evaluation, Group, Question, Scale
from quxin.packs.measure_types import (
    FACT_NAMES,
    FORMS,
    Fold,
    MeasureSpec,
    Where,
    fold_of,
    label_of,
    series_label,
)
from quxin.packs.report_types import Publication, Report, Reporting, Section

__all__ = [
    "FACT_NAMES",
    "FORMS",
    "Aspect",
    "Authority",
    "Bilingual",
    "Campaign",
    "Checklist",
    "ChecklistItem",
    "Demand",
    "Evaluation",
    "FieldAsked",
    "Fold",
    "Form",
    "Group",
    "LeadingGroup",
    "MeasureSpec",
    "Organisation",
    "Pack",
    "Phase",
    "PromiseForm",
    "Promises",
    "Publication",
    "Question",
    "RecordKind",
    "Report",
    "Reporting",
    "SatisfiedBy",
    "Scale",
    "Section",
    "Series",
    "ServicePromise",
    "StudyPlan",
    "StudyStep",
    "Task",
    "TaskForce",
    "Where",
    "fold_of",
    "label_of",
    "pack_content",
    "record_label",
    "series_label",
]


class Series(Strict):
    """A run of activities (or of simple records) under one name: 质检大讲堂."""

    id: KeyId = about("编号，取自键", "id, taken from the key", "")
    title: Words = about("名称", "title")
    kind: Id = about("活动类别，或本包的记录类别", "kind of activity, or a kind of record of this pack")
    ours: bool = about("名称为我方所拟", "the name is ours", False)


class RecordKind(Strict):
    """A kind of simple record: one line that somebody enters, worth its quantity (1 by default)."""

    id: KeyId = about("编号，取自键", "id, taken from the key", "")
    title: Words = about("名称", "title")
    family: RecordFamily = about("类别", "family")
    unit: str = about("单位", "unit", max_length=12)
    asks: list[RecordField] = about("除日期外要填的栏目", "fields besides the date", list)
    named_by: RecordField | None = about("列举名称时用哪一栏", "field that names it in a list", None)
    evidence: EvidenceCode = about("佐证要求，默认不要求", "evidence asked, none by default", "none")
    ours: bool = about("名称为我方所拟", "the name is ours", False)


class Organisation(Strict):
    """One of the pack's skeleton of organisations: what stands under what. Not a real one."""

    id: Id = about("编号", "id")
    title: Words = about("名称", "title")
    class_: ForClass = about("类别", "class", alias="class")
    under: Id | None = about("上级", "what it stands under", None)
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)


class Form(Strict):
    """A form that an officer fills in: which record it makes and what it asks."""

    id: KeyId = about("编号，取自键", "id, taken from the key", "")
    title: Words = about("名称", "title")
    for_: ForClass = about("由谁填", "who fills it in", alias="for")
    records: SatisfiedBy = about("生成什么记录", "the record it makes")
    asked: list[FieldAsked] = about("栏目", "fields", list, alias="fields_asked")
    minutes: int = about("用时（分钟）", "minutes", 5, ge=0, le=10000)
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)


class Pack(Strict):
    """A pack: one version of a campaign, its measures, forms and reports."""

    pack: Id = about("包编号，永久不变", "pack id, stable for ever")
    version: Annotated[str, StringConstraints(pattern=r"^\d{1,4}\.\d{1,4}\.\d{1,4}$")] = about(
        "版本号 主.次.修", "semantic version"
    )
    title: Words = about("名称", "title")
    source: str = about("内容出处", "where the content comes from", min_length=1)
    requires: dict[Id, str] = about("所需的其他包及最低版本", "other packs needed, with least version", dict)
    organisations: list[Organisation] = about("单位骨架", "skeleton of organisations", list)
    series: Annotated[dict[Id, Series], KEYED] = about("系列", "series", dict)
    records: Annotated[dict[Id, RecordKind], KEYED] = about("简单记录的类别", "kinds of simple record", dict)
    measures: Annotated[dict[Id, MeasureSpec], KEYED] = about("指标", "measures", dict)
    campaign: Campaign | None = about("主题活动", "the campaign", None)
    promises: Promises | None = about("公开承诺", "promises", None)
    evaluations: Annotated[dict[Id, Evaluation], KEYED] = about("评议", "evaluations", dict)
    forms: Annotated[dict[Id, Form], KEYED] = about("表单", "forms", dict)
    reporting: list[Reporting] = about("报告制度", "reports owed", list)
    publications: list[Publication] = about("公开栏目和场所", "where things are shown", list)
    reports: Annotated[dict[Id, Report], KEYED] = about(
        "报告提纲，第一份为默认", "report outlines, the first is the default", dict
    )
    bulletin: Report | None = about(
        "任务推进情况通报的提纲，不写则用内置的",
        "outline of the bulletin on how tasks stand; built in if left out",
        None,
    )

    def task(self, task_id: str) -> Task | None:
        """The task with that id, or ``None``."""
        tasks = self.campaign.tasks if self.campaign else []
        return next((task for task in tasks if task.id == task_id), None)

    def folds(self) -> dict[str, Fold]:
        """Every measure of the pack, resolved: measure id → :class:`Fold`."""
        return {key: fold_of(spec, self) for key, spec in self.measures.items()}

    def label(self, where: Where | SatisfiedBy | None) -> str:
        """The ledger label that ``where`` (or a checklist's ``satisfied_by``) means in this pack."""
        if isinstance(where, SatisfiedBy):
            where = Where(**where.model_dump(exclude_none=True))
        return label_of(where, self)


def record_label(pack: Pack, kind: str, series: str = "") -> str:
    """The ledger label of a simple record of ``kind`` (and perhaps of a series of it)."""
    return series_label(pack.pack, series, kind) if series else kind


def pack_content(pack: Pack) -> dict[str, Any]:
    """The pack as plain JSON data, to be stored; ``Pack.model_validate`` reads it back."""
    return pack.model_dump(mode="json", by_alias=True, exclude_none=True)
