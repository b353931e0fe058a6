"""What `cast/` answers: bytes in, status and JSON out. No request, no session, no cookie and no log comes near a ballot.

The same functions answer the Django view and whatever else may stand before it. The codes of errors are stable: the page
of the voter goes by them, and its words are for people.
"""

import base64
import re
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from quxin.access import Refused
from quxin.kernel import clock
from quxin.kernel.blind import BadToken
from quxin.kernel.errors import QuxinError
from quxin.records.evaluations import errors, questionnaire
from quxin.records.evaluations.models import Round
from quxin.records.evaluations.queries import stage_of
from quxin.records.evaluations.sheets import Sheet, cast_sheet, known_round
from quxin.ui.words import is_chinese

MOST_BYTES = questionnaire.MOST_BYTES
_FIELDS = {"round", "subject", "key", "message", "signature", "answers", "nonce"}
_CODE = re.compile(r"[0-9a-z]{0,20}", re.ASCII)
_KEY = re.compile(r"[0-9a-f]{16}", re.ASCII)
_MESSAGE = re.compile(r"[0-9a-f]{128}", re.ASCII)
_LONGEST_SIGNATURE = 1024

#: Error → its code and status; what stands first is asked first.
CODES: tuple[tuple[type[QuxinError], str, int], ...] = (
    (errors.TokenUsed, "token-used", 409),
    (errors.AlreadyFetched, "already-fetched", 409),
    (errors.NotOpen, "not-open", 409),
    (errors.NotOnRoster, "not-on-roster", 403),
    (errors.CardCancelled, "card-cancelled", 403),
    (errors.WrongSubject, "wrong-subject", 403),
    (errors.BadForm, "malformed", 400),
    (errors.PersonalNumbers, "personal-numbers", 422),
    (BadToken, "bad-token", 403),
    (Refused, "refused", 403),
    (questionnaire.SheetTooLarge, "too-large", 413),
    (questionnaire.UnknownQuestion, "unknown-question", 422),
    (questionnaire.UnknownSubject, "unknown-subject", 422),
    (questionnaire.MissingAnswer, "missing-answer", 422),
    (questionnaire.NotAsked, "not-asked", 422),
    (questionnaire.BadChoice, "bad-choice", 422),
    (questionnaire.TooManyChoices, "too-many-choices", 422),
    (questionnaire.TooLong, "too-long", 422),
    (questionnaire.EmptySheet, "empty-sheet", 422),
    (questionnaire.SheetError, "malformed", 400),
)


class Malformed(questionnaire.SheetError):
    """What was sent is not what the page sends."""


def take_ballot(body: bytes, language: str = "") -> tuple[int, dict[str, Any]]:
    """Take one ballot: the JSON that the voter's page sends, and the words of its Accept-Language; the status and the answer.

    200 {"receipt", "repeated", "now"}: it is stored. Else {"error", "message", "hint", "now", …}: nothing was, and what is
    said of a token says whether it still holds. What raises beyond that (no database) has stored nothing that was
    acknowledged: the page sends the same again.
    """
    now = clock.now()
    with translation.override(spoken(language)):
        sheet = None
        try:
            sheet = read_ballot(body)
            receipt = cast_sheet(sheet=sheet, now=now, today=clock.local_date(now))
        except errors.NotOpen as error:
            status, told = refusal(error, now)
            return status, told | {"stage": _stage(sheet.round_code, now) if sheet else ""}
        except QuxinError as error:
            if sheet and isinstance(error, questionnaire.SheetError):
                name_question(error, known_round(sheet.round_code).questionnaire)
            return refusal(error, now)
    return 200, {"receipt": receipt.code, "repeated": receipt.repeated, "now": _told(now)}


def read_ballot(body: bytes) -> Sheet:
    """The ballot in the bytes. Raises SheetTooLarge, Malformed, SheetError, BadToken; the answers are unchecked still."""
    given = questionnaire.parse_sheet(body, most=MOST_BYTES)
    if not isinstance(given, dict) or set(given) != _FIELDS:
        raise Malformed
    texts = {name: given[name] for name in _FIELDS - {"answers"}}
    if not all(isinstance(text, str) for text in texts.values()):
        raise Malformed
    if not (_CODE.fullmatch(texts["round"]) and _CODE.fullmatch(texts["subject"])):
        raise Malformed
    message, signature = read_token(texts["key"], texts["message"], texts["signature"])
    answers, nonce = given["answers"], texts["nonce"]
    return Sheet(texts["round"], texts["subject"], texts["key"], message, signature, answers, nonce)


def read_token(key: str, message: str, signature: str) -> tuple[bytes, bytes]:
    """Message (hex) and signature (base64) of a token as bytes. Raises BadToken."""
    if not (_KEY.fullmatch(key) and _MESSAGE.fullmatch(message)) or len(signature) > _LONGEST_SIGNATURE:
        raise BadToken(why="长度不对")
    return bytes.fromhex(message), from_base64(signature)


def from_base64(text: str) -> bytes:
    """The bytes behind base64. Raises BadToken for anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise BadToken(why="长度不对") from None


def refusal(error: QuxinError, now: datetime) -> tuple[int, dict[str, Any]]:
    """Status and JSON of an error, in the language that is on: a stable code, what is wrong, what to do, the server's clock."""
    code, status = next(((code, status) for kind, code, status in CODES if isinstance(error, kind)), ("refused", 422))
    told: dict[str, Any] = {"error": code, "message": error.text(_), "hint": error.hint_text(_), "now": _told(now)}
    if isinstance(error, questionnaire.SheetError):
        told |= {"question": error.params.get("id", ""), "subject": error.params.get("subject", "")}
    return status, told


def name_question(error: questionnaire.SheetError, asked: questionnaire.Questionnaire) -> None:
    """Let the error name its question in the language that is on; a questionnaire has its own words for both."""
    found = asked.question(str(error.params.get("id", "")))
    if found is not None:
        error.params["question"] = found.text["zh" if is_chinese() else "en"]


def spoken(language: str) -> str:
    """Which of our languages an Accept-Language asks for; Chinese when it asks for none of them."""
    for tag, _quality in parse_accept_lang_header(language[:200].lower()):
        if tag.startswith(("zh", "en")):
            return "en" if tag.startswith("en") else "zh-hans"
    return "zh-hans"


def _stage(round_code: str, now: datetime) -> str:
    """ "soon", "over", "closed" or "void", so that the page can say why; "" for a round that nobody may know of."""
    found = Round.objects.public().filter(code=round_code).only("state", "opens_at", "closes_at").first()
    return stage_of(found, now) if found else ""


def _told(now: datetime) -> str:
    return now.astimezone(clock.TZ).isoformat(timespec="seconds")
