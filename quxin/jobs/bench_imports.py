"""The bench of imports: Excel to records and to organisations, beside what the reader alone needs for the same file.

Runs in a process of its own for each file, so that peak memory is that of one import; the work is that of the command line:
read, say what would happen, carry it out. Must never run on a database that holds anything.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2010, 12, 1, 8, tzinfo=UTC)
ROWS = {"small": 5_000, "full": 100_000}
OFFICES = 3_783
MOST = 5.0
MEMORY = 400.0
FILES = ("activities", "activities of 7 columns", "organisations")


def measure(which: str, size: str) -> dict[str, Any]:
    """Figures and notes of importing one file of FILES."""
    rows, path = ROWS[size], _sheet()
    columns, work = _organisations(path) if which == "organisations" else _records(path)
    alone = [_seconds(lambda: _read(path, columns)) for _ in range(3)]
    reader, reader_cpu = (statistics.median(one) for one in zip(*alone, strict=True))
    began, cpu = _memory(), time.process_time()
    planning, applying, created = work()
    cpu = time.process_time() - cpu
    if created != rows:
        raise RuntimeError(f"{created} of {rows} rows were created")
    figures = _figures(which, rows, reader, planning, applying, began)
    # On a machine that does other things too: the work of this process alone, without disk and database server.
    figures.append(
        _figure(f"import of {rows} rows, {which}: import / reader, CPU of the process", cpu / reader_cpu, "")
    )
    return {"figures": figures, "notes": []}


def prepare(which: str, size: str) -> None:
    """Migrate the scratch database, fill it, write the file of FILES: in a process whose memory is not measured."""
    from django.core.management import call_command

    from quxin.jobs import bench_world
    from quxin.ledger.models import Book

    call_command("migrate", verbosity=0, skip_checks=True)
    if Book.objects.exists():
        raise SystemExit("this database holds something: the bench runs on a scratch database only")
    if which == "organisations":
        bench_world.write_sheet(_sheet(), *bench_world.organisation_rows(ROWS[size]))
        return
    bench_world.fill(OFFICES)
    bench_world.people(bench_world.PEOPLE)
    make = bench_world.activity_rows if which == "activities" else bench_world.narrow_activity_rows
    bench_world.write_sheet(_sheet(), *make(ROWS[size], list(bench_world.offices(OFFICES))))


def _sheet() -> Path:
    return Path(os.environ["QUXIN_HOME"]) / "bench.xlsx"


def _figures(
    which: str, rows: int, reader: float, planning: float, applying: float, began: float
) -> list[dict[str, Any]]:
    ratio, memory = (planning + applying) / reader, _memory()
    words = f"import of {rows} rows, {which}"
    return [
        _figure(f"{words}: reader alone", reader, "s"),
        _figure(f"{words}: plan", planning, "s"),
        _figure(f"{words}: apply", applying, "s"),
        _figure(f"{words}: import / reader", ratio, "", f"≤ {MOST:.0f}", ratio <= MOST),
        _figure(f"{words}: memory before the import", began, "MB"),
        _figure(f"{words}: peak memory", memory, "MB", f"≤ {MEMORY:.0f} MB", memory <= MEMORY),
    ]


def _figure(name: str, value: float, unit: str, target: str = "", met: bool | None = None) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": unit, "target": target, "met": met}


def _read(path: Path, columns: Any) -> None:
    """What the reader alone does: open, find the table, make typed values of every row, keep none."""
    from quxin.sheets.guard import open_workbook
    from quxin.sheets.reading import find_table

    for _ in find_table(open_workbook(path), columns).rows():
        pass


def _records(path: Path) -> tuple[Any, Callable[[], tuple[float, float, int]]]:
    from quxin.access import SYSTEM
    from quxin.records.intake.forms import form_of
    from quxin.records.intake.operations import apply_plan
    from quxin.records.intake.plans import InFile, plan_files
    from quxin.runs.operations import Progress

    form = form_of("activities")

    def work() -> tuple[float, float, int]:
        started = time.perf_counter()
        plan = plan_files([InFile("bench.xlsx", path)], form, actor=SYSTEM, today=NOW.date())
        planned = time.perf_counter()
        result = apply_plan(plan=plan, actor=SYSTEM, now=NOW, progress=Progress(None, lambda: NOW))
        return planned - started, time.perf_counter() - planned, result.created

    return form.columns, work


def _organisations(path: Path) -> tuple[Any, Callable[[], tuple[float, float, int]]]:
    from quxin.access import SYSTEM
    from quxin.orgs.import_words import COLUMNS
    from quxin.orgs.imports import apply_plan, preview_file

    def work() -> tuple[float, float, int]:
        started = time.perf_counter()
        plan = preview_file(path, actor=SYSTEM)
        planned = time.perf_counter()
        outcome = apply_plan(plan, actor=SYSTEM, now=NOW)
        return planned - started, time.perf_counter() - planned, outcome.created

    return COLUMNS, work


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """(seconds by the clock, seconds of this process's CPU)."""
    started, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - cpu


def _memory() -> float:
    """Peak megabytes of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(size: str, which: str, *, is_child: bool = False) -> None:
    """Let a child prepare the scratch database, import one file, print the outcome as one JSON object."""
    if not is_child:
        words = [sys.executable, "-m", "quxin.jobs.bench_imports", size, which, "prepare"]
        subprocess.run(words, check=True)  # noqa: S603 - our own interpreter and module
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")
    import django

    django.setup()
    from django.db import connection

    if is_child:
        prepare(which, size)
        return
    print(json.dumps({"engine": connection.vendor, "size": size, **measure(which, size)}, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], is_child=sys.argv[3:] == ["prepare"])
