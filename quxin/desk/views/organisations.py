"""The tree of organisations, one organisation, and the changes of the tree, each shown before it is done."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from quxin.access import Action, may, require
from quxin.briefs import organisations as briefs
from quxin.desk.entry import excel
from quxin.desk.organisation_forms import ACTS, Act, ChangeForm
from quxin.desk.record_pages import refusal_of
from quxin.desk.shell import Desk, DeskRequest, desk_page, page
from quxin.orgs.models import Organisation, OrganisationKind
from quxin.orgs.queries import visible_organisation
from quxin.records.evaluations.models import Remark
from quxin.sheets.columns import Column

HERE = "organisations"
MOST_EXPORTED = 5000
REMARKS = 5


@desk_page
def organisations(request: DeskRequest) -> HttpResponse:
    """The tree from one node down, now or on a day; a search looks through all that the person sees."""
    desk = request.desk
    node = _node(request)
    require(desk.actor, Action.VIEW, node.path)
    on = _day(request, desk)
    wanted = _wanted(request)
    if request.GET.get("export"):
        return _export(desk, node, on, wanted)
    number = request.GET.get("page", "1")
    tree = briefs.tree_page(
        desk.actor, node, today=desk.today, on=on, page=int(number) if number.isdigit() else 1, **wanted
    )
    return page(
        request,
        "desk/organisations.html",
        HERE,
        tree=tree,
        node=node,
        kinds=[(kind.value, kind.label) for kind in OrganisationKind],
        columns=_columns(searching=bool(wanted["search"])),
        may_manage=bool(may(desk.actor, Action.MANAGE_ORGANISATIONS, node.path)),
        may_export=bool(may(desk.actor, Action.EXPORT, node.path)),
        crumbs=[{"title": name, "href": _tree_href(code, on)} for code, name in tree.crumbs],
        **wanted,
    )


def _node(request: DeskRequest) -> Organisation:
    code = request.GET.get("at", "")
    if not code:
        return request.desk.organisation
    return _visible(request.desk, code)


def _visible(desk: Desk, code: str) -> Organisation:
    found = visible_organisation(desk.actor, code)
    if found is None:
        raise Http404
    return found


def _day(request: DeskRequest, desk: Desk) -> date | None:
    """The day asked for, if it is past: today's tree needs no day."""
    try:
        day = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
    return day if day < desk.today else None


def _wanted(request: DeskRequest) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    return {
        "search": request.GET.get("q", "").strip()[:60],
        "kind": kind if kind in OrganisationKind.values else "",
        "sort": request.GET.get("sort", "")[:20],
    }


def _tree_href(code: str, on: date | None) -> str:
    day = f"&on={on.isoformat()}" if on else ""
    return f"{reverse('desk:organisations')}?at={code}{day}"


def _columns(*, searching: bool) -> list[dict[str, Any]]:
    sort = (lambda key: {}) if searching else (lambda key: {"sort": key})
    return [
        {"title": _("名称"), **sort("name")},
        {"title": _("类别"), **sort("kind")},
        {"title": _("层级"), **sort("level")},
        {"title": _("编码"), **sort("code")},
        {"title": _("党员"), "num": True},
        {"title": _("规模提示")},
    ]


def _export(desk: Desk, node: Organisation, on: date | None, wanted: dict[str, Any]) -> HttpResponse:
    require(desk.actor, Action.EXPORT, node.path)
    tree = briefs.tree_page(desk.actor, node, today=desk.today, on=on, size=MOST_EXPORTED, **wanted)
    columns = [
        Column("name", _("名称")),
        Column("kind", _("类别")),
        Column("level", _("层级")),
        Column("code", _("编码"), kind="code"),
        Column("members", _("党员"), kind="integer"),
        Column("warnings", _("规模提示")),
    ]
    rows = [
        {
            "name": row.name,
            "kind": _(row.kind_title),
            "level": _(row.level_title) if row.level_title else "",
            "code": row.official_code,
            "members": None if row.members is None or row.members.is_missing else int(row.members.value),  # type: ignore[arg-type]
            "warnings": "；".join(_(one.message) % one.params for one in row.warnings),
        }
        for row in tree.rows
    ]
    note = _("截至 %s") % (on or desk.today).isoformat()
    return excel(_("%s的下级单位") % tree.name, columns, rows, notes=[note])


@desk_page
def organisation(request: DeskRequest, code: str) -> HttpResponse:
    """One organisation: what it is, its names in time, its people and numbers, what can be done."""
    desk = request.desk
    found = _visible(desk, code)
    brief = briefs.organisation_brief(desk.actor, found, today=desk.today, period=desk.period)
    return page(
        request,
        "desk/organisation.html",
        HERE,
        brief=brief,
        organisation=found,
        facts=_facts(found, brief),
        timeline=[_happening(entry) for entry in brief.history],
        acts=_acts(desk, found),
        may_export=bool(may(desk.actor, Action.EXPORT, found.path)),
        may_comment=bool(may(desk.actor, Action.COMMENT, found.path)),
        remarks=Remark.objects.visible_to(desk.actor).filter(organisation=found).select_related("commitment")[:REMARKS],
        mine=desk.actor.account,
        crumbs=[{"title": one.name, "href": _tree_href(one.code, None)} for one in brief.crumbs],
    )


def _facts(found: Organisation, brief: briefs.OrganisationBrief) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"title": _("类别"), "value": _(brief.kind_title)},
        {"title": _("层级"), "value": _(found.get_level_display()) if found.level else ""},
        {"title": _("编码"), "value": found.official_code},
        {"title": _("简称"), "value": found.short_name},
        {
            "title": pgettext("change", "设立"),
            "value": found.opened_on.isoformat() if found.opened_on else _("日期没有记载"),
        },
        {"title": pgettext("change", "撤销"), "value": found.closed_on.isoformat() if found.closed_on else ""},
    ]
    if found.successor:
        href = reverse("desk:organisation", args=[found.successor.code])
        rows.append({"title": _("承接单位"), "value": found.successor.name, "href": href})
    rows.append({"title": _("备注"), "value": found.note})
    return [row for row in rows if row["value"]]


def _happening(entry: briefs.HistoryEntry) -> dict[str, Any]:
    return {
        "on": entry.on,
        "strong": f"{pgettext('change', entry.strong)} ",
        "text": entry.text,
        "note": entry.reason,
        "changed": entry.kind == "corrected",
    }


def _acts(desk: Desk, found: Organisation) -> list[dict[str, str]]:
    """What the person may do here, as links."""
    closed = found.closed_on is not None
    return [
        {
            "title": pgettext("organisation", act.title),
            "href": reverse("desk:organisation_change", args=[found.code, key]),
        }
        for key, act in ACTS.items()
        if (act.for_closed == closed or key == "correct") and _may_act(desk, act, found)
    ]


def _may_act(desk: Desk, act: Act, found: Organisation) -> bool:
    path_ = (found.parent.path if found.parent else "") if act.above else found.path
    return bool(may(desk.actor, Action.MANAGE_ORGANISATIONS, path_))


@desk_page
def organisation_change(request: DeskRequest, code: str, act: str) -> HttpResponse:
    """A change of the tree in two steps: fill in, see what it takes along, then do it."""
    desk = request.desk
    found = _visible(desk, code)
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    require(desk.actor, Action.MANAGE_ORGANISATIONS, found.path)
    form = chosen.form(request.POST if request.method == "POST" else None, desk=desk, organisation=found)
    if not form.is_bound or "back" in request.POST or not form.is_valid():
        return _form_page(request, found, act, chosen, form)
    if "confirmed" not in request.POST:
        return _preview(request, found, act, chosen, form)
    done: list[Organisation] = []
    refused = refusal_of(form, found, lambda: done.append(chosen.do(desk, found, dict(form.cleaned_data))))
    if refused:
        return _form_page(request, found, act, chosen, form, refused.changes)
    messages.success(request, pgettext("organisation", chosen.done))
    return redirect("desk:organisation", code=done[0].code)


def _form_page(
    request: DeskRequest, found: Organisation, act: str, chosen: Act, form: ChangeForm, changes: Any = ()
) -> HttpResponse:
    return page(
        request,
        "desk/organisation_change.html",
        HERE,
        form=form,
        changes=changes,
        act=act,
        title=pgettext("organisation", chosen.title),
        note=pgettext("organisation", chosen.note),
        organisation=found,
        crumbs=_crumbs(found),
    )


def _preview(request: DeskRequest, found: Organisation, act: str, chosen: Act, form: ChangeForm) -> HttpResponse:
    told = [{"title": title, "value": value} for title, value in form.told()]
    return page(
        request,
        "desk/organisation_preview.html",
        HERE,
        form=form,
        act=act,
        title=pgettext("organisation", chosen.title),
        note=pgettext("organisation", chosen.note),
        told=told,
        impact=briefs.impact(found, today=request.desk.today),
        takes_along=act in ("move", "merge", "close"),
        organisation=found,
        crumbs=_crumbs(found),
    )


def _crumbs(found: Organisation) -> list[dict[str, str]]:
    return [
        {"title": _("组织"), "href": _tree_href(found.code, None)},
        {"title": found.name, "href": reverse("desk:organisation", args=[found.code])},
    ]


urlpatterns = [
    path("organisations/", organisations, name="organisations"),
    path("organisations/<str:code>/", organisation, name="organisation"),
    path("organisations/<str:code>/<str:act>/", organisation_change, name="organisation_change"),
]
