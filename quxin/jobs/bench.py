"""Measure what the house promises about speed and memory, on a scratch database, and say whether it holds.

`run_bench(size="small"|"full")` makes its own database (a folder for SQLite, a new database beside DATABASE_URL's for
PostgreSQL), fills it, measures, and throws it away: real data is never touched. Run it with `python -m quxin.jobs.bench`.
It must not be imported by anything that serves people.

The work is done in a child process, so that peak memory is that of the work alone and settings of the scratch database hold
from the start.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from quxin.kernel.errors import QuxinError

# Each list is one process on one scratch database: a figure and its fold share their facts, imports must not share memory.
TOGETHER = ("append", "figure", "fold", "verify")
APART = {
    "import": (
        ("quxin.jobs.bench_imports", "activities"),
        ("quxin.jobs.bench_imports", "activities of 7 columns"),
        ("quxin.jobs.bench_imports", "organisations"),
    ),
    "pages": (("quxin.jobs.bench_pages",),),
    "board": (("quxin.jobs.bench_board",),),
    "ballots": (("quxin.jobs.bench_ballots",),),
}
ONLY = (*TOGETHER, *APART)


class UnknownBench(QuxinError):
    """A bench or size that there is not."""

    default_message = "没有“%(bench)s”这项测速"
    default_hint = "可选：%(known)s；规模 small 或 full。"


def run_bench(*, size: str = "small", only: Sequence[str] | None = None) -> dict[str, Any]:
    """Run the benches `only` (all of ONLY by default) on the engine that DATABASE_URL names (SQLite without one).

    Returns {engine, size, notes, figures: [{name, value, unit, target, met}]}; `met` is None for what has no target.
    Raises UnknownBench for an unknown size or bench, RuntimeError when the work failed.
    """
    chosen = tuple(only or ONLY)
    for word in (*chosen, size):
        if word not in (*ONLY, "small", "full"):
            raise UnknownBench(bench=word, known="、".join(ONLY))
    together = [word for word in chosen if word in TOGETHER]
    work = [["quxin.jobs.bench_work", size, *together]] if together else []
    for word in chosen:
        work += [[module, size, *rest] for module, *rest in APART.get(word, ())]
    parts = [_carry_out(words) for words in work]
    return {
        "engine": parts[0]["engine"],
        "size": size,
        "notes": [note for part in parts for note in part["notes"]],
        "figures": [figure for part in parts for figure in part["figures"]],
    }


def _carry_out(words: Sequence[str]) -> dict[str, Any]:
    """What a module of work says, run on a scratch database of its own. Raises RuntimeError."""
    with _scratch() as environment:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", *words], env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
    if done.returncode != 0:
        raise RuntimeError(f"the bench failed with exit code {done.returncode}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def _scratch() -> Iterator[dict[str, str]]:
    """The environment of a scratch database, which is gone afterwards."""
    url = os.environ.get("DATABASE_URL", "").strip()
    with tempfile.TemporaryDirectory(prefix="quxin-bench-") as home:
        environment = {**os.environ, "QUXIN_HOME": home, "QUXIN_LOG": "ERROR"}
        if not url.startswith("postgres"):
            environment.pop("DATABASE_URL", None)
            yield environment
            return
        import psycopg

        name = f"quxin_bench_{Path(home).name.rpartition('-')[2].lower()}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
            try:
                yield {**environment, "DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}"))}
            finally:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def main() -> int:
    """Print the outcome as JSON; exit code 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m quxin.jobs.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=("small", "full"), default="small")
    parser.add_argument("--only", action="append", choices=ONLY)
    options = parser.parse_args()
    outcome = run_bench(size=options.size, only=options.only)
    print(json.dumps(outcome, ensure_ascii=False, indent=2))
    return 1 if any(figure["met"] is False for figure in outcome["figures"]) else 0


if __name__ == "__main__":
    sys.exit(main())
