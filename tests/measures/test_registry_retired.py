"""A measure that a new version of its pack drops stays readable: running campaigns and old reports use it."""

from datetime import UTC, datetime

import pytest

from quxin.access import SYSTEM
from quxin.measures.registry import UnknownMeasure, all_measures, find
from quxin.packs.operations import install
from tests.packs.sample import SAMPLE, read

pytestmark = pytest.mark.django_db


def put(text):
    install(actor=SYSTEM, loaded=read(text), now=datetime(2026, 1, 5, tzinfo=UTC))


@pytest.mark.parametrize("address", ["memos.drive", "sample.memos.drive"])
def test_a_dropped_measure_is_found_under_both_addresses(address):
    put(SAMPLE)
    line = "  memos.drive: {label: 质量行备忘录, unit: 份, sum: record, where: {series: drive}}\n"
    assert line in SAMPLE
    put(SAMPLE.replace("version: 1.0.0", "version: 1.1.0").replace(line, ""))
    declared = find(address)
    assert (declared.id, declared.fold.label) == ("sample.memos.drive", "memo/sample.drive")
    assert "sample.memos.drive" not in {measure.id for measure in all_measures()}
    with pytest.raises(UnknownMeasure):
        find("sample.never")
