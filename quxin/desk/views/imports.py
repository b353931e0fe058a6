"""Import from Excel: choose a kind, take its form, upload, look at what each row would do, confirm, follow the run."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from quxin.access import Action, require
from quxin.desk.entry import attachment
from quxin.desk.imports import (
    IMPORT,
    PREVIEW,
    Importable,
    ImportForm,
    file_error,
    importables,
    mapping_choices,
    refused_file,
)
from quxin.desk.shell import DeskRequest, desk_page, page
from quxin.runs.models import Run, RunState
from quxin.runs.operations import cancel_run, request_run
from quxin.runs.queries import runs_visible_to, told_row

HERE = "imports"
SHOWN = 100
RECENT = 10
STATES = {
    RunState.QUEUED: "running",
    RunState.RUNNING: "running",
    RunState.DONE: "done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "cancelled",
}
LAMPS = {"running": "going", "done": "kept", "failed": "late", "cancelled": "none"}


@desk_page
def imports(request: DeskRequest) -> HttpResponse:
    """Choose a kind and files; they are looked at in the background before anything is written."""
    desk = request.desk
    require(desk.actor, Action.IMPORT, desk.organisation.path)
    kinds = importables(desk.actor)
    form = ImportForm(initial={"kind": request.GET.get("kind", "")}, kinds=kinds)
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES, kinds=kinds)
        if form.is_valid():
            kind = kinds[form.cleaned_data["kind"]]
            run = _look(request, kind, form.cleaned_data["files"])
            return redirect("desk:run", code=run.code)
    recent = runs_visible_to(desk.actor).filter(requested_by=desk.actor.account, kind__endswith=IMPORT)
    return page(
        request,
        "desk/imports/imports.html",
        HERE,
        status=422 if form.errors else 200,
        form=form,
        kinds=list(kinds.values()),
        recent=[(run, STATES[RunState(run.state)], LAMPS[STATES[RunState(run.state)]]) for run in recent[:RECENT]],
    )


@desk_page
def import_template(request: DeskRequest, kind: str) -> HttpResponse:
    """The blank form of a kind."""
    desk = request.desk
    require(desk.actor, Action.IMPORT, desk.organisation.path)
    found = importables(desk.actor).get(kind)
    if found is None:
        raise Http404
    return attachment(found.blank_form(), f"{found.title}.xlsx")


@desk_page
def run(request: DeskRequest, code: str) -> HttpResponse:
    """A piece of long work: progress while it goes on, then its preview or its result. As a fragment: the progress alone."""
    found = _run(request, code)
    state = STATES[RunState(found.state)]
    polled = request.headers.get("HX-Request") == "true"
    context: dict[str, Any] = {
        "run": found,
        "state": state,
        "total": "" if found.total is None else found.total,
        "href": reverse("desk:run", args=[code]),
        "cancel": reverse("desk:run_cancel", args=[code]),
        "note": found.get_state_display() if found.state == RunState.QUEUED else "",
    }
    if polled:
        answer = page(request, "desk/imports/progress.html", HERE, **context)
        if state != "running":
            answer["HX-Refresh"] = "true"
        return answer
    kind = _kind_of(request, found)
    return page(
        request,
        "desk/imports/run.html",
        HERE,
        **context,
        kind=kind,
        is_preview=found.kind.endswith(PREVIEW),
        files=_files(found, kind),
        refused=[told_row(row, _) for row in found.refused_rows.all()[:SHOWN]],
        continued=_continued(found),
        more_refused=max(0, found.refused_rows.count() - SHOWN),
        counts=_counts(found),
        refused_columns=[{"title": title} for title in (_("行"), _("列"), _("填的是"), _("原因"), _("怎么办"))],
        crumbs=[{"title": _("导入"), "href": reverse("desk:imports")}],
    )


@desk_page
def run_confirm(request: DeskRequest, code: str) -> HttpResponse:
    """Carry out what a preview showed; or look again with other columns. The same preview is carried out once."""
    desk = request.desk
    found = _run(request, code)
    kind = _kind_of(request, found)
    if request.method != "POST" or kind is None or found.state != RunState.DONE or not found.kind.endswith(PREVIEW):
        return redirect("desk:run", code=code)
    if request.POST.get("remap"):
        return redirect("desk:run", code=_look(request, kind, _remapped(request, found, kind)).code)
    there = Run.objects.filter(kind=kind.carry_out, parameters__preview=found.code).first()
    if there is None:
        there = request_run(
            kind=kind.carry_out,
            title=_("导入%(kind)s") % {"kind": kind.title},
            parameters=found.parameters | {"preview": found.code},
            actor=desk.actor.account,
            now=desk.now,
            path=desk.organisation.path,
        )
    return redirect("desk:run", code=there.code)


@desk_page
def run_cancel(request: DeskRequest, code: str) -> HttpResponse:
    """Ask a run to stop; what is done stays."""
    found = _run(request, code)
    if request.method == "POST":
        cancel_run(found, actor=request.desk.actor.account, now=request.desk.now)
        messages.success(request, _("已请求停止：做完的部分保留，没做的不会动。"))
    return redirect("desk:run", code=code)


@desk_page
def run_refused(request: DeskRequest, code: str, number: int) -> HttpResponse:
    """Just the refused rows of one file, with the reason in front, to mend and send again."""
    found = _run(request, code)
    kind = _kind_of(request, found)
    made = refused_file(found, number, kind) if kind else None
    if made is None:
        raise Http404
    return attachment(*made)


def _run(request: DeskRequest, code: str) -> Run:
    found = runs_visible_to(request.desk.actor).filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _kind_of(request: DeskRequest, found: Run) -> Importable | None:
    """What the run imports, if it is an import and the person may still import that."""
    if not found.kind.endswith((PREVIEW, IMPORT)):
        return None
    return importables(request.desk.actor).get(str(found.parameters.get("form", "")))


def _look(request: DeskRequest, kind: Importable, files: list[dict[str, Any]]) -> Run:
    desk = request.desk
    return request_run(
        kind=kind.preview,
        title=_("预览%(kind)s") % {"kind": kind.title},
        parameters={"form": kind.id, "files": files},
        actor=desk.actor.account,
        now=desk.now,
        path=desk.organisation.path,
    )


def _remapped(request: DeskRequest, found: Run, kind: Importable) -> list[dict[str, Any]]:
    """The files of a preview with the columns as the person says they are."""
    mapping = {
        column.id: said for column in kind.columns if (said := request.POST.get(f"column-{column.id}", "").strip()[:3])
    }
    return [{**one, "mapping": mapping} for one in found.parameters["files"]]


def _files(found: Run, kind: Importable | None) -> list[dict[str, Any]]:
    """What a run told of each file, with the columns it read as what."""
    titles = {column.id: column.title for column in kind.columns} if kind else {}
    told = []
    for number, one in enumerate(found.result.get("files", [])):
        chosen = {row["column"]: row["letter"] for row in one.get("mapping", [])}
        told.append(
            one
            | {
                "number": number,
                "has_layout": bool(one.get("layout")),
                "error": file_error(one),
                "read_as": [
                    {
                        "title": titles.get(row["column"], row["column"]),
                        "header": f"{row['letter']} {row['header']}".strip(),
                        "is_guess": row.get("confidence", 1) < 1,
                    }
                    for row in one.get("mapping", [])
                ],
                "choices": mapping_choices(one),
                "columns": [(column, chosen.get(column.id, "")) for column in kind.columns] if kind else [],
            }
        )
    return told


def _continued(found: Run) -> str:
    """What to say of a run that was interrupted and went on; runs of before kept the words."""
    rows = found.result.get("continued")
    if rows is None or isinstance(rows, str):
        return rows or ""
    return _("上次做到一半中断，已接着做完；中断前录入的 %(rows)s 行没有重复。") % {"rows": rows}


def _counts(found: Run) -> list[dict[str, Any]]:
    """The large numbers of a preview or a result, those that are there."""
    is_preview = found.kind.endswith(PREVIEW)
    words = {
        "new": _("将新录入") if is_preview else _("新录入"),
        "created": _("新录入"),
        "changed": _("将更改") if is_preview else _("更改"),
        "moved": _("将划转") if is_preview else _("划转"),
        "already": _("以前已有"),
        "refused": _("退回"),
    }
    told = found.result
    return [
        {"label": words[key], "text": told[key], "state": "late" if key == "refused" and told[key] else ""}
        for key in words
        if key in told and (told[key] or key in ("new", "created", "refused"))
    ]


urlpatterns = [
    path("imports/", imports, name="imports"),
    path("imports/<str:kind>/template/", import_template, name="import_template"),
    path("runs/<str:code>/", run, name="run"),
    path("runs/<str:code>/confirm/", run_confirm, name="run_confirm"),
    path("runs/<str:code>/cancel/", run_cancel, name="run_cancel"),
    path("runs/<str:code>/refused/<int:number>/", run_refused, name="run_refused"),
]
