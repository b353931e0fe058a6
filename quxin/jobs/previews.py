"""The worker's part of looking at files before they are imported: what each row would do. Writes no record.

A preview is a run of its own, so that a hundred thousand rows never make anybody wait for a page.
"""

from collections.abc import Iterable
from typing import Any

from quxin.jobs.imports import _actor, _files, _layout, stored_refusal
from quxin.jobs.worker import handles
from quxin.kernel import clock
from quxin.records.intake.forms import form_of
from quxin.records.intake.plans import plan_files
from quxin.runs.models import Run
from quxin.runs.operations import Progress, Refusal

KIND = "records.preview"


@handles(KIND)
def preview_records(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """Read the files of a run (`parameters` as for an import) and tell what importing them would do."""
    form = form_of(str(run.parameters["form"]))
    progress.start(None)

    def show(done: int, total: int | None) -> None:
        progress.step(done - progress.done)

    plan = plan_files(_files(run), form, actor=_actor(run), today=clock.today(), show=show)
    told = {
        "new": plan.new,
        "already": plan.already,
        "refused": plan.refused,
        "files": [_layout(one) for one in plan.files],
    }
    return told, [stored_refusal(one.name, cell) for one in plan.files for cell in one.refused]
