"""The urn: ballots that were acknowledged wait here, encrypted, until enough are together to be mixed.

A ballot is stored in a shuffled batch, apart from the envelope it came in, so neither the order of rows nor that of a backup
says who came first. Where names were asked (closed rounds) the batches of one key count by themselves, some ballots always
stay behind for the next batch, and all of a batch get the same day: so that neither the days, nor yesterday's copy beside
today's, single out who came early or last. Envelopes are padded, for their length would tell how much was written.

Whoever holds a copy of the database without the key file reads nothing of an envelope
(docs/threat-model.md says what a copy with the key file can do).
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
# An envelope's text has at least so many bytes, else a power of two: enough for a sheet with its words to look like one without.
SMALLEST = 2048


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
    box = crypto.encrypt(_padded(canonical(content)).decode(), context=_context(round_key))
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


def mix(round_key: int, *, least: int = 1, keep: int = 0) -> int:
    """Shuffle what waits of a round and put it down; how many ballots were put down.

    Of each key at least `least` ballots go down at once, or none, and `keep` stay behind, whichever they are.
    """
    mixed = 0
    while batch := _mix_some(round_key, least, keep):
        mixed += batch
    return mixed


def mix_all(*, least: int = ENOUGH) -> int:
    """Mix the urns of every round in which enough ballots wait; how many ballots were put down."""
    return sum(mix(one.pk, least=least, keep=_kept_back(one, least)) for one in _with_urn())


def mix_overnight() -> int:
    """Mix the urns at the end of the day: of closed rounds what is enough at any time, and no less, for a small batch beside
    yesterday's copy would tell who was in it; of open rounds all, as nobody's name was asked there.
    """
    mixed = 0
    for one in _with_urn():
        least = 1 if one.access == Round.Access.OPEN else max(ENOUGH, one.minimum)
        mixed += mix(one.pk, least=least, keep=_kept_back(one, least))
    return mixed


def _with_urn() -> list[Round]:
    waiting = Round.objects.filter(pk__in=Envelope.objects.values("round")).order_by("pk")
    return list(waiting.only("pk", "access", "minimum"))


def _kept_back(round_: Round, least: int) -> int:
    """With one more who votes after all others, those who were kept back are `least` again: he is not the only one whose ballot
    yesterday's copy lacks.
    """
    return 0 if round_.access == Round.Access.OPEN else least - 1


def _mix_some(round_key: int, least: int, keep: int) -> int:
    with transaction.atomic():
        envelopes = list(Envelope.objects.select_for_update().filter(round_id=round_key).order_by("number")[:AT_ONCE])
        if sum(one.count for one in envelopes) < max(1, least) + keep:
            return 0
        papers = [paper for one in envelopes for paper in take_out(one)]
        down, back = _parted(papers, max(1, least), keep)
        if not down:
            return 0
        if Round.objects.values_list("access", flat=True).get(pk=round_key) != Round.Access.OPEN:
            latest = max(paper.cast_on for paper in papers)
            down = [replace(paper, cast_on=latest) for paper in down]
        _put_down(round_key, down)
        if back:
            put_in(round_key, back).save(force_insert=True)
        Envelope.objects.filter(pk__in=[one.pk for one in envelopes]).delete()
        owe_answers(round_key, [one.leaf for one in down])
        return len(down)


def _parted(papers: Iterable[Paper], least: int, keep: int) -> tuple[list[Paper], list[Paper]]:
    """What goes down and what stays behind, each shuffled; a key is one token of each voter, so its ballots are so many voters."""
    by_key: dict[str, list[Paper]] = {}
    for paper in papers:
        by_key.setdefault(paper.key, []).append(paper)
    chance = secrets.SystemRandom()
    down, back = [], []
    for some in by_key.values():
        chance.shuffle(some)
        stay = keep if len(some) >= least + keep else len(some)
        back += some[:stay]
        down += some[stay:]
    chance.shuffle(down)
    chance.shuffle(back)
    return down, back


def _put_down(round_key: int, papers: Sequence[Paper]) -> None:
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


def _padded(text: bytes) -> bytes:
    """JSON with blanks after it, which its reader skips."""
    size = SMALLEST
    while size < len(text):
        size *= 2
    return text.ljust(size)


def _context(round_key: int) -> str:
    return f"urn:{round_key}"
