"""The worker's part of importing records: read the stored files, plan, carry out, give the refused rows back.

A face queues the run with `runs.operations.request_run(kind=KIND, …)`. A run that was killed is taken up again and goes
on: rows that it wrote before are found by their keys.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from quxin.access import SYSTEM, Actor
from quxin.files.operations import place_of
from quxin.jobs.worker import handles
from quxin.kernel import clock
from quxin.orgs.models import Account
from quxin.orgs.operations import build_actor
from quxin.orgs.refusals import Refusal as RefusedCell
from quxin.records.intake.forms import form_of
from quxin.records.intake.operations import Result, apply_plan
from quxin.records.intake.plans import FilePlan, InFile, plan_files
from quxin.runs.models import Run
from quxin.runs.operations import Progress, Refusal

KIND = "records.import"


@handles(KIND)
def import_records(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """Import the files of a run: `parameters` hold "form" and "files", each {"name", "sha256"} or {"name", "path"}.

    Whoever asked for it must still be allowed to. The result tells counts and, after an interruption, that it went on.
    """
    form = form_of(str(run.parameters["form"]))
    actor = _actor(run)
    # Reading has no count to show, but must beat the heart, or the run would be taken for dead.
    progress.start(None)
    plan = plan_files(_files(run), form, actor=actor, today=clock.today(), show=lambda *_: progress.step(0))
    result = apply_plan(plan=plan, actor=actor, now=clock.now(), progress=progress)
    refusals = [_refusal(one, cell) for one in plan.files for cell in one.refused]
    return _told(result, run, plan.files), refusals


def _actor(run: Run) -> Actor:
    """Whoever asked for the run, with the rights he has now; the system when nobody did."""
    if run.requested_by is None:
        return SYSTEM
    return build_actor(Account.objects.filter(pk=run.requested_by).first(), clock.today())


def _files(run: Run) -> Sequence[InFile]:
    return [
        InFile(
            str(one["name"]),
            place_of(one["sha256"]) if "sha256" in one else str(one["path"]),
            one.get("mapping") or None,
        )
        for one in run.parameters["files"]
    ]


def _told(result: Result, run: Run, files: Sequence[FilePlan]) -> dict[str, Any]:
    told = {
        "accepted": result.accepted,
        "created": result.created,
        "already": result.already,
        "refused": result.refused_rows,
        "unreadable": [one.as_json() for one in result.unreadable],
        "files": [_layout(one) for one in files],
    }
    if run.attempts > 1:
        told["continued"] = f"上次做到一半中断，已接着做完；中断前录入的 {result.recorded} 行没有重复。"
    return told


def _layout(one: FilePlan) -> dict[str, Any]:
    """What giving refused rows back needs later: the header that the rows stood under."""
    layout = one.source.layout
    told = one.as_json()
    if layout is not None:
        told["layout"] = {"sheet": layout.sheet, "headers": list(layout.headers), "mapping": dict(layout.mapping)}
    return told


def _refusal(one: FilePlan, cell: RefusedCell) -> Refusal:
    column = f"{cell.column} {cell.header}".strip()
    cells = {
        str(at): value if isinstance(value, str | float | bool) else str(value)
        for at, value in enumerate(cell.cells)
        if value != ""
    }
    return Refusal(cell.row, column, cell.value, cell.text(), cell.hint_text(), one.name, cells)
