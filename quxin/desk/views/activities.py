"""Activities: the list, one entry form, one record page with its evidence and history, correction and withdrawal."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quxin.access import Action, may, require
from quxin.briefs.activities import Totals, activity_brief, served_rows, totals, totals_by_measure
from quxin.desk.activity_forms import CorrectionForm, NewActivityForm, field_of, typed
from quxin.desk.entry import (
    attach_all,
    chips_of,
    ever,
    evidence_items,
    excel,
    initial_from,
    paged,
    period_of,
    record_once,
    row_key_of,
    sorted_by,
)
from quxin.desk.evidence_forms import EvidenceForm
from quxin.desk.record_pages import refusal_of, restored, withdrawn
from quxin.desk.shell import DeskRequest, desk_page, get_visible, page, put_errors
from quxin.desk.trace_words import timeline
from quxin.kernel.errors import QuxinError
from quxin.kernel.periods import Period
from quxin.orgs.models import Organisation, Person
from quxin.records.activities.models import Activity
from quxin.records.activities.operations import (
    correct_activity,
    record_activity,
    restore_activity,
    subject_of,
    withdraw_activity,
)
from quxin.records.activities.queries import (
    SeriesOption,
    kind_options,
    list_activities,
    series_options,
    served_by,
)
from quxin.records.campaigns.models import Campaign
from quxin.sheets.columns import Column
from quxin.ui.words import spoken

HERE = "activities"
SORTS = {"on": "held_on", "title": "title", "org": "organisation__sort_key", "named": "named", "audience": "audience"}
COLUMNS = (
    Column("held_on", "日期", kind="date"),
    Column("organisation", "单位"),
    Column("kind", "种类", choices=tuple((one.value, one.zh) for one in kind_options())),
    Column("title", "名称"),
    Column("series", "系列"),
    Column("place", "地点"),
    Column("host", "主持人"),
    Column("speaker", "主讲人"),
    Column("named", "实名人数", kind="integer"),
    Column("audience", "其他到场人数", kind="integer"),
    Column("heads", "人次", kind="integer"),
    Column("contestants", "参赛人数", kind="integer"),
    Column("minutes", "记录"),
)


@desk_page
def activities(request: DeskRequest) -> HttpResponse:
    """The list, filtered by what stands in the address; `?export=1` gives just that as Excel."""
    desk, wanted = request.desk, request.GET
    require(desk.actor, Action.VIEW, desk.organisation.path)
    period, period_text = period_of(request)
    campaigns, all_series = _campaigns(request), series_options()
    campaign = next((one for one in campaigns if one.code == wanted.get("campaign")), None)
    rows = list_activities(
        desk.actor,
        kind=wanted.get("kind", ""),
        series=wanted.get("series", ""),
        period=period,
        path=desk.organisation.path,
        words=wanted.get("words", ""),
        withdrawn=wanted.get("withdrawn") == "1",
    )
    if campaign:
        rows = rows.filter(campaign=campaign)
    rows = sorted_by(rows, wanted.get("sort", ""), SORTS, "-on")
    narrowed = bool(campaign or wanted.get("words") or wanted.get("withdrawn"))
    if wanted.get("export"):
        return _export(request, rows, totals(rows))
    sums = None if narrowed else _measured(request, period or ever(desk.today), all_series)
    sums = sums or totals(rows)
    listing = paged(rows, wanted.get("page", "1"), total=sums.sessions)
    return page(
        request,
        "desk/activities/list.html",
        HERE,
        listing=listing,
        rows=[(row, row.named + row.audience) for row in listing.rows],
        kind_titles={one.value: spoken(one) for one in kind_options()},
        sums=sums,
        filters=_filters(request, campaign, period_text) | {"campaigns": campaigns, "all_series": all_series},
        chips=_chips(request, campaign, period_text),
        columns=_columns(),
        may_record=may(desk.actor, Action.RECORD_ACTIVITY, desk.organisation.path),
    )


@desk_page
def activity_new(request: DeskRequest) -> HttpResponse:
    """Record an activity: one column; `show` in what is sent shows the form again for another organisation or kind."""
    desk = request.desk
    require(desk.actor, Action.RECORD_ACTIVITY, desk.organisation.path)
    campaigns = _campaigns(request)
    sent = request.POST if request.method == "POST" else None
    organisation = _chosen(request, sent)
    given: dict[str, Any] = {
        "actor": desk.actor,
        "organisation": organisation,
        "here": desk.organisation,
        "campaigns": campaigns,
        "today": desk.today,
    }
    if sent is None or "show" in sent or "show" in request.GET:
        initial = initial_from(sent) if sent else _preset(request, campaigns)
        return _show_form(request, NewActivityForm(initial=initial, **given), organisation)
    form = NewActivityForm(sent, request.FILES, **given)
    if form.is_valid() and (answer := _record(request, form)) is not None:
        return answer
    return _show_form(request, form, organisation, status=422)


@desk_page
def activity(request: DeskRequest, code: str) -> HttpResponse:
    """One record with all that hangs on it; a POST brings a file of evidence."""
    desk = request.desk
    found = _found(request, code)
    form = EvidenceForm()
    if request.method == "POST":
        require(desk.actor, Action.RECORD_ACTIVITY, found.organisation.path)
        form = EvidenceForm(request.POST, request.FILES)
        if form.is_valid():
            _attach(request, found, form.cleaned_data["evidence"])
            messages.success(request, _("文件已附上。"))
            return redirect("desk:activity", code=code)
    brief = activity_brief(found, desk.actor)
    return page(
        request,
        "desk/activities/record.html",
        HERE,
        status=422 if form.errors else 200,
        brief=brief,
        activity=found,
        form=form,
        evidence=evidence_items(brief.detail.evidence, lambda one: reverse("desk:evidence", args=[one]), desk.actor),
        history=timeline(brief.history),
        may_edit=may(desk.actor, Action.RECORD_ACTIVITY, found.organisation.path),
        crumbs=[{"title": _("学习活动"), "href": reverse("desk:activities")}],
    )


@desk_page
def activity_edit(request: DeskRequest, code: str) -> HttpResponse:
    """Correct a record, with a reason. When somebody else saved meanwhile, both versions are shown."""
    desk = request.desk
    found = _editable(request, code)
    named = list(Person.objects.filter(pk__in=found.attendances.values("person")).order_by("sort_key", "pk"))
    given: dict[str, Any] = {
        "actor": desk.actor,
        "organisation": found.organisation,
        "campaigns": _campaigns(request, found),
        "today": desk.today,
        "named": named,
    }
    if request.method != "POST":
        form = CorrectionForm(initial=typed(found, named), **given)
        return _show_correction(request, form, found)
    form = CorrectionForm(request.POST, **given)
    if not form.is_valid():
        return _show_correction(request, form, found, status=422)
    refused = refusal_of(
        form,
        found,
        lambda: correct_activity(
            actor=desk.actor,
            activity=found,
            happening=form.happening(),
            people=form.people_named(),
            campaign=form.chosen_campaign(),
            reason=form.cleaned_data["reason"],
            today=desk.today,
            now=desk.now,
            version=form.cleaned_data["version"],
        ),
        field_of,
    )
    if refused:
        return _show_correction(request, form, found, status=refused.status, changes=refused.changes)
    messages.success(request, _("更正已保存；原来的数已冲正，新的数已记入。"))
    return redirect("desk:activity", code=code)


@desk_page
def activity_withdraw(request: DeskRequest, code: str) -> HttpResponse:
    """Withdraw a record with a reason; it can be restored."""
    found = _editable(request, code)

    def act(reason: str) -> None:
        withdraw_activity(actor=request.desk.actor, activity=found, reason=reason, now=request.desk.now)

    return withdrawn(request, found, act, here=HERE, back=reverse("desk:activity", args=[code]))


@desk_page
def activity_restore(request: DeskRequest, code: str) -> HttpResponse:
    """Undo a withdrawal."""
    found = _editable(request, code)

    def act() -> None:
        restore_activity(actor=request.desk.actor, activity=found, now=request.desk.now)

    return restored(request, act, back=reverse("desk:activity", args=[code]))


def _found(request: DeskRequest, code: str) -> Activity:
    return get_visible(Activity.objects.select_related("organisation", "campaign"), request.desk.actor, code=code)


def _editable(request: DeskRequest, code: str) -> Activity:
    """The record, for those who may change it."""
    found = _found(request, code)
    require(request.desk.actor, Action.RECORD_ACTIVITY, found.organisation.path)
    return found


# --- the list ---


def _measured(request: DeskRequest, period: Period, all_series: list[SeriesOption]) -> Totals | None:
    """The totals by measures where a measure says the same as the list, and the actor sees all that it sums."""
    desk = request.desk
    if not may(desk.actor, Action.VIEW, desk.organisation.path):
        return None
    kind, series = request.GET.get("kind", ""), request.GET.get("series", "")
    if series:
        kind_of_series = next((one.kind for one in all_series if one.value == series), "")
        if not kind_of_series or (kind and kind != kind_of_series):
            return None
        kind = kind_of_series
    return totals_by_measure(desk.organisation, period, kind, series)


def _columns() -> list[dict[str, Any]]:
    return [
        {"title": _("活动"), "sort": "title"},
        {"title": _("日期"), "sort": "on"},
        {"title": _("单位"), "sort": "org"},
        {"title": _("种类")},
        {"title": _("人次"), "num": True, "sort": "named"},
    ]


def _filters(request: DeskRequest, campaign: Campaign | None, period_text: str) -> dict[str, Any]:
    wanted = request.GET
    return {
        "kind": wanted.get("kind", ""),
        "series": wanted.get("series", ""),
        "words": wanted.get("words", ""),
        "when": period_text,
        "withdrawn": wanted.get("withdrawn") == "1",
        "campaign": campaign.code if campaign else "",
        "kinds": kind_options(),
    }


def _chips(request: DeskRequest, campaign: Campaign | None, period_text: str) -> list[dict[str, str]]:
    titles = {
        "kind": {one.value: spoken(one) for one in kind_options()}.get(request.GET.get("kind", ""), ""),
        "series": request.GET.get("series", "").partition(".")[2],
        "words": request.GET.get("words", ""),
        "campaign": campaign.title if campaign else "",
        "withdrawn": _("已撤销的") if request.GET.get("withdrawn") == "1" else "",
        "when": _("全部日期") if period_text == "all" else period_text,
    }
    return chips_of(request, titles)


def _export(request: DeskRequest, rows: Any, sums: Totals) -> HttpResponse:
    told = (
        {
            "held_on": row.held_on,
            "organisation": row.organisation.name,
            "kind": row.kind,
            "title": row.title,
            "series": row.series.partition(".")[2],
            "place": row.place,
            "host": row.host,
            "speaker": row.speaker,
            "named": row.named,
            "audience": row.audience,
            "heads": row.named + row.audience,
            "contestants": row.contestants,
            "minutes": row.minutes,
        }
        for row in rows.iterator(2000)
    )
    desk = request.desk
    when = _("全部日期") if request.GET.get("when") == "all" else (period_of(request)[0] or desk.period).zh()
    notes = [
        f"{desk.organisation.name} · {when}",
        _("共 %(n)s 场，%(heads)s 人次") % {"n": sums.sessions, "heads": sums.heads},
    ]
    return excel(_("学习活动"), COLUMNS, told, notes=notes, totals={"heads": sums.heads})


# --- entry ---


def _campaigns(request: DeskRequest, activity: Activity | None = None) -> list[Campaign]:
    rows = list(
        Campaign.objects.visible_to(request.desk.actor)
        .exclude(state=Campaign.State.DRAFT)
        .select_related("sponsor", "pack_version")
        .defer("pack_version__content")
        .order_by("-starts_on", "pk")[:50]
    )
    mine = activity.campaign if activity else None
    return [*rows, mine] if mine and mine.pk not in {row.pk for row in rows} else rows


def _chosen(request: DeskRequest, sent: Any) -> Organisation:
    """The organisation whose roll the form shows: the one chosen in it, if it is within reach, else the desk's."""
    code = sent.get("organisation", "") if sent else ""
    desk = request.desk
    found = Organisation.objects.visible_to(desk.actor).filter(code=code).first() if code else None
    return found if found and may(desk.actor, Action.RECORD_ACTIVITY, found.path) else desk.organisation


def _preset(request: DeskRequest, campaigns: list[Campaign]) -> dict[str, Any]:
    """What the address fills in beforehand: ?kind= &series= &campaign= (code or key)."""
    wanted = request.GET
    series = wanted.get("series", "")
    kind = wanted.get("kind", "") or next((one.kind for one in series_options() if one.value == series), "")
    asked = wanted.get("campaign", "")
    campaign = next((one.code for one in campaigns if asked and asked in (one.code, one.key)), "")
    return {
        "organisation": request.desk.organisation.code,
        "kind": kind,
        "series": series,
        "campaign": campaign,
        "title": wanted.get("title", ""),
        "held_on": request.desk.today,
    }


def _record(request: DeskRequest, form: NewActivityForm) -> HttpResponse | None:
    """Record what the form says, once; None when the operation refused it (the form then says why)."""
    desk, said = request.desk, form.cleaned_data
    organisation = said["organisation"]
    key = row_key_of(desk.actor, "activity", said["nonce"])
    try:
        made, is_new = record_once(
            Activity.objects.visible_to(desk.actor),
            key,
            lambda: record_activity(
                actor=desk.actor,
                organisation=organisation,
                happening=form.happening(),
                people=form.people_named(),
                campaign=form.chosen_campaign(),
                today=desk.today,
                now=desk.now,
                row_key=key,
            ),
        )
        if is_new:
            _attach(request, made, said["evidence"])
    except QuxinError as error:
        put_errors(form, error, field_of(error))
        return None
    serves = len(served_by(made))
    told = ngettext("已登记，这一条用于 %(n)s 项任务或清单。", "已登记，这一条用于 %(n)s 项任务或清单。", serves) % {
        "n": serves
    }
    messages.success(request, told if serves else _("已登记。"))
    return redirect("desk:activity", code=made.code)


def _attach(request: DeskRequest, activity: Activity, uploads: list[Any]) -> None:
    attach_all(
        uploads,
        subject=subject_of(activity),
        path=activity.organisation.path,
        actor=request.desk.actor,
        action=Action.RECORD_ACTIVITY,
        now=request.desk.now,
    )


def _show_form(
    request: DeskRequest, form: NewActivityForm, organisation: Organisation, status: int = 200
) -> HttpResponse:
    return page(
        request,
        "desk/activities/new.html",
        HERE,
        status=status,
        form=form,
        organisation=organisation,
        serves=served_rows(tuple(_would_serve(form, organisation))),
        crumbs=[{"title": _("学习活动"), "href": reverse("desk:activities")}],
    )


def _would_serve(form: NewActivityForm, organisation: Organisation) -> list[Any]:
    """Which tasks and items the record would serve as the form stands now."""
    day = _day(form)
    kind = str(form["kind"].value() or "")
    if not kind or day is None:
        return []
    campaign = form.campaigns.get(str(form["campaign"].value() or ""))
    counted = str(form["contestants"].value() or "")
    happening = Activity(
        organisation=organisation,
        campaign=campaign,
        kind=kind,
        series=str(form["series"].value() or ""),
        held_on=day,
        audience=1,
        contestants=int(counted) if counted.isdigit() else 0,
    )
    return served_by(happening, named=bool(form["people"].value()))


def _day(form: NewActivityForm) -> date | None:
    """The day as the form stands, None while it is none."""
    try:
        return form.fields["held_on"].clean(form["held_on"].value())
    except ValidationError:
        return None


def _show_correction(
    request: DeskRequest, form: CorrectionForm, found: Activity, status: int = 200, changes: Any = ()
) -> HttpResponse:
    return page(
        request,
        "desk/activities/edit.html",
        HERE,
        status=status,
        form=form,
        activity=found,
        changes=changes,
        crumbs=[
            {"title": _("学习活动"), "href": reverse("desk:activities")},
            {"title": found.title, "href": reverse("desk:activity", args=[found.code])},
        ],
    )


urlpatterns = [
    path("activities/", activities, name="activities"),
    path("activities/new/", activity_new, name="activity_new"),
    path("activities/<str:code>/", activity, name="activity"),
    path("activities/<str:code>/edit/", activity_edit, name="activity_edit"),
    path("activities/<str:code>/withdraw/", activity_withdraw, name="activity_withdraw"),
    path("activities/<str:code>/restore/", activity_restore, name="activity_restore"),
]
