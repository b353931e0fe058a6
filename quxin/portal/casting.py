"""Ballots of closed rounds as they come over the wire: JSON in, JSON out, from no session.

The same function answers behind Django's address and behind the shortcut in front of it (config/wsgi.py), which leaves out
sessions, cookies and templates: a ballot needs none of them, and many come at once. Nothing of a request is logged or kept.
"""

import base64
import binascii
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import translation
from django.utils.translation import gettext

from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.records.evaluations.errors import BadForm, NotOpen, TokenUsed, TooManyFromHere
from quxin.records.evaluations.questionnaire import parse_sheet
from quxin.records.evaluations.rules import network_of
from quxin.records.evaluations.sheets import Sheet, cast_sheet

PATH = "/cast/"
MOST_BYTES = 64 * 1024
_FIELDS = {"round", "subject", "key", "message", "signature", "answers", "nonce"}
_CONFLICTS = (NotOpen, TokenUsed)


class TryAgain(QuxinError):
    """The database did not answer; nothing is lost by sending again."""

    default_message = "系统正忙，这一票还没有确认收下。"
    default_hint = "请稍等几秒再点一次“提交”；重复提交只算一票。"


class Throttle:
    """So many requests a minute from one network, in the memory of this process; its marks cannot be reckoned back."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._minute, self._counts = 0, dict[bytes, int]()

    def allows(self, address: str, most: int) -> bool:
        """Count one request; whether it is still within `most` in this minute."""
        mark = hmac.digest(self._key, network_of(address).encode(), "sha256")[:16]
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            count = self._counts.get(mark, 0) + 1
            self._counts[mark] = count
        return count <= most


throttle = Throttle()


def take(body: bytes, *, language: str, address: str) -> tuple[int, dict[str, Any]]:
    """Take one ballot: an HTTP status and what is answered.

    `body` is {"round", "subject" ("" for a whole sheet), "key", "message" (hex), "signature" (base64), "answers", "nonce"}.
    Answered is {"receipt", "repeated"} or {"error" (a stable name), "text", "hint"} in `language`.
    """
    try:
        if not throttle.allows(address, settings.CASTS_PER_MINUTE):
            raise TooManyFromHere
        now = clock.now()
        receipt = cast_sheet(sheet=_sheet(body), now=now, today=clock.local_date(now))
    except QuxinError as error:
        return _status(error), _told(error, language)
    except DatabaseError:
        return 503, _told(TryAgain(), language)
    return 200, {"receipt": receipt.code, "repeated": receipt.repeated}


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a POST to PATH without Django's request."""
    close_old_connections()
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    body = environ["wsgi.input"].read(min(length, MOST_BYTES + 1))
    language = language_of(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    status, answer = take(body, language=language, address=address_of(environ))
    content = json.dumps(answer, ensure_ascii=False).encode()
    headers = [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(content)))]
    start_response(f"{status} {_PHRASES.get(status, '')}", headers + HEADERS)
    return [content]


HEADERS = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
_PHRASES = {200: "OK", 409: "Conflict", 413: "Content Too Large", 422: "Unprocessable Content", 429: "Too Many Requests"}


def language_of(accepted: str) -> str:
    """The language to answer in: English only when it is asked for before Chinese."""
    first = re.search(r"\b(zh|en)\b", accepted.lower())
    return "en" if first is not None and first[1] == "en" else "zh-hans"


def address_of(environ: dict[str, Any]) -> str:
    """The voter's network address, as `portal.views.evaluate.client_address` reads it of a request."""
    if settings.PROXIES:
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.PROXIES:
            return hops[-settings.PROXIES]
    return environ.get("REMOTE_ADDR", "")


def _sheet(body: bytes) -> Sheet:
    """The sheet in a body. Raises BadForm, and what `parse_sheet` raises."""
    given = parse_sheet(body, most=MOST_BYTES)
    if not isinstance(given, dict) or set(given) != _FIELDS:
        raise BadForm
    texts = {name: given[name] for name in _FIELDS - {"answers"}}
    if not all(isinstance(text, str) and len(text) <= 1000 for text in texts.values()):
        raise BadForm
    try:
        message = bytes.fromhex(texts["message"])
        signature = base64.b64decode(texts["signature"], validate=True)
    except (ValueError, binascii.Error):
        raise BadForm from None
    return Sheet(
        round_code=texts["round"],
        subject_code=texts["subject"],
        key=texts["key"],
        message=message,
        signature=signature,
        answers=given["answers"],
        nonce=texts["nonce"],
    )


def _status(error: QuxinError) -> int:
    if isinstance(error, TooManyFromHere):
        return 429
    return 409 if isinstance(error, _CONFLICTS) else 422


def _told(error: QuxinError, language: str) -> dict[str, Any]:
    with translation.override(language):
        return {"error": type(error).__name__, "text": error.text(gettext), "hint": error.hint_text(gettext)}
