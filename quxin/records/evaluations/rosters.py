"""Who may vote in a closed round: people by name, others by printed cards; the keys that sign their tokens, and the pool.

A card's code is known to its holder alone: stored is a hash of it, and a sheet of codes for the printer that is destroyed
when they are printed, at the latest when voting begins.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from quxin.kernel.blind import Key, blind_sign, finalize, generate_key, prepare
from quxin.kernel.blind import blind as blinded
from quxin.kernel.identifiers import CODE_ALPHABET
from quxin.orgs import crypto
from quxin.records.evaluations.boxes import lock, lookup_of
from quxin.records.evaluations.errors import EmptyRoster
from quxin.records.evaluations.models import PoolToken, RosterLine, Round, RoundKey, RoundSubject
from quxin.records.evaluations.opening import ALL
from quxin.records.evaluations.simple import questionnaire_of

CARD_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Card:
    """A printed card: its group and the code that only its holder gets to read."""

    group: str
    code: str

    @property
    def printed(self) -> str:
        """The code as it stands on the card, in fours."""
        return "-".join(self.code[i : i + 4] for i in range(0, CARD_LENGTH, 4)).upper()


def tidy_card(code: str) -> str:
    """A card's code however it was typed; look-alikes are read as what they can only be."""
    plain = code.lower().translate(str.maketrans("oil", "011"))
    return "".join(character for character in plain if character in CODE_ALPHABET)


def card_hash(round_code: str, code: str) -> str:
    """What the roster holds of a card."""
    return hashlib.sha256(f"quxin card 1\n{round_code}\n{code}".encode()).hexdigest()


def make_keys(round_: Round, subjects: Sequence[RoundSubject]) -> list[RoundKey]:
    """A key for each group; where a ballot judges one subject, for each group and subject. Private parts are encrypted."""
    groups = [group["id"] for group in round_.groups] or [""]
    judged: list[RoundSubject | None] = [None] if questionnaire_of(round_).many else list(subjects)
    keys = [_key(round_, group, subject, generate_key()) for group in groups for subject in judged]
    return RoundKey.objects.bulk_create(keys)


def _key(round_: Round, group: str, subject: RoundSubject | None, key: Key) -> RoundKey:
    private = crypto.encrypt(key.private.hex(), context=f"round key:{key.id}")
    return RoundKey(round=round_, group=group, subject=subject, key_id=key.id, public=key.public, private=private)


def private_of(key: RoundKey) -> bytes:
    """The private part as PKCS8 DER. Raises CannotDecrypt; a closed round's keys have none (ValueError)."""
    if key.private is None:
        raise ValueError("the private keys of a closed round are destroyed")
    return bytes.fromhex(crypto.decrypt(bytes(key.private), context=f"round key:{key.key_id}"))


def fill_pool(round_: Round, cards: Sequence[Card], keys: Sequence[RoundKey]) -> None:
    """Make the tokens that cards exchange without script, each encrypted under the code of its card."""
    private = {key.pk: private_of(key) for key in keys}
    pool = []
    for card in cards:
        for key in keys:
            if key.group == card.group:
                token = _token(bytes(key.public), private[key.pk])
                box = lock(card.code, key.key_id, b"".join(token))
                pool.append(PoolToken(round=round_, key=key, lookup=lookup_of(card.code, key.key_id), box=box))
    # In the order of the lookups, which is random: not in that of the cards.
    PoolToken.objects.bulk_create(sorted(pool, key=lambda one: one.lookup), batch_size=1000)


def _token(public: bytes, private: bytes) -> tuple[bytes, bytes]:
    message = prepare()
    hidden = blinded(public, message)
    return message, finalize(public, message, blind_sign(private, hidden.message), hidden.inverse)


def check_groups(round_: Round) -> None:
    """Every group is large enough to protect each of its members. Raises EmptyRoster."""
    for group in round_.groups or [ALL]:
        count = RosterLine.objects.filter(round=round_, group=group["id"]).count()
        if count < round_.minimum:
            raise EmptyRoster(group=group["title"] or round_.title, count=count, minimum=round_.minimum)
