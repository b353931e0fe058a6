"""The two commands, as far as they can be seen without installing anything."""

import ast
import hashlib
import json
import os
import socket
import subprocess
import sys
import time

import pytest

import run
from tests import stages

ROOT = run.ROOT


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """run.py standing in an empty folder of its own, with a lock and nothing installed."""
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "BOOT", tmp_path / ".boot")
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "STAMP", tmp_path / ".venv" / "quxin-stamp.json")
    monkeypatch.setattr(run, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(run, "QUXIN", tmp_path / ".venv" / "bin" / "quxin")
    (tmp_path / "uv.lock").write_text("a")
    (tmp_path / "pyproject.toml").write_text("b")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    return tmp_path


def installed(folder, *names, **stamp):
    """Pretend that the environment was finished with these scripts and this stamp."""
    for name in ("python", "quxin", *names):
        (folder / ".venv" / "bin" / name).touch()
    digest = hashlib.sha256(b"ab").hexdigest()
    written = {"inputs": digest, "root": str(folder), "development": False, **stamp}
    (folder / ".venv" / "quxin-stamp.json").write_text(json.dumps(written))


def test_it_loads_on_a_python_that_is_too_old():
    ast.parse((ROOT / "run.py").read_text("utf-8"), feature_version=(3, 7))


def test_it_says_what_to_install_when_python_is_too_old(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(
        run.Problem, match=r"需要 Python 3\.11.*3\.9(?s:.*)apt-get install python3\.11 python3\.11-venv"
    ):
        run.check_python()


def test_it_names_the_package_when_venv_is_missing(monkeypatch):
    monkeypatch.setattr(run, "has_venv", lambda: False)
    wanted = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    with pytest.raises(run.Problem, match=f"apt-get install {wanted}"):
        run.check_venv()


def test_a_finished_environment_is_current(elsewhere):
    installed(elsewhere)
    assert run.is_current(development=False)
    assert not run.is_current(development=True)
    installed(elsewhere, "pytest", development=True)
    assert run.is_current(development=True)
    assert run.is_current(development=False)


@pytest.mark.parametrize("change", ["lock", "moved", "broken stamp", "no stamp", "no script"])
def test_an_environment_is_not_current_when_anything_under_it_changed(elsewhere, change):
    installed(elsewhere)
    if change == "lock":
        (elsewhere / "uv.lock").write_text("c")
    elif change == "moved":
        installed(elsewhere, root="/somewhere/else")
    elif change == "broken stamp":
        run.STAMP.write_text("{")
    elif change == "no stamp":
        run.STAMP.unlink()
    else:
        run.QUXIN.unlink()
    assert not run.is_current(development=False)


def test_two_starts_take_turns(tmp_path):
    code = (
        "import run, sys, time\n"
        "with run.only_one(run.Path(sys.argv[1])):\n"
        "    log = open(sys.argv[2], 'a'); log.write('in '); log.flush()\n"
        "    time.sleep(0.3); log.write('out '); log.flush()\n"
    )
    log = tmp_path / "log"
    command = [sys.executable, "-c", code, str(tmp_path / "lock"), str(log)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(30) for process in started] == [0, 0, 0]
    assert log.read_text().split() == ["in", "out"] * 3


def test_a_killed_start_leaves_no_lock_behind(tmp_path):
    code = (
        "import run, sys, time\nwith run.only_one(run.Path(sys.argv[1])):\n    print('in', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"in\n"
        holder.kill()
        holder.wait(10)
        began = time.monotonic()
        with run.only_one(tmp_path / "lock"):
            assert time.monotonic() - began < 5


def test_the_home_is_absolute_and_handed_down(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUXIN_HOME", "my data")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("PORT", "8123")
    env = run.environment()
    assert env["QUXIN_HOME"] == str(tmp_path / "my data")
    assert env["https_proxy"] == "http://proxy.example:3128"
    assert env["PORT"] == "8123"
    assert "PYTHONHOME" not in env
    monkeypatch.delenv("QUXIN_HOME")
    assert run.environment()["QUXIN_HOME"] == str(ROOT / "var")


@pytest.mark.parametrize(
    ("typed", "command", "no_demo", "rest"),
    [
        ([], "serve", False, []),
        (["--no-demo"], "serve", True, []),
        (["setup"], "setup", False, []),
        (["setup", "--no-demo"], "setup", True, []),
        (["test", "tests/kernel", "-k", "a or b", "-x"], "test", None, ["tests/kernel", "-k", "a or b", "-x"]),
        (["test", "--stage", "office"], "test", None, []),
    ],
)
def test_what_is_typed(typed, command, no_demo, rest):
    options, others = run.parse(typed)
    assert options.command == command
    assert getattr(options, "no_demo", None) == no_demo
    assert others == rest


def test_a_taken_port_is_refused_before_anything_is_touched(monkeypatch, capsys):
    def touched(**_options):
        pytest.fail("set up under a running server")

    monkeypatch.setattr(run, "set_up", touched)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert run.main([]) == 1
    assert f"端口 {port} 已有程序在用" in capsys.readouterr().err
    run.check_port()


def test_an_unknown_command_is_refused(capsys):
    with pytest.raises(SystemExit) as left:
        run.parse(["setpu"])
    assert left.value.code == 2
    assert "setpu" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("printed", "counts"),
    [
        ("...\n3 passed in 0.02s\n", {"passed": 3}),
        (
            "FAILED a\n1 failed, 2 passed, 3 skipped, 4 deselected in 61.00s (0:01:01)\n",
            {"failed": 1, "passed": 2, "skipped": 3},
        ),
        ("1 failed, 2 passed, 1 error in 0.10s\n", {"failed": 2, "passed": 2}),
        ("\x1b[32m\x1b[1m12 passed\x1b[0m\x1b[32m in 0.5s\x1b[0m\n", {"passed": 12}),
        ("no tests ran in 0.01s\n", {}),
        ("killed", {}),
    ],
)
def test_the_counts_of_a_closing_line(printed, counts):
    assert stages.closing_counts(printed) == counts


def outcome_of(tmp_path, source: str) -> stages.Outcome:
    """What run_pytest makes of a file of tests."""
    (tmp_path / "test_it.py").write_text(source)
    env = {**os.environ, "PYTEST_ADDOPTS": ""}
    return stages.run_pytest(["--noconftest", "-p", "no:django", "-c", os.devnull, str(tmp_path)], env)


@pytest.mark.parametrize(
    ("source", "word", "good"),
    [
        ("def test_a(): pass\n", "passed", True),
        ("def test_a(): assert 0\n", "FAILED", False),
        ("x = 1\n", "NO TEST RAN", False),
        ("import pytest\ndef test_a(): pytest.skip('not today')\n", "NO TEST RAN", False),
    ],
)
def test_a_stage_passes_only_when_a_test_of_it_passed(tmp_path, source, word, good):
    outcome = outcome_of(tmp_path, source)
    assert outcome.word == word
    assert outcome.good is good


def test_in_ci_a_missing_postgresql_fails_and_on_a_desk_it_does_not(monkeypatch, tmp_path):
    stage = next(stage for stage in stages.STAGES if stage.postgresql)
    monkeypatch.setattr(stages, "find_postgresql", lambda: ("", "nobody listens"))
    monkeypatch.delenv("DATABASE_URL_TEST", raising=False)
    monkeypatch.setenv("CI", "true")
    assert not stages.run_stage(stage, [], str(tmp_path)).good
    monkeypatch.setenv("CI", "")
    assert stages.run_stage(stage, [], str(tmp_path)).good


def test_a_stage_without_its_system_package_fails_and_names_it(tmp_path, capsys):
    need = next(need for need in stages.NEEDS if need.package == "poppler-utils")
    stage = next(stage for stage in stages.STAGES if stage.name == "office")
    assert not stages.run_stage(stage, [need], str(tmp_path)).good
    assert "poppler-utils" in capsys.readouterr().out


def test_the_report_is_red_when_one_stage_is(capsys):
    good = stages.Outcome("passed", {"passed": 3, "skipped": 1}, 1.0)
    bad = stages.Outcome("FAILED", {"passed": 1, "failed": 2}, 1.0)
    assert stages.report({"sqlite": good})
    assert not stages.report({"sqlite": good, "office": bad})
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 2 failed, 1 skipped"


def test_an_unknown_stage_is_refused_by_name():
    with pytest.raises(run.Problem, match=r"offcie.*sqlite"):
        stages.choose(["offcie"])
    assert [stage.name for stage in stages.choose(["journeys", "sqlite"])] == ["sqlite", "journeys"]
