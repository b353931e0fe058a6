"""The printed cards of a round by roster: the sheet to cut out, until its codes are destroyed, and cards that were lost."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from quxin.access import Action, require
from quxin.desk.round_rosters import groups_of
from quxin.desk.round_watch import vote_path
from quxin.desk.shell import DeskRequest, desk_page, get_visible, page
from quxin.kernel.periods import zh_date
from quxin.records.evaluations import drafting
from quxin.records.evaluations.errors import AlreadyClosed, AlreadyFetched
from quxin.records.evaluations.models import CardSheet, RosterLine, Round
from quxin.records.evaluations.rules import last_day
from quxin.reports.poster import qr_once

HERE = "rounds"
A_PAGE = 8


@dataclass(frozen=True, slots=True)
class Printed:
    """One card to cut out: `serial` is its place in the round, by which a lost card is cancelled."""

    serial: str
    bearer: str
    code: str
    qr: str


@desk_page
def round_cards(request: DeskRequest, code: str) -> HttpResponse:
    """The cards as a list: which were used, which are cancelled; and what can be done with the printer's sheet."""
    found = _organised(request, code)
    lines = RosterLine.objects.filter(round=found, person=None).order_by("number")
    groups = {one["id"]: one["title"] for one in groups_of(found)}
    paged = Paginator(lines, 50).get_page(request.GET.get("page"))
    rows = [
        {"serial": paged.start_index() + place, "line": line, "group": groups.get(line.group, "")}
        for place, line in enumerate(paged)
    ]
    return page(
        request, "desk/rounds/cards.html", HERE, round=found, rows=rows, paged=paged, crumbs=_crumbs(found),
        has_sheet=CardSheet.objects.filter(round=found).exists(),
        columns=[{"title": _("卡号")}, {"title": _("评议人群体")}, {"title": _("发给")}, {"title": _("状态")}, {"title": ""}],
    )  # fmt: skip


@desk_page
@never_cache
def round_cards_print(request: DeskRequest, code: str) -> HttpResponse:
    """The sheets to print and cut, eight cards on an A4 page, until the codes are destroyed; never kept by a browser."""
    found = _organised(request, code)
    cards = drafting.card_sheet(actor=request.desk.actor, round_=found)
    if not cards:
        messages.info(request, _("领票码已经销毁，不能再打印。"))
        return redirect("desk:round_cards", code=code)
    titles = {one["id"]: one["title"] for one in groups_of(found)}
    alone = len(titles) == 1
    cancelled = _cancelled_places(found)
    home = _site(request) + vote_path(found.code)
    printed = [
        Printed(
            f"{place:03}",
            " · ".join(part for part in ("" if alone else titles.get(card.group, ""), label) if part),
            card.printed,
            qr_once(f"{home}#c={card.code.upper()}"),
        )
        for place, (card, label) in enumerate(cards, start=1)
        if place not in cancelled
    ]
    context = {
        "round": found,
        "sheets": [printed[start : start + A_PAGE] for start in range(0, len(printed), A_PAGE)],
        "lines": _card_lines(found, home),
        "count": len(printed),
        "back_href": reverse("desk:round_cards", args=[code]),
    }
    return render(request, "desk/rounds/cards_print.html", context)


@desk_page
def round_cards_destroy(request: DeskRequest, code: str) -> HttpResponse:
    """Destroy the printer's sheet of codes: the page that asks, and the deed."""
    found = _organised(request, code)
    if request.method == "POST":
        drafting.destroy_cards(actor=request.desk.actor, round_=found, now=request.desk.now)
        messages.success(request, _("领票码已经销毁，现在只在领票卡上。"))
        return redirect("desk:round_cards", code=code)
    return page(request, "desk/rounds/cards_destroy.html", HERE, round=found, crumbs=_crumbs(found))


@desk_page
def round_card_cancel(request: DeskRequest, code: str, number: str) -> HttpResponse:
    """Cancel a card that was lost before it was used: the page that asks, and the deed."""
    found = _organised(request, code)
    lines = list(
        RosterLine.objects.filter(round=found, person=None).order_by("number").values_list("number", flat=True)
    )
    if number not in lines:
        raise Http404
    error = ""
    if request.method == "POST":
        try:
            drafting.cancel_card(actor=request.desk.actor, round_=found, number=number, now=request.desk.now)
        except AlreadyFetched:
            error = _("这张卡已经领过票，或者已经注销，不能再注销。")
        except AlreadyClosed as closed:
            error = closed.text(_)
        else:
            messages.success(request, _("这张卡已经注销，不能再领票。"))
            return redirect("desk:round_cards", code=code)
    context: dict[str, Any] = {"round": found, "serial": lines.index(number) + 1, "error": error}
    return page(
        request, "desk/rounds/card_cancel.html", HERE, crumbs=_crumbs(found), status=422 if error else 200, **context
    )


def _organised(request: DeskRequest, code: str) -> Round:
    """A published round by roster whose cards the person may handle; not there for others, or 403 for who sees the round."""
    found: Round = get_visible(Round.objects.select_related("organiser", "campaign"), request.desk.actor, code=code)
    require(request.desk.actor, Action.OPEN_ROUND, found.organiser.path)
    if found.access != Round.Access.ROSTER or found.state == Round.State.DRAFT:
        raise Http404
    return found


def _card_lines(found: Round, home: str) -> list[str]:
    """How to vote, in three lines, in Chinese as the card is."""
    return [
        f"扫码，或打开 {home}",
        "输入上面的领票码，领到选票就投",
        f"到{zh_date(last_day(found))}为止，一张卡只能领一次票",
    ]


def _cancelled_places(found: Round) -> set[int]:
    """Places (from 1) of the cards that were cancelled; cards stand in the order of their lines' numbers."""
    ways = RosterLine.objects.filter(round=found, person=None).order_by("number").values_list("way", flat=True)
    return {place for place, way in enumerate(ways, start=1) if way == RosterLine.Way.CANCELLED}


def _site(request: HttpRequest) -> str:
    """The public name of the site, as the settings know it, else as this request reached it."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def _crumbs(found: Round) -> list[dict[str, str]]:
    return [
        {"title": _("评议"), "href": reverse("desk:rounds")},
        {"title": found.title, "href": reverse("desk:round", args=[found.code])},
    ]


urlpatterns = [
    path("rounds/<str:code>/cards/", round_cards, name="round_cards"),
    path("rounds/<str:code>/cards/print/", round_cards_print, name="round_cards_print"),
    path("rounds/<str:code>/cards/destroy/", round_cards_destroy, name="round_cards_destroy"),
    path("rounds/<str:code>/cards/<str:number>/cancel/", round_card_cancel, name="round_card_cancel"),
]
