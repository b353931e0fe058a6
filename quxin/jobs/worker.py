"""Takes runs and carries them out; a thread of the server by default, a process of its own at scale.

`HANDLERS` says which function does which kind of run: `handler(run, progress) -> (result, refusals)`.
"""

import threading
import traceback
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import structlog
from django.db import close_old_connections, connection

from quxin.jobs import schedule
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.runs.models import Run, RunState
from quxin.runs.operations import (
    Cancelled,
    Progress,
    Refusal,
    fail_run,
    finish_run,
    give_back_dead,
    take_next,
)

log = structlog.get_logger(__name__)
Handler = Callable[[Run, Progress], tuple[dict[str, Any], Iterable[Refusal]]]
HANDLERS: dict[str, Handler] = {schedule.NIGHTLY: schedule.nightly}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register a function as the one that does runs of `kind`."""

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register


def work_once() -> bool:
    """Take one run, if there is one, and carry it out; whether there was one."""
    give_back_dead(now=clock.now())
    run = take_next(now=clock.now())
    if run is None:
        return False
    carry_out(run)
    return True


def carry_out(run: Run) -> None:
    """Do a run that is already this worker's; whatever goes wrong is noted on the run, in words."""
    progress = Progress(run, clock.now)
    try:
        result, refusals = HANDLERS[run.kind](run, progress)
        finish_run(run, result, now=clock.now(), refused=refusals)
    except Cancelled as error:
        Run.objects.filter(pk=run.pk).update(state=RunState.CANCELLED, error=str(error), ended_at=clock.now())
    except QuxinError as error:
        fail_run(run, f"{error} {error.hint_text()}".strip(), now=clock.now())
    except Exception:
        # The worker must outlive any run; the trace goes to the log, a plain sentence to the person.
        log.error("run.failed", run=run.code, kind=run.kind, trace=traceback.format_exc())
        fail_run(run, "系统内部出错，已记入日志；请把任务编号告诉系统管理员。", now=clock.now())


def resume() -> list[tuple[str, int]]:
    """Take up what the last stop interrupted: title and rows done of each run.

    On SQLite there is one worker, so whatever runs has lost it; on PostgreSQL another may be at it, and silence decides.
    """
    silence = {"silent_for": timedelta(0)} if connection.vendor == "sqlite" else {}
    return [(run.title, run.done) for run in give_back_dead(now=clock.now(), **silence)]


def loop(stop: threading.Event) -> None:
    """Work until `stop` is set: the day's routine, runs, folding, mixing; idle, it looks once a second."""
    while not stop.is_set():
        close_old_connections()
        try:
            schedule.ask_for_todays_work(clock.now())
            busy = work_once() or schedule.fold_what_is_new() > 0 or schedule.mix_what_waits() > 0
        except Exception:
            log.error("worker.trouble", trace=traceback.format_exc())
            busy = False
        if not busy:
            connection.close()
            stop.wait(1.0)


def work_through() -> int:
    """Do what is queued, the day's routine included, until there is nothing left; returns the number of runs."""
    schedule.ask_for_todays_work(clock.now())
    done = 0
    while work_once():
        done += 1
    while schedule.fold_what_is_new():
        pass
    schedule.mix_what_waits()
    return done


def start_thread() -> threading.Event:
    """Start the worker thread of the embedded server; set the returned event to stop it."""
    stop = threading.Event()
    threading.Thread(target=loop, args=[stop], name="quxin-worker", daemon=True).start()
    return stop
