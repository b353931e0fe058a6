"""Installed packs: their versions, what differs between two, and sending a new one in."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from quxin.access import Action, may, require
from quxin.desk.campaign_forms import PackForm
from quxin.desk.shell import DeskRequest, desk_page, page, put_errors
from quxin.kernel.errors import QuxinError
from quxin.packs import queries
from quxin.packs.check import checked
from quxin.packs.diff import Difference, Effect, breaking, difference
from quxin.packs.load import Loaded, load_bytes
from quxin.packs.models import PackVersion
from quxin.packs.operations import install, preview
from quxin.packs.uploads import files_of
from quxin.records.campaigns.models import Campaign

HERE = "campaigns"
KINDS = {
    "pack": "包", "campaign": "活动", "promises": "承诺", "series": "系列", "record": "记录类别", "measure": "指标",
    "organisation": "单位骨架", "demand": "总体要求", "phase": "阶段", "aspect": "方面", "task": "任务",
    "task-force": "工作专班", "checklist": "清单", "checklist-item": "清单事项", "study-plan": "学习计划",
    "service": "服务事项", "evaluation": "评议", "form": "表单", "reporting": "报告制度", "publication": "公开栏目",
    "report": "报告", "section": "报告章节",
}  # fmt: skip


@desk_page
def packs(request: DeskRequest) -> HttpResponse:
    """The packs with all their versions; `?pack=&before=&after=` compares two; a POST checks or installs an upload."""
    desk = request.desk
    require(desk.actor, Action.VIEW, desk.organisation.path)
    may_install = bool(may(desk.actor, Action.INSTALL_PACK, desk.organisation.path))
    form, checked_pack = PackForm(), None
    if request.method == "POST":
        require(desk.actor, Action.INSTALL_PACK, desk.organisation.path)
        form = PackForm(request.POST, request.FILES)
        checked_pack, answer = _take(request, form) if form.is_valid() else (None, None)
        if answer is not None:
            return answer
    rows = list(PackVersion.objects.defer("content").order_by("pack", "-is_current", "-installed_at", "-pk"))
    return page(
        request,
        "desk/packs/list.html",
        HERE,
        status=422 if form.errors or (checked_pack and checked_pack["errors"]) else 200,
        packs=_by_pack(rows),
        difference=_compared(request, rows),
        form=form,
        checked=checked_pack,
        may_install=may_install,
        problem_columns=[{"title": _(word)} for word in ("文件", "行", "列", "哪里不对", "怎么改")],
        crumbs=[{"title": _("部署"), "href": reverse("desk:campaigns")}],
    )


def _by_pack(rows: list[PackVersion]) -> list[dict[str, Any]]:
    """Each pack with its versions, the current one first; each earlier one can be compared with it."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row.pack, {"pack": row.pack, "title": row.title, "versions": []})["versions"].append(row)
    return list(found.values())


def _compared(request: DeskRequest, rows: list[PackVersion]) -> dict[str, Any] | None:
    """The difference that the address asks for; Http404 for a version that is not installed."""
    pack, before, after = (request.GET.get(name, "") for name in ("pack", "before", "after"))
    if not pack:
        return None
    found = {row.version: row for row in rows if row.pack == pack}
    if before not in found or after not in found:
        raise Http404
    return _words(difference(queries.pack_of(found[before]), queries.pack_of(found[after])))


def _words(diff: Difference) -> dict[str, Any]:
    """A difference for the page, with what running campaigns feel of it."""
    running = Campaign.objects.filter(pack_version__pack=diff.pack, state=Campaign.State.DEPLOYED)
    effects: tuple[Effect, ...] = breaking(diff, list(running.values_list("key", flat=True)))
    return {
        "pack": diff.pack,
        "before": diff.before,
        "after": diff.after,
        "added": [(_(KINDS.get(item.kind, item.kind)), item.id, item.title) for item in diff.added],
        "removed": [(_(KINDS.get(item.kind, item.kind)), item.id, item.title) for item in diff.removed],
        "changed": [
            {
                "title": f"{_(KINDS.get(one.kind, one.kind))} {one.id} · {one.field}",
                "before": _plain(one.before),
                "after": _plain(one.after),
            }
            for one in diff.changed
        ],
        "effects": [(_(KINDS.get(one.kind, one.kind)), one.id, _(one.message)) for one in effects],
    }


def _plain(value: Any) -> str:
    if isinstance(value, dict) and set(value) <= {"zh", "en"}:
        return str(value.get("zh", ""))
    return "" if value is None else str(value)


def _take(request: DeskRequest, form: PackForm) -> tuple[dict[str, Any] | None, HttpResponse | None]:
    """Check the upload, and install it if that was asked for and nothing stands in the way."""
    upload = form.cleaned_data["pack"]
    try:
        loaded = load_bytes(files_of(str(upload.name), upload.read(2 * 1024 * 1024)))
        loaded = checked(loaded) if loaded.pack else loaded
        if loaded.errors:
            return _result(loaded), None
        if request.POST.get("do") == "install":
            installed = install(actor=request.desk.actor, loaded=loaded, now=request.desk.now)
            words = {"pack": installed.version.pack, "version": installed.version.version}
            said = _("已安装 %(pack)s %(version)s。") if installed.changed else _("%(pack)s %(version)s 没有变化。")
            messages.success(request, said % words)
            return None, redirect(_after(installed.diff))
        return _result(loaded) | {"difference": _previewed(loaded)}, None
    except QuxinError as error:
        put_errors(form, error, "pack")
        return None, None


def _previewed(loaded: Loaded) -> dict[str, Any] | None:
    diff = preview(loaded)
    return _words(diff) if diff else None


def _after(diff: Difference | None) -> str:
    home = reverse("desk:packs")
    return f"{home}?pack={diff.pack}&before={diff.before}&after={diff.after}" if diff else home


def _result(loaded: Loaded) -> dict[str, Any]:
    """What the check found, each with file, line, column and what to do."""
    return {
        "pack": loaded.pack,
        "problems": [problem.as_dict(_) for problem in loaded.problems],
        "errors": len(loaded.errors),
    }


urlpatterns = [path("packs/", packs, name="packs")]
