"""Measures as declared in a pack (or built in), and how their words become fact kinds and ledger labels.

A measure is a fold of facts: a count, a sum, distinct subjects or people, a ratio of two measures, a
stock (sum since ever) or the first date. Must not reckon anything: :mod:`quxin.measures` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from quxin.packs.base_types import ActivityKind, Id, KeyId, OneOf, PromiseKind, Strict, about

if TYPE_CHECKING:
    from quxin.packs.types import Pack

#: The friendly names of a pack → fact kinds of the ledger. A ledger kind in full is also accepted.
FACT_NAMES: dict[str, str] = {
    "activity": "activity.held",
    "activity.attendances": "activity.attendances",
    "activity.contestants": "activity.contestants",
    "activity.person": "activity.person",
    "record": "progress.recorded",
    "campaign": "campaign.deployed",
    "aspect": "aspect.deployed",
    "task": "task.deployed",
    "task.assigned": "task.assigned",
    "task.done": "task.done",
    "assignment.done": "assignment.done",
    "checklist": "checklist.deployed",
    "promise": "commitment.made",
    "promise.published": "commitment.published",
    "promise.changed": "commitment.changed",
    "promise.extended": "commitment.extended",
    "promise.kept": "commitment.kept",
    "promise.unkept": "commitment.unkept",
    "promise.progress": "commitment.progress",
    "evaluation": "evaluation.grade",
    "member": "member.counted",
    "staff": "staff.counted",
}
FACT_NAMES |= {kind: kind for kind in list(FACT_NAMES.values())}

#: Kinds whose facts carry a person, so that ``distinct`` counts people instead of subjects.
PERSON_KINDS = frozenset({"activity.person", "member.counted", "staff.counted"})

Form = Literal["count", "sum", "distinct", "ratio", "stock", "first"]
FORMS: tuple[Form, ...] = ("count", "sum", "distinct", "ratio", "stock", "first")
FactName = Annotated[str, OneOf(FACT_NAMES)]


class Where(Strict):
    """Which facts of the kind are meant: exactly one of these. Facts below its label count too."""

    activity: ActivityKind | None = about("某一类活动", "a kind of activity", None)
    series: Id | None = about("本包的某一系列", "a series of this pack", None)
    record: Id | None = about("本包的某一类简单记录", "a kind of simple record of this pack", None)
    task: Id | None = about("本包的某项任务", "a task of this pack", None)
    aspect: Id | None = about("本包的某一方面", "an aspect of this pack", None)
    checklist: Id | None = about("本包的某张清单", "a checklist of this pack", None)
    promise: PromiseKind | None = about("承诺类别", "a kind of promise", None)
    label: str | None = about("账本标签原文", "a ledger label as it is", None, pattern=r"^[^/\s]+(/[^/\s]+)?$")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        named = self.model_dump(exclude_none=True)
        if len(named) != 1:
            raise PydanticCustomError("where_one", "where 须写且只写一项，现有 {count} 项", {"count": len(named)})
        return self


class MeasureSpec(Strict):
    """One measure. ``form`` and ``fold`` say how its facts are put together."""

    id: KeyId = about("指标编号，取自键", "id, taken from the key", "")
    label: str = about("中文名称", "Chinese name", min_length=1)
    label_en: str = about("英文名称", "English name", "")
    unit: str = about("计量单位（人、人次、期、项……）", "unit (people, attendances, sessions …)", max_length=12)
    count: FactName | None = about("计数：几件", "count of facts", None)
    sum: FactName | None = about("求和：数量合计", "sum of quantities", None)
    distinct: FactName | None = about("去重：多少人或多少件", "distinct people or subjects", None)
    ratio: tuple[Id, Id] | None = about("比率:[分子, 分母]", "ratio: [numerator, denominator]", None)
    stock: FactName | None = about("存量：截至期末累计", "stock: sum since ever", None)
    first: FactName | None = about("首次：最早一件的日期", "date of the earliest fact", None)
    where: Where | None = about("只数哪些", "which facts", None)
    scope: Literal["all", "campaign"] = about(
        "campaign:只数记在本活动名下的", "campaign: only facts entered for the campaign in question", "all"
    )
    public: bool = about("是否可公开", "may the public see it", True)
    description: str = about("口径说明", "what is and is not counted", "")
    description_en: str = about("口径说明（英文）", "the same in English", "")

    @model_validator(mode="after")
    def _exactly_one_form(self) -> Self:
        named = [form for form in FORMS if getattr(self, form) is not None]
        if len(named) != 1:
            raise PydanticCustomError(
                "measure_form",
                "指标须写且只写一种算法，现有:{named}",
                {"named": "、".join(named) or "无"},
            )
        if named == ["ratio"] and self.where is not None:
            raise PydanticCustomError("ratio_where", "比率指标不能写 where", {})
        return self

    @property
    def form(self) -> Form:
        """Which of the six forms this measure has."""
        return next(form for form in FORMS if getattr(self, form) is not None)

    @property
    def fact_kind(self) -> str:
        """The ledger kind that is folded; empty for a ratio."""
        return "" if self.form == "ratio" else FACT_NAMES[getattr(self, self.form)]

    @property
    def by(self) -> Literal["person", "subject"]:
        """What ``distinct`` tells apart."""
        return "person" if self.fact_kind in PERSON_KINDS else "subject"


@dataclass(frozen=True)
class Fold:
    """A measure with its pack's words resolved: all that reckoning needs.

    An empty ``label`` means every fact of the kind; else those with that label or below it (``label + "/"``).
    """

    measure: str
    form: Form
    kind: str
    label: str
    by: Literal["person", "subject"]
    ratio: tuple[str, str] | None
    unit: str
    scope: Literal["all", "campaign"]


def label_of(where: Where | None, pack: Pack | None = None) -> str:
    """The ledger label that ``where`` means; empty means every label.

    A series needs its pack: its label is ``<kind>/<pack>.<series>``. Raises ``KeyError`` for an unknown
    series (a pack that passed :mod:`quxin.packs.check` has none).
    """
    if where is None:
        return ""
    if where.series is not None:
        if pack is None:
            raise KeyError(where.series)
        return series_label(pack.pack, where.series, pack.series[where.series].kind)
    plain = (
        where.activity,
        where.record,
        where.task,
        where.aspect,
        where.checklist,
        where.promise,
        where.label,
    )
    return next(code for code in plain if code is not None)


def series_label(pack_id: str, series_id: str, kind: str) -> str:
    """``lecture/aqsiq-2010.quality-forum``: the label of facts that belong to a series."""
    return f"{kind}/{pack_id}.{series_id}"


def fold_of(spec: MeasureSpec, pack: Pack | None = None) -> Fold:
    """Resolve one measure of ``pack`` (``None`` for a built-in one)."""
    return Fold(
        measure=spec.id,
        form=spec.form,
        kind=spec.fact_kind,
        label=label_of(spec.where, pack),
        by=spec.by,
        ratio=spec.ratio,
        unit=spec.unit,
        scope=spec.scope,
    )
