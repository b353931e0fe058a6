"""Whether the parts of a pack fit each other: every id that is used exists, nothing goes in circles, dates lie inside.

Every problem says file, line, column and what to do. Must not read the database: whether an installed pack already
declares a measure is :mod:`operations`' question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from quxin.kernel.periods import Period
from quxin.packs.builtin import BUILTIN
from quxin.packs.campaign_types import Campaign, FieldAsked, SatisfiedBy, Task
from quxin.packs.check_evaluations import check_evaluations
from quxin.packs.check_report import check_reports
from quxin.packs.checking import Checking
from quxin.packs.load import Loaded, load
from quxin.packs.measure_types import MeasureSpec, Where
from quxin.packs.problems import Path, Places, Problem
from quxin.packs.types import Pack
from quxin.packs.vocabulary import ACTIVITY_KINDS, vague_in

MAX_LABEL = 120

_ACTIVITY_FACTS = ("activity.held", "activity.attendances", "activity.contestants", "activity.person")
#: What a ``where`` may ask of which fact kinds.
_FITS: dict[str, tuple[str, ...]] = {
    "activity": _ACTIVITY_FACTS,
    "record": ("progress.recorded",),
    "task": ("task.deployed", "task.assigned", "task.done", "assignment.done"),
    "aspect": ("aspect.deployed",),
    "checklist": ("checklist.deployed",),
    "promise": tuple(
        f"commitment.{step}" for step in ("made", "published", "changed", "extended", "kept", "unkept", "progress")
    ),
}


def load_and_check(path: FilePath | str) -> Loaded:
    """Load a pack and check it: the problems of both stages, in the order of the files."""
    return checked(load(path))


def checked(loaded: Loaded) -> Loaded:
    """The same with the problems of the check added. A pack that did not load has only its own."""
    if loaded.pack is None:
        return loaded
    found = check_pack(loaded.pack, loaded.places)
    return Loaded(loaded.pack, (*loaded.problems, *found), loaded.places)


def check_pack(pack: Pack, places: Places | None = None) -> tuple[Problem, ...]:
    """All problems of a typed pack, by file, line and column."""
    checking = Checking(pack, places or Places())
    _check_series(checking)
    _check_measures(checking)
    _check_organisations(checking)
    if pack.campaign:
        _check_campaign(checking, pack.campaign)
    _check_promises(checking)
    _check_forms(checking)
    check_evaluations(checking)
    check_reports(checking)
    return tuple(sorted(checking.problems, key=lambda problem: (problem.file, problem.line, problem.column)))


def _check_series(checking: Checking) -> None:
    pack = checking.pack
    for key, series in pack.series.items():
        kinds = {**ACTIVITY_KINDS, **pack.records}
        checking.known(("series", key, "kind"), "活动或记录类别", series.kind, kinds)
    for key, kind in pack.records.items():
        if kind.named_by and kind.named_by not in kind.asks:
            checking.error(
                ("records", key, "named_by"), "named_by 的栏目“%(field)s”没有在 asks 里", "请把它加进 asks。",
                field=kind.named_by,
            )  # fmt: skip


def _check_measures(checking: Checking) -> None:
    for key, spec in checking.pack.measures.items():
        path: Path = ("measures", key)
        if key in BUILTIN:
            checking.error(path, "“%(key)s”是内置指标，不能另行规定", "请换一个编号，或直接使用内置指标。", key=key)
        if spec.ratio:
            for place, part in enumerate(spec.ratio):
                checking.measure((*path, "ratio", place), part)
        elif spec.where:
            _check_where(checking, (*path, "where"), spec, spec.where)
    ratios = {key: list(spec.ratio or ()) for key, spec in checking.pack.measures.items()}
    checking.cycles("比率指标", ratios, {key: ("measures", key) for key in ratios})


def _check_where(checking: Checking, path: Path, spec: MeasureSpec, where: Where) -> None:
    pack = checking.pack
    name, value = next((name, value) for name, value in where.model_dump(exclude_none=True).items())
    campaign = pack.campaign
    known: dict[str, Mapping[str, Any] | Sequence[str]] = {
        "series": pack.series,
        "record": pack.records,
        "task": [task.id for task in campaign.tasks] if campaign else [],
        "aspect": [aspect.id for aspect in campaign.aspects] if campaign else [],
        "checklist": campaign.checklists if campaign else {},
    }
    titles = {"series": "系列", "record": "记录类别", "task": "任务", "aspect": "方面", "checklist": "清单"}
    if name in known and not checking.known((*path, name), titles[name], value, known[name]):
        return
    fits = _FITS.get(name)
    if name == "series":
        fits = _ACTIVITY_FACTS if pack.series[value].kind in ACTIVITY_KINDS else _FITS["record"]
    if name == "series" and pack.series[value].kind not in {**ACTIVITY_KINDS, **pack.records}:
        return  # the series itself has the problem
    if fits and spec.fact_kind not in fits:
        checking.error(
            (*path, name), "“%(name)s”与所数的“%(kind)s”对不上，结果会永远为空",
            "请改用能数的一类：%(fits)s。", name=name, kind=spec.fact_kind, fits="、".join(fits),
        )  # fmt: skip
    if len(pack.label(where)) > MAX_LABEL:
        checking.error((*path, name), "账本标签太长（最多 %(most)d 个字符）", "请缩短编号。", most=MAX_LABEL)


def _check_organisations(checking: Checking) -> None:
    items = checking.pack.organisations
    checking.unique(("organisations",), "单位", [((place,), item.id) for place, item in enumerate(items)])
    ids = {item.id: ("organisations", place, "under") for place, item in enumerate(items)}
    for item in items:
        checking.known(ids[item.id], "单位", item.under, ids)
    checking.cycles("单位", {item.id: [item.under] if item.under else [] for item in items}, ids)


def _check_campaign(checking: Checking, campaign: Campaign) -> None:
    path: Path = ("campaign",)
    whole = checking.period((*path, "period"), campaign.period)
    for name, what in (("demands", "要求"), ("phases", "阶段"), ("aspects", "方面"), ("task_forces", "工作专班")):
        items = getattr(campaign, name)
        checking.unique((*path, name), what, [((place,), item.id) for place, item in enumerate(items)])
    for place, phase in enumerate(campaign.phases):
        _inside(checking, (*path, "phases", place, "period"), phase.period, whole)
    _check_tasks(checking, campaign, whole)
    for place, force in enumerate(campaign.task_forces):
        _inside(checking, (*path, "task_forces", place, "period"), force.period, None)
        for number, task in enumerate(force.serves):
            ids = [known.id for known in campaign.tasks]
            checking.known((*path, "task_forces", place, "serves", number), "任务", task, ids)
    for key, checklist in campaign.checklists.items():
        here: Path = (*path, "checklists", key)
        period = "month" if (*here, "month") in checking.places.values else "period"
        _inside(checking, (*here, period), checklist.period, whole)
        items = enumerate(checklist.items)
        checking.unique((*here, "items"), "事项", [((place,), item.id) for place, item in items])
        for place, item in enumerate(checklist.items):
            _check_satisfied(checking, (*here, "items", place, "satisfied_by"), item.satisfied_by)
    for key, plan in campaign.study_plans.items():
        checking.known((*path, "study_plans", key, "series"), "系列", plan.series, checking.pack.series)
        steps = enumerate(plan.steps)
        checking.unique((*path, "study_plans", key, "steps"), "步骤", [((n,), step.id) for n, step in steps])


def _inside(checking: Checking, path: Path, text: str | None, whole: Period | None) -> None:
    period = checking.period(path, text)
    if period and whole and not (whole.contains(period.start) and whole.contains(period.end)):
        checking.error(
            path, "%(period)s 不在活动期间（%(whole)s）之内", "请修改这里，或延长 campaign.period。",
            period=str(period), whole=str(whole),
        )  # fmt: skip


def _check_tasks(checking: Checking, campaign: Campaign, whole: Period | None) -> None:
    phases = [phase.id for phase in campaign.phases]
    places: dict[str, Path] = {}
    ids: list[tuple[Path, str]] = []
    for number, aspect in enumerate(campaign.aspects):
        for place, task in enumerate(aspect.tasks):
            path: Path = ("campaign", "aspects", number, "tasks", place)
            ids.append((path, task.id))
            places.setdefault(task.id, path)
            _check_task(checking, path, task, whole, phases)
    checking.unique((), "任务", ids)
    needs: dict[str, list[str]] = {}
    for task in campaign.tasks:
        needs.setdefault(task.id, task.needs)  # of two with one id the first counts; the second is noted above
    for task in campaign.tasks:
        for place, need in enumerate(task.needs):
            checking.known((*places[task.id], "needs", place), "任务", need, needs)
    checking.cycles("任务", needs, places)


def _check_task(checking: Checking, path: Path, task: Task, whole: Period | None, phases: list[str]) -> None:
    spec = checking.measure((*path, "measure"), task.measure)
    size = checking.measure((*path, "share"), task.size or None)
    if size and size.form in ("ratio", "first"):
        checking.error(
            (*path, "share"), "不能按“%(label)s”分目标：它不是数量", "请换一个计数的指标，例如 members.all。", label=size.label
        )  # fmt: skip
    checking.known((*path, "phase"), "阶段", task.phase, phases)
    if task.unit and spec and task.unit != spec.unit:
        checking.error(
            (*path, "unit"), "任务的单位“%(unit)s”与指标的单位“%(known)s”不一致",
            "请删去 unit（取指标的），或核对指标。", unit=task.unit, known=spec.unit,
        )  # fmt: skip
    if spec and spec.form == "first" and task.target is not None:
        checking.error((*path, "target"), "日期指标不能有目标值", "请换一个指标，或删去 target。")
    if task.by and whole and not whole.contains(task.by):
        checking.error(
            (*path, "by"), "完成时限 %(by)s 不在活动期间（%(whole)s）之内",
            "请修改时限，或延长 campaign.period。", by=str(task.by), whole=str(whole),
        )  # fmt: skip
    _check_asked(checking, (*path, "fields_asked"), task.asked)


def _check_asked(checking: Checking, path: Path, asked: list[FieldAsked]) -> None:
    for place, field in enumerate(asked):
        spec = checking.measure((*path, place, "measure"), field.measure)
        if spec and not field.reason.strip():
            checking.error(
                (*path, place, "measure"), "账本已有“%(label)s”这个数，不能再让基层填",
                "请删去这一栏；确有必要时写明 reason。", label=spec.label,
            )  # fmt: skip


def _check_satisfied(checking: Checking, path: Path, by: SatisfiedBy) -> None:
    checking.known((*path, "series"), "系列", by.series, checking.pack.series)
    checking.known((*path, "record"), "记录类别", by.record, checking.pack.records)


def _check_promises(checking: Checking) -> None:
    promises = checking.pack.promises
    if promises is None:
        return
    services = enumerate(promises.services)
    checking.unique(("promises", "services"), "服务事项", [((place,), item.id) for place, item in services])
    for name, form in (("organisation", promises.organisation), ("member", promises.member)):
        for place, example in enumerate(form.examples if form else []):
            vague = vague_in(example, promises.vague_words)
            if vague:
                checking.warning(
                    ("promises", name, "examples", place), "示例里有空话：%(words)s",
                    "请写清做什么、做到多少、什么时候做到。", words="、".join(vague),
                )  # fmt: skip


def _check_forms(checking: Checking) -> None:
    for key, form in checking.pack.forms.items():
        _check_satisfied(checking, ("forms", key, "records"), form.records)
        _check_asked(checking, ("forms", key, "fields_asked"), form.asked)
    for name, what in (("reporting", "报告"), ("publications", "公开栏目")):
        items = getattr(checking.pack, name)
        checking.unique((name,), what, [((place,), item.id) for place, item in enumerate(items)])
    for place, item in enumerate(checking.pack.reporting):
        checking.known(("reporting", place, "report"), "报告提纲", item.report, checking.pack.reports)
