"""Closing a campaign, and opening it again: a page that says what will happen and asks for words."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from quxin.access import Action, require
from quxin.briefs.bulletins import campaign_tally
from quxin.briefs.traces import traces_of
from quxin.desk.campaign_forms import CloseCampaignForm, ReasonForm
from quxin.desk.shell import DeskRequest, desk_page, get_visible, page, put_errors
from quxin.desk.trace_words import timeline
from quxin.desk.views.campaigns import CAMPAIGNS, HERE
from quxin.kernel.errors import QuxinError
from quxin.records.campaigns.models import Campaign
from quxin.records.campaigns.operations_close import close_campaign, reopen_campaign


@desk_page
def campaign_close(request: DeskRequest, code: str) -> HttpResponse:
    """Ask before closing, with how it stands; a closed one is opened again here."""
    desk = request.desk
    found = get_visible(CAMPAIGNS.exclude(state=Campaign.State.DRAFT), desk.actor, code=code)
    require(desk.actor, Action.DEPLOY_CAMPAIGN, found.sponsor.path)
    is_closed = found.closed_on is not None
    data = request.POST if request.method == "POST" else None
    form: Any = ReasonForm(data) if is_closed else CloseCampaignForm(data, initial={"on": _day(found, request)})
    if form.is_bound and form.is_valid():
        try:
            _carry_out(request, found, form.cleaned_data)
        except QuxinError as error:
            put_errors(form, error)
        else:
            return redirect(f"{reverse('desk:campaign', args=[code])}?org={found.sponsor.code}")
    return page(
        request,
        "desk/campaigns/close.html",
        HERE,
        status=422 if form.errors else 200,
        campaign=found,
        is_closed=is_closed,
        form=form,
        tally=campaign_tally(actor=desk.actor, campaign=found, today=desk.today),
        history=timeline(traces_of(f"campaign:{found.pk}")),
        crumbs=[
            {"title": _("部署"), "href": reverse("desk:campaigns")},
            {"title": _(found.title), "href": reverse("desk:campaign", args=[code])},
        ],
    )


def _day(found: Campaign, request: DeskRequest) -> str:
    """The campaign's last day once it is over, else today."""
    return min(found.ends_on, request.desk.today).isoformat()


def _carry_out(request: DeskRequest, found: Campaign, given: dict[str, Any]) -> None:
    desk = request.desk
    if found.closed_on is not None:
        reopen_campaign(actor=desk.actor, campaign=found, reason=given["reason"], now=desk.now)
        messages.success(request, _("已重新打开：各单位可以照常办理，状态灯随今天变化。"))
        return
    close_campaign(
        actor=desk.actor, campaign=found, on=given["on"], words=given["words"], today=desk.today, now=desk.now
    )
    messages.success(request, _("活动已结束：状态灯停在结束那一天，以后只收补记。"))


urlpatterns = [path("campaigns/<str:code>/close/", campaign_close, name="campaign_close")]
