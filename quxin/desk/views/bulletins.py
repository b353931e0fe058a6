"""The bulletin of a campaign: asked for on the board, written in the background, read on paper, taken along as Word."""

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from quxin.access import Action, require
from quxin.desk.run_pages import answer_poll, progress_of, stop, visible_run
from quxin.desk.shell import DeskRequest, desk_page, get_visible, page
from quxin.desk.views.campaigns import CAMPAIGNS, HERE
from quxin.records.campaigns.models import Campaign
from quxin.reports.bulletins import KIND, bulletin_file
from quxin.runs.models import RunState
from quxin.runs.operations import request_run
from quxin.runs.queries import runs_visible_to

RECENT = 20


@desk_page
def bulletins(request: DeskRequest, code: str) -> HttpResponse:
    """The bulletins that the person had written of a campaign; a POST asks for one of the organisation looked at."""
    desk = request.desk
    found = get_visible(CAMPAIGNS.exclude(state=Campaign.State.DRAFT), desk.actor, code=code)
    require(desk.actor, Action.WRITE_REPORT, desk.organisation.path)
    if request.method == "POST":
        run = request_run(
            kind=KIND,
            title=_("通报：%(title)s") % {"title": found.title},
            parameters={
                "campaign": found.code,
                "organisation": desk.organisation.code,
                "site": settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}",
            },
            actor=desk.actor.account,
            now=desk.now,
            path=desk.organisation.path,
        )
        return redirect("desk:bulletin", code=run.code)
    mine = runs_visible_to(desk.actor).filter(kind=KIND, parameters__campaign=found.code, state=RunState.DONE)
    return page(
        request,
        "desk/campaigns/bulletins.html",
        HERE,
        campaign=found,
        runs=mine.filter(requested_by=desk.actor.account)[:RECENT],
        crumbs=_crumbs(found),
    )


@desk_page
def bulletin(request: DeskRequest, code: str) -> HttpResponse:
    """One bulletin: its progress, then the paper. POST stops it."""
    run = visible_run(request, KIND, code)
    href = reverse("desk:bulletin", args=[code])
    if request.method == "POST":
        return stop(request, run, href)
    # Who looks after runs sees how they go, not what they write.
    require(request.desk.actor, Action.WRITE_REPORT, run.path)
    progress = progress_of(run, href=href)
    polled = answer_poll(request, run, progress)
    if polled is not None:
        return polled
    found = CAMPAIGNS.filter(code=run.parameters["campaign"]).first()
    return page(
        request,
        "desk/campaigns/bulletin.html",
        HERE,
        run=run,
        state=progress["state"],
        progress=progress,
        # Made by reports.paper, which escapes every text and checks every address.
        paper=mark_safe(run.result.get("paper", "")),  # noqa: S308
        is_there=bulletin_file(run).exists(),
        crumbs=_crumbs(found),
    )


@desk_page
def bulletin_word(request: DeskRequest, code: str) -> HttpResponse | FileResponse:
    """The bulletin as Word in the official layout."""
    run = visible_run(request, KIND, code)
    require(request.desk.actor, Action.EXPORT, run.path)
    place = bulletin_file(run)
    if run.state != RunState.DONE or not place.exists():
        raise Http404
    day = run.requested_at.date().isoformat()
    return FileResponse(place.open("rb"), as_attachment=True, filename=f"{run.result['title']}（{day}）.docx")


def _crumbs(found: Campaign | None) -> list[dict[str, str]]:
    crumbs = [{"title": _("部署"), "href": reverse("desk:campaigns")}]
    if found is None:
        return crumbs
    board = reverse("desk:campaign", args=[found.code])
    listed = reverse("desk:bulletins", args=[found.code])
    return [*crumbs, {"title": _(found.title), "href": board}, {"title": _("通报"), "href": listed}]


urlpatterns = [
    path("campaigns/<str:code>/bulletins/", bulletins, name="bulletins"),
    path("bulletins/<str:code>/", bulletin, name="bulletin"),
    path("bulletins/<str:code>/word/", bulletin_word, name="bulletin_word"),
]
