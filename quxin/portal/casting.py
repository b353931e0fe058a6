"""The shortcut for ballots in front of Django (config/wsgi.py): the same answer as the view's, without sessions, cookies,
templates and middleware. A ballot needs none of them, and many come at once. Nothing of a request is logged or kept.

Only here is a flood held off: whoever sends without end is told so before his tokens are looked at.
"""

import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import translation

from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.portal.ballots import MOST_BYTES, refusal, spoken, take_ballot
from quxin.records.evaluations.errors import TooManyFromHere
from quxin.records.evaluations.rules import network_of

PATH = "/cast/"
HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


class TryAgain(QuxinError):
    """The database did not answer; nothing is lost by sending again."""

    default_message = "系统正忙，这一票还没有确认收下。"
    default_hint = "请稍等几秒再点一次“提交”；重复提交只算一票。"


class Throttle:
    """So many requests a minute from one network, in the memory of this process; its marks cannot be reckoned back."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[bytes, int] = {}

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


def application(asked: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a POST to PATH, as WSGI wants it."""
    close_old_connections()
    size = asked.get("CONTENT_LENGTH") or "0"
    body = b"" if not size.isdigit() else asked["wsgi.input"].read(min(int(size), MOST_BYTES + 1))
    status, told = answer(body, asked.get("HTTP_ACCEPT_LANGUAGE", ""), address_of(asked))
    content = json.dumps(told, ensure_ascii=False).encode()
    phrase = HTTPStatus(status).phrase
    start_response(f"{status} {phrase}", [*HEADERS, ("Content-Length", str(len(content)))])
    return [content]


def answer(body: bytes, language: str, address: str) -> tuple[int, dict[str, Any]]:
    """What `take_ballot` answers, unless there are too many from `address` (429) or the database does not answer (503)."""
    try:
        if not throttle.allows(address, settings.CASTS_PER_MINUTE):
            return _refused(429, TooManyFromHere(), language)
        return take_ballot(body, language)
    except DatabaseError:
        return _refused(503, TryAgain(), language)


def address_of(asked: dict[str, Any]) -> str:
    """The voter's network address; X-Forwarded-For counts only where the settings say how many proxies of ours write it."""
    if settings.PROXIES:
        hops = [hop.strip() for hop in asked.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.PROXIES:
            return hops[-settings.PROXIES]
    return asked.get("REMOTE_ADDR", "")


def _refused(status: int, error: QuxinError, language: str) -> tuple[int, dict[str, Any]]:
    with translation.override(spoken(language)):
        return status, refusal(error, clock.now())[1] | {"error": "busy"}
