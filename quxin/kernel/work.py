"""Proof of work: what makes a thousand ballots from one machine cost a thousand times what one ballot costs.

A page gets a challenge and answers with numbers that only trying finds; checking them takes microseconds. Many small puzzles
instead of one great one, so that the time hardly depends on luck. Nothing is stored: a challenge is a keyed hash of what it is
for. It does not say that somebody is a person, and not that a solution comes the first time: whoever stores ballots refuses a
nonce that he has seen. The browser's half is quxin/ui/static/ui/work.js.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date

from .errors import QuxinError
from .hashes import canonical

PUZZLES = 32
BITS = 13
"""A solution takes 32 × 2^13 hashes on average, and in one case of a thousand more than 1.6 times as many. A slow phone (Chromium
slowed down six times on a busy machine) does 230 to 430 in a millisecond, and so takes a second."""
_DOMAIN = b"quxin work 1\n"
_SOLUTION = re.compile(rf"[0-9a-f]{{1,8}}(?:\.[0-9a-f]{{1,8}}){{{PUZZLES - 1}}}", re.ASCII)
_CHALLENGE = re.compile(r"[0-9a-f]{64}", re.ASCII)


class BadWork(QuxinError):
    """The solution is missing, malformed, or one of another challenge."""

    default_message = "这一票没有通过防刷票的验算"
    default_hint = "请刷新这一页，稍等几秒再提交。"


def challenge(key: bytes, *, round_code: str, subject: str, day: date, nonce: str) -> str:
    """The challenge (64 hex digits) of a form: of this round, subject, day and nonce, and of no other.

    `key` is a secret of the server, at least 32 bytes: without it nobody can work ahead. Raises ValueError for a short one.
    """
    if len(key) < 32:
        raise ValueError("the key must have at least 32 bytes")
    return hmac.new(key, _DOMAIN + canonical((round_code, subject, day, nonce)), hashlib.sha256).hexdigest()


def check(solution: str, *challenges: str) -> None:
    """Return if `solution` solves one of the challenges (those of today and of yesterday, say); raises BadWork.

    A solution is 32 numbers in hex, joined by dots. Number i solves puzzle i when SHA-256(challenge ‖ i as one byte ‖ number as
    four bytes, the high one first) begins with 13 zero bits.
    """
    if not isinstance(solution, str) or not _SOLUTION.fullmatch(solution):
        raise BadWork
    counters = [int(counter, 16) for counter in solution.split(".")]
    for one in challenges:
        seed = bytes.fromhex(one)
        if all(_solves(seed, place, counter) for place, counter in enumerate(counters)):
            return
    raise BadWork


def solve(one: str) -> str:
    """A solution, the way a page finds it (half a second). Raises ValueError for what is no challenge."""
    if not _CHALLENGE.fullmatch(one):
        raise ValueError("a challenge has 64 hex digits")
    seed, found = bytes.fromhex(one), []
    for place in range(PUZZLES):
        counter = 0
        while not _solves(seed, place, counter):
            counter += 1
        found.append(f"{counter:x}")
    return ".".join(found)


def _solves(seed: bytes, place: int, counter: int) -> bool:
    digest = hashlib.sha256(seed + place.to_bytes(1) + counter.to_bytes(4)).digest()
    return int.from_bytes(digest[:4]) >> (32 - BITS) == 0
