"""The voter's side of closed rounds: prove once that one is on the roster, fill in the sheet, cast it from no session.

With script the browser makes the token, has it signed blindly (`tokens/`) and casts later (`cast/`, no cookies). Without
script a printed card is exchanged for a token of the sealed pool (`exchange/`), which stands in the form's hidden fields
(`sheet/`). Nothing here is put into an address, a cookie or a log: no code of a card, no token, no answer, no receipt.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from quxin.access import ANYONE, Actor
from quxin.kernel import clock
from quxin.kernel.blind import BadToken
from quxin.kernel.errors import QuxinError
from quxin.orgs.accounts import build_actor
from quxin.portal import ballots
from quxin.portal.sheet_forms import Part, is_large, part_of, read_form
from quxin.portal.shell import absolute, public_page
from quxin.records.evaluations import queries
from quxin.records.evaluations.board import token_mark
from quxin.records.evaluations.errors import AlreadyFetched, NotOpen, TokenUsed
from quxin.records.evaluations.models import RosterLine, Round, RoundSubject, Spent
from quxin.records.evaluations.questionnaire import COMMON, EmptySheet, Questionnaire, SheetError, check_sheet
from quxin.records.evaluations.rules import is_open, last_day
from quxin.records.evaluations.sheets import Sheet, cast_sheet
from quxin.records.evaluations.simple import questionnaire_of
from quxin.records.evaluations.tokens import Token, draw_tokens, issue_tokens, keys_for, line_of
from quxin.ui.words import is_chinese, zh_date

#: In the script's copy of the form this stands where the code of the subject goes.
ANY_SUBJECT = "__"


@dataclass(frozen=True, slots=True)
class Held:
    """A token in a hidden field of the form without script, with the nonce that makes sending twice one ballot."""

    token: Token
    nonce: str
    subject: str

    @property
    def text(self) -> str:
        """The hidden field's value: key, message, signature, nonce."""
        signature = base64.b64encode(self.token.signature).decode()
        return f"{self.token.key}.{self.token.message.hex()}.{signature}.{self.nonce}"


@never_cache
@require_safe
def vote(request: HttpRequest, code: str) -> HttpResponse:
    """One screen: what is judged, the proof that one is on the roster, the sheet, the receipts. The rest is the script's."""
    return _page(request, _round(code))


@csrf_exempt
@never_cache
@require_POST
@sensitive_variables()
def vote_tokens(request: HttpRequest, code: str) -> HttpResponse:
    """{"card", "blinded"}: without `blinded` which keys and subjects are this voter's, with them the blind signatures.

    A card proves itself, whoever is logged in; without a card the session does, and then the page's own token is asked for.
    """
    round_ = _round(code)
    now = clock.now()
    try:
        card, blinded = _asked(request.body)
    except QuxinError as error:
        return _refuse(error)
    if not card:
        return _tokens_for_account(request, round_, blinded)
    return _answer(lambda: _tokens(ANYONE, round_, card, blinded, now))


@csrf_protect
def _tokens_for_account(request: HttpRequest, round_: Round, blinded: dict[str, bytes] | None) -> HttpResponse:
    if not request.user.is_authenticated:
        told = {"error": "log-in", "message": _("登录已经失效。"), "hint": _("请重新登录，再领凭证。")}
        return _json(403, told)
    now = clock.now()
    actor = build_actor(request.user, clock.local_date(now))
    return _answer(lambda: _tokens(actor, round_, "", blinded, now))


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def vote_exchange(request: HttpRequest, code: str) -> HttpResponse:
    """The way without script: a card for the tokens that lie under its code, in the hidden fields of a plain form."""
    round_ = _round(code)
    if request.method != "POST":
        return _back(code)
    card = request.POST.get("card", "").strip()
    now = clock.now()
    try:
        if not request.POST.get("weaker"):
            raise QuxinError("请先勾选“我知道这样保护弱一些”。", hint="有脚本的浏览器会用更强的办法，不必勾选。")
        tokens = draw_tokens(actor=ANYONE, round_=round_, card=card or "-", now=now, today=clock.local_date(now))
    except QuxinError as error:
        return _page(request, round_, card=card, error=error, status=ballots.refusal(error, now)[0])
    marks = [token_mark(one.key, one.message) for one in tokens]
    if marks and Spent.objects.filter(mark__in=marks).count() == len(marks):
        used = TokenUsed()
        return _page(request, round_, card=card, error=used, status=ballots.refusal(used, now)[0])
    subject_of = _subject_of(round_)
    return _plain(request, round_, [Held(one, secrets.token_hex(16), subject_of.get(one.key, "")) for one in tokens])


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def vote_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """A sheet from the plain form: cast at once; the answer is the page with the receipts, or the form as it was filled."""
    round_ = _round(code)
    if request.method != "POST":
        return _back(code)
    try:
        held = _held(request.POST.getlist("token"), _subject_of(round_))
    except QuxinError as error:
        return _page(request, round_, error=error, status=ballots.refusal(error, clock.now())[0])
    try:
        sheets = _sheets(round_, held, request.POST)
    except QuxinError as error:
        return _plain(request, round_, held, error=error)
    return _cast_all(request, round_, held, sheets)


@csrf_exempt
@never_cache
@sensitive_variables()
def cast(request: HttpRequest) -> HttpResponse:
    """One ballot as JSON, from no session. All that is decided, `ballots.take_ballot` decides."""
    if request.method != "POST":
        return _json(405, {"error": "method", "message": _("这个地址只收选票。"), "hint": ""}, Allow="POST")
    size = request.META.get("CONTENT_LENGTH") or "0"
    body = b"" if not size.isdigit() else request.read(min(int(size), ballots.MOST_BYTES + 1))
    return _json(*ballots.take_ballot(body, request.META.get("HTTP_ACCEPT_LANGUAGE", "")))


@never_cache
@require_safe
def vote_done(request: HttpRequest, code: str) -> HttpResponse:
    """The receipts that this browser keeps; the server knows none of them."""
    round_ = _round(code)
    return public_page(request, "portal/vote_done.html", **_frame(request, round_))


# --- what the round is ---


def _round(code: str) -> Round:
    """The published closed round of that code. Raises Http404."""
    found = Round.objects.public().filter(code=code, access=Round.Access.ROSTER).select_related("organiser").first()
    if found is None:
        raise Http404
    return found


def _subjects(round_: Round) -> list[RoundSubject]:
    return list(
        RoundSubject.objects.filter(round=round_)
        .select_related("organisation", "commitment", "person")
        .order_by("organisation__path", "pk")
    )


def _titles(subject: RoundSubject) -> tuple[str, str]:
    """What is judged, and whose it is where that is not the same."""
    if subject.person is not None:
        return subject.person.name, ""
    if subject.commitment is not None:
        return subject.commitment.text, subject.organisation.name
    return subject.organisation.name, ""


def _subject_of(round_: Round) -> dict[str, str]:
    """Key id → the code of the only subject that its tokens judge, "" for the whole sheet; as published."""
    return {key["id"]: key["subject"] for key in (round_.opening or {}).get("keys", ())}


def _frame(request: HttpRequest, round_: Round) -> dict[str, Any]:
    """What every page of a round shows. Names of members stand on none that anybody may open."""
    now = clock.now()
    opening = round_.opening or {}
    subjects = _subjects(round_)
    people = any(one.person_id is not None for one in subjects)
    board = _reverse("portal:board", round_.code) or reverse("portal:round_result", args=[round_.code])
    return {
        "place": "",
        "links": [],
        "desk_href": "",
        "round": round_,
        "stage": queries.stage_of(round_, now),
        "now": now,
        "until": last_day(round_),
        "opens": _moment(round_.opens_at),
        "closes": _moment(round_.closes_at, ends=True),
        "roster": opening.get("roster", {}).get("count", 0),
        "keys": " ".join(_subject_of(round_)),
        "opening_href": _reverse("portal:opening_file", round_.code),
        "board_href": board,
        "judged": [] if people else [_titles(one)[0] for one in subjects],
        "judged_count": len(subjects),
        "judges_people": people,
        "check_at": absolute(request, board),
    }


def _reverse(name: str, code: str) -> str:
    """The address of a route of the round, "" where this installation has none."""
    try:
        return reverse(name, args=[code])
    except NoReverseMatch:
        return ""


def _moment(value: datetime, *, ends: bool = False) -> str:
    """Day and time of the office wall; an end at midnight is 24:00 of the day before."""
    local = value.astimezone(clock.TZ)
    if ends and (local.hour, local.minute) == (0, 0):
        return f"{zh_date(local.date() - timedelta(days=1))} 24:00"
    return f"{zh_date(local.date())} {local:%H:%M}"


def _page(
    request: HttpRequest, round_: Round, *, card: str = "", error: QuxinError | None = None, status: int = 200
) -> HttpResponse:
    questionnaire = questionnaire_of(round_)
    frame = _frame(request, round_)
    large = is_large(questionnaire, frame["judged_count"])
    parts = [_part(questionnaire, ANY_SUBJECT, "", large=large)]
    if questionnaire.common:
        parts.append(_part(questionnaire, COMMON, _common_title(), large=False))
    return public_page(
        request,
        "portal/vote.html",
        status=status,
        parts=parts,
        many=questionnaire.many,
        card=card,
        log_in=f"{settings.LOGIN_URL}?next={reverse('portal:vote', args=[round_.code])}",
        error=error.text(_) if error else "",
        hint=error.hint_text(_) if error else "",
        **frame,
    )


def _part(questionnaire: Questionnaire, code: str, title: str, note: str = "", **given: Any) -> Part:
    return part_of(questionnaire, code, title, note, language="zh" if is_chinese() else "en", **given)


def _common_title() -> str:
    return _("只答一次的问题")


# --- tokens ---


def _asked(body: bytes) -> tuple[str, dict[str, bytes] | None]:
    """The card's code ("" for an account) and the blinded tokens, None when only the keys are asked for."""
    given = ballots.questionnaire.parse_sheet(body, most=ballots.MOST_BYTES)
    if not isinstance(given, dict) or not set(given) <= {"card", "blinded"}:
        raise ballots.Malformed
    card, blinded = given.get("card", ""), given.get("blinded")
    if not isinstance(card, str) or len(card) > 100 or not isinstance(blinded, dict | None):
        raise ballots.Malformed
    if blinded is None:
        return card, None
    if not all(isinstance(text, str) for text in blinded.values()):
        raise BadToken(why="长度不对")
    return card, {key: ballots.from_base64(text) for key, text in blinded.items()}


def _tokens(actor: Actor, round_: Round, card: str, blinded: dict[str, bytes] | None, now: datetime) -> dict[str, Any]:
    if blinded is None:
        return _keys(actor, round_, card, now)
    signed = issue_tokens(actor=actor, round_=round_, card=card, blinded=blinded, now=now, today=clock.local_date(now))
    return {"signed": {key: base64.b64encode(signature).decode() for key, signature in signed.items()}}


def _keys(actor: Actor, round_: Round, card: str, now: datetime) -> dict[str, Any]:
    """Which keys sign this voter's tokens, and what they may judge: told to those on the roster only."""
    if not is_open(round_, now):
        raise NotOpen
    line = line_of(round_, person=None if card else actor.person, card=card)
    if line.way != RosterLine.Way.NONE:
        raise AlreadyFetched
    keys = keys_for(line)
    own = {key.subject_id for key in keys}
    subjects = _subjects(round_) if None in own else [one for one in _subjects(round_) if one.pk in own]
    return {
        "keys": [
            {
                "id": key.key_id,
                "spki": base64.b64encode(bytes(key.public)).decode(),
                "subject": key.subject.code if key.subject else "",
            }
            for key in keys
        ],
        "subjects": [dict(zip(("code", "title", "note"), (one.code, *_titles(one)), strict=True)) for one in subjects],
    }


# --- the way without script ---


def _held(texts: Sequence[str], subject_of: dict[str, str]) -> list[Held]:
    """The tokens of the form's hidden fields. Raises BadToken."""
    held = []
    for text in texts[:1000]:
        parts = text.split(".")
        if len(parts) != 4:
            raise BadToken(why="长度不对")
        key, message, signature, nonce = parts
        held.append(Held(Token(key, *ballots.read_token(key, message, signature)), nonce, subject_of.get(key, "")))
    if not held:
        raise BadToken(why="不是本轮评议的凭证")
    return held


def _sheets(round_: Round, held: Sequence[Held], sent: Any) -> list[Sheet]:
    """A ballot for each token that was filled in, all of them checked before any is cast. Raises what `check_sheet` raises."""
    asked = questionnaire_of(round_)
    known = [one.code for one in _subjects(round_)]
    codes = known if asked.many else [one.subject for one in held]
    read = read_form(asked, sent, codes)
    sheets = []
    for one in held:
        answers: Any = read if asked.many else read.get(one.subject, {})
        if answers:
            try:
                check_sheet(asked, answers, known)
            except SheetError as error:
                error.params.setdefault("subject", one.subject)
                error.params["subject"] = error.params["subject"] or one.subject
                ballots.name_question(error, asked)
                raise
            sheets.append(_sheet(round_, one, answers))
    if not sheets:
        raise EmptySheet
    return sheets


def _sheet(round_: Round, one: Held, answers: Any) -> Sheet:
    token = one.token
    return Sheet(round_.code, one.subject, token.key, token.message, token.signature, answers, one.nonce)


def _cast_all(request: HttpRequest, round_: Round, held: Sequence[Held], sheets: Sequence[Sheet]) -> HttpResponse:
    now = clock.now()
    titles = {one.code: _titles(one)[0] for one in _subjects(round_)}
    receipts, refused = [], []
    for sheet in sheets:
        title = titles.get(sheet.subject_code, "")
        try:
            given = cast_sheet(sheet=sheet, now=now, today=clock.local_date(now))
        except QuxinError as error:
            refused.append((title, error))
        else:
            receipts.append({"title": title, "code": given.code, "repeated": given.repeated})
    if not receipts:
        return _plain(request, round_, held, error=refused[0][1])
    told = [{"title": title, "message": error.text(_), "hint": error.hint_text(_)} for title, error in refused]
    left = len(held) - len(sheets)
    return public_page(
        request, "portal/vote_plain_done.html", receipts=receipts, refused=told, left=left, **_frame(request, round_)
    )


def _plain(
    request: HttpRequest, round_: Round, held: Sequence[Held], *, error: QuxinError | None = None
) -> HttpResponse:
    """The plain form; after an error it comes back as it was filled."""
    asked = questionnaire_of(round_)
    subjects = _subjects(round_)
    if not asked.many:
        own = {one.subject for one in held}
        subjects = [one for one in subjects if one.code in own]
    sent = request.POST if error is not None else None
    place = (str(error.params.get("subject", "")), str(error.params.get("id", ""))) if error else ("", "")
    errors = {place: error.text(_)} if error else {}
    common: dict[str, Any] = {"large": is_large(asked, len(subjects)), "sent": sent, "errors": errors}
    parts = [_part(asked, one.code, *_titles(one), **common) for one in subjects]
    if asked.common:
        parts.append(_part(asked, COMMON, _common_title(), **(common | {"large": False})))
    return public_page(
        request,
        "portal/vote_plain.html",
        status=ballots.refusal(error, clock.now())[0] if error else 200,
        parts=parts,
        held=held,
        error=error.text(_) if error else "",
        hint=error.hint_text(_) if error else "",
        **_frame(request, round_),
    )


# --- answers ---


def _answer(work: Any) -> HttpResponse:
    try:
        return _json(200, work())
    except QuxinError as error:
        return _refuse(error)


def _refuse(error: QuxinError) -> HttpResponse:
    return _json(*ballots.refusal(error, clock.now()))


def _json(status: int, told: dict[str, Any], **headers: str) -> JsonResponse:
    response = JsonResponse(told, status=status, headers=headers, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


def _back(code: str) -> HttpResponse:
    """Somebody opened the address of a form: to the page that has it."""
    response = HttpResponse(status=303)
    response["Location"] = reverse("portal:vote", args=[code])
    return response


urlpatterns = [
    path("v/<str:code>/", vote, name="vote"),
    path("v/<str:code>/tokens/", vote_tokens, name="vote_tokens"),
    path("v/<str:code>/exchange/", vote_exchange, name="vote_exchange"),
    path("v/<str:code>/sheet/", vote_sheet, name="vote_sheet"),
    path("v/<str:code>/done/", vote_done, name="vote_done"),
    path("cast/", cast, name="cast"),
]
