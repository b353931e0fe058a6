"""Campaigns: the list, the board, checklists and the burden."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from quxin.access import Action, may, require
from quxin.briefs import campaigns as briefs
from quxin.briefs.burden import burden_of_campaign
from quxin.briefs.campaigns import Board, Cell, Wish
from quxin.briefs.checklists import CheckBoard, CheckCell, checklist_brief
from quxin.briefs.duties import reaches
from quxin.desk.entry import excel
from quxin.desk.links import href_of
from quxin.desk.shell import Desk, DeskRequest, desk_page, get_visible, page
from quxin.kernel.periods import zh_date
from quxin.orgs.models import Organisation
from quxin.packs import queries as packs
from quxin.records.campaigns.models import Campaign, ChecklistItem
from quxin.records.campaigns.queries import items_of
from quxin.sheets.columns import Column
from quxin.ui.words import lamp_title

HERE = "campaigns"
LAMPS = ("late", "due", "going", "none", "kept")
CAMPAIGNS = Campaign.objects.select_related("sponsor", "pack_version").defer("pack_version__content")
STAGES = {"ahead": "未开始", "running": "进行中", "over": "已期满", "closed": "已结束"}


@desk_page
def campaigns(request: DeskRequest) -> HttpResponse:
    """The campaigns that reach the organisation, and the packs that could be deployed."""
    desk = request.desk
    require(desk.actor, Action.VIEW, desk.organisation.path)
    cards = briefs.campaign_cards(desk.actor, desk.organisation, desk.today)
    may_deploy = bool(may(desk.actor, Action.DEPLOY_CAMPAIGN, desk.organisation.path))
    return page(
        request,
        "desk/campaigns/list.html",
        HERE,
        cards=[(card, _(STAGES[card.stage])) for card in cards],
        packs=[pack for pack in packs.all_current() if pack.campaign] if may_deploy else [],
        may_deploy=may_deploy,
    )


@desk_page
def campaign(request: DeskRequest, code: str) -> HttpResponse:
    """The board: organisations down, tasks across; `?export=1` gives just what is shown as Excel."""
    desk = request.desk
    found = get_visible(CAMPAIGNS, desk.actor, code=code)
    board = briefs.board_brief(
        actor=desk.actor, campaign=found, organisation=desk.organisation, today=desk.today, wish=_wish(request)
    )
    if request.GET.get("export"):
        return _export_board(desk, found, board)
    head = briefs.head_of(found, desk.today)
    return page(
        request,
        "desk/campaigns/board.html",
        HERE,
        head=head,
        stage=_(STAGES[head.stage]),
        board=board,
        rows=[_board_row(row) for row in board.page_rows],
        columns=_board_columns(board),
        totals=[f"{tally.kept}/{tally.total}" if tally.total else "" for tally in board.totals],
        tabs=_tabs(request, board),
        strip=_strip(request, board),
        chips=_chips(request, {"words": request.GET.get("words", ""), "lamp": _lamp_word(request)}),
        lamps=[(lamp, lamp_title(lamp)) for lamp in LAMPS],
        crumbs=_crumbs(desk, found, board.above),
        reaches=reaches(found, desk.organisation),
        may_export=bool(may(desk.actor, Action.EXPORT, desk.organisation.path)),
        may_write=bool(may(desk.actor, Action.WRITE_REPORT, desk.organisation.path)),
        may_close=bool(may(desk.actor, Action.DEPLOY_CAMPAIGN, found.sponsor.path)),
    )


def _wish(request: DeskRequest) -> Wish:
    wanted = request.GET
    number = wanted.get("page", "")
    return Wish(
        aspect=wanted.get("aspect", ""),
        words=wanted.get("words", "")[:60],
        lamp=wanted.get("lamp", "") if wanted.get("lamp") in LAMPS else "",
        sort=wanted.get("sort", ""),
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
    )


def _lamp_word(request: DeskRequest) -> str:
    lamp = request.GET.get("lamp", "")
    return lamp_title(lamp) if lamp in LAMPS else ""


def _board_row(row: briefs.BoardRow) -> dict[str, Any]:
    """A row with the addresses of its cells."""
    code = row.organisation.code
    tally = row.tally
    return {
        "name": row.organisation.name,
        "is_own": row.is_own,
        "href": f"?org={code}",
        "cells": [_cell(cell, code) for cell in row.cells],
        "rate": tally.rate,
        "rate_words": _("应到期 %(fallen)d 项，按期 %(on_time)d 项")
        % {"fallen": tally.fallen, "on_time": tally.on_time},
    }


def _cell(cell: Cell | None, organisation: str) -> dict[str, str] | None:
    """A number opens its workings; a count of duties leads to the duties."""
    if cell is None:
        return None
    if cell.figure:
        return {"state": cell.state, "text": cell.text, "figure": f"/desk/{cell.figure}", "words": cell.words}
    page_of = _ASSIGNMENT.replace("CODE", cell.assignment) if cell.assignment else _TASK.replace("CODE", cell.task.code)
    href = page_of if cell.assignment else f"{page_of}?org={organisation}"
    return {"state": cell.state, "text": cell.text, "href": href, "words": cell.words}


# Addresses put together from these: a board prints hundreds, and reverse() is not free.
_TASK, _ASSIGNMENT = "/desk/tasks/CODE/", "/desk/assignments/CODE/"


def _board_columns(board: Board) -> list[dict[str, Any]]:
    code = board.organisation.code
    columns: list[dict[str, Any]] = [
        {"title": _("单位"), "sort": "title"},
        {"title": _("按期率"), "num": True, "sort": "rate"},
    ]
    columns += [
        {"title": format_html('<a href="{}?org={}">{}</a>', _TASK.replace("CODE", task.code), code, _(task.title))}
        for task in board.tasks
    ]
    return columns


def _tabs(request: DeskRequest, board: Board) -> list[dict[str, Any]]:
    return [
        {"title": _(title), "href": _with(request, aspect=key, words=""), "here": key == board.aspect, "count": count}
        for key, title, count in board.aspects
    ]


def _strip(request: DeskRequest, board: Board) -> list[dict[str, Any]]:
    """The four numbers above the board; each leads to the rows that it counts."""
    strip = board.strip
    named = (
        (_("已完成"), "kept", strip.kept),
        (_("7 天内到期"), "due", strip.due),
        (_("逾期"), "late", strip.late),
        (_("没有数据"), "none", strip.none),
    )
    return [
        {"label": label, "lamp": lamp, "count": count, "href": _with(request, lamp=lamp)}
        for label, lamp, count in named
    ]


def _with(request: DeskRequest, **changes: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("export", None)
    for key, value in changes.items():
        query[key] = value
        if not value:
            del query[key]
    return f"?{query.urlencode()}"


def _chips(request: DeskRequest, given: dict[str, str]) -> list[dict[str, str]]:
    return [{"title": value, "href": _with(request, **{key: ""})} for key, value in given.items() if value]


def _crumbs(desk: Desk, found: Campaign, above: Iterable[Organisation], *, last: bool = True) -> list[dict[str, str]]:
    """The campaigns, this one, and the organisations between its sponsor and where we look: each is the board there."""
    home = reverse("desk:campaign", args=[found.code])
    crumbs = [{"title": _("部署"), "href": reverse("desk:campaigns")}]
    if not last:
        crumbs.append({"title": _(found.title), "href": f"{home}?org={desk.organisation.code}"})
        return crumbs
    mine = [row for row in above if row.path.startswith(found.sponsor.path) and may(desk.actor, Action.VIEW, row.path)]
    return crumbs + [{"title": row.name, "href": f"{home}?org={row.code}"} for row in mine]


def _export_board(desk: Desk, found: Campaign, board: Board) -> HttpResponse:
    require(desk.actor, Action.EXPORT, desk.organisation.path)
    columns = [Column("name", _("单位"))]
    columns += [Column(str(task.pk), task.title) for task in board.tasks]
    columns += [Column("on_time", _("按期"), kind="integer"), Column("fallen", _("应到期"), kind="integer")]
    columns.append(Column("rate", _("按期率（%）"), kind="decimal"))
    rows = (
        {
            "name": row.organisation.name,
            "on_time": row.tally.on_time,
            "fallen": row.tally.fallen,
            "rate": row.tally.rate,
        }
        | {str(cell.task.pk): f"{cell.text} {lamp_title(cell.state)}" for cell in row.cells if cell}
        for row in board.rows
    )
    totals = {"on_time": board.tally.on_time, "fallen": board.tally.fallen, "rate": board.tally.rate} | {
        str(task.pk): f"{tally.kept}/{tally.total}" for task, tally in zip(board.tasks, board.totals, strict=True)
    }
    title = _("%(title)s任务推进情况") % {"title": found.title}
    return excel(title, columns, rows, notes=[_as_of(desk, board)], totals=totals)


def _as_of(desk: Desk, board: Board) -> str:
    return _("%(organisation)s；数字由记录算出，%(start)s至%(end)s") % {
        "organisation": desk.organisation.name,
        "start": zh_date(board.period.start),
        "end": zh_date(board.period.end),
    }


# --- checklists ---


@desk_page
def checklist(request: DeskRequest, code: str, key: str) -> HttpResponse:
    """A checklist such as the six ones: organisations × items, done or missing; `?each=1` one organisation a row."""
    desk, wanted = request.desk, request.GET
    found = get_visible(CAMPAIGNS, desk.actor, code=code)
    items = items_of(found, key)
    if not items:
        raise Http404
    number = wanted.get("page", "")
    brief = checklist_brief(
        campaign=found,
        items=items,
        organisation=desk.organisation,
        today=desk.today,
        each=wanted.get("each") == "1",
        words=wanted.get("words", "")[:60],
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
        whole=bool(wanted.get("export")),
    )
    if wanted.get("export"):
        return _export_checklist(desk, brief)
    return page(
        request,
        "desk/campaigns/checklist.html",
        HERE,
        campaign=found,
        brief=brief,
        rows=[(row, [(cell, href_of(cell.record) if cell.record else "") for cell in row.cells]) for row in brief.rows],
        totals=[f"{done}/{total}" for done, total in brief.totals],
        columns=[{"title": _("单位")}, *({"title": _item_title(item)} for item in brief.items)],
        tabs=[
            {"title": _("按下级单位"), "href": _with(request, each=""), "here": not brief.each},
            {
                "title": _("逐个单位"),
                "href": _with(request, each="1"),
                "here": brief.each,
                "count": brief.organisations,
            },
        ],
        chips=_chips(request, {"words": wanted.get("words", "")}),
        crumbs=_crumbs(desk, found, (), last=False),
        may_export=bool(may(desk.actor, Action.EXPORT, desk.organisation.path)),
    )


def _item_title(item: ChecklistItem) -> str:
    """What is to be done, and how often where once is not enough."""
    if item.times == 1:
        return _(item.title)
    said = {"title": _(item.title), "n": item.times}
    return ngettext("%(title)s（%(n)d 次）", "%(title)s（%(n)d 次）", item.times) % said


def _export_checklist(desk: Desk, brief: CheckBoard) -> HttpResponse:
    require(desk.actor, Action.EXPORT, desk.organisation.path)
    columns = [Column("name", _("单位")), *(Column(str(item.pk), _item_title(item)) for item in brief.items)]
    rows: Iterator[dict[str, str]] = (
        {"name": row.organisation.name}
        | {
            str(item.pk): cell.text if cell.total > 1 or (cell.count and cell.times > 1) else _once(cell)
            for item, cell in zip(brief.items, row.cells, strict=True)
        }
        for row in brief.rows
    )
    totals = {str(item.pk): f"{done}/{total}" for item, (done, total) in zip(brief.items, brief.totals, strict=True)}
    return excel(brief.title, columns, rows, notes=[f"{desk.organisation.name} {brief.period.zh()}"], totals=totals)


def _once(cell: CheckCell) -> str:
    return _("已办") if cell.done else _("缺")


# --- the burden ---


@desk_page
def burden(request: DeskRequest, code: str) -> HttpResponse:
    """What a running campaign costs those who carry it out, and how that is reckoned."""
    desk = request.desk
    found = get_visible(CAMPAIGNS, desk.actor, code=code)
    return page(
        request,
        "desk/campaigns/burden.html",
        HERE,
        campaign=found,
        burden=burden_of_campaign(found, packs.pack_of(found.pack_version)),
        columns=burden_columns(),
        crumbs=[
            {"title": _("部署"), "href": reverse("desk:campaigns")},
            {"title": _(found.title), "href": reverse("desk:campaign", args=[code])},
        ],
    )


def burden_columns() -> list[dict[str, Any]]:
    """The columns of the table of the burden."""
    return [
        {"title": _("由谁承担")},
        {"title": _("各级单位")},
        {"title": pgettext("count", "单位"), "num": True},
        {"title": pgettext("count", "任务"), "num": True},
        {"title": _("一个单位用时（分钟）"), "num": True},
        {"title": _("合计（小时）"), "num": True},
    ]


urlpatterns = [
    path("campaigns/", campaigns, name="campaigns"),
    path("campaigns/<str:code>/", campaign, name="campaign"),
    path("campaigns/<str:code>/burden/", burden, name="burden"),
    path("campaigns/<str:code>/checklists/<str:key>/", checklist, name="checklist"),
]
