"""A task, and a task as one organisation owes it: close it, reopen it, move its deadline, bring evidence."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _

from quxin.access import Action, may, require
from quxin.briefs import duties as briefs
from quxin.briefs.duties import DutyBrief
from quxin.desk.campaign_forms import CloseForm, ExtendForm, ReasonForm
from quxin.desk.entry import attach_all, evidence_items, excel
from quxin.desk.evidence_forms import EvidenceForm
from quxin.desk.share_words import way_words
from quxin.desk.shell import Desk, DeskRequest, desk_page, get_visible, page, put_errors
from quxin.desk.trace_words import timeline
from quxin.kernel.errors import QuxinError
from quxin.packs.queries import pack_of
from quxin.records.campaigns.models import Assignment, Campaign, Task
from quxin.records.campaigns.operations import (
    assignment_subject,
    close_assignment,
    close_task,
    extend_assignment,
    reopen_assignment,
    reopen_task,
)
from quxin.sheets.columns import Column
from quxin.ui.words import lamp_title

HERE = "campaigns"
LAMPS = ("late", "due", "going", "kept")
ASSIGNMENTS = Assignment.objects.select_related(
    "organisation", "task__aspect", "task__campaign__sponsor", "task__campaign__pack_version"
).defer("task__campaign__pack_version__content")


@desk_page
def task(request: DeskRequest, code: str) -> HttpResponse:
    """What a task asks and who owes it; its sponsor closes and reopens it."""
    desk, wanted = request.desk, request.GET
    found = visible_task(desk, code)
    form: CloseForm | ReasonForm | None = None
    if request.method == "POST":
        form, answer = _change_task(request, found)
        if answer is not None:
            return answer
    words, lamp = wanted.get("words", "")[:60], wanted.get("lamp", "")
    if wanted.get("export"):
        return _export(desk, found, words, lamp)
    number = wanted.get("page", "")
    brief = briefs.task_brief(
        actor=desk.actor,
        task=found,
        organisation=desk.organisation,
        today=desk.today,
        words=words,
        lamp=lamp,
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
    )
    closable = bool(may(desk.actor, Action.CLOSE_TASK, found.campaign.sponsor.path))
    return page(
        request,
        "desk/campaigns/task.html",
        HERE,
        status=422 if form is not None else 200,
        brief=brief,
        task=found,
        share_words=way_words(found.share, pack_of(found.campaign.pack_version))
        if brief.target and brief.total > 1
        else "",
        columns=_columns(),
        lamps=[(one, lamp_title(one)) for one in LAMPS],
        chips=_chips(request, words, lamp),
        history=timeline(brief.history),
        form=form or (ReasonForm() if found.done_on else CloseForm(initial={"on": desk.today})),
        may_close=closable,
        may_share=bool(may(desk.actor, Action.DEPLOY_CAMPAIGN, found.campaign.sponsor.path)) and brief.target != "",
        may_export=bool(may(desk.actor, Action.EXPORT, desk.organisation.path)),
        crumbs=crumbs_of(found.campaign),
    )


def visible_task(desk: Desk, code: str) -> Task:
    """The task if its campaign is visible; Http404 otherwise."""
    rows = Task.objects.select_related("aspect", "campaign__sponsor", "campaign__pack_version")
    rows = rows.defer("campaign__pack_version__content").filter(code=code)
    found = rows.filter(campaign__in=Campaign.objects.visible_to(desk.actor).values("pk")).first()
    if found is None:
        raise Http404
    return found


def _change_task(request: DeskRequest, found: Task) -> tuple[Any, HttpResponse | None]:
    """Close or reopen; the form with its errors, or where to go."""
    desk = request.desk
    require(desk.actor, Action.CLOSE_TASK, found.campaign.sponsor.path)
    form = ReasonForm(request.POST) if found.done_on else CloseForm(request.POST)
    if not form.is_valid():
        return form, None
    try:
        if found.done_on:
            reopen_task(actor=desk.actor, task=found, reason=form.cleaned_data["reason"], now=desk.now)
            messages.success(request, _("已撤销办结，“已落实任务”的数随之减一。"))
        elif form.cleaned_data["on"] > desk.today:
            form.add_error("on", _("这一天还没有到。"))
            return form, None
        else:
            close_task(
                actor=desk.actor,
                task=found,
                on=form.cleaned_data["on"],
                now=desk.now,
                note=form.cleaned_data["note"],
            )
            messages.success(request, _("任务已办结。"))
    except QuxinError as error:
        put_errors(form, error)
        return form, None
    return form, redirect("desk:task", code=found.code)


def _columns() -> list[dict[str, Any]]:
    return [{"title": _("单位")}, {"title": _("状态")}, {"title": _("进展"), "num": True}, {"title": _("期限")}]


def _chips(request: DeskRequest, words: str, lamp: str) -> list[dict[str, str]]:
    given = {"words": words, "lamp": lamp_title(lamp) if lamp in LAMPS else ""}
    kept = {"words": words, "lamp": lamp}
    return [
        {"title": title, "href": "?" + urlencode({key: value for key, value in kept.items() if value and key != name})}
        for name, title in given.items()
        if title
    ]


def crumbs_of(campaign: Campaign) -> list[dict[str, str]]:
    """Where a task hangs: the campaigns, and its own."""
    return [
        {"title": _("部署"), "href": reverse("desk:campaigns")},
        {"title": _(campaign.title), "href": reverse("desk:campaign", args=[campaign.code])},
    ]


def _export(desk: Desk, found: Task, words: str, lamp: str) -> HttpResponse:
    require(desk.actor, Action.EXPORT, desk.organisation.path)
    rows = briefs.task_duties(desk.actor, found, desk.organisation, desk.today, words=words, lamp=lamp)
    columns = (
        Column("organisation", _("单位")),
        Column("state", _("状态")),
        Column("number", _("进展")),
        Column("due_on", _("期限"), kind="date"),
        Column("done_on", _("办结日期"), kind="date"),
        Column("note", _("说明")),
    )
    lines = briefs.duty_lines(list(rows), found, desk.today)
    return excel(
        found.title[:60],
        columns,
        (
            {
                "organisation": line.assignment.organisation.name,
                "state": lamp_title(line.state),
                "number": line.number.text,
                "due_on": line.assignment.due_on,
                "done_on": line.assignment.done_on,
                "note": line.assignment.done_note or line.assignment.extended_reason,
            }
            for line in lines
        ),
        notes=[desk.organisation.name],
    )


# --- one organisation's duty ---


@desk_page
def assignment(request: DeskRequest, code: str) -> HttpResponse:
    """One organisation's task: what is asked, what the records say; a POST closes, reopens, extends or brings a file."""
    desk = request.desk
    found = get_visible(ASSIGNMENTS, desk.actor, code=code)
    forms: dict[str, Any] = {}
    if request.method == "POST":
        act = request.POST.get("do", "")
        if act not in ACTS:
            raise Http404
        forms[act], answer = ACTS[act](request, found)
        if answer is not None:
            return answer
        found = get_visible(ASSIGNMENTS, desk.actor, code=code)
    brief = briefs.duty_brief(found, desk.today)
    opened = next((act for act in forms), "")
    return page(
        request,
        "desk/campaigns/assignment.html",
        HERE,
        status=422 if forms else 200,
        brief=brief,
        duty=found,
        opened=opened,
        close_form=forms.get("close") or CloseForm(initial={"on": desk.today}, auto_id="close_%s"),
        reopen_form=forms.get("reopen") or ReasonForm(auto_id="reopen_%s"),
        extend_form=forms.get("extend")
        or ExtendForm(initial={"due_on": found.due_on, "version": found.version}, auto_id="extend_%s"),
        evidence_form=forms.get("attach") or EvidenceForm(auto_id="attach_%s"),
        evidence=evidence_items(brief.evidence, lambda one: reverse("desk:evidence", args=[one])),
        history=timeline(brief.history),
        record_href=_record_href(brief),
        may_report=bool(may(desk.actor, Action.REPORT_PROGRESS, found.organisation.path)),
        may_extend=bool(may(desk.actor, Action.DEPLOY_CAMPAIGN, found.organisation.path))
        and brief.campaign.closed_on is None,
        crumbs=[
            *crumbs_of(brief.campaign),
            {"title": _(brief.task.title), "href": reverse("desk:task", args=[brief.task.code])},
        ],
    )


_NEW = {"activity": "desk:activity_new", "progress": "desk:progress_new", "commitment": "desk:commitment_new"}


def _record_href(brief: DutyBrief) -> str:
    """Where to record the thing that moves the number, with kind, series, organisation and campaign preset."""
    wish = brief.wish
    if not wish.what:
        return ""
    query = {"org": brief.organisation.code, "kind": wish.kind, "series": wish.series, "campaign": brief.campaign.code}
    try:
        return f"{reverse(_NEW[wish.what])}?{urlencode({key: value for key, value in query.items() if value})}"
    except NoReverseMatch:
        return ""


def _close(request: DeskRequest, found: Assignment) -> tuple[Any, HttpResponse | None]:
    desk = request.desk
    require(desk.actor, Action.REPORT_PROGRESS, found.organisation.path)
    form = CloseForm(request.POST, auto_id="close_%s")
    if form.is_valid() and form.cleaned_data["on"] > desk.today:
        form.add_error("on", _("这一天还没有到。"))
    given = form.cleaned_data if form.is_valid() else {}
    return _done(
        request,
        found,
        form,
        lambda: close_assignment(actor=desk.actor, assignment=found, on=given["on"], now=desk.now, note=given["note"]),
        _("已办结。"),
    )


def _reopen(request: DeskRequest, found: Assignment) -> tuple[Any, HttpResponse | None]:
    desk = request.desk
    require(desk.actor, Action.REPORT_PROGRESS, found.organisation.path)
    form = ReasonForm(request.POST, auto_id="reopen_%s")
    return _done(
        request,
        found,
        form,
        lambda: reopen_assignment(actor=desk.actor, assignment=found, reason=form.cleaned_data["reason"], now=desk.now),
        _("已撤销办结。"),
    )


def _extend(request: DeskRequest, found: Assignment) -> tuple[Any, HttpResponse | None]:
    desk = request.desk
    require(desk.actor, Action.DEPLOY_CAMPAIGN, found.organisation.path)
    form = ExtendForm(request.POST, auto_id="extend_%s")
    return _done(
        request,
        found,
        form,
        lambda: extend_assignment(
            actor=desk.actor,
            assignment=found,
            due_on=form.cleaned_data["due_on"],
            reason=form.cleaned_data["reason"],
            now=desk.now,
            version=form.cleaned_data["version"],
        ),
        _("期限已改。"),
    )


def _attach(request: DeskRequest, found: Assignment) -> tuple[Any, HttpResponse | None]:
    desk = request.desk
    require(desk.actor, Action.REPORT_PROGRESS, found.organisation.path)
    form = EvidenceForm(request.POST, request.FILES, auto_id="attach_%s")
    return _done(
        request,
        found,
        form,
        lambda: attach_all(
            form.cleaned_data["evidence"],
            subject=assignment_subject(found),
            path=found.organisation.path,
            actor=desk.actor,
            action=Action.REPORT_PROGRESS,
            now=desk.now,
        ),
        _("文件已附上。"),
    )


def _done(request: DeskRequest, found: Assignment, form: Any, act: Any, words: str) -> tuple[Any, HttpResponse | None]:
    """Do it if the form holds; the form with its errors, or where to go."""
    if not form.is_valid():
        return form, None
    try:
        act()
    except QuxinError as error:
        put_errors(form, error)
        return form, None
    messages.success(request, words)
    return form, redirect("desk:assignment", code=found.code)


ACTS = {"close": _close, "reopen": _reopen, "extend": _extend, "attach": _attach}

urlpatterns = [
    path("tasks/<str:code>/", task, name="task"),
    path("assignments/<str:code>/", assignment, name="assignment"),
]
