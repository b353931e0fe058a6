"""Reports: which there are, one on paper with every number a link, what changed since a day, files, many at once."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.access import Action, may, require
from quxin.briefs import report_places as places
from quxin.briefs.report_changes import report_changes
from quxin.briefs.reports import ReportBrief, report_brief
from quxin.desk.entry import attachment
from quxin.desk.links import href_of
from quxin.desk.organisation_forms import DayInput
from quxin.desk.report_forms import LetterheadForm
from quxin.desk.run_pages import answer_poll, progress_of, stop, visible_run
from quxin.desk.shell import DeskRequest, desk_page, page
from quxin.kernel.periods import Period
from quxin.orgs.models import Organisation
from quxin.packs.queries import pack_of
from quxin.packs.types import Pack
from quxin.records.campaigns.models import Campaign
from quxin.reports.batches import KIND as BATCH
from quxin.reports.batches import batch_file
from quxin.reports.compose import compose
from quxin.reports.document import Document
from quxin.reports.files import write_report
from quxin.reports.letterhead import Letterhead
from quxin.reports.paper import html
from quxin.reports.remarks import remarks
from quxin.runs.operations import request_run

HERE = "reports"
KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Which report the address asks for."""

    campaign: Campaign
    pack: Pack
    outline: str
    organisation: Organisation
    period: Period

    def query(self, **more: str) -> str:
        """The query of an address of this report."""
        given = {"outline": self.outline, "org": self.organisation.code, "period": str(self.period)}
        return urlencode(given | more)

    def given(self) -> dict[str, Any]:
        """What `report_brief` takes."""
        return {
            "pack": self.pack,
            "campaign": self.campaign,
            "organisation": self.organisation,
            "period": self.period,
            "report_id": self.outline,
        }


def _place(request: DeskRequest, code: str) -> Place:
    """The report of the address; 404 for what the person may not see or does not exist.

    Without an organisation it is the sponsor's, where the person sees it, else the one of the desk.
    """
    desk = request.desk
    campaign = places.visible_campaigns(desk.actor).filter(code=code).first()
    if campaign is None:
        raise Http404
    pack = pack_of(campaign.pack_version)
    outline = request.GET.get("outline", "") or next(iter(pack.reports), "")
    if outline not in pack.reports:
        raise Http404
    asked = bool(request.GET.get("org"))
    sponsor = None if asked else Organisation.objects.visible_to(desk.actor).filter(pk=campaign.sponsor_id).first()
    period = desk.period if request.GET.get("period") else places.default_period(campaign, desk.today)
    return Place(campaign, pack, outline, sponsor or desk.organisation, period)


def _document(brief: ReportBrief, request: DeskRequest, letterhead: Letterhead | None = None) -> Document:
    site = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    return compose(brief, on=request.desk.today, site=site, letterhead=letterhead)


@desk_page
def reports(request: DeskRequest) -> HttpResponse:
    """The campaigns that the person sees, with the reports of each."""
    desk = request.desk
    require(desk.actor, Action.VIEW, desk.organisation.path)
    return page(
        request,
        "desk/reports.html",
        HERE,
        campaigns=places.campaign_reports(desk.actor, today=desk.today),
        may_write=bool(may(desk.actor, Action.WRITE_REPORT, desk.organisation.path)),
    )


@desk_page
def report(request: DeskRequest, code: str) -> HttpResponse:
    """One report on paper: every number opens its workings beside it."""
    desk, place = request.desk, _place(request, code)
    brief = report_brief(**place.given())
    document = _document(brief, request)
    said = remarks(document)
    typed = sum(remark.code == "unbound-number" for remark in said)
    return page(
        request,
        "desk/report.html",
        HERE,
        place=place,
        brief=brief,
        paper=html(document),
        remarks=[{"where": one.where, "text": one.text(_), "hint": one.hint_text(_)} for one in said],
        sources=places.sources_of(brief, typed),
        outlines=places.reports_of(place.campaign, today=desk.today).outlines,
        periods=places.offered_periods(place.campaign, desk.today),
        organisations=places.offered_organisations(desk.actor, place.campaign, place.organisation),
        may_export=bool(may(desk.actor, Action.EXPORT, place.organisation.path)),
        may_write=bool(may(desk.actor, Action.WRITE_REPORT, place.organisation.path)),
        query=place.query(),
        crumbs=_crumbs(place.campaign),
    )


@desk_page
def report_file(request: DeskRequest, code: str, kind: str) -> HttpResponse:
    """The report as Word in the official layout, as HTML, or as JSON with every figure listed.

    With `draft` in the address the Word file marks the numbers that are bound to nothing.
    """
    place = _place(request, code)
    if kind not in KINDS:
        raise Http404
    require(request.desk.actor, Action.EXPORT, place.organisation.path)
    brief = report_brief(**place.given())
    return _file(place, brief, _document(brief, request), kind, draft=bool(request.GET.get("draft")))


def _file(place: Place, brief: ReportBrief, document: Document, kind: str, *, draft: bool) -> HttpResponse:
    content = write_report(brief, document, f".{kind}", draft=draft)
    name = f"{brief.title}（{place.period}）"
    name = _("%s（草稿）") % name if draft and kind == "docx" else name
    return attachment(content, f"{name}.{kind}", KINDS[kind])


@desk_page
def report_letterhead(request: DeskRequest, code: str) -> HttpResponse:
    """Ask what the red letterhead says; POST answers with the Word file."""
    desk, place = request.desk, _place(request, code)
    require(desk.actor, Action.EXPORT, place.organisation.path)
    brief = report_brief(**place.given())
    form = LetterheadForm(request.POST if request.method == "POST" else None, issuer=brief.issuer, today=desk.today)
    if form.is_bound and form.is_valid():
        document = _document(brief, request, form.letterhead())
        return _file(place, brief, document, "docx", draft=form.cleaned_data["draft"])
    crumbs = [*_crumbs(place.campaign), {"title": brief.title, "href": _href(place)}]
    return page(request, "desk/report_letterhead.html", HERE, form=form, brief=brief, back=_href(place), crumbs=crumbs)


@desk_page
def report_changed(request: DeskRequest, code: str) -> HttpResponse:
    """Which figures are others than at the end of a day, and the facts that made the difference."""
    desk, place = request.desk, _place(request, code)
    since = _since(request, place)
    changes = report_changes(since=_end_of(since), **place.given())
    return page(
        request,
        "desk/report_changed.html",
        HERE,
        place=place,
        since=since,
        changes=changes,
        rows=[(one, [(row, subject, href_of(subject)) for row, subject in one.facts]) for one in changes.changed],
        today=desk.today,
        query=place.query(),
        crumbs=[*_crumbs(place.campaign), {"title": changes.now.title, "href": _href(place)}],
    )


def _since(request: DeskRequest, place: Place) -> date:
    """The day asked for; else a week ago."""
    try:
        return min(date.fromisoformat(request.GET.get("since", "")), request.desk.today)
    except ValueError:
        return request.desk.today - timedelta(days=7)


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))


def _href(place: Place) -> str:
    return f"{reverse('desk:report', args=[place.campaign.code])}?{place.query()}"


def _crumbs(campaign: Campaign) -> list[dict[str, str]]:
    return [
        {"title": _("报告"), "href": reverse("desk:reports")},
        {"title": _(campaign.title), "href": reverse("desk:campaign", args=[campaign.code])},
    ]


# --- many at once ---


class BatchForm(forms.Form):
    """For which organisations and which months."""

    organisations = forms.MultipleChoiceField(
        label=gettext_lazy("哪些单位"), widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("每个单位一份。")
    )
    start = forms.DateField(label=gettext_lazy("从"), widget=DayInput)
    end = forms.DateField(label=gettext_lazy("到"), widget=DayInput)

    def clean(self) -> dict[str, Any]:
        """The days make a period."""
        cleaned = super().clean() or {}
        if cleaned.get("start") and cleaned.get("end") and cleaned["end"] < cleaned["start"]:
            self.add_error("end", _("结束不能早于开始。"))
        return cleaned


@desk_page
def report_batch(request: DeskRequest, code: str) -> HttpResponse:
    """Ask for the same report of many organisations; one file each, in one archive."""
    desk, place = request.desk, _place(request, code)
    require(desk.actor, Action.WRITE_REPORT, place.organisation.path)
    offered = places.offered_organisations(desk.actor, place.campaign, place.organisation)[:MOST_AT_ONCE]
    offered = [one for one in offered if may(desk.actor, Action.WRITE_REPORT, one.path)]
    first = {
        "start": place.period.start,
        "end": place.period.end,
        "organisations": [one.code for one in offered],
    }
    form = BatchForm(request.POST if request.method == "POST" else None, initial=first)
    form.fields["organisations"].choices = [(one.code, one.name) for one in offered]  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        return redirect("desk:report_batch_run", code=_ask(request, place, form.cleaned_data))
    return page(
        request,
        "desk/report_batch.html",
        HERE,
        form=form,
        place=place,
        crumbs=[*_crumbs(place.campaign)],
    )


def _ask(request: DeskRequest, place: Place, given: dict[str, Any]) -> str:
    desk = request.desk
    run = request_run(
        kind=BATCH,
        title=_("成批写报告：%s") % place.campaign.title,
        parameters={
            "campaign": place.campaign.code,
            "outline": place.outline,
            "organisations": given["organisations"],
            "period": f"{given['start'].isoformat()}..{given['end'].isoformat()}",
            "site": settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}",
        },
        actor=desk.actor.account,
        now=desk.now,
        path=place.organisation.path,
    )
    return run.code


@desk_page
def report_batch_run(request: DeskRequest, code: str) -> HttpResponse:
    """The batch: its progress, then the archive. POST stops it."""
    run = visible_run(request, BATCH, code)
    href = reverse("desk:report_batch_run", args=[code])
    if request.method == "POST":
        return stop(request, run, href)
    progress = progress_of(run, href=href)
    polled = answer_poll(request, run, progress)
    if polled is not None:
        return polled
    there = batch_file(run).exists()
    crumbs = [{"title": _("报告"), "href": reverse("desk:reports")}]
    return page(
        request,
        "desk/report_batch_run.html",
        HERE,
        run=run,
        progress=progress,
        is_there=there,
        refused=run.refused_rows.all() if run.state == "done" else (),
        crumbs=crumbs,
    )


@desk_page
def report_batch_file(request: DeskRequest, code: str) -> HttpResponse | FileResponse:
    """The archive of a batch that is done."""
    run = visible_run(request, BATCH, code)
    # Who looks after runs sees how they go, not what they write.
    require(request.desk.actor, Action.EXPORT, run.path)
    place = batch_file(run)
    if run.state != "done" or not place.exists():
        raise Http404
    return FileResponse(place.open("rb"), as_attachment=True, filename=f"reports-{run.code}.zip")


urlpatterns = [
    path("reports/", reports, name="reports"),
    path("reports/batches/<str:code>/", report_batch_run, name="report_batch_run"),
    path("reports/batches/<str:code>/file/", report_batch_file, name="report_batch_file"),
    path("reports/<str:code>/", report, name="report"),
    path("reports/<str:code>/changes/", report_changed, name="report_changed"),
    path("reports/<str:code>/batch/", report_batch, name="report_batch"),
    path("reports/<str:code>/letterhead/", report_letterhead, name="report_letterhead"),
    path("reports/<str:code>/file/<str:kind>/", report_file, name="report_file"),
]
