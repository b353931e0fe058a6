#!/usr/bin/env python3
"""The two commands: set Quxin up and serve it, and test it.

    python3 run.py                    set up whatever is missing, then serve
    python3 run.py setup              the same without serving
    python3 run.py test [pytest …]    set up what tests need and run every stage, or just what pytest is asked
    python3 run.py tools              only the Python environment with the developers' tools, for `make`

Standard library only: this file runs on a machine that has nothing of ours. It makes a small environment with
a pinned uv in `.boot/`, the locked environment in `.venv/`, and hands over to `.venv/bin/quxin` or, for the
tests, to `tests/stages.py`. What the product does belongs in `quxin/`, never here.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NoReturn, Sequence  # noqa: UP035 - old Pythons must get as far as our message

ROOT = Path(__file__).resolve().parent
BOOT = ROOT / ".boot"
VENV = ROOT / ".venv"
STAMP = VENV / "quxin-stamp.json"
QUXIN = VENV / "bin" / "quxin"
PYTHON = VENV / "bin" / "python"
UV_VERSION = "0.13.9"
OLDEST_PYTHON = (3, 11)
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Problem(Exception):
    """Something a person has to mend; said in Chinese, then in English."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(f"{chinese}\n{english}")


def say(chinese: str, english: str) -> None:
    """One line of progress."""
    print(f"▸ {chinese}  {english}", flush=True)


# --- environment


def check_python() -> None:
    """Refuse a Python that is too old, and say how to get one that is not."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return
    found, wanted = dotted(sys.version_info[:2]), dotted(OLDEST_PYTHON)
    command = f"sudo apt-get install python{wanted} python{wanted}-venv && python{wanted} run.py"
    raise Problem(
        f"取信需要 Python {wanted} 或更新的版本，这里是 {found}。在 Debian／Ubuntu 上：\n  {command}",
        f"Quxin needs Python {wanted} or later; this is {found}. On Debian or Ubuntu:\n  {command}",
    )


def dotted(version: tuple[int, int]) -> str:
    """Major and minor as people write them: 3.11."""
    return f"{version[0]}.{version[1]}"


def has_venv() -> bool:
    """Whether this Python can make environments; Debian ships that part as a package of its own."""
    import importlib.util

    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def check_venv() -> None:
    """Name the package to install when the interpreter came without `venv`."""
    if has_venv():
        return
    package = f"python{dotted(sys.version_info[:2])}-venv"
    command = f"sudo apt-get install {package}"
    raise Problem(
        f"这个 Python 缺少 venv 模块，请安装软件包 {package}，再运行一次：\n  {command}",
        f"This Python lacks the venv module; install the package {package} and run this again:\n  {command}",
    )


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold `lock` so that two starts at once take turns; the system lets go of it when a start is killed."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("另一个 run.py 正在准备，等它完成……", "Another run.py is setting up; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def environment(**extra: str) -> dict[str, str]:
    """The caller's environment (proxies, certificates, PORT …) less what would confuse another Python."""
    env = dict(os.environ)
    for name in ("PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"):
        env.pop(name, None)
    env["QUXIN_HOME"] = str(home())
    env.update(extra)
    return env


def home() -> Path:
    """Where database, files and secrets live: QUXIN_HOME, else ./var beside this file."""
    given = os.environ.get("QUXIN_HOME", "").strip()
    return Path(given).expanduser().absolute() if given else ROOT / "var"


def run(command: Sequence[str | Path], problem: Problem, **options: object) -> None:
    """Run a command that must succeed, else raise `problem`."""
    sys.stdout.flush()
    if subprocess.run([str(part) for part in command], **options).returncode != 0:  # type: ignore[call-overload]
        raise problem


def no_packages() -> Problem:
    """The one thing that goes wrong on a machine behind a wall, and the variables that open a door."""
    return Problem(
        "没能取得 Python 软件包（上面是原因）。在内网请先设好代理（https_proxy）、证书（SSL_CERT_FILE）\n"
        "或镜像（PIP_INDEX_URL），然后再运行一次；已经完成的部分不会重来。",
        "Python packages could not be fetched (the reason stands above). In a closed network set\n"
        "https_proxy, SSL_CERT_FILE or a mirror (PIP_INDEX_URL) and run this again; what is done is kept.",
    )


def pinned_uv() -> Path:
    """Path of the pinned uv, fetched into an environment of its own under `.boot/` when it is not there."""
    place = BOOT / f"uv-{UV_VERSION}"
    uv = place / "bin" / "uv"
    if uv.exists() and subprocess.run([uv, "--version"], capture_output=True).returncode == 0:
        return uv
    check_venv()
    say(f"取得 uv {UV_VERSION}……", f"Fetching uv {UV_VERSION} …")
    shutil.rmtree(place, ignore_errors=True)
    env = environment(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
    for name in ("PIP_TARGET", "PIP_PREFIX"):
        env.pop(name, None)
    run([base_python(), "-m", "venv", place], no_packages(), env=env)
    install: list[str | Path] = [place / "bin" / "python", "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"]
    run(install, no_packages(), env=env)
    return uv


def base_python() -> str:
    """The interpreter behind this one: `.venv` must not be built from itself."""
    return os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)


def uv_environment() -> dict[str, str]:
    """Settings that tie uv to this project, this Python and this machine's certificates."""
    env = environment(UV_PROJECT_ENVIRONMENT=str(VENV), UV_PYTHON_DOWNLOADS="never")
    if env.get("PIP_CERT") and not env.get("SSL_CERT_FILE"):
        env["SSL_CERT_FILE"] = env["PIP_CERT"]
    # The system's certificates know the office's own proxy; a bare container has none, and uv brings its own.
    if os.path.exists(CA_BUNDLE):
        env.setdefault("UV_SYSTEM_CERTS", "1")
    if not os.access(os.path.expanduser("~"), os.W_OK):
        env.setdefault("UV_CACHE_DIR", str(BOOT / "cache"))
    return env


def locked_inputs() -> str:
    """Digest of everything that decides what `.venv` must hold."""
    digest = hashlib.sha256()
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict[str, object]:
    """What the last finished set-up wrote; empty when there was none."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_current(development: bool) -> bool:
    """Whether `.venv` holds what the lock says, belongs to this folder, and starts."""
    stamp = read_stamp()
    wanted = [PYTHON, QUXIN] + ([VENV / "bin" / "pytest"] if development else [])
    return (
        stamp.get("inputs") == locked_inputs()
        and stamp.get("root") == str(ROOT)
        and (not development or stamp.get("development") is True)
        and all(path.exists() for path in wanted)
    )


def prepare(development: bool = False) -> None:
    """Bring `.venv` to what the lock says; does nothing, in no time, when it is there already."""
    if is_current(development):
        return
    with only_one(BOOT / "lock"):
        if is_current(development):
            return
        stamp = read_stamp()
        if stamp and stamp.get("root") != str(ROOT):
            shutil.rmtree(VENV)  # the folder was moved or copied: scripts in it still point to the old place
        development = development or stamp.get("development") is True
        STAMP.unlink(missing_ok=True)
        uv = pinned_uv()
        say("按锁定文件安装软件包……", "Installing the locked packages …")
        env = uv_environment()
        if mirror(env):
            install_from_mirror(uv, env, development)
        else:
            groups = ["--group", "dev"] if development else []
            quiet = [] if sys.stderr.isatty() else ["--quiet"]  # a bar for people, silence for logs
            command: list[str | Path] = [uv, "sync", "--frozen", "--python", base_python(), *quiet, *groups]
            run(command, no_packages(), env=env, cwd=ROOT)
        written = {"inputs": locked_inputs(), "root": str(ROOT), "development": development}
        fresh = STAMP.with_suffix(".new")
        fresh.write_text(json.dumps(written), "utf-8")
        fresh.replace(STAMP)


def mirror(env: dict[str, str]) -> str:
    """Address of the package index that this machine was told to use instead of the public one, or empty."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if env.get(name):
            return env[name]
    pip: list[str | Path] = [
        BOOT / f"uv-{UV_VERSION}" / "bin" / "python",
        "-m",
        "pip",
        "config",
        "get",
        "global.index-url",
    ]
    told = subprocess.run(pip, capture_output=True, text=True, env=env)
    return told.stdout.strip() if told.returncode == 0 else ""


def install_from_mirror(uv: Path, env: dict[str, str], development: bool) -> None:
    """Install the lock from another index: its addresses do not hold there, its versions and hashes do."""
    env.setdefault("UV_DEFAULT_INDEX", mirror(env))
    listed = BOOT / "requirements.txt"
    groups = ["--group", "dev"] if development else []
    export = ["export", "--frozen", "--quiet", "--no-emit-project", *groups, "--output-file", str(listed)]
    steps: list[list[str]] = [
        export,
        ["venv", "--quiet", "--allow-existing", "--python", base_python(), str(VENV)],
        ["pip", "sync", "--python", str(PYTHON), "--require-hashes", str(listed)],
        ["pip", "install", "--python", str(PYTHON), "--no-deps", "--editable", str(ROOT)],
    ]
    for step in steps:
        run([uv, *step], no_packages(), env=env, cwd=ROOT)


# --- set up and serve


def set_up(demonstration: bool) -> None:
    """Environment, then what `quxin setup` does: database, secrets, demonstration. Safe to repeat."""
    prepare()
    unfinished = Problem("准备数据没有完成，原因见上。", "Setting up the data did not finish; see above.")
    with only_one(home() / ".setup.lock"):
        run([QUXIN, "setup", *(["--demo"] if demonstration else [])], unfinished, env=environment())


def check_port() -> None:
    """Refuse a port that somebody answers on: two servers would share it silently, each taking half of the visitors."""
    port = os.environ.get("PORT", "").strip() or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return  # the settings refuse it, in better words
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", int(port))) != 0:
            return
    raise Problem(
        f"端口 {port} 已有程序在用：也许取信已在 http://127.0.0.1:{port} 运行。要另开一个，请换端口：\n"
        "  PORT=8001 python3 run.py",
        f"Port {port} is taken: perhaps Quxin runs at http://127.0.0.1:{port} already. For another one: PORT=8001",
    )


def serve() -> NoReturn:
    """Become the server: no process of ours stays between it and the signals sent to it."""
    sys.stdout.flush()
    os.execve(QUXIN, [str(QUXIN), "serve"], environment())  # noqa: S606 - no shell is the point


# --- the command line


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Split what was typed into ours and what is pytest's."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="run.py", formatter_class=form, description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="serve | setup | test | tools")
    served = commands.add_parser("serve", help="准备并启动 set up and serve (the default)")
    ready = commands.add_parser("setup", help="只准备 set up only")
    for command in (served, ready):
        command.add_argument("--no-demo", action="store_true", help="不装入演示数据 no demonstration")
    tests = commands.add_parser(
        "test", allow_abbrev=False, help="准备并测试 set up and test; other arguments go to pytest"
    )
    tests.add_argument("--stage", action="append", default=[], metavar="NAME", help="only this stage")
    commands.add_parser("tools", help="只装开发工具 only the developers' environment")
    typed = list(arguments)
    if not typed or typed[0] == "--no-demo":
        typed.insert(0, "serve")
    if typed[0] == "test":
        return parser.parse_known_args(typed)
    return parser.parse_args(typed), []


def test(stages: Sequence[str], asked: Sequence[str]) -> int:
    """Run every stage of the suite, those named, or pytest just as asked; returns the exit code."""
    sys.modules["run"] = sys.modules[__name__]  # the stages import this file: let them find the one that runs
    from tests import stages as suite

    chosen = [] if asked else suite.choose(stages)
    missing = suite.install_needs({stage.name for stage in chosen})
    prepare(development=True)
    return suite.run_asked(asked) if asked else suite.run_stages(chosen, missing)


def main(arguments: Sequence[str]) -> int:
    """Do what was asked; returns the exit code."""
    try:
        check_python()
        options, rest = parse(arguments)
        if options.command == "test":
            return test(options.stage, rest)
        if options.command == "tools":
            prepare(development=True)
            return 0
        if options.command == "serve":
            check_port()
        set_up(demonstration=not options.no_demo)
        if options.command == "serve":
            serve()
        return 0
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except PermissionError as error:
        place = shlex.quote(str(error.filename))
        print(
            f"没有权限写入 {place}；请用拥有它的用户运行，或把 QUXIN_HOME 设到能写的文件夹。\n"
            f"No permission to write {place}; run as its owner, or set QUXIN_HOME to a folder of your own.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
