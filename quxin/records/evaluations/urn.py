"""The urn: ballots that were acknowledged wait here, encrypted, until enough are together to be mixed.

A ballot is stored in a shuffled batch, apart from the envelope it came in, so neither the order of rows nor that of a backup
says who came first. Whoever holds a copy of the database without the key file reads nothing of an envelope
(docs/threat-model.md says what a copy with the key file can do).
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from quxin.kernel.identifiers import new_code
from quxin.orgs import crypto
from quxin.records.evaluations.answers import owe_answers
from quxin.records.evaluations.board import canonical
from quxin.records.evaluations.models import Ballot, Envelope, Round

# Ballots are put down when so many wait, or at night, or at closing: a smaller batch would tell who was in it.
ENOUGH = 20
AT_ONCE = 2000  # envelopes opened in one go


@dataclass(frozen=True, slots=True)
class Paper:
    """A ballot as it lies in the urn. `leaf` is its place on the public board."""

    subject: int | None
    key: str
    answers: dict[str, Any]
    nonce: str
    cast_on: date
    leaf: str


def put_in(round_key: int, papers: Sequence[Paper]) -> Envelope:
    """One envelope for all `papers`; not saved yet."""
    content = [[one.subject, one.key, one.answers, one.nonce, one.cast_on.isoformat(), one.leaf] for one in papers]
    box = crypto.encrypt(canonical(content).decode(), context=_context(round_key))
    return Envelope(number=new_code(26), round_id=round_key, count=len(papers), box=box)


def take_out(envelope: Envelope) -> list[Paper]:
    """The ballots of an envelope. Raises CannotDecrypt."""
    content = json.loads(crypto.decrypt(bytes(envelope.box), context=_context(envelope.round_id)))
    return [
        Paper(subject, key, answers, nonce, date.fromisoformat(on), leaf)
        for subject, key, answers, nonce, on, leaf in content
    ]


def is_waiting(round_key: int, leaf: str) -> bool:
    """Whether a ballot with this leaf lies in the urn; asked only when a voter sends again."""
    return any(leaf == paper.leaf for one in Envelope.objects.filter(round_id=round_key) for paper in take_out(one))


def round_waiting(code: str) -> int | None:
    """The key of the round in whose urn a ballot waits whose leaf begins with `code` (hex); None when there is none."""
    for envelope in Envelope.objects.order_by("number").iterator():
        if any(paper.leaf.startswith(code) for paper in take_out(envelope)):
            return envelope.round_id
    return None


def mix(round_key: int, *, least: int = 1) -> int:
    """Shuffle what waits of a round and put it down, if at least `least` ballots wait; how many were put down."""
    mixed = 0
    while batch := _mix_some(round_key, least):
        mixed += batch
    return mixed


def mix_all(*, least: int = ENOUGH) -> int:
    """Mix the urns of every round in which enough ballots wait; how many ballots were put down."""
    keys = list(Envelope.objects.order_by("round").values_list("round", flat=True).distinct())
    return sum(mix(key, least=least) for key in keys)


def mix_overnight() -> int:
    """Mix the urns at the end of the day: of closed rounds those in which no ballot would stand alone (at least the round's
    minimum); of open rounds all, as nobody's name was asked there.
    """
    rounds = Round.objects.filter(pk__in=Envelope.objects.values("round"))
    return sum(
        mix(key, least=1 if access == Round.Access.OPEN else minimum)
        for key, access, minimum in rounds.values_list("pk", "access", "minimum")
    )


def _mix_some(round_key: int, least: int) -> int:
    with transaction.atomic():
        envelopes = list(Envelope.objects.select_for_update().filter(round_id=round_key).order_by("number")[:AT_ONCE])
        if sum(one.count for one in envelopes) < max(1, least):
            return 0
        papers = [paper for one in envelopes for paper in take_out(one)]
        secrets.SystemRandom().shuffle(papers)
        Ballot.objects.bulk_create(
            [
                Ballot(
                    number=new_code(16),
                    round_id=round_key,
                    subject_id=one.subject,
                    key=one.key,
                    answers=one.answers,
                    nonce=one.nonce,
                    cast_on=one.cast_on,
                    receipt=one.leaf,
                )
                for one in papers
            ],
            batch_size=1000,
        )
        Envelope.objects.filter(pk__in=[one.pk for one in envelopes]).delete()
        owe_answers(round_key, [one.leaf for one in papers])
        return len(papers)


def _context(round_key: int) -> str:
    return f"urn:{round_key}"
