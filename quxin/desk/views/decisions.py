"""民主评议党员: what the count proposes, and what the body decides, member by member; then what was decided.

Grades and no counts: how many said what of a member may have to stay hidden. Not for the rule of a third: `one_third` is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.access import Action, Refused, may, require
from quxin.desk.shell import DeskRequest, desk_page, get_visible, page, put_errors
from quxin.kernel.errors import QuxinError
from quxin.records.evaluations.decisions import decide_members, read_proposal
from quxin.records.evaluations.models import Decision, Round, RoundSubject
from quxin.records.evaluations.one_third import (
    BARELY,
    EXCELLENT,
    GRADES,
    QUALIFIED,
    UNQUALIFIED,
    DepartureUnexplained,
    NotDecided,
    Proposal,
    Proposed,
)

HERE = "rounds"
TITLES = {EXCELLENT: "优秀", QUALIFIED: "合格", BARELY: "基本合格", UNQUALIFIED: "不合格"}


@dataclass(frozen=True, slots=True)
class Member:
    """One member on the page: what the count proposes, and the two fields that decide."""

    name: str
    proposed: Proposed
    words: str
    grade: Any
    reason: Any


class DecisionForm(forms.Form):
    """Who decides, and a grade (with a reason where it departs) for each member; nothing is preset where the count ties."""

    body = forms.CharField(
        label=gettext_lazy("由谁决定"),
        max_length=120,
        help_text=gettext_lazy("例如“办公厅第一党支部委员会 11 月 20 日会议”。"),
    )

    def __init__(self, *args: Any, proposal: Proposal, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal, self.names = proposal, names
        grades = [(str(grade), _(TITLES[grade])) for grade in GRADES]
        for one in proposal.members:
            name = names.get(one.member, one.member)
            self.fields[f"grade_{one.member}"] = forms.ChoiceField(
                label=_("%(name)s 的等次") % {"name": name},
                choices=grades if not one.tied else [("", _("请选择")), *grades],
                initial="" if one.tied else str(one.grades[0]),
                error_messages={"required": _("票数相当，请集体定一个等次。")},
            )
            self.fields[f"reason_{one.member}"] = forms.CharField(
                label=_("%(name)s 与得票不一致的理由") % {"name": name}, required=False, max_length=300
            )

    def members(self) -> list[Member]:
        """Each member with the two bound fields, in the order of `names`."""
        proposed = {one.member: one for one in self.proposal.members}
        return [
            Member(name, proposed[code], proposal_words(proposed[code]), self[f"grade_{code}"], self[f"reason_{code}"])
            for code, name in self.names.items()
            if code in proposed
        ]

    def grades(self) -> dict[str, int]:
        """Subject code → grade."""
        return {one.member: int(self.cleaned_data[f"grade_{one.member}"]) for one in self.proposal.members}

    def reasons(self) -> dict[str, str]:
        """Subject code → reason."""
        return {one.member: self.cleaned_data[f"reason_{one.member}"] for one in self.proposal.members}


@desk_page
def round_decide(request: DeskRequest, code: str) -> HttpResponse:
    """The form before the decision, for who decides; the decision afterwards, for who sees the round."""
    desk = request.desk
    found: Round = get_visible(Round.objects.select_related("organiser"), desk.actor, code=code)
    if found.proposal is None:
        raise Http404
    subjects = list(RoundSubject.objects.filter(round=found).select_related("person").order_by("person__sort_key"))
    names = {one.code: one.person.name if one.person else one.code for one in subjects}
    proposal = read_proposal(found.proposal)
    decided = {one.subject.code: one for one in Decision.objects.filter(subject__round=found).select_related("subject")}
    if decided and request.method != "POST":
        return _decided(request, found, proposal, names, decided)
    require(desk.actor, Action.DECIDE, found.organiser.path)
    form = DecisionForm(request.POST if request.method == "POST" else None, proposal=proposal, names=names)
    if form.is_bound and form.is_valid():
        try:
            decide_members(
                actor=desk.actor, round_=found, body=form.cleaned_data["body"], grades=form.grades(),
                reasons=form.reasons(), today=desk.today, now=desk.now,
            )  # fmt: skip
        except Refused:
            raise
        except QuxinError as error:
            _put(form, error)
        else:
            messages.success(request, _("已经记下集体决定的等次。"))
            return redirect("desk:round_decide", code=code)
    return page(
        request, "desk/rounds/decide.html", HERE, round=found, form=form, proposal=proposal, crumbs=_crumbs(found),
        over=[names.get(one, one) for one in proposal.over], tied=[names.get(one, one) for one in proposal.tied],
    )  # fmt: skip


def _put(form: DecisionForm, error: QuxinError) -> None:
    """An error that names members names them by name, beside the field that mends it."""
    codes = str(error.params.get("members", "")).split("、")
    if isinstance(error, DepartureUnexplained | NotDecided):
        part = "reason" if isinstance(error, DepartureUnexplained) else "grade"
        told = _("与得票不一致，请写理由。") if part == "reason" else _("请定一个等次。")
        known = [one for one in codes if f"{part}_{one}" in form.fields]
        for one in known:
            form.add_error(f"{part}_{one}", told)
        if known:
            return
    put_errors(form, error)


def _decided(
    request: DeskRequest, found: Round, proposal: Proposal, names: Mapping[str, str], decided: Mapping[str, Decision]
) -> HttpResponse:
    rows = [
        {
            "name": names.get(one.member, one.member),
            "proposed": proposal_words(one),
            "grade": _(TITLES[decided[one.member].grade]),
            "departs": decided[one.member].departs,
            "reason": decided[one.member].reason,
        }
        for one in proposal.members
        if one.member in decided
    ]
    first = next(iter(decided.values()))
    return page(
        request, "desk/rounds/decided.html", HERE, round=found, rows=rows, proposal=proposal, body=first.body,
        on=first.decided_on, crumbs=_crumbs(found), excellent=sum(1 for one in decided.values() if one.grade == EXCELLENT),
        columns=[{"title": _("党员")}, {"title": _("得票建议")}, {"title": _("决定")}, {"title": _("理由")}],
        may_decide=bool(may(request.desk.actor, Action.DECIDE, found.organiser.path)),
    )  # fmt: skip


def proposal_words(one: Proposed) -> str:
    """What the count proposes of one member, in words."""
    grades = _("或").join(_(TITLES[grade]) for grade in one.grades)
    if one.over:
        return _("%(grades)s（得票为优秀，超过名额）") % {"grades": grades}
    return _("票数相当：%(grades)s") % {"grades": grades} if one.tied else grades


def _crumbs(found: Round) -> list[dict[str, str]]:
    return [
        {"title": _("评议"), "href": reverse("desk:rounds")},
        {"title": found.title, "href": reverse("desk:round", args=[found.code])},
    ]


urlpatterns = [path("rounds/<str:code>/decision/", round_decide, name="round_decide")]
