"""How a measure's words become fact kinds and labels."""

import pytest

from quxin.packs.builtin import BUILTIN
from quxin.packs.types import FACT_NAMES, SatisfiedBy, Where, fold_of, label_of, record_label, series_label
from quxin.packs.vocabulary import UNITS, vague_in
from tests.packs.sample import SAMPLE, read


@pytest.fixture(scope="module")
def pack():
    return read(SAMPLE).pack


@pytest.mark.parametrize(
    ("measure", "form", "kind", "label", "by"),
    [
        ("talks.held", "count", "activity.held", "lecture/sample.forum", "subject"),
        ("talks.heads", "sum", "activity.attendances", "lecture/sample.forum", "subject"),
        ("talks.people", "distinct", "activity.person", "lecture/sample.forum", "person"),
        ("talks.coverage", "ratio", "", "", "subject"),
        ("memos.all", "count", "progress.recorded", "memo", "subject"),
        ("memos.drive", "sum", "progress.recorded", "memo/sample.drive", "subject"),
        ("begun", "first", "campaign.deployed", "", "subject"),
    ],
)
def test_a_measure_is_a_fold_of_facts(pack, measure, form, kind, label, by):
    fold = pack.folds()[measure]
    assert (fold.measure, fold.form, fold.kind, fold.label, fold.by) == (measure, form, kind, label, by)


def test_labels(pack):
    assert label_of(None) == ""
    assert label_of(Where(activity="lecture")) == "lecture"
    assert label_of(Where(checklist="ones")) == "ones"
    assert pack.label(SatisfiedBy(series="forum")) == series_label("sample", "forum", "lecture")
    assert record_label(pack, "memo") == "memo"
    assert record_label(pack, "memo", "drive") == "memo/sample.drive"
    with pytest.raises(KeyError):
        label_of(Where(series="forum"))


def test_built_in_measures_stand_on_known_kinds_and_on_each_other():
    for key, spec in BUILTIN.items():
        fold = fold_of(spec)
        assert fold.measure == key
        assert spec.label_en
        assert spec.description
        assert spec.unit in UNITS
        if fold.ratio:
            assert set(fold.ratio) <= set(BUILTIN)
        else:
            assert fold.kind in FACT_NAMES.values()


def test_vague_words_come_in_their_order():
    assert vague_in("我将争取进一步改善，再上台阶", ["再上台阶"]) == ["争取", "进一步", "改善", "再上台阶"]
    assert vague_in("12月底前走访30家企业") == []
