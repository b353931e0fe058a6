"""Deploying a pack: the form, the progress of the work in the background, and what came of it."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from quxin.access import Action, may, require
from quxin.briefs.burden import Burden, burden_of_pack
from quxin.desk.campaign_forms import DeployForm
from quxin.desk.entry import offer
from quxin.desk.run_pages import answer_poll, progress_of, stop, visible_run
from quxin.desk.shell import Desk, DeskRequest, desk_page, page, put_errors
from quxin.desk.views.campaigns import HERE, burden_columns
from quxin.kernel.errors import QuxinError
from quxin.orgs.models import Organisation
from quxin.orgs.querysets import within
from quxin.packs import queries as packs
from quxin.packs.models import PackVersion
from quxin.packs.types import Pack
from quxin.records.campaigns.deploying import require_deployable
from quxin.records.campaigns.models import Campaign
from quxin.records.campaigns.ordering import DEPLOY, order_of, parameters_of
from quxin.runs.models import Run, RunState
from quxin.runs.operations import request_run

GOING_ON = (RunState.QUEUED, RunState.RUNNING)


@desk_page
def campaign_deploy(request: DeskRequest, pack: str) -> HttpResponse:
    """Deploy a pack: what it is, what it costs, and the form with what only the sponsor knows."""
    desk = request.desk
    require(desk.actor, Action.DEPLOY_CAMPAIGN, desk.organisation.path)
    try:
        version = packs.current_version(pack)
    except packs.NoSuchPack as error:
        raise Http404 from error
    content = packs.pack_of(version)
    if content.campaign is None:
        raise Http404
    sponsor, offered = _sponsor(request)
    cost = burden_of_pack(content, sponsor, desk.today)
    form = _deploy_form(request, content, cost)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("desk:deployment", code=_ask(desk, version, sponsor, form).code)
        except QuxinError as error:
            put_errors(form, error)
    return page(
        request,
        "desk/campaigns/deploy.html",
        HERE,
        status=422 if form.errors else 200,
        pack=content,
        plan=content.campaign,
        sponsor=sponsor,
        offered=offered,
        burden=cost,
        columns=burden_columns(),
        form=form,
        crumbs=_crumbs(),
    )


def _ask(desk: Desk, version: PackVersion, sponsor: Organisation, form: DeployForm) -> Run:
    """Queue the order, after asking what can be asked at once; one that waits or runs under the same key is that one."""
    given = parameters_of(
        version=version,
        sponsor=sponsor,
        on=desk.today,
        key=form.cleaned_data["key"].strip(),
        approval_number=form.cleaned_data["approval_number"].strip(),
        seats=form.seats(),
        reasons=form.reasons(),
        level=form.cleaned_data["level"],
        addressed=form.cleaned_data["addressed"],
    )
    require_deployable(desk.actor, order_of(given))
    same = Run.objects.filter(kind=DEPLOY, state__in=GOING_ON, requested_by=desk.actor.account)
    there = same.filter(parameters__key=given["key"]).first()
    return there or request_run(
        kind=DEPLOY,
        title=_("部署“%(title)s”") % {"title": packs.pack_of(version).title.zh},
        parameters=given,
        actor=desk.actor.account,
        now=desk.now,
        path=sponsor.path,
    )


def _sponsor(request: DeskRequest) -> tuple[Organisation, list[Organisation]]:
    """The sponsor asked for, among those in whose scope the actor may deploy, and those that the page offers."""
    desk = request.desk
    allowed = Organisation.objects.visible_to(desk.actor).filter(closed_on__isnull=True)
    allowed = allowed.filter(within(_deploying(desk)))
    asked = request.POST.get("sponsor") or request.GET.get("sponsor", "")
    if not asked:
        return desk.organisation, offer(allowed, desk.actor, desk.organisation)
    found = allowed.filter(code=asked).first()
    if found is None:
        raise Http404
    return found, offer(allowed, desk.actor, found)


def _deploying(desk: Desk) -> list[str]:
    paths = [grant.path for grant in desk.actor.grants]
    return [path for path in paths if may(desk.actor, Action.DEPLOY_CAMPAIGN, path)]


def _deploy_form(request: DeskRequest, content: Pack, cost: Burden) -> DeployForm:
    authority = content.campaign.authority  # type: ignore[union-attr]
    taken = Campaign.objects.filter(key=content.pack).exclude(state=Campaign.State.DRAFT).exists()
    initial = {"level": authority.level, "addressed": authority.object, "key": "" if taken else content.pack}
    return DeployForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        known=cost.known,
        approval_required=authority.approval == "required",
    )


@desk_page
def deployment(request: DeskRequest, code: str) -> HttpResponse:
    """A deployment as it goes on, and what came of it. POST stops it; what is written stays and can be gone on with."""
    run = visible_run(request, DEPLOY, code)
    href = reverse("desk:deployment", args=[code])
    if request.method == "POST":
        return stop(request, run, href)
    progress = progress_of(run, href=href)
    polled = answer_poll(request, run, progress)
    if polled is not None:
        return polled
    return page(
        request,
        "desk/campaigns/deployment.html",
        HERE,
        run=run,
        state=progress["state"],
        progress=progress,
        sponsor=Organisation.objects.filter(code=run.parameters["sponsor"]).first(),
        crumbs=_crumbs(),
    )


def _crumbs() -> list[dict[str, Any]]:
    return [{"title": _("部署"), "href": reverse("desk:campaigns")}]


urlpatterns = [
    path("campaigns/deploy/<str:pack>/", campaign_deploy, name="campaign_deploy"),
    path("campaigns/deployments/<str:code>/", deployment, name="deployment"),
]
