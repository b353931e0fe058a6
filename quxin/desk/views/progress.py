"""Simple records: list, entry form, record page, correction, withdrawal; and honours, which are records of one family."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from quxin.access import Action, may, require
from quxin.briefs.progress import (
    HONOUR,
    KindOption,
    list_progress,
    progress_brief,
    progress_kinds,
    totals_by_kind,
)
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
from quxin.desk.progress_forms import NewProgressForm, ProgressCorrectionForm, field_of, typed
from quxin.desk.record_pages import refusal_of, restored, withdrawn
from quxin.desk.shell import DeskRequest, desk_page, get_visible, page, put_errors
from quxin.desk.trace_words import timeline
from quxin.kernel.errors import QuxinError
from quxin.kernel.scaled import plain, unscale
from quxin.records.campaigns.models import Campaign, ProgressRecord
from quxin.records.campaigns.progress import (
    correct_progress,
    record_progress,
    restore_progress,
    subject_of,
    withdraw_progress,
)
from quxin.records.campaigns.queries import list_campaigns
from quxin.sheets.columns import Column
from quxin.ui.words import spoken

HERE = "progress"
SORTS = {"on": "occurred_on", "title": "title", "org": "organisation__sort_key", "quantity": "quantity"}
COLUMNS = (
    Column("occurred_on", "日期", kind="date"),
    Column("organisation", "单位"),
    Column("kind", "种类"),
    Column("title", "标题或事项"),
    Column("partner", "对象"),
    Column("place", "地点"),
    Column("quantity", "数量", kind="decimal"),
    Column("unit", "计量单位"),
    Column("campaign", "主题活动"),
    Column("note", "备注"),
)


@desk_page
def progress(request: DeskRequest) -> HttpResponse:
    """The list, filtered by what stands in the address; `?export=1` gives just that as Excel."""
    return _list(request, progress_kinds(), HERE, "desk:progress")


@desk_page
def honours(request: DeskRequest) -> HttpResponse:
    """Commendations and awards: the records of that family, with their totals."""
    return _list(request, progress_kinds(HONOUR), "honours", "desk:honours")


@desk_page
def progress_new(request: DeskRequest) -> HttpResponse:
    """Record one; `show` in what is sent shows the form again for another kind."""
    desk = request.desk
    require(desk.actor, Action.REPORT_PROGRESS, desk.organisation.path)
    campaigns = list(list_campaigns(desk.actor)[:50])
    given: dict[str, Any] = {
        "actor": desk.actor,
        "here": desk.organisation,
        "campaigns": campaigns,
        "kinds": progress_kinds(),
        "today": desk.today,
    }
    sent = request.POST if request.method == "POST" else None
    if sent is None or "show" in sent or "show" in request.GET:
        initial = initial_from(sent) if sent else _preset(request, campaigns, given["kinds"])
        return _show_form(request, NewProgressForm(initial=initial, **given))
    form = NewProgressForm(sent, request.FILES, **given)
    if form.is_valid() and (answer := _record(request, form)) is not None:
        return answer
    return _show_form(request, form, status=422)


@desk_page
def progress_record(request: DeskRequest, code: str) -> HttpResponse:
    """One record with all that hangs on it; a POST brings a file of evidence."""
    desk = request.desk
    found = _found(request, code)
    form = EvidenceForm()
    if request.method == "POST":
        require(desk.actor, Action.REPORT_PROGRESS, found.organisation.path)
        form = EvidenceForm(request.POST, request.FILES)
        if form.is_valid():
            _attach(request, found, form.cleaned_data["evidence"])
            messages.success(request, _("文件已附上。"))
            return redirect("desk:progress_record", code=code)
    brief = progress_brief(found)
    return page(
        request,
        "desk/progress/record.html",
        "honours" if brief.kind and brief.kind.kind.family == HONOUR else HERE,
        status=422 if form.errors else 200,
        brief=brief,
        record=found,
        form=form,
        evidence=evidence_items(brief.evidence, lambda one: reverse("desk:evidence", args=[one]), desk.actor),
        history=timeline(brief.history),
        may_edit=may(desk.actor, Action.REPORT_PROGRESS, found.organisation.path),
        crumbs=[{"title": _("落实"), "href": reverse("desk:progress")}],
    )


@desk_page
def progress_edit(request: DeskRequest, code: str) -> HttpResponse:
    """Correct a record, with a reason. When somebody else saved meanwhile, both versions are shown."""
    desk = request.desk
    found = _editable(request, code)
    given: dict[str, Any] = {"kinds": progress_kinds(), "today": desk.today}
    if request.method != "POST":
        return _show_correction(request, ProgressCorrectionForm(initial=typed(found), **given), found)
    form = ProgressCorrectionForm(request.POST, **given)
    if not form.is_valid():
        return _show_correction(request, form, found, status=422)
    refused = refusal_of(
        form,
        found,
        lambda: correct_progress(
            actor=desk.actor,
            record=found,
            progress=form.progress(),
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
    return redirect("desk:progress_record", code=code)


@desk_page
def progress_withdraw(request: DeskRequest, code: str) -> HttpResponse:
    """Withdraw a record with a reason; it can be restored."""
    found = _editable(request, code)

    def act(reason: str) -> None:
        withdraw_progress(actor=request.desk.actor, record=found, reason=reason, now=request.desk.now)

    return withdrawn(request, found, act, here=HERE, back=reverse("desk:progress_record", args=[code]))


@desk_page
def progress_restore(request: DeskRequest, code: str) -> HttpResponse:
    """Undo a withdrawal."""
    found = _editable(request, code)

    def act() -> None:
        restore_progress(actor=request.desk.actor, record=found, now=request.desk.now)

    return restored(request, act, back=reverse("desk:progress_record", args=[code]))


def _found(request: DeskRequest, code: str) -> ProgressRecord:
    rows = ProgressRecord.objects.select_related("organisation", "campaign")
    return get_visible(rows, request.desk.actor, code=code)


def _editable(request: DeskRequest, code: str) -> ProgressRecord:
    """The record, for those who may change it."""
    found = _found(request, code)
    require(request.desk.actor, Action.REPORT_PROGRESS, found.organisation.path)
    return found


# --- the list ---


def _list(request: DeskRequest, kinds: dict[str, KindOption], here: str, name: str) -> HttpResponse:
    """The records of `kinds`; an unknown kind in the address shows nothing rather than everything."""
    desk, wanted = request.desk, request.GET
    require(desk.actor, Action.VIEW, desk.organisation.path)
    period, when = period_of(request)
    campaigns = list(list_campaigns(desk.actor)[:50])
    campaign = next((one for one in campaigns if one.code == wanted.get("campaign")), None)
    asked = [wanted["kind"]] if wanted.get("kind") else (list(kinds) if here == "honours" else None)
    rows = list_progress(
        desk.actor,
        kinds=asked,
        period=period,
        path=desk.organisation.path,
        words=wanted.get("words", ""),
        campaign=campaign.code if campaign else "",
        withdrawn=wanted.get("withdrawn") == "1",
    )
    rows = sorted_by(rows, wanted.get("sort", ""), SORTS, "-on")
    if wanted.get("export"):
        return _export(request, rows, kinds, _("表彰") if here == "honours" else _("工作进展"))
    narrowed = bool(campaign or wanted.get("words") or wanted.get("withdrawn"))
    totals = totals_by_kind(rows, desk.organisation, kinds, period=None if narrowed else period or ever(desk.today))
    chosen = kinds.get(wanted.get("kind", ""))
    listing = paged(rows, wanted.get("page", "1"), total=sum(total.records for total in totals))
    return page(
        request,
        "desk/progress/list.html",
        here,
        listing=listing,
        rows=[(row, _kind_title(row.kind, kinds), plain(row.quantity, group=True)) for row in listing.rows],
        totals=totals[:8],
        more_totals=max(0, len(totals) - 8),
        kinds=list(kinds.values()),
        campaigns=campaigns,
        when=when,
        wanted={key: wanted.get(key, "") for key in ("kind", "words", "campaign", "withdrawn")},
        chips=chips_of(
            request,
            {
                "kind": spoken(chosen) if chosen else wanted.get("kind", ""),
                "campaign": campaign.title if campaign else "",
                "words": wanted.get("words", ""),
                "withdrawn": _("已撤销的") if wanted.get("withdrawn") == "1" else "",
                "when": _("全部日期") if when == "all" else when,
            },
        ),
        columns=[
            {"title": _("标题或事项"), "sort": "title"},
            {"title": _("日期"), "sort": "on"},
            {"title": _("单位"), "sort": "org"},
            {"title": _("种类")},
            {"title": _("数量"), "num": True, "sort": "quantity"},
        ],
        clear=reverse(name),
        is_honours=here == "honours",
        may_record=may(desk.actor, Action.REPORT_PROGRESS, desk.organisation.path),
    )


def _kind_title(label: str, kinds: dict[str, KindOption]) -> str:
    return spoken(kinds[label]) if label in kinds else label


def _export(request: DeskRequest, rows: Any, kinds: dict[str, KindOption], title: str) -> HttpResponse:
    told = (
        {
            "occurred_on": row.occurred_on,
            "organisation": row.organisation.name,
            "kind": _kind_title(row.kind, kinds),
            "title": row.title,
            "partner": row.partner,
            "place": row.place,
            "quantity": unscale(row.quantity),
            "unit": row.unit,
            "campaign": row.campaign.title if row.campaign else "",
            "note": row.note,
        }
        for row in rows.iterator(2000)
    )
    desk = request.desk
    period, _when = period_of(request)
    return excel(title, COLUMNS, told, notes=[f"{desk.organisation.name} · {period.zh() if period else _('全部日期')}"])


# --- entry ---


def _preset(request: DeskRequest, campaigns: list[Campaign], kinds: dict[str, KindOption]) -> dict[str, Any]:
    """What the address fills in beforehand: ?kind= (a label, or kind and series apart) &campaign= (code or key)."""
    wanted = request.GET
    label = wanted.get("kind", "")
    if wanted.get("series") and f"{label}/{wanted['series']}" in kinds:
        label = f"{label}/{wanted['series']}"
    asked = wanted.get("campaign", "")
    return {
        "organisation": request.desk.organisation.code,
        "kind": label,
        "campaign": next((one.code for one in campaigns if asked and asked in (one.code, one.key)), ""),
        "occurred_on": request.desk.today,
    }


def _record(request: DeskRequest, form: NewProgressForm) -> HttpResponse | None:
    """Record what the form says, once; None when the operation refused it (the form then says why)."""
    desk, said = request.desk, form.cleaned_data
    key = row_key_of(desk.actor, "progress", said["nonce"])
    try:
        made, is_new = record_once(
            ProgressRecord.objects.visible_to(desk.actor),
            key,
            lambda: record_progress(
                actor=desk.actor,
                organisation=said["organisation"],
                progress=form.progress(),
                campaign=form.chosen_campaign(),
                today=desk.today,
                now=desk.now,
                row_key=key,
                reason=said["late_reason"],
            ),
        )
        if is_new:
            _attach(request, made, said["evidence"])
    except QuxinError as error:
        put_errors(form, error, field_of(error))
        return None
    messages.success(request, _("已登记。"))
    return redirect("desk:progress_record", code=made.code)


def _attach(request: DeskRequest, record: ProgressRecord, uploads: list[Any]) -> None:
    attach_all(
        uploads,
        subject=subject_of(record),
        path=record.organisation.path,
        actor=request.desk.actor,
        action=Action.REPORT_PROGRESS,
        now=request.desk.now,
    )


def _show_form(request: DeskRequest, form: NewProgressForm, status: int = 200) -> HttpResponse:
    crumbs = [{"title": _("落实"), "href": reverse("desk:progress")}]
    return page(request, "desk/progress/new.html", HERE, status=status, form=form, crumbs=crumbs)


def _show_correction(
    request: DeskRequest, form: ProgressCorrectionForm, found: ProgressRecord, status: int = 200, changes: Any = ()
) -> HttpResponse:
    return page(
        request,
        "desk/progress/edit.html",
        HERE,
        status=status,
        form=form,
        record=found,
        changes=changes,
        crumbs=[
            {"title": _("落实"), "href": reverse("desk:progress")},
            {"title": found.title, "href": reverse("desk:progress_record", args=[found.code])},
        ],
    )


urlpatterns = [
    path("progress/", progress, name="progress"),
    path("honours/", honours, name="honours"),
    path("progress/new/", progress_new, name="progress_new"),
    path("progress/<str:code>/", progress_record, name="progress_record"),
    path("progress/<str:code>/edit/", progress_edit, name="progress_edit"),
    path("progress/<str:code>/withdraw/", progress_withdraw, name="progress_withdraw"),
    path("progress/<str:code>/restore/", progress_restore, name="progress_restore"),
]
