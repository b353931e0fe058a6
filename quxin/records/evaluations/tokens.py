"""Hand out tokens: a voter proves once that he is on the roster, and gets his token signed without showing it.

Who has fetched is written down; what was signed is not, for nobody here ever sees it. Asking again with the same blinded
tokens gives the same signatures, so a voter whose answer was lost is not lost; asking with others is refused.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel.blind import BadToken, blind_sign
from quxin.records.evaluations.boxes import lookup_of, unlock
from quxin.records.evaluations.errors import AlreadyFetched, CardCancelled, NotOnRoster, NotOpen
from quxin.records.evaluations.models import PoolToken, RosterLine, Round, RoundKey
from quxin.records.evaluations.rosters import card_hash, private_of, tidy_card
from quxin.records.evaluations.rules import is_open, judges_members


@dataclass(frozen=True, slots=True)
class Token:
    """A token drawn from the pool: which key signed it, the message and the signature."""

    key: str
    message: bytes
    signature: bytes


def keys_for(line: RosterLine) -> list[RoundKey]:
    """The keys that sign this voter's tokens: his group's; where members judge one another, all but that of himself."""
    keys = RoundKey.objects.filter(round=line.round_id, group=line.group).select_related("subject").order_by("pk")
    return [
        key for key in keys if key.subject is None or line.person_id is None or key.subject.person_id != line.person_id
    ]


def line_of(round_: Round, *, person: int | None = None, card: str = "") -> RosterLine:
    """The roster's line of a person or of a card. Raises NotOnRoster, CardCancelled."""
    lines = RosterLine.objects.filter(round=round_)
    if card:
        found = lines.filter(card=card_hash(round_.code, tidy_card(card))).first()
    else:
        found = lines.filter(person=person).first() if person is not None else None
    if found is None:
        raise NotOnRoster
    if found.way == RosterLine.Way.CANCELLED:
        raise CardCancelled
    return found


def issue_tokens(
    *, actor: Actor, round_: Round, card: str = "", blinded: Mapping[str, bytes], now: datetime, today: date
) -> dict[str, bytes]:
    """Sign the blinded tokens (key id → blinded message) of the actor's line, or of a card's: key id → blind signature.

    Raises NotOpen, NotOnRoster, CardCancelled, AlreadyFetched, BadToken, Refused.
    """
    if not card:
        _may_judge(actor, round_)
    with transaction.atomic():
        line = _held_line(round_, actor, card, now)
        keys = keys_for(line)
        if set(blinded) != {key.key_id for key in keys}:
            raise BadToken(why="不是本轮评议的凭证")
        asked = _fingerprint(blinded)
        if line.way == RosterLine.Way.NONE:
            _fetched(line, RosterLine.Way.BLIND, len(keys), today, asked)
        elif line.way != RosterLine.Way.BLIND or line.blinded != asked:
            raise AlreadyFetched
        return {key.key_id: blind_sign(private_of(key), blinded[key.key_id]) for key in keys}


def draw_tokens(*, actor: Actor, round_: Round, card: str, now: datetime, today: date) -> list[Token]:
    """Exchange a card for the tokens that lie in the pool under its code: the way without script. Again gives the same.

    Raises NotOpen, NotOnRoster, CardCancelled, AlreadyFetched.
    """
    with transaction.atomic():
        line = _held_line(round_, actor, card, now)
        keys = keys_for(line)
        code = tidy_card(card)
        if line.way == RosterLine.Way.NONE:
            _fetched(line, RosterLine.Way.POOL, len(keys), today, "")
        elif line.way != RosterLine.Way.POOL:
            raise AlreadyFetched
        return [_drawn(key, code) for key in keys]


def _held_line(round_: Round, actor: Actor, card: str, now: datetime) -> RosterLine:
    """The voter's line, locked, in a round that takes ballots now."""
    current = Round.objects.get(pk=round_.pk)
    if current.access != Round.Access.ROSTER or not is_open(current, now):
        raise NotOpen
    found = line_of(current, person=None if card else actor.person, card=card)
    return RosterLine.objects.select_for_update(of=("self",)).get(pk=found.pk)


def _may_judge(actor: Actor, round_: Round) -> None:
    """Organisers don't judge, nor does anyone who writes for a judged organisation; members who judge one another do."""
    paths = [] if judges_members(round_) else list(round_.subjects.values_list("organisation__path", flat=True))
    require(actor, Action.CAST_BALLOT, round_.organiser.path, judged=paths)


def _fetched(line: RosterLine, way: RosterLine.Way, count: int, today: date, blinded: str) -> None:
    line.way, line.tokens, line.fetched_on, line.blinded = way, count, today, blinded
    line.save(update_fields=["way", "tokens", "fetched_on", "blinded"])


def _drawn(key: RoundKey, code: str) -> Token:
    box = PoolToken.objects.get(key=key, lookup=lookup_of(code, key.key_id)).box
    return Token(key.key_id, *unlock(code, key.key_id, bytes(box)))


def _fingerprint(blinded: Mapping[str, bytes]) -> str:
    told = b"".join(key.encode() + b"\n" + blinded[key] for key in sorted(blinded))
    return hashlib.sha256(b"quxin blinded 1\n" + told).hexdigest()
