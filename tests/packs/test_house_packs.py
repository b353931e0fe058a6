"""The packs of the house against the texts that they come from."""

import csv
from pathlib import Path

import pytest

from quxin.packs.builtin import BUILTIN
from quxin.packs.load import load
from quxin.packs.outline import FigureRef, parse_outline
from tests.packs.sample import NAMES, PACKS

FIGURES = list(csv.DictReader((Path(__file__).parent / "text-002-figures.csv").open(encoding="utf-8")))


def pack_of(name):
    return load(PACKS / name).pack


def figures_of(pack):
    report = next(iter(pack.reports.values()))
    return [ref for section in report.walk() for ref in parse_outline(section.text).figures]


@pytest.fixture(scope="module")
def aqsiq():
    return pack_of("aqsiq-2010")


def test_the_summary_of_2010_prints_just_the_figures_of_its_text(aqsiq):
    bound = {ref.figure_id: ref.measure for ref in figures_of(aqsiq) if ref.figure_id}
    assert bound == {row["id"]: row["measure_hint"] for row in FIGURES}


def test_every_figure_has_the_unit_of_the_text(aqsiq):
    specs = {**BUILTIN, **aqsiq.measures}
    units = {row["id"]: (specs[row["measure_hint"]].unit, row["unit"]) for row in FIGURES if row["unit"] != "month"}
    assert [key for key, (ours, theirs) in units.items() if ours != theirs] == []
    assert specs["campaign.start"].form == "first"


def test_each_figure_is_printed_in_the_style_of_the_text(aqsiq):
    styles = {ref.figure_id: ref.style for ref in figures_of(aqsiq) if ref.figure_id}
    by_text = {}
    for row in FIGURES:
        printed = row["as_printed"]
        hedged = printed.startswith("近") or "多" in printed
        chinese = any(sign in printed for sign in "两六") or printed.startswith("三")
        by_text[row["id"]] = "hedged" if hedged else "chinese" if chinese else "exact"
    by_text |= {"F01": "month", "F05": "names", "F06": "number"}
    assert styles == by_text


def test_three_aspects_hold_thirty_five_tasks(aqsiq):
    assert [aspect.title.zh for aspect in aqsiq.campaign.aspects] == [
        "提升服务发展的水平",
        "提升科学监管的水平",
        "提升基础保障水平",
    ]
    assert len(aqsiq.campaign.tasks) == 35
    assert all(task.title.en and task.standard and task.by for task in aqsiq.campaign.tasks)


def test_targets_are_the_numbers_of_the_text(aqsiq):
    targets = {task.measure: int(task.target) for task in aqsiq.campaign.tasks if task.target is not None}
    for row in FIGURES:
        if row["measure_hint"] in targets and row["id"] not in {"F16", "F24"}:
            assert targets[row["measure_hint"]] == int(row["value"]), row["id"]


def test_the_six_ones(aqsiq):
    six = aqsiq.campaign.checklists["six-ones"]
    assert len(six.items) == 6
    assert (six.for_, six.period) == ("every-organisation", "2010-07")
    assert aqsiq.folds()["six_ones.items"].label == "six-ones"


def test_stops_of_the_tour_hold_headquarters_and_provinces(aqsiq):
    folds = aqsiq.folds()
    assert folds["tour.stops"].label == "tour"
    assert folds["tour.provinces"].label == "tour/aqsiq-2010.tour-provinces"
    assert aqsiq.series["tour-headquarters"].kind == "tour"


@pytest.mark.parametrize("name", NAMES)
def test_no_pack_demands_photographs(name):
    pack = pack_of(name)
    assert all(task.evidence != "photo" for task in pack.campaign.tasks)
    assert all(kind.evidence != "photo" for kind in pack.records.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_series_and_kind_of_record_is_used_by_a_measure_a_form_or_a_checklist(name):
    pack = pack_of(name)
    used = {spec.where.series or spec.where.record for spec in pack.measures.values() if spec.where}
    used |= {pack.series[series].kind for series in used if series in pack.series}
    activities = {spec.where.activity for spec in pack.measures.values() if spec.where and spec.where.activity}
    used |= {key for key, series in pack.series.items() if series.kind in activities}
    for checklist in pack.campaign.checklists.values():
        used |= {item.satisfied_by.record or item.satisfied_by.series for item in checklist.items}
    assert set(pack.series) | set(pack.records) <= used | UNCOUNTED


#: Named by the texts without any number: recorded and shown, not counted.
UNCOUNTED = {"labour-models", "july-first"}


def test_the_numbers_of_jiangsu():
    pack = pack_of("jiangsu-2024")
    targets = {task.id: task.target for task in pack.campaign.tasks}
    names = ("recovery", "households", "momentum", "private")
    assert [targets[f"economy.{name}"] for name in names] == [20, 21, 40, 21]
    assert (targets["fortress.brands"], targets["fortress.rules-seven"], targets["fortress.rules-ten"]) == (25, 7, 10)
    discipline = [aspect for aspect in pack.campaign.aspects if aspect.id.startswith("discipline-")]
    assert (len(discipline), sum(len(aspect.tasks) for aspect in discipline)) == (4, 18)
    assert all(aspect.ours for aspect in discipline)
    assert len(pack.campaign.study_plans["mechanism"].steps) == 4
    assert pack.folds()["branches.attainment"].ratio == ("branches.attained", "branches.to_attain")
    assert pack.campaign.task_forces[0].title.zh == "行风建设工作专班"


def test_the_county_bureau():
    pack = pack_of("county-tiejun")
    assert len(pack.campaign.demands) == 6
    assert {"style", "discipline", "assessment"} <= {aspect.id for aspect in pack.campaign.aspects}
    assert {item.id for item in pack.promises.services} >= {"first-asked"}
    # The text names limits and gives none: the bureau fills them in.
    assert all(item.working_days is None for item in pack.promises.services)
    assert FigureRef("members.ratio", figure_id="C04") in figures_of(pack)
