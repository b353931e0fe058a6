"""Evidence handed out, shown to the public and taken down: only to those who may see the record it belongs to."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from quxin.access import Action, Actor, may, require
from quxin.briefs.evidence import may_be_public, owner_of
from quxin.briefs.subjects import subjects
from quxin.desk.entry import size_words
from quxin.desk.evidence_forms import PublishForm, UnpublishForm
from quxin.desk.links import href_of
from quxin.desk.shell import DeskRequest, desk_page, page, put_errors
from quxin.files.models import Evidence
from quxin.files.operations import StillPublic, place_of, withdraw_evidence
from quxin.files.publishing import Prepared, prepare, publish_evidence, require_publisher, unpublish_evidence
from quxin.files.scanning import KINDS
from quxin.kernel.errors import QuxinError
from quxin.records.commitments.models import Commitment

ACTIONS = {
    "activity": Action.RECORD_ACTIVITY,
    "commitment": Action.MAKE_COMMITMENT,
}
"""What whoever takes evidence down must be allowed to do, by the thing it proves; else report progress."""

PLACES = {"activity": "activities", "commitment": "commitments"}


@desk_page
def evidence(request: DeskRequest, code: str) -> HttpResponse | FileResponse:
    """The file itself, always as a download: nothing that was uploaded is ever shown inside a page."""
    found = _visible(request.desk.actor, code)
    place = place_of(found.blob.sha256)
    if not place.is_file():
        raise Http404(_("这份文件的内容不在存储中，请告诉系统管理员。"))
    response = FileResponse(place.open("rb"), as_attachment=True, filename=found.filename, content_type=found.blob.kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@desk_page
def evidence_withdraw(request: DeskRequest, code: str) -> HttpResponse:
    """Take a file from view; its bytes and the audit stay. A public one is taken from the public first."""
    desk = request.desk
    found = _visible(desk.actor, code)
    action, person = ACTIONS.get(_thing(found), Action.REPORT_PROGRESS), owner_of(found.subject)
    require(desk.actor, action, found.path, person=person)
    back = _back(found)
    if request.method == "POST":
        try:
            withdraw_evidence(evidence=found, actor=desk.actor, action=action, now=desk.now, person=person)
        except StillPublic as error:
            messages.warning(request, f"{error.text(_)} {error.hint_text(_)}")
            return redirect(back)
        messages.success(request, _("文件已撤下。"))
        asked = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()})
        return redirect(asked if safe else back)
    return page(request, "desk/evidence_withdraw.html", _place(found), evidence=found, back=back)


@desk_page
def evidence_publish(request: DeskRequest, code: str) -> HttpResponse:
    """Show a file to the public: what the scan found stands on the page before anybody presses anything."""
    desk = request.desk
    found = _visible(desk.actor, code)
    require_publisher(desk.actor, found)
    if found.is_public:
        return redirect(_back(found))
    prepared, problem = _prepared(found)
    unread = prepared.scan.unread if prepared else ()
    form = PublishForm(request.POST if request.method == "POST" else None, unread=unread)
    is_allowed = may_be_public(found.subject)
    if form.is_valid():
        try:
            publish_evidence(
                evidence=found,
                record_is_public=is_allowed,
                has_looked=bool(form.cleaned_data.get("looked")),
                actor=desk.actor,
                now=desk.now,
            )
        except QuxinError as error:
            put_errors(form, error)
        else:
            messages.success(request, _("文件已经公开，公开页上可以下载。"))
            return redirect(_back(found))
    return page(
        request,
        "desk/evidence_publish.html",
        _place(found),
        status=422 if form.errors else 200,
        evidence=found,
        form=form,
        back=_back(found),
        problem=problem,
        is_allowed=is_allowed,
        numbers=_told(prepared),
        unread=unread,
        copy_size=size_words(len(prepared.copy)) if prepared else "",
        is_pdf=found.blob.kind == "application/pdf",
    )


@desk_page
def evidence_unpublish(request: DeskRequest, code: str) -> HttpResponse:
    """Take a file from the public, with a reason; staff keep it."""
    desk = request.desk
    found = _visible(desk.actor, code)
    require(desk.actor, Action.PUBLISH_EVIDENCE, found.path)
    if not found.is_public:
        return redirect(_back(found))
    form = UnpublishForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            unpublish_evidence(evidence=found, reason=form.cleaned_data["reason"], actor=desk.actor, now=desk.now)
        except QuxinError as error:
            put_errors(form, error, "reason")
        else:
            messages.success(request, _("文件已从公开页撤下，理由已公开。"))
            return redirect(_back(found))
    return page(
        request,
        "desk/evidence_unpublish.html",
        _place(found),
        status=422 if form.errors else 200,
        evidence=found,
        form=form,
        back=_back(found),
    )


def _prepared(found: Evidence) -> tuple[Prepared | None, str]:
    """The scan and the public copy, or why there is none."""
    try:
        return prepare(found), ""
    except QuxinError as error:
        return None, f"{error.text(_)} {error.hint_text(_)}"


def _told(prepared: Prepared | None) -> list[tuple[str, int]]:
    """Kinds of numbers and how many; never the numbers."""
    return [(_(KINDS[kind]), count) for kind, count in prepared.scan.numbers] if prepared else []


def _visible(actor: Actor, code: str) -> Evidence:
    """The evidence if the record it proves is visible to `actor`; Http404 otherwise."""
    found = Evidence.objects.standing().select_related("blob").filter(code=code).first()
    if found is None or not (may(actor, Action.VIEW, found.path) or _is_own(actor, found.subject)):
        raise Http404
    return found


def _is_own(actor: Actor, subject: str) -> bool:
    """Whether it belongs to a promise that the actor made himself, wherever that stands."""
    thing, _colon, key = subject.partition(":")
    key = key.partition("/")[0]
    return thing == "commitment" and key.isdigit() and Commitment.objects.visible_to(actor).filter(pk=int(key)).exists()


def _back(found: Evidence) -> str:
    """The page of the record."""
    return href_of(subjects([found.subject])[found.subject]) or "/desk/"


def _thing(found: Evidence) -> str:
    return found.subject.partition(":")[0]


def _place(found: Evidence) -> str:
    """The place of the navigation where the record stands."""
    return PLACES.get(_thing(found), "progress")


urlpatterns = [
    path("evidence/<str:code>/", evidence, name="evidence"),
    path("evidence/<str:code>/withdraw/", evidence_withdraw, name="evidence_withdraw"),
    path("evidence/<str:code>/publish/", evidence_publish, name="evidence_publish"),
    path("evidence/<str:code>/unpublish/", evidence_unpublish, name="evidence_unpublish"),
]
