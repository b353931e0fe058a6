"""点评: what a leader says of an organisation or a promise, under his name; withdrawn by himself, with a reason, never edited."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.access import Action, Refused, may, require
from quxin.desk.shell import Desk, DeskRequest, desk_page, get_visible, page, put_errors
from quxin.kernel.errors import QuxinError
from quxin.orgs.models import Organisation
from quxin.orgs.querysets import within
from quxin.records.commitments.models import Commitment
from quxin.records.evaluations.models import Remark
from quxin.records.evaluations.remarks import MOST_WORDS, remark, withdraw_remark

HERE = "rounds"


class RemarkForm(forms.Form):
    """What is said."""

    words = forms.CharField(
        label=gettext_lazy("点评"),
        max_length=MOST_WORDS * 2,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "按承诺做成了什么，还差什么，下一步怎么办。署您的名，记录在案，不能改，只能撤回并写明理由。"
        ),
    )


class WithdrawForm(forms.Form):
    """Why it is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("撤回理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("点评和理由都留在记录里。"),
    )  # fmt: skip


@desk_page
def remarks(request: DeskRequest) -> HttpResponse:
    """The remarks on the organisation looked at and those below it, the newest first."""
    desk = request.desk
    require(desk.actor, Action.VIEW, desk.organisation.path)
    shown = Remark.objects.visible_to(desk.actor).filter(within((desk.organisation.path,), "organisation__path"))
    paged = Paginator(shown.select_related("organisation", "commitment"), 30).get_page(request.GET.get("page"))
    return page(
        request, "desk/rounds/remarks.html", HERE, rows=list(paged), paged=paged, mine=desk.actor.account,
        may_comment=bool(may(desk.actor, Action.COMMENT, desk.organisation.path)), crumbs=_crumbs(),
    )  # fmt: skip


@desk_page
def remark_new(request: DeskRequest) -> HttpResponse:
    """Say something of an organisation (`?on=` its code, else the one looked at) or of a promise (`?promise=` its code)."""
    desk = request.desk
    organisation, promise = _judged(request, desk)
    require(desk.actor, Action.COMMENT, organisation.path)
    form = RemarkForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _say(desk, organisation, promise, form.cleaned_data["words"])
        except Refused:
            raise
        except QuxinError as error:
            put_errors(form, error, "words")
        else:
            messages.success(request, _("点评已经记录。"))
            return redirect(_back(organisation, promise))
    return page(
        request, "desk/rounds/remark_new.html", HERE, form=form, organisation=organisation, promise=promise,
        back=_back(organisation, promise), crumbs=_crumbs(),
    )  # fmt: skip


@desk_page
def remark_withdraw(request: DeskRequest, code: str) -> HttpResponse:
    """Take one's own remark back, with a reason."""
    desk = request.desk
    found: Remark = get_visible(Remark.objects.select_related("organisation", "commitment"), desk.actor, code=code)
    require(desk.actor, Action.COMMENT, found.organisation.path)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            withdraw_remark(actor=desk.actor, remark=found, reason=reason, today=desk.today, now=desk.now)
        except QuxinError as error:
            put_errors(form, error, "reason")
        else:
            messages.success(request, _("点评已经撤回，记录仍在。"))
            return redirect("desk:remarks")
    return page(request, "desk/rounds/remark_withdraw.html", HERE, form=form, remark=found, crumbs=_crumbs())


def _judged(request: DeskRequest, desk: Desk) -> tuple[Organisation, Commitment | None]:
    """Of what the page is; what the person may not see does not exist."""
    if code := request.GET.get("promise", ""):
        promise: Commitment = get_visible(Commitment.objects.select_related("organisation"), desk.actor, code=code)
        return promise.organisation, promise
    if code := request.GET.get("on", ""):
        organisation: Organisation = get_visible(Organisation.objects, desk.actor, code=code)
        return organisation, None
    return desk.organisation, None


def _say(desk: Desk, organisation: Organisation, promise: Commitment | None, words: str) -> None:
    """Put it on record, once: the same words on the same thing on the same day are the form sent twice."""
    twin = Remark.objects.filter(
        organisation=organisation, commitment=promise, said_by=desk.actor.account or 0, said_on=desk.today,
        words=words.strip(), withdrawn_on=None,
    )  # fmt: skip
    if not twin.exists():
        remark(
            actor=desk.actor, organisation=organisation, commitment=promise, words=words, today=desk.today, now=desk.now
        )


def _back(organisation: Organisation, promise: Commitment | None) -> str:
    if promise is not None:
        return reverse("desk:commitment", args=[promise.code])
    return reverse("desk:organisation", args=[organisation.code])


def remark_href(organisation: Organisation, promise: Commitment | None = None) -> str:
    """Where a remark on it is made."""
    query = {"promise": promise.code} if promise is not None else {"on": organisation.code}
    return f"{reverse('desk:remark_new')}?{urlencode(query)}"


def _crumbs() -> list[dict[str, Any]]:
    return [
        {"title": _("评议"), "href": reverse("desk:rounds")},
        {"title": _("领导点评"), "href": reverse("desk:remarks")},
    ]


urlpatterns = [
    path("remarks/", remarks, name="remarks"),
    path("remarks/new/", remark_new, name="remark_new"),
    path("remarks/<str:code>/withdraw/", remark_withdraw, name="remark_withdraw"),
]
