"""The public judges: the page that a poster opens, the receipt, the rounds and their results.

A voter has no log-in and gets no session. Cookies: the form's own protection, a random mark of the device (hashed under a
key of the day before it is counted), and for ten minutes the receipt. A receipt never stands in an address: addresses are
logged beside the network and the time.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_safe

from quxin.access import Action, Actor, Refused, may
from quxin.briefs.boards import bursts_of
from quxin.briefs.complaints_told import complaints_told
from quxin.briefs.evaluations import round_brief, subject_title
from quxin.briefs.probes import probes_brief
from quxin.briefs.round_results import is_for_the_public, round_results
from quxin.kernel import clock, work
from quxin.kernel.errors import QuxinError
from quxin.kernel.identifiers import is_code, new_code
from quxin.orgs.accounts import build_actor
from quxin.portal.casting import address_of
from quxin.portal.shell import public_page, vote_href
from quxin.records.evaluations import queries
from quxin.records.evaluations.errors import FormUsed, NoSuchGrade, NotOpen
from quxin.records.evaluations.limits import PLAIN_LIMIT
from quxin.records.evaluations.models import Grade, Round, RoundSubject
from quxin.records.evaluations.operations import Vote, cast_ballot
from quxin.records.evaluations.rules import last_day

DEVICE_COOKIE = "quxin_device"
RECEIPT_COOKIE = "quxin_receipt"
CODE_LENGTH = 32
DEVICE_SECONDS = 400 * 86400  # as long as browsers keep a cookie at most
RECEIPT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds: from the page when it is opened, from the voter when it comes back with an error."""

    submission: str
    grade: int = 0
    words: str = ""
    work: str = ""


class BallotForm(forms.Form):
    """The grade and the words as they come; what is allowed is the operation's to say."""

    grade = forms.IntegerField(required=False)
    words = forms.CharField(required=False)
    submission = forms.CharField(required=False, max_length=64)
    work = forms.CharField(required=False, max_length=400)


class ReceiptForm(forms.Form):
    """A receipt code, however it is written."""

    code = forms.CharField(
        label=gettext_lazy("回执码"),
        max_length=60,
        help_text=gettext_lazy("16 位，形如 3F9A-0C27-B1D4-88E6；大小写、空格和横线都不要紧。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


@never_cache
@sensitive_post_parameters()
@sensitive_variables("device")
def evaluate(request: HttpRequest, code: str) -> HttpResponse:
    """One screen: five grades, optional words, done. A sent form leads to its receipt, however often it is sent."""
    subject = queries.subject_by_code(code)
    if subject is None:
        raise Http404
    actor = build_actor(request.user if request.user.is_authenticated else None, clock.today())
    device = request.COOKIES.get(DEVICE_COOKIE, "")
    device = device if is_code(device, CODE_LENGTH) else ""
    response = _take(request, subject, actor, device) if request.method == "POST" else _ask(request, subject, actor)
    if not device:
        _keep(response, DEVICE_COOKIE, new_code(CODE_LENGTH), DEVICE_SECONDS, "/e/")
    return response


@never_cache
@require_safe
def evaluated(request: HttpRequest, code: str) -> HttpResponse:
    """Thank you, with the receipt; without a fresh one, back to the page that judges."""
    subject = queries.subject_by_code(code)
    if subject is None:
        raise Http404
    receipt = request.COOKIES.get(RECEIPT_COOKIE, "")
    found = queries.find_receipt(receipt) if receipt else None
    if found is None or found.round.pk != subject.round_id:
        return redirect("portal:evaluate", code=code)
    return public_page(
        request,
        "portal/evaluated.html",
        place="",
        links=[],
        receipt=receipt,
        title=subject_title(subject),
        round=subject.round,
        until=last_day(subject.round),
        repeated="again" in request.GET,
    )


@never_cache
@sensitive_post_parameters()
@sensitive_variables("form", "found")
def receipt(request: HttpRequest) -> HttpResponse:
    """Check a receipt: is the ballot there, and is it under the sealed root."""
    form = ReceiptForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "asked": False}
    if form.is_valid():
        found = queries.find_receipt(form.cleaned_data["code"])
        context |= {"asked": True, "found": found}
        if found is not None:
            context["root"] = bytes(found.round.receipts_root).hex() if found.round.receipts_root else ""
            context["stage"] = queries.stage_of(found.round, clock.now())
            context["until"] = last_day(found.round)
    return public_page(request, "portal/evaluate_receipt.html", **context)


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """Every round that the public may see, the newest first."""
    shown = Paginator(queries.public_rounds(), 50).get_page(request.GET.get("page"))
    now = clock.now()
    rows = [
        {
            "round": one,
            "kind": str(Round.Kind(one.kind).label),
            "is_roster": one.access == Round.Access.ROSTER,
            "stage": queries.stage_of(one, now),
            "until": last_day(one),
        }
        for one in shown
    ]
    probes = probes_brief(today=clock.local_date(now))
    return public_page(request, "portal/evaluate_rounds.html", rows=rows, shown=shown, probes=probes)


@require_safe
def round_result(request: HttpRequest, code: str) -> HttpResponse:
    """A round in public: what it judges, its result once closed, why it was voided."""
    found = get_object_or_404(Round.objects.public().select_related("organiser", "campaign"), code=code)
    now, is_public = clock.now(), is_for_the_public(found)
    # What members say of one another is told inside: the page does not even ask for it.
    results = round_results(found) if is_public else None
    return public_page(
        request,
        "portal/evaluate_round.html",
        round=round_brief(found, now=now, with_results=not (results and results.subjects)),
        results=results,
        is_public=is_public,
        is_roster=found.access == Round.Access.ROSTER,
        kind=str(Round.Kind(found.kind).label),
        complaints=complaints_told(found, today=clock.local_date(now)),
        bursts=bursts_of(found),
        vote_href=vote_href(found.code),
    )


def client_address(request: HttpRequest) -> str:
    """The voter's network address."""
    return address_of(request.META)


def _ask(request: HttpRequest, subject: RoundSubject, actor: Actor) -> HttpResponse:
    return _page(request, subject, actor, Typed(new_code(CODE_LENGTH)))


@sensitive_variables("form", "typed", "given", "device")
def _take(request: HttpRequest, subject: RoundSubject, actor: Actor, device: str) -> HttpResponse:
    """Store the ballot and lead on to its receipt; on an error the page comes back with all that was chosen and written."""
    form = BallotForm(request.POST)
    form.is_valid()
    typed = Typed(
        submission=form.cleaned_data.get("submission") or "",
        grade=form.cleaned_data.get("grade") or 0,
        words=(form.cleaned_data.get("words") or "").replace("\r\n", "\n"),
        work=form.cleaned_data.get("work") or "",
    )
    now = clock.now()
    try:
        if form.errors.get("words"):
            raise QuxinError("意见里有不能保存的字符。", hint="请删去后再提交。")
        given = cast_ballot(
            actor=actor,
            vote=Vote(
                subject_code=subject.code,
                grade=typed.grade,
                words=typed.words,
                submission=typed.submission,
                device=device,
                address=client_address(request),
                worked=_has_worked(subject, typed, clock.local_date(now)),
            ),
            now=now,
            today=clock.local_date(now),
        )
    except FormUsed:
        return redirect(f"{reverse('portal:evaluated', args=[subject.code])}?again=1")
    except (Refused, NotOpen) as error:
        return _page(request, subject, actor, typed, error=error, status=403 if isinstance(error, Refused) else 409)
    except QuxinError as error:
        if not typed.submission:
            typed = replace(typed, submission=new_code(CODE_LENGTH), work="")
        if form.errors.get("words"):
            typed = replace(typed, words=request.POST.get("words", "").replace("\x00", ""))
        return _page(request, subject, actor, typed, error=error, status=422)
    done = reverse("portal:evaluated", args=[subject.code])
    response = redirect(f"{done}?again=1" if given.repeated else done)
    _keep(response, RECEIPT_COOKIE, given.code, RECEIPT_SECONDS, done)
    return response


def _challenge(subject: RoundSubject, submission: str, day: date) -> str:
    """The puzzle of this form on this day: of its subject and its submission, so that a solution is good for one ballot."""
    key = hmac.new(settings.FIELD_KEY.encode(), b"quxin/work/1", hashlib.sha256).digest()
    return work.challenge(key, round_code=subject.round.code, subject=subject.code, day=day, nonce=submission)


def _has_worked(subject: RoundSubject, typed: Typed, today: date) -> bool:
    """Whether the form's puzzle was solved, today's or yesterday's (a page may stand open over midnight)."""
    try:
        work.check(typed.work, *(_challenge(subject, typed.submission, today - timedelta(days=ago)) for ago in (0, 1)))
    except work.BadWork:
        return False  # no script, or a page of days ago: taken all the same, under the stricter limit
    return True


def _page(
    request: HttpRequest,
    subject: RoundSubject,
    actor: Actor,
    typed: Typed,
    *,
    error: QuxinError | None = None,
    status: int = 200,
) -> HttpResponse:
    round_ = subject.round
    path_ = subject.organisation.path
    decision = may(actor, Action.CAST_BALLOT, path_, judged=[path_])
    return public_page(
        request,
        "portal/evaluate.html",
        status=status,
        place="",
        links=[],
        desk_href="",
        subject=subject,
        round=round_,
        title=subject_title(subject),
        stage=queries.stage_of(round_, clock.now()),
        until=last_day(round_),
        refused="" if decision else _(decision.reason),
        choices=[{"value": grade.value, "title": _(str(grade.label))} for grade in Grade],
        values=typed,
        challenge=_challenge(subject, typed.submission, clock.today()),
        plain_limit=PLAIN_LIMIT,
        error=error.text(_) if error else "",
        hint=error.hint_text(_) if error else "",
        wrong_grade=isinstance(error, NoSuchGrade),
    )


def _keep(response: HttpResponse, name: str, value: str, seconds: int, path_: str) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path=path_, httponly=True, samesite="Lax", secure=bool(settings.HTTPS)
    )


urlpatterns = [
    path("e/<str:code>/", evaluate, name="evaluate"),
    path("e/<str:code>/done/", evaluated, name="evaluated"),
    path("receipts/", receipt, name="receipt"),
    path("rounds/", rounds, name="rounds"),
    path("rounds/<str:code>/", round_result, name="round_result"),
]
