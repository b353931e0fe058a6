"""The stages of the test suite: what each runs, on which engine, and which system packages it needs.

Called by `python3 run.py test`. Standard library only, because it runs before the environment is there; it
knows pytest's command line and nothing of the product.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from run import PYTHON, ROOT, Problem, environment, say

# --- system packages that the tests need


class Need(NamedTuple):
    """A system package, how to see that it is there, and which stages cannot run without it."""

    package: str
    reason: str
    stages: tuple[str, ...]
    present: Callable[[], bool]


def is_ubuntu() -> bool:
    """Whether this is Ubuntu, which packs Chromium under another name."""
    try:
        return "ID=ubuntu" in Path("/etc/os-release").read_text("utf-8").splitlines()
    except OSError:
        return False


def has_chromium() -> bool:
    """Whether a browser that the journeys can drive is on the PATH."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return any(shutil.which(name) for name in (os.environ.get("QUXIN_CHROMIUM") or "", *names) if name)


def has_chinese_font() -> bool:
    """Whether a font with Chinese characters is installed: without one, pictures show empty boxes."""
    lister = shutil.which("fc-list")
    if lister:
        listed = subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, text=True)
        return bool(listed.stdout.strip())
    return bool(glob.glob("/usr/share/fonts/**/*CJK*", recursive=True))


def has_office(part: str) -> bool:
    """Whether LibreOffice and its `part` (`sw` writer, `sc` calc) are there."""
    if not (shutil.which("soffice") or shutil.which("libreoffice")):
        return False
    places = ("/usr/lib*/libreoffice/program", "/opt/libreoffice*/program", "/usr/lib/*/libreoffice/program")
    return any(glob.glob(f"{place}/lib{part}lo.so") for place in places)


NEEDS = (
    Need("chromium-browser" if is_ubuntu() else "chromium", "browser", ("journeys",), has_chromium),
    Need("fonts-noto-cjk", "Chinese font", ("journeys", "office"), has_chinese_font),
    Need("libreoffice-writer", "Word files", ("office",), lambda: has_office("sw")),
    Need("libreoffice-calc", "Excel files", ("office",), lambda: has_office("sc")),
    Need("poppler-utils", "PDF pages", ("office",), lambda: shutil.which("pdftoppm") is not None),
)


def apt_prefix() -> list[str] | None:
    """How apt-get may be called here without asking anybody; None where it may not."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def install_needs(wanted: set[str]) -> list[Need]:
    """Name, and install where allowed, what the stages `wanted` lack; returns what is missing still."""
    needed = [need for need in NEEDS if wanted & set(need.stages)]
    missing = [need for need in needed if not need.present()]
    if not missing:
        return []
    packages = [need.package for need in missing]
    named = "、".join(f"{need.package}（{need.reason}）" for need in missing)
    say(f"测试需要这些系统软件包：{named}", "The tests need these system packages.")
    prefix = apt_prefix()
    if prefix is not None:
        apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
        sys.stdout.flush()
        subprocess.run([*apt, "update", "-qq"])
        subprocess.run([*apt, "install", "-y", "-qq", "--no-install-recommends", *packages])
        missing = [need for need in missing if not need.present()]
    if missing:
        command = "sudo apt-get install --no-install-recommends " + " ".join(need.package for need in missing)
        say(f"请先运行：{command}", f"Please run first: {command}")
    return missing


# --- the stages of the suite

PROBE = """
import sys, psycopg
for url in sys.argv[1:]:
    try:
        with psycopg.connect(url, dbname="postgres", connect_timeout=3) as connection:
            row = connection.execute(
                "select rolcreatedb or rolsuper from pg_roles where rolname = current_user").fetchone()
        if row and row[0]:
            print(url); break
        print(url + ": this role may not create databases", file=sys.stderr)
    except psycopg.Error as error:
        print(url + ": " + str(error).strip().splitlines()[0], file=sys.stderr)
"""


def find_postgresql() -> tuple[str, str]:
    """A PostgreSQL whose role may create databases: its URL (or ""), and a line for each tried in vain."""
    if os.environ.get("DATABASE_URL_TEST"):
        tried = [os.environ["DATABASE_URL_TEST"]]
    elif os.environ.get("DATABASE_URL", "").startswith("postgres"):
        tried = [os.environ["DATABASE_URL"]]
    else:
        user = os.environ.get("USER") or Path.home().name
        people = dict.fromkeys((user, "root" if os.geteuid() == 0 else user, "postgres"))
        tried = ["postgres:///quxin", *(f"postgres://{person}@127.0.0.1:5432/quxin" for person in people)]
    found = subprocess.run([PYTHON, "-c", PROBE, *tried], capture_output=True, text=True, env=environment())
    return found.stdout.strip(), found.stderr.strip()


class Stage(NamedTuple):
    """One run of pytest: which tests, on which engine."""

    name: str
    options: tuple[str, ...]
    postgresql: bool = False


SUITE = ("--ignore=tests/structure", "-n", "2")
STAGES = (
    Stage("sqlite", ("tests", *SUITE, "-m", "not journey and not office and not postgres")),
    Stage("structure", ("tests/structure",)),
    Stage("postgresql", ("tests", *SUITE, "-m", "not journey and not office"), postgresql=True),
    Stage("office", ("tests", *SUITE, "--dist", "loadfile", "-m", "office")),
    Stage("journeys", ("tests", *SUITE, "--dist", "loadfile", "-m", "journey")),
)
COUNTED = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")


class Outcome(NamedTuple):
    """What a stage came to: a word, pytest's counts, seconds."""

    word: str
    counts: dict[str, int]
    seconds: float

    @property
    def good(self) -> bool:
        """Whether the suite may still pass."""
        return self.word in {"passed", "not here"}


def run_pytest(options: Sequence[str], env: dict[str, str]) -> Outcome:
    """Run pytest, show what it prints, and count what it did. A run without a passing test has failed."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    started = time.monotonic()
    tail = b""
    with subprocess.Popen(
        [str(PYTHON), "-m", "pytest", *colour, *options], stdout=subprocess.PIPE, env=env, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        while chunk := os.read(process.stdout.fileno(), 65536):  # unbuffered: the dots come as they are made
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            tail = (tail + chunk)[-4000:]
    counts = closing_counts(tail.decode("utf-8", "replace"))
    word = "passed" if process.returncode == 0 else "FAILED"
    if process.returncode == 5 or (word == "passed" and not counts.get("passed")):
        word = "NO TEST RAN"
    return Outcome(word, counts, time.monotonic() - started)


def closing_counts(printed: str) -> dict[str, int]:
    """The counts of pytest's closing line (`3 passed, 1 skipped in 0.2s`); errors count as failed."""
    closing = [line for line in printed.splitlines() if " in " in line and COUNTED.search(line)]
    counts: dict[str, int] = {}
    for number, word in COUNTED.findall(closing[-1]) if closing else ():
        word = "failed" if word.startswith("error") else word
        counts[word] = counts.get(word, 0) + int(number)
    return counts


def must_have_all() -> bool:
    """Whether a missing service is a failure here: CI says so."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def run_stage(stage: Stage, missing: Sequence[Need], scratch: str) -> Outcome:
    """Run one stage on its engine, with a home of its own so that no test touches real data."""
    print(f"\n== {stage.name} ==", flush=True)
    lacking = [need.package for need in missing if stage.name in need.stages]
    if lacking:
        say(f"缺少 {'、'.join(lacking)}，这一步没有运行。", f"Not run: missing {', '.join(lacking)}.")
        return Outcome("MISSING " + " ".join(lacking), {}, 0.0)
    env = environment(QUXIN_HOME=os.path.join(scratch, stage.name))
    env.pop("DATABASE_URL", None)
    if stage.postgresql:
        url, why = find_postgresql()
        if not url:
            say("连不上 PostgreSQL：", "PostgreSQL cannot be reached:")
            print(why, flush=True)
            must = must_have_all() or "DATABASE_URL_TEST" in os.environ
            return Outcome("NOT REACHABLE" if must else "not here", {}, 0.0)
        env["DATABASE_URL"] = url
    os.makedirs(env["QUXIN_HOME"], exist_ok=True)
    return run_pytest(stage.options, env)


def report(outcomes: dict[str, Outcome]) -> bool:
    """Print a line for each stage and the sum of all; returns whether everything is well."""
    print("\n阶段 Stage      用时 Time   结果 Result", flush=True)
    total: dict[str, int] = {}
    for name, outcome in outcomes.items():
        counts = ", ".join(f"{number} {word}" for word, number in outcome.counts.items())
        print(f"{name:<14} {outcome.seconds:7.1f} s   {outcome.word}{'  ' + counts if counts else ''}")
        for word, number in outcome.counts.items():
            total[word] = total.get(word, 0) + number
    broken = [name for name, outcome in outcomes.items() if not outcome.good]
    if broken:
        print("没有通过 Not passed: " + ", ".join(broken))
    passed, failed, skipped = (total.get(word, 0) for word in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return not broken


def choose(names: Sequence[str]) -> list[Stage]:
    """The stages named, in their order; all of them when none is named."""
    known = [stage.name for stage in STAGES]
    for name in names:
        if name not in known:
            raise Problem(
                f"没有叫 {name} 的阶段；有：{'、'.join(known)}",
                f"No stage {name}; there are: {', '.join(known)}",
            )
    return [stage for stage in STAGES if not names or stage.name in names]


def run_stages(stages: Sequence[Stage], missing: Sequence[Need]) -> int:
    """Run the stages one after the other and report; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="quxin-test-") as scratch:
        outcomes = {stage.name: run_stage(stage, missing, scratch) for stage in stages}
    return 0 if report(outcomes) else 1


def run_asked(asked: Sequence[str]) -> int:
    """Run pytest just as asked, on the engine that DATABASE_URL names; returns its exit code."""
    with tempfile.TemporaryDirectory(prefix="quxin-test-") as scratch:
        env = environment(QUXIN_HOME=scratch)
        return subprocess.run([PYTHON, "-m", "pytest", *asked], env=env, cwd=ROOT).returncode
