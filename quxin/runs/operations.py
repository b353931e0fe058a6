"""Ask for a run, report its progress, cancel it, take the next one, give back those whose worker died.

Work itself lives elsewhere: a worker takes a run and hands it to the function that its `kind` names.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from quxin.kernel.errors import QuxinError
from quxin.ledger.operations import audit
from quxin.runs.models import RefusedRow, Run, RunState

HEARTBEAT_EVERY = timedelta(seconds=2)
DEAD_AFTER = timedelta(seconds=30)
MOST_ATTEMPTS = 5


class Cancelled(QuxinError):
    """Somebody cancelled the run; the worker stops at the next safe place."""

    default_message = "已按要求取消，做完的部分保留，没做的部分没有动。"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that could not be taken: where it stands, what it held, why, and what to do.

    `reason` and `hint` are msgids with placeholders for `params`, which are JSON.
    """

    row: int
    column: str
    value: str
    reason: str
    hint: str = ""
    file: str = ""
    cells: dict[str, Any] | None = None
    params: dict[str, Any] | None = None


def request_run(
    *, kind: str, title: str, parameters: dict[str, Any], actor: int | None, now: datetime, path: str = ""
) -> Run:
    """Queue a run; `parameters` are JSON, `path` the organisation in whose scope it may be seen."""
    run = Run.objects.create(
        kind=kind, title=title[:200], parameters=parameters, requested_by=actor, requested_at=now, path=path
    )
    audit("run.request", f"run:{run.pk}", actor=actor, now=now, path=path, kind=kind)
    return run


def cancel_run(run: Run, *, actor: int | None, now: datetime) -> None:
    """Ask a run to stop: a queued one ends at once, a running one at its next safe place."""
    with transaction.atomic():
        queued = Run.objects.filter(pk=run.pk, state=RunState.QUEUED)
        if not queued.update(state=RunState.CANCELLED, ended_at=now, cancel_asked=True):
            Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(cancel_asked=True)
        audit("run.cancel", f"run:{run.pk}", actor=actor, now=now, path=run.path)


def take_next(*, now: datetime) -> Run | None:
    """The oldest queued run, now this worker's; None when there is nothing to do."""
    with transaction.atomic():
        waiting = Run.objects.select_for_update(skip_locked=True, of=("self",)) if _can_skip() else Run.objects
        run = waiting.filter(state=RunState.QUEUED).order_by("requested_at", "pk").first()
        if run is None:
            return None
        taken = Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
            state=RunState.RUNNING, started_at=run.started_at or now, heartbeat_at=now, attempts=run.attempts + 1
        )
    if not taken:
        return None
    run.refresh_from_db()
    return run


def give_back_dead(*, now: datetime, silent_for: timedelta = DEAD_AFTER) -> list[Run]:
    """Queue again every run whose worker has not been heard of; after five attempts it is marked as failed.

    The one worker of an embedded server says `silent_for` zero at its start: whatever runs then has lost its worker.
    """
    running = Q(state=RunState.RUNNING)
    dead = list(Run.objects.filter(running, Q(heartbeat_at__lte=now - silent_for) | Q(heartbeat_at__isnull=True)))
    for run in dead:
        if run.attempts >= MOST_ATTEMPTS:
            fail_run(run, "多次中断后没有完成。", now=now)
        else:
            Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(state=RunState.QUEUED)
    return dead


def finish_run(run: Run, result: dict[str, Any], *, now: datetime, refused: Iterable[Refusal] = ()) -> None:
    """Note that a run is done, with its result and the rows it refused."""
    with transaction.atomic():
        run.refused_rows.all().delete()
        rows = [_refused_row(run, refusal) for refusal in refused]
        RefusedRow.objects.bulk_create(rows, batch_size=1000)
        Run.objects.filter(pk=run.pk).update(
            state=RunState.DONE, result=result, refused=len({(row.file, row.row) for row in rows}), ended_at=now
        )


def fail_run(run: Run, error: str, *, now: datetime) -> None:
    """Note that a run failed, in words that say what to do."""
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, error=error, ended_at=now)


def forget_runs(runs: Sequence[Run], *, now: datetime) -> None:
    """Delete runs that nobody needs any more, with the rows they refused; the audit keeps that they were there."""
    with transaction.atomic():
        for run in runs:
            audit("run.forget", f"run:{run.pk}", actor=None, now=now, path=run.path, kind=run.kind)
        Run.objects.filter(pk__in=[run.pk for run in runs]).delete()


class Progress:
    """What work calls as it goes: counts done, beats the heart, and raises Cancelled when somebody asked to stop."""

    def __init__(
        self, run: Run | None, clock: Callable[[], datetime], show: Callable[[int, int | None], None] | None = None
    ):
        self.run, self.clock, self.show = run, clock, show
        self.done, self.total = 0, run.total if run else None
        self._beaten_at: datetime | None = None

    def start(self, total: int | None) -> None:
        """Say how many steps there are (None: unknown)."""
        self.total = total
        if self.run:
            Run.objects.filter(pk=self.run.pk).update(total=None, done=0)
            Run.objects.filter(pk=self.run.pk).update(total=total)
        self._beaten_at = None
        self.step(0)

    def step(self, count: int = 1) -> None:
        """`count` steps more are done and safe; raises Cancelled when asked to stop."""
        self.done += count
        if self.show:
            self.show(self.done, self.total)
        now = self.clock()
        if self.run is None or (
            self._beaten_at and now - self._beaten_at < HEARTBEAT_EVERY and self.done != self.total
        ):
            return
        self._beaten_at = now
        done = self.done if self.total is None else min(self.done, self.total)
        Run.objects.filter(pk=self.run.pk).update(done=done, heartbeat_at=now)
        if Run.objects.filter(pk=self.run.pk, cancel_asked=True).exists():
            raise Cancelled


def _refused_row(run: Run, refusal: Refusal) -> RefusedRow:
    return RefusedRow(
        run=run,
        file=refusal.file[:200],
        row=refusal.row,
        column=refusal.column[:60],
        value=refusal.value[:300],
        reason=refusal.reason[:300],
        hint=refusal.hint[:300],
        params=refusal.params or {},
        cells=refusal.cells or {},
    )


def _can_skip() -> bool:

    return connection.features.has_select_for_update_skip_locked
