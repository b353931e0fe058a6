"""Pages of long work that a person asked for: its progress while it runs, and a way to stop it.

Not for the work: `jobs` does that. Not for imports, whose rows come back: those have pages of their own.
"""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from quxin.desk.shell import DeskRequest
from quxin.runs.models import Run, RunState
from quxin.runs.operations import cancel_run
from quxin.runs.queries import runs_visible_to

STATES = {
    RunState.QUEUED: "running",
    RunState.RUNNING: "running",
    RunState.DONE: "done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
}


def visible_run(request: DeskRequest, kind: str, code: str) -> Run:
    """The run of that kind and code, if the person may see it; Http404 otherwise."""
    found = runs_visible_to(request.desk.actor).filter(kind=kind, code=code).first()
    if found is None:
        raise Http404
    return found


def progress_of(run: Run, *, href: str) -> dict[str, Any]:
    """What <c-progress> takes; `href` is the address of the page that shows it."""
    return {
        "title": run.title,
        "done": run.done,
        "total": "" if run.total is None else run.total,
        "state": STATES[RunState(run.state)],
        "href": href,
        "cancel": href,
        "note": run.error,
        "result": href if run.state == RunState.DONE else "",
    }


def answer_poll(request: DeskRequest, run: Run, progress: dict[str, Any]) -> HttpResponse | None:
    """The answer to the page asking again: the bar, or the whole page once the work has ended. None for a whole page."""
    if request.headers.get("HX-Request") != "true":
        return None
    if progress["state"] != "running":
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "desk/run_progress.html", {"progress": progress})


def stop(request: DeskRequest, run: Run, href: str) -> HttpResponse:
    """Ask the run to stop, and show it again."""
    cancel_run(run, actor=request.desk.actor.account, now=request.desk.now)
    return redirect(href)
