"""`quxin evaluations` works for anybody: no database, no settings; what a witness signs here verifies everywhere."""

import copy
import json
import os
import stat
import subprocess
import sys

import pytest

from quxin.jobs import cli
from quxin.kernel import signing
from quxin.records.evaluations import board
from quxin.records.evaluations.sampling import draw
from tests.records.evaluations import boards, test_recount
from tests.structure.tree import ROOT

PASSPHRASE = "four words not related"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch):
    monkeypatch.setenv("QUXIN_WITNESS_PASSPHRASE", PASSPHRASE)


@pytest.fixture
def quxin(capsys):
    """Run a command: (exit code, what a program reads of it)."""

    def run(*words):
        code = cli.main(["evaluations", *map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def saved(path, made):
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


def test_a_good_and_a_bad_board(quxin, tmp_path):
    good = boards.good()
    code, told = quxin("verify", saved(tmp_path / "b.json", good), "--opening", good["opening"])
    assert (code, told["ok"]) == (0, True)
    assert told["unsigned"] == ["赵敏（人大代表）"]
    bad = copy.deepcopy(good)
    bad["results"] = []
    code, told = quxin("verify", saved(tmp_path / "b.json", bad), "--opening", "0" * 64)
    assert (code, told["ok"]) == (1, False)
    assert [one["law"] for one in told["laws"] if not one["ok"]] == ["opening", "results"]


def test_what_a_person_reads(tmp_path, capsys):
    assert cli.main(["evaluations", "verify", str(saved(tmp_path / "b.json", boards.good(signed=())))]) == 0
    said = capsys.readouterr().out
    assert "✓ conservation：发出 = 投出 + 未用 + 作废" in said
    assert "没有一个监票人签名" in said
    assert cli.main(["evaluations", "verify", str(saved(tmp_path / "b.json", []))]) == 1
    assert "✗ format" in capsys.readouterr().err


def test_a_recount(quxin, tmp_path):
    told, ballots = saved(tmp_path / "b.json", test_recount.BOARD), saved(tmp_path / "v.json", test_recount.BALLOTS)
    assert quxin("verify", told, "--ballots", ballots)[0] == 0
    saved(ballots, {**test_recount.BALLOTS, "ballots": []})
    code, found = quxin("verify", told, "--ballots", ballots)
    assert code == 1
    assert "ballots.receipts" in [one["law"] for one in found["laws"] if not one["ok"]]


@pytest.mark.parametrize("words", [("verify", "none.json"), ("sign", "none.json", "--key", "k", "--out", "s")])
def test_a_file_that_is_not_there(quxin, tmp_path, words):
    code, told = quxin(words[0], tmp_path / words[1], *words[2:])
    assert code == 1
    assert "none.json" in told["error"]


def test_a_key_is_the_witness_s_alone_and_never_overwritten(quxin, tmp_path):
    path = tmp_path / "witness.pem"
    code, told = quxin("key", "--out", path)
    assert code == 0
    assert told["algorithm"] == "ed25519"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert "ENCRYPTED" in path.read_text()
    before = path.read_bytes()
    assert quxin("key", "--out", path)[0] == 1
    assert path.read_bytes() == before


def test_what_was_signed_verifies_on_the_board(quxin, tmp_path):
    key, out = tmp_path / "witness.pem", tmp_path / "s.json"
    public = quxin("key", "--out", key)[1]["public_key"]
    made = boards.good(signed=())
    made["round"]["witnesses"][0]["public_key"] = public
    made["opening"] = made["statement"]["opening"] = board.opening_hash(made["round"])
    for told in (made, made["statement"]):
        assert quxin("sign", saved(tmp_path / "b.json", told), "--key", key, "--out", out)[0] == 0
        signature = json.loads(out.read_text("utf-8"))
        assert signature["public_key"] == public
        made["signatures"] = [
            {"witness": 0, **{name: signature[name] for name in ("algorithm", "signature", "signed_on")}}
        ]
        assert quxin("verify", saved(tmp_path / "b.json", made))[1]["signed"] == ["王芳（机关纪委）"]
        made["signatures"] = []


def test_a_broken_board_is_not_signed(quxin, tmp_path):
    key, out = tmp_path / "witness.pem", tmp_path / "s.json"
    quxin("key", "--out", key)
    made = boards.good()
    made["receipts"].pop()
    code, told = quxin("sign", saved(tmp_path / "b.json", made), "--key", key, "--out", out)
    assert code == 1
    assert "总根" in told["error"]
    assert not out.exists()


@pytest.mark.parametrize("content", ["[]", "{", '{"format":"quxin-statement/1"}', '{"tokens":[1,2]}'])
def test_what_is_no_statement_is_not_signed(quxin, tmp_path, content):
    path, key = tmp_path / "x.json", tmp_path / "witness.pem"
    path.write_text(content)
    quxin("key", "--out", key)
    code, told = quxin("sign", path, "--key", key, "--out", tmp_path / "s.json")
    assert code == 1
    assert "x.json" in told["error"]


def test_another_passphrase_and_none(quxin, tmp_path, monkeypatch):
    key, told = tmp_path / "witness.pem", saved(tmp_path / "b.json", boards.good())
    quxin("key", "--out", key)
    monkeypatch.setenv("QUXIN_WITNESS_PASSPHRASE", "another one altogether")
    code, said = quxin("sign", told, "--key", key, "--out", tmp_path / "s.json")
    assert (code, said["error"]) == (1, signing.BadKeyFile.default_message)
    monkeypatch.delenv("QUXIN_WITNESS_PASSPHRASE")
    code, said = quxin("sign", told, "--key", key, "--out", tmp_path / "s.json")
    assert code == 1
    assert "QUXIN_WITNESS_PASSPHRASE" in said["hint"]


def test_a_panel_drawn_again(quxin, tmp_path):
    entries = [f"E{n}" for n in range(50)]
    for told in (entries, {"entries": entries[::-1]}):
        code, said = quxin("draw", saved(tmp_path / "r.json", told), "--seed", "2026-11-02 上证 3123.45", "--count", 7)
        assert code == 0
        assert said["drawn"] == draw("2026-11-02 上证 3123.45", entries, 7)


@pytest.mark.parametrize(
    ("content", "count"),
    [("{", 1), ("[1]", 1), ('{"a":1}', 1), ('["a","a"]', 1), ('["a"]', -1), ("[" * 100_000, 1)],
)
def test_what_cannot_be_drawn_from(quxin, tmp_path, content, count):
    path = tmp_path / "r.json"
    path.write_text(content)
    code, said = quxin("draw", path, "--seed", "s", "--count", count)
    assert code == 1
    assert said["hint"]


def test_an_algorithm_that_is_none(quxin, tmp_path, monkeypatch):
    monkeypatch.setenv("QUXIN_SIGNATURES", "quxin.kernel.nothing")
    code, said = quxin("verify", saved(tmp_path / "b.json", boards.good()))
    assert code == 1
    assert "quxin.kernel.nothing" in said["error"]


def test_on_a_machine_that_has_nothing_of_ours_set_up(tmp_path):
    """No QUXIN_HOME, no settings, no database: nothing is read, nothing is made."""
    path = saved(tmp_path / "b.json", boards.good())
    environment = {"PATH": os.environ["PATH"], "QUXIN_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "none"}
    code = "import sys; from quxin.jobs.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "evaluations", "verify", str(path)],
        capture_output=True, text=True, cwd=ROOT, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "home").exists()
