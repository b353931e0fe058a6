"""The worker's part of importing records: read the stored files, plan, carry out, give the refused rows back.

A face queues the run with `runs.operations.request_run(kind=KIND, …)`. A run that was killed is taken up again and goes
on: rows that it wrote before are found by their keys.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from quxin.access import SYSTEM, Actor
from quxin.files.operations import place_of
from quxin.jobs.worker import handles
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.orgs.models import Account
from quxin.orgs.operations import build_actor
from quxin.orgs.refusals import Refusal as RefusedCell
from quxin.records.intake.forms import form_of
from quxin.records.intake.operations import Result, apply_plan
from quxin.records.intake.plans import FilePlan, InFile, plan_files
from quxin.runs.models import Run
from quxin.runs.operations import Progress, Refusal
from quxin.sheets.cells import show

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
    refusals = [stored_refusal(one.name, cell) for one in plan.files for cell in one.refused]
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
        told["continued"] = result.recorded
    return told


def _layout(one: FilePlan) -> dict[str, Any]:
    """What giving refused rows back needs later: the header that the rows stood under."""
    layout = one.source.layout
    told = one.as_json()
    if layout is not None:
        told["layout"] = {"sheet": layout.sheet, "headers": list(layout.headers), "mapping": dict(layout.mapping)}
    if one.error is not None:
        told["error"] = stored_error(one.error)
    return told


def stored_error(error: QuxinError) -> dict[str, Any]:
    """Why a file cannot be read, as msgids and their values: said in the language of whoever reads it."""
    return {"reason": error.message, "hint": error.hint, "params": _plain(error.params)}


def stored_refusal(file: str, cell: RefusedCell, personal: Collection[int] = ()) -> Refusal:
    """A refused row as a run keeps it; cells at the places `personal` masked, for those are never kept in clear."""
    cells = {
        str(at): show(value, masked=True) if at in personal else _kept(value)
        for at, value in enumerate(cell.cells)
        if value != ""
    }
    column = f"{cell.column} {cell.header}".strip()
    return Refusal(cell.row, column, cell.value, cell.reason, cell.hint, file, cells, _plain(cell.params))


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Values of placeholders as JSON keeps them."""
    return {name: _kept(value) for name, value in params.items()}


def _kept(value: Any) -> str | int | float | bool:
    return value if isinstance(value, str | int | float | bool) else str(value)
