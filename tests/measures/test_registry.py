"""Measures are found by id: built in, by pack, bare while unambiguous; and refused with a word what to do."""

from datetime import UTC, datetime

import pytest

from quxin.kernel.errors import QuxinError
from quxin.kernel.paths import PathError
from quxin.kernel.periods import Period
from quxin.measures import registry
from quxin.measures.reading import measure, measure_many
from quxin.packs.models import PackVersion
from quxin.packs.types import MeasureSpec, Pack, pack_content

from .world import entry, record

YEAR = Period.parse("2010")


def install(pack_id, **measures):
    """Install a pack of these measures as its current version."""
    pack = Pack.model_validate(
        {
            "pack": pack_id, "version": "1.0.0", "title": "试验包", "source": "测试", "measures": measures,
            "series": {"forum": {"title": "论坛", "kind": "lecture"}},
        }
    )  # fmt: skip
    PackVersion.objects.create(
        pack=pack_id, version="1.0.0", title="试验包", checksum=f"{pack_id}-{'-'.join(measures)}",
        content=pack_content(pack), installed_at=datetime(2010, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return pack


LECTURES = {"label": "讲座", "unit": "期", "count": "activity", "where": {"series": "forum"}}


@pytest.mark.django_db
def test_a_packs_measure_is_found_by_its_address_and_bare():
    pack = install("aqsiq-2010", lectures=LECTURES)
    record(entry(label="lecture/aqsiq-2010.forum"), entry(label="lecture"))
    for words, where in (("aqsiq-2010.lectures", None), ("lectures", None), ("lectures", pack)):
        said = measure(words, path="0000", period=YEAR, pack=where)
        assert (said.id, said.value, said.unit) == ("aqsiq-2010.lectures", 1, "期")
    assert registry.find("aqsiq-2010.lectures").pack == "aqsiq-2010"
    assert "aqsiq-2010.lectures" in {declared.id for declared in registry.all_measures()}


@pytest.mark.django_db
def test_a_bare_id_of_two_packs_is_ambiguous_but_not_within_one():
    first = install("one", lectures=LECTURES)
    install("two", lectures=LECTURES | {"unit": "次"})
    with pytest.raises(registry.AmbiguousMeasure) as caught:
        registry.find("lectures")
    assert "one、two" in str(caught.value)
    assert registry.find("lectures", first).id == "one.lectures"
    assert registry.find("two.lectures").spec.unit == "次"


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["", "nothing", "one.nothing", "two.lectures", "lectures.one", "'; DROP TABLE x"])
def test_an_unknown_measure_is_refused_with_a_hint(words):
    install("one", lectures=LECTURES)
    with pytest.raises(registry.UnknownMeasure) as caught:
        registry.find(words)
    assert isinstance(caught.value, QuxinError)
    assert caught.value.hint_text()


@pytest.mark.django_db
def test_a_ratio_may_mix_the_packs_own_and_built_in_parts():
    install(
        "one",
        lectures=LECTURES,
        share={"label": "占比", "unit": "%", "ratio": ["lectures", "activities.sessions"]},
    )
    record(entry(label="lecture/one.forum"), entry(label="contest"), entry(label="contest"))
    said = measure("one.share", path="0000", period=YEAR)
    assert str(said.value) == "33.333"
    assert [part.id for part in said.parts] == ["one.lectures", "activities.sessions"]
    assert said.basis.gross == 4


@pytest.mark.django_db
def test_two_different_measures_of_one_name_are_not_mixed_up():
    specs = [
        MeasureSpec(id="x", label="甲", unit="", count="activity"),
        MeasureSpec(id="x", label="乙", unit="", sum="activity"),
    ]
    with pytest.raises(ValueError, match="two different"):
        measure_many(specs, ["0000"], YEAR)


@pytest.mark.django_db
def test_no_path_is_no_subtree():
    with pytest.raises(PathError):
        measure("activities.sessions", path="", period=YEAR)


@pytest.mark.django_db
def test_nothing_asked_is_nothing_answered(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert measure_many([], ["0000"], YEAR) == {}
        assert measure_many(["activities.sessions"], [], YEAR) == {}


@pytest.mark.django_db
def test_every_built_in_measure_can_be_asked():
    from quxin.packs.builtin import BUILTIN

    record(entry())
    answers = measure_many(BUILTIN, ["0000"], YEAR)
    assert {name for name, _ in answers} == set(BUILTIN)
    assert answers["activities.sessions", "0000"].value == 1
