"""Sharing out the target of a task: choose a way, look at the table, fill it in by hand, take it along as Excel."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from quxin.access import Action, may, require
from quxin.briefs.shares import MOST_BY_HAND, ShareLine, Shares, shares_brief
from quxin.desk.entry import excel
from quxin.desk.share_words import BY_WORDS, WAYS, way_words
from quxin.desk.shell import DeskRequest, desk_page, page, put_errors
from quxin.desk.views.tasks import HERE, crumbs_of, visible_task
from quxin.kernel.errors import QuxinError
from quxin.kernel.scaled import ScaledError, plain, scale, unscale
from quxin.packs.base_types import BY
from quxin.packs.queries import pack_of
from quxin.records.campaigns.deploying import HAND
from quxin.records.campaigns.models import Task
from quxin.records.campaigns.operations_share import share_out
from quxin.sheets.columns import Column


class SharesForm(forms.Form):
    """The shares as typed: a number for each organisation, under `share-<code of the duty>`."""

    def __init__(self, *args: Any, brief: Shares, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brief = brief
        self.shares: dict[int, int] = {}
        self.rows: list[tuple[ShareLine, str, str]] = []

    def clean(self) -> dict[str, Any]:
        """Every number is read; one that is none is named with its organisation."""
        said = super().clean() or {}
        for line in self.brief.lines:
            name = line.assignment.organisation.name
            typed = self.data.get(f"share-{line.assignment.code}", line.typed).strip()
            error = ""
            try:
                share = scale(typed or "0")
                self.shares[line.assignment.organisation_id] = share
                error = _("不能小于零") if share < 0 else ""
            except ScaledError:
                error = _("不是数字")
            if error:
                self.add_error(None, _("%(name)s：%(error)s。") % {"name": name, "error": error})
            self.rows.append((line, typed, error))
        return said


@desk_page
def task_shares(request: DeskRequest, code: str) -> HttpResponse:
    """The table of a task's shares; `?way=` shows what a way would give before anything is saved."""
    desk = request.desk
    found = visible_task(desk, code)
    require(desk.actor, Action.DEPLOY_CAMPAIGN, found.campaign.sponsor.path)
    brief = shares_brief(found, desk.today, _way(request, found))
    if request.GET.get("export"):
        return _export(request, brief)
    form = SharesForm(request.POST if request.method == "POST" else None, brief=brief)
    if form.is_bound and form.is_valid() and _save(request, found, form):
        return redirect("desk:task", code=code)
    rows = form.rows or [(line, line.typed, "") for line in brief.lines]
    shown = [(line, _text(line.now), _text(line.proposed), typed, error) for line, typed, error in rows[:MOST_BY_HAND]]
    total = sum(form.shares.values()) if form.is_bound else brief.total
    return page(
        request,
        "desk/campaigns/shares.html",
        HERE,
        status=422 if form.errors else 200,
        task=found,
        brief=brief,
        form=form,
        rows=shown,
        count=len(rows),
        more=len(rows) - len(shown),
        total=plain(total, group=True),
        left=plain((found.target or 0) - total, group=True),
        target=plain(found.target or 0, group=True),
        raw_target=plain(found.target or 0),
        ways=_ways(brief),
        now_words=way_words(found.share, pack_of(found.campaign.pack_version)),
        columns=_columns(brief),
        is_closed=found.campaign.closed_on is not None,
        may_export=bool(may(desk.actor, Action.EXPORT, found.campaign.sponsor.path)),
        crumbs=[*crumbs_of(found.campaign), {"title": _(found.title), "href": reverse("desk:task", args=[code])}],
    )


def _text(share: int | None) -> str:
    return "—" if share is None else plain(share, group=True)


def _way(request: DeskRequest, found: Task) -> str | None:
    """The way asked for; None for the shares as they are."""
    asked = (request.POST if request.method == "POST" else request.GET).get("way")
    if asked is None:
        return None
    known = {*WAYS, *(way for way, _label in shares_brief(found, request.desk.today).sizes)}
    return asked if asked in known else None


def _ways(brief: Shares) -> list[tuple[str, str]]:
    ways = [(way, _(words)) for way, words in WAYS.items() if way != HAND or brief.by_hand]
    return ways + [(way, _(BY_WORDS) % {"what": _(label)}) for way, label in brief.sizes]


def _save(request: DeskRequest, found: Task, form: SharesForm) -> bool:
    """Save the shares; numbers that were changed by hand are shares by hand, whatever they began as."""
    desk, brief = request.desk, form.brief
    proposed = {line.assignment.organisation_id: line.proposed for line in brief.lines}
    way = brief.way if not brief.is_parts or form.shares == proposed else HAND
    version = request.POST.get("version", "")
    try:
        share_out(
            actor=desk.actor,
            task=found,
            way=way,
            shares=form.shares if brief.is_parts else {},
            now=desk.now,
            version=int(version) if version.isdecimal() else 0,
        )
    except QuxinError as error:
        put_errors(form, error)
        return False
    messages.success(request, _("目标已分好：各单位的进展按自己的一份算。"))
    return True


def _columns(brief: Shares) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = [{"title": _("单位")}]
    if brief.way.startswith(BY):
        columns.append({"title": _(dict(brief.sizes)[brief.way]), "num": True})
    return [*columns, {"title": _("现在"), "num": True}, {"title": _("分到"), "num": True}]


def _export(request: DeskRequest, brief: Shares) -> HttpResponse:
    require(request.desk.actor, Action.EXPORT, brief.task.campaign.sponsor.path)
    columns = [Column("name", _("单位")), Column("code", _("单位编码"))]
    if brief.way.startswith(BY):
        columns.append(Column("size", dict(brief.sizes)[brief.way], kind="decimal"))
    columns += [Column("share", f"{_('分到')}（{brief.unit}）", kind="decimal")]
    rows = (
        {
            "name": line.assignment.organisation.name,
            "code": line.assignment.organisation.official_code,
            "size": line.size,
            "share": None if line.proposed is None else unscale(line.proposed),
        }
        for line in brief.lines
    )
    totals = {"share": Decimal(unscale(brief.total))} if brief.is_parts else None
    notes = [way_words(brief.way, pack_of(brief.task.campaign.pack_version))]
    return excel(f"{brief.task.title[:40]} {_('目标分解')}", columns, rows, notes=notes, totals=totals)


urlpatterns = [path("tasks/<str:code>/shares/", task_shares, name="task_shares")]
