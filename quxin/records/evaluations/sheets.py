"""Take a ballot with a token, from no session: the token is what says that somebody may vote, and nothing says who.

What does not change while a round is open (its keys, subjects and questions) is kept in memory for a while; whether it is
open is asked under its lock, with every ballot.
"""

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from quxin.kernel.blind import MESSAGE_BYTES, BadToken, verify
from quxin.kernel.identifiers import find_personal_numbers
from quxin.records.evaluations.board import ballot_leaf, receipt_code, token_mark
from quxin.records.evaluations.casting import Slip, store
from quxin.records.evaluations.errors import BadForm, NotOpen, PersonalNumbers, WrongSubject
from quxin.records.evaluations.models import Round, RoundKey, RoundSubject
from quxin.records.evaluations.operations import Receipt
from quxin.records.evaluations.questionnaire import Questionnaire, check_sheet, words_of
from quxin.records.evaluations.simple import questionnaire_of
from quxin.records.evaluations.urn import Paper

KEPT_SECONDS = 60
_NONCE = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A ballot as it comes: `answers` unchecked, the token's key, message and signature, and the voter's random nonce."""

    round_code: str
    subject_code: str
    key: str
    message: bytes
    signature: bytes
    answers: Any
    nonce: str


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key of a round: its public part, and the code of the only subject that its tokens judge ("": the whole sheet)."""

    public: bytes
    subject: str


@dataclass(frozen=True, slots=True)
class Known:
    """What of a published closed round never changes."""

    pk: int
    questionnaire: Questionnaire
    subjects: Mapping[str, int]
    keys: Mapping[str, KnownKey]


_known: dict[str, tuple[float, Known]] = {}
_lock = threading.Lock()


def known_round(code: str) -> Known:
    """The closed round of that code, from memory or the database. Raises NotOpen when none was published."""
    kept = _known.get(code)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    round_ = Round.objects.filter(code=code, access=Round.Access.ROSTER).exclude(state=Round.State.DRAFT).first()
    if round_ is None:
        raise NotOpen
    keys = RoundKey.objects.filter(round=round_).select_related("subject")
    known = Known(
        round_.pk,
        questionnaire_of(round_),
        dict(RoundSubject.objects.filter(round=round_).values_list("code", "pk")),
        {one.key_id: KnownKey(bytes(one.public), one.subject.code if one.subject else "") for one in keys},
    )
    with _lock:
        if len(_known) > 200:
            _known.clear()
        _known[code] = (time.monotonic() + KEPT_SECONDS, known)
    return known


def cast_sheet(*, sheet: Sheet, now: datetime, today: date) -> Receipt:
    """Take one ballot of a closed round. Acknowledged means stored; the same ballot again gives the same receipt.

    Nobody acts here: there is no account to ask and none to store. Raises NotOpen, BadForm, BadToken, WrongSubject,
    PersonalNumbers, TokenUsed, and what `check_sheet` raises.
    """
    known = known_round(sheet.round_code)
    key = known.keys.get(sheet.key)
    if key is None or len(sheet.message) != MESSAGE_BYTES:
        raise BadToken(why="不是本轮评议的凭证")
    if sheet.subject_code != key.subject:
        raise WrongSubject
    if not _NONCE.fullmatch(sheet.nonce):
        raise BadForm
    verify(key.public, sheet.message, sheet.signature)
    answers = check_sheet(known.questionnaire, sheet.answers, known.subjects.keys())
    if any(find_personal_numbers(words) for _, _, words in words_of(known.questionnaire, answers)):
        raise PersonalNumbers
    leaf = ballot_leaf(
        round_code=sheet.round_code, subject=sheet.subject_code, key=sheet.key, answers=answers, nonce=sheet.nonce
    )
    slip = Slip(
        round=known.pk,
        paper=Paper(known.subjects.get(sheet.subject_code), sheet.key, answers, sheet.nonce, today, leaf),
        mark=token_mark(sheet.key, sheet.message),
        now=now,
        message=sheet.message,
        signature=sheet.signature,
    )
    repeated = store(slip)
    return Receipt(receipt_code(leaf), sheet.round_code, sheet.subject_code, repeated)
