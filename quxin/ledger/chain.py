"""How a fact is hashed. The encoding is part of the published format (docs/ledger.md): change it only with a new name.

`fact_bytes` is the definition; `Encoder` gives the same bytes many times faster, for appending and verifying.
"""

from datetime import UTC, date, datetime

from quxin.kernel.hashes import Field, canonical
from quxin.ledger.models import Fact

FIELDS = 15
_HEADS = {letter: tuple(letter + size.to_bytes(4) for size in range(1024)) for letter in (b"s", b"i")}
_KEEP = 50_000


def moment(recorded_at: datetime) -> str:
    """The moment of recording as it is hashed: UTC, always with six decimals."""
    return recorded_at.astimezone(UTC).isoformat(timespec="microseconds")


def fact_fields(book_key: str, fact: Fact) -> tuple[Field, ...]:
    """What is hashed of a fact, in order: everything but its hash (and its month, which follows from its day)."""
    return (
        book_key,
        fact.seq,
        fact.kind,
        fact.label,
        fact.unit,
        fact.path,
        fact.subject,
        fact.on,
        fact.quantity,
        fact.sign,
        fact.campaign,
        fact.person,
        fact.actor,
        moment(fact.recorded_at),
        fact.reverses,
    )


def fact_bytes(book_key: str, fact: Fact) -> bytes:
    """The canonical bytes of a fact; equal for equal facts on every engine."""
    return canonical(fact_fields(book_key, fact))


class _Kept(dict[str | int | date, bytes]):
    """Fields as `canonical` writes them, by their values."""

    def __missing__(self, value: str | int | date) -> bytes:
        if len(self) > _KEEP:
            self.clear()
        found = self[value] = _one(value)
        return found


class Encoder:
    """`fact_bytes` for many facts of one book, recorded by one actor at one moment.

    Codes, paths, days and quantities come again and again: their bytes are kept.
    """

    def __init__(self, book_key: str, actor: int | None, recorded_at: datetime) -> None:
        self._start = FIELDS.to_bytes(4) + _one(book_key)
        self._end = _one(actor) + _one(moment(recorded_at))
        self._kept = _Kept()

    def __call__(
        self,
        seq: int,
        kind: str,
        label: str,
        unit: int,
        path: str,
        subject: str,
        on: date,
        quantity: int,
        sign: int,
        campaign: str,
        person: str,
        reverses: int | None,
    ) -> bytes:
        """The bytes of one fact."""
        kept = self._kept
        return b"".join(
            (
                self._start,
                _whole(seq),
                kept[kind],
                kept[label],
                kept[unit],
                kept[path],
                _text(subject),
                kept[on],
                kept[quantity],
                kept[sign],
                kept[campaign],
                _text(person) if person else _EMPTY,
                self._end,
                b"n\x00\x00\x00\x00" if reverses is None else _whole(reverses),
            )
        )


def _one(value: Field) -> bytes:
    """One field as `canonical` writes it."""
    return canonical((value,))[4:]


def _text(value: str) -> bytes:
    content = value.encode()
    return _HEADS[b"s"][len(content)] + content


def _whole(value: int) -> bytes:
    content = b"%d" % value
    return _HEADS[b"i"][len(content)] + content


_EMPTY = _text("")
