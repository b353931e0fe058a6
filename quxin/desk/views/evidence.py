"""Evidence handed out and taken down: only to those who may see the record it belongs to."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from quxin.access import Action, Actor, may, require
from quxin.briefs.subjects import subjects
from quxin.desk.links import href_of
from quxin.desk.shell import DeskRequest, desk_page, page
from quxin.files.models import Evidence
from quxin.files.operations import place_of, withdraw_evidence
from quxin.records.commitments.models import Commitment

ACTIONS = {
    "activity": Action.RECORD_ACTIVITY,
    "commitment": Action.MAKE_COMMITMENT,
}
"""What whoever takes evidence down must be allowed to do, by the thing it proves; else report progress."""


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
    """Take a file from view; its bytes and the audit stay."""
    desk = request.desk
    found = _visible(desk.actor, code)
    action = ACTIONS.get(found.subject.partition(":")[0], Action.REPORT_PROGRESS)
    require(desk.actor, action, found.path)
    back = href_of(subjects([found.subject])[found.subject]) or "/desk/"
    if request.method == "POST":
        withdraw_evidence(evidence=found, actor=desk.actor, action=action, now=desk.now)
        messages.success(request, _("文件已撤下。"))
        asked = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()})
        return redirect(asked if safe else back)
    return page(request, "desk/evidence_withdraw.html", "activities", evidence=found, back=back)


def _visible(actor: Actor, code: str) -> Evidence:
    """The evidence if the record it proves is visible to `actor`; Http404 otherwise."""
    found = Evidence.objects.select_related("blob").filter(code=code, withdrawn_at__isnull=True).first()
    if found is None or not (may(actor, Action.VIEW, found.path) or _is_own(actor, found.subject)):
        raise Http404
    return found


def _is_own(actor: Actor, subject: str) -> bool:
    """Whether it belongs to a promise that the actor made himself, wherever that stands."""
    thing, _colon, key = subject.partition(":")
    key = key.partition("/")[0]
    return thing == "commitment" and key.isdigit() and Commitment.objects.visible_to(actor).filter(pk=int(key)).exists()


urlpatterns = [
    path("evidence/<str:code>/", evidence, name="evidence"),
    path("evidence/<str:code>/withdraw/", evidence_withdraw, name="evidence_withdraw"),
]
