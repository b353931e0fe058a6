"""Long work: queued, taken once, cancelled, given back when its worker died, refused rows kept."""

import argparse
import threading
from datetime import UTC, datetime, timedelta

import pytest

from quxin.jobs import worker
from quxin.jobs.commands import work
from quxin.runs.models import Run, RunState
from quxin.runs.operations import (
    MOST_ATTEMPTS,
    Cancelled,
    Progress,
    Refusal,
    cancel_run,
    finish_run,
    give_back_dead,
    request_run,
    take_next,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def queued(kind: str = "count") -> Run:
    return request_run(kind=kind, title="数一数", parameters={}, actor=1, now=NOW)


@pytest.fixture
def counting(monkeypatch):
    """A kind of work that counts to three and refuses one row."""

    def count(run: Run, progress: Progress):
        progress.start(3)
        for _ in range(3):
            progress.step()
        return {"counted": 3}, [Refusal(7, "日期", "2010-02-30", "没有这一天", "请核对月份")]

    monkeypatch.setitem(worker.HANDLERS, "count", count)


def test_a_run_is_taken_once_and_oldest_first():
    first, second = queued(), queued()
    assert take_next(now=NOW) == first
    assert take_next(now=NOW) == second
    assert take_next(now=NOW) is None


def test_work_ends_with_its_result_and_the_rows_it_refused(counting):
    run = queued()
    assert worker.work_once()
    run.refresh_from_db()
    assert (run.state, run.done, run.total, run.refused) == (RunState.DONE, 3, 3, 1)
    assert run.result == {"counted": 3}
    row = run.refused_rows.get()
    assert (row.row, row.column, row.reason, row.hint) == (7, "日期", "没有这一天", "请核对月份")
    assert not worker.work_once()


def test_what_goes_wrong_inside_is_told_in_plain_words(monkeypatch):
    def break_down(run, progress):
        raise ZeroDivisionError

    monkeypatch.setitem(worker.HANDLERS, "count", break_down)
    run = queued()
    worker.work_once()
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "日志" in run.error
    assert "ZeroDivision" not in run.error


def test_a_queued_run_is_cancelled_at_once_and_a_running_one_at_its_next_step():
    waiting = queued()
    cancel_run(waiting, actor=1, now=NOW)
    waiting.refresh_from_db()
    assert waiting.state == RunState.CANCELLED
    running = queued()
    taken = take_next(now=NOW)
    assert taken == running
    cancel_run(running, actor=1, now=NOW)
    with pytest.raises(Cancelled):
        Progress(taken, lambda: NOW).step()


def test_a_run_whose_worker_died_is_queued_again_and_given_up_after_five_attempts():
    queued()
    for _ in range(MOST_ATTEMPTS):
        run = take_next(now=NOW)
        assert run is not None
        assert give_back_dead(now=NOW + timedelta(seconds=5)) == []
        give_back_dead(now=NOW + timedelta(minutes=5))
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert take_next(now=NOW) is None


def test_an_embedded_server_takes_up_at_its_start_whatever_runs():
    queued()
    run = take_next(now=NOW)
    assert give_back_dead(now=NOW, silent_for=timedelta(0)) == [run]
    assert take_next(now=NOW) == run


def test_finishing_twice_keeps_one_set_of_refused_rows():
    run = queued()
    for _ in range(2):
        finish_run(run, {}, now=NOW, refused=[Refusal(1, "a", "", "x"), Refusal(1, "b", "", "y")])
    run.refresh_from_db()
    assert run.refused == 1
    assert run.refused_rows.count() == 2


def test_a_process_of_its_own_does_what_is_queued_and_ends(counting, monkeypatch):
    monkeypatch.setattr(worker.schedule, "ask_for_todays_work", lambda now: None)
    first, second = queued(), queued()
    take_next(now=NOW)  # a worker that died long ago had begun the first
    told = work.run(argparse.Namespace(once=True, json=True))
    assert (told.ok, told.data) == (True, {"done": 2})
    for run in (first, second):
        run.refresh_from_db()
        assert run.state == RunState.DONE


def test_the_loop_ends_when_it_is_told_to(counting, monkeypatch):
    run, stop = queued(), threading.Event()
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker.schedule, "ask_for_todays_work", lambda now: None)
    monkeypatch.setattr(worker.schedule, "fold_what_is_new", lambda: stop.set() or 1)  # nothing is queued any more
    worker.loop(stop)
    run.refresh_from_db()
    assert run.state == RunState.DONE


@pytest.mark.parametrize(("alone", "taken"), [("sqlite", True), ("postgresql", False)])
def test_a_new_worker_takes_up_what_nobody_else_can_be_at(counting, monkeypatch, alone, taken):
    """On PostgreSQL another worker may be at a run whose heart beat a moment ago."""
    run = queued()
    monkeypatch.setattr(worker.clock, "now", lambda: NOW)
    take_next(now=NOW)
    monkeypatch.setattr(worker.connection, "vendor", alone)
    assert bool(worker.resume()) == taken
    run.refresh_from_db()
    assert run.state == (RunState.QUEUED if taken else RunState.RUNNING)
