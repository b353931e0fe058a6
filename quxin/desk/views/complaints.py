"""好差评: the 差评 of my organisations that are owed an answer, with the day on which it is due, and the form that answers.

What is shown of a 差评 are its words, if they hold nobody's name or number; never who gave it.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.access import Action, Refused, may, require, scopes
from quxin.briefs.complaints import Complaint, complaint_of
from quxin.desk.shell import Desk, DeskRequest, desk_page, page, put_errors
from quxin.kernel.errors import QuxinError
from quxin.orgs.querysets import within
from quxin.records.evaluations.answers import MOST_WORDS, answer_complaint
from quxin.records.evaluations.models import Answer

HERE = "rounds"


class AnswerForm(forms.Form):
    """The answer, which the public reads."""

    words = forms.CharField(
        label=gettext_lazy("答复"),
        max_length=MOST_WORDS * 2,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("会公开，不能再改。写清楚查明的情况、怎么改、何时改好；不写姓名、电话，不猜是谁评的。"),
    )


@desk_page
def complaints(request: DeskRequest) -> HttpResponse:
    """差评 of the organisation looked at and below, those that wait first; `?state=answered` the others, `?round=` one round's."""
    desk = request.desk
    require(desk.actor, Action.VIEW, desk.organisation.path)
    state, round_ = request.GET.get("state", ""), request.GET.get("round", "")
    shown = _visible(desk).filter(within((desk.organisation.path,), "subject__organisation__path"))
    shown = shown.filter(answered_on__isnull=state != "answered")
    if round_:
        shown = shown.filter(subject__round__code=round_)
    paged = Paginator(shown.order_by("due_on", "pk"), 50).get_page(request.GET.get("page"))
    return page(
        request, "desk/rounds/complaints.html", HERE, rows=[(_row(desk, one), _may_answer(desk, one)) for one in paged], paged=paged,
        answered=state == "answered", tabs=_tabs(state, round_), crumbs=_crumbs(),
        columns=[{"title": _("差评")}, {"title": _("对象")}, {"title": _("期限")}, {"title": _("状态")}, {"title": ""}],
    )  # fmt: skip


@desk_page
def complaint(request: DeskRequest, number: int) -> HttpResponse:
    """One 差评 with its answer, or with the form that answers it."""
    desk = request.desk
    found = _visible(desk).filter(pk=number).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        require(desk.actor, Action.ANSWER, found.subject.organisation.path)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            answer_complaint(
                actor=desk.actor, answer=found, words=form.cleaned_data["words"], today=desk.today, now=desk.now
            )
        except Refused:
            raise
        except QuxinError as error:
            put_errors(form, error, "words")
            found.refresh_from_db()
        else:
            messages.success(request, _("答复已经公开。"))
            return redirect("desk:complaint", number=number)
    return page(
        request, "desk/rounds/complaint.html", HERE, row=_row(desk, found), form=form, answer=found,
        may_answer=_may_answer(desk, found),
        crumbs=[*_crumbs(), {"title": _("差评答复"), "href": reverse("desk:complaints")}],
    )  # fmt: skip


def _visible(desk: Desk) -> QuerySet[Answer]:
    """Those on organisations in the person's scope; nothing when there is none."""
    mine = within(scopes(desk.actor, Action.VIEW), "subject__organisation__path")
    return Answer.objects.filter(mine).select_related(
        "ballot", "subject__round", "subject__organisation", "subject__commitment"
    )


def _may_answer(desk: Desk, one: Answer) -> bool:
    return one.answered_on is None and bool(may(desk.actor, Action.ANSWER, one.subject.organisation.path))


def _row(desk: Desk, one: Answer) -> Complaint:
    return complaint_of(one, today=desk.today)


def _tabs(state: str, round_: str) -> list[dict[str, Any]]:
    here = reverse("desk:complaints")
    query = f"&round={round_}" if round_ else ""
    return [
        {"title": _("等着答复"), "href": f"{here}?{query[1:]}" if query else here, "here": state != "answered"},
        {"title": _("已经答复"), "href": f"{here}?state=answered{query}", "here": state == "answered"},
    ]


def _crumbs() -> list[dict[str, str]]:
    return [{"title": _("评议"), "href": reverse("desk:rounds")}]


urlpatterns = [
    path("complaints/", complaints, name="complaints"),
    path("complaints/<int:number>/", complaint, name="complaint"),
]
