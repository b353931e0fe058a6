"""The bench works on a scratch database of its own and says of each target whether it is met."""

import os

import pytest

from quxin.jobs import bench


@pytest.mark.parametrize("wrong", [{"size": "huge"}, {"only": ["append", "coffee"]}])
def test_an_unknown_bench_is_refused(wrong):
    with pytest.raises(bench.UnknownBench) as caught:
        bench.run_bench(**wrong)
    assert "append" in caught.value.hint_text()


def test_the_scratch_environment_is_never_the_real_one(monkeypatch, tmp_path):
    monkeypatch.setenv("QUXIN_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with bench._scratch() as environment:
        home = environment["QUXIN_HOME"]
        assert home != str(tmp_path)
        assert os.path.isdir(home)
    assert not os.path.exists(home)


@pytest.mark.sqlite
def test_a_small_bench_reports(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    outcome = bench.run_bench(only=["figure", "verify"])
    assert outcome["engine"] == "sqlite"
    assert any("no hash chain" in note for note in outcome["notes"])
    figures = {figure["name"]: figure for figure in outcome["figures"]}
    assert figures["50000 facts / 5000 facts"]["target"] == "≤ 2"
    assert {figure["met"] for figure in figures.values() if not figure["target"]} == {None}
    assert all(figure["value"] > 0 for figure in figures.values())


@pytest.mark.sqlite
def test_a_board_is_measured_without_a_database(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    outcome = bench.run_bench(only=["board"])
    figures = {figure["name"]: figure for figure in outcome["figures"]}
    million = figures["a million ballots: verified, CPU, extrapolated"]
    assert million["target"] == "≤ 60 s"
    # The check of its signature is most of the work of a ballot; a fraction of it would mean that it was left out.
    assert 1 < figures["verification / its RSA checks alone"]["value"] < 4
    assert all(figure["value"] > 0 for figure in figures.values())
