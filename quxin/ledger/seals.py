"""Seals: a Merkle root over the facts since the last one, chained to it, published; and proofs of single facts.

A seal that somebody saved elsewhere pins every fact up to it: whoever changes one must also change the copy. Must not
judge whether the facts are right in themselves: `verification` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from quxin.kernel.errors import QuxinError
from quxin.kernel.hashes import MerkleAccumulator, merkle_proof
from quxin.ledger import rows
from quxin.ledger.chain import fact_fields, moment
from quxin.ledger.models import Book, Fact, Seal
from quxin.ledger.offline import FORMAT, GENESIS, NAMES, chained

LARGEST = 65_536
"""Facts under one seal at most: a proof then has sixteen siblings, and making it needs little memory."""


class NotSealed(QuxinError):
    """A proof was asked for a fact that no seal covers yet, or that is not there."""

    default_message = "账本 %(book)s 第 %(seq)s 笔还没有封存，或者不存在"
    default_hint = "封存每天自动进行；请在下一次封存后再取证明。"


class BrokenBook(QuxinError):
    """A book whose facts have a gap cannot be sealed."""

    default_message = "账本 %(book)s 在第 %(seq)s 笔处有缺口，不能封存"
    default_hint = "请运行 quxin ledger verify 查明，并从备份恢复。"


@dataclass(frozen=True, slots=True)
class Proof:
    """That one fact stands under a published seal; `as_json` is what `offline.check_proof` reads."""

    fact: Fact
    book: Book
    seal: Seal
    previous: bytes
    previous_seal: bytes
    siblings: tuple[bytes, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data for a file. It holds the fact's fields, so it is shown only to who may see the fact."""
        fields = dict(zip(NAMES, fact_fields(self.book.key, self.fact), strict=True))
        return {
            "format": FORMAT,
            "algorithm": self.seal.algorithm,
            "fact": {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()},
            "previous": self.previous.hex(),
            "hash": bytes(self.fact.hash).hex(),
            "siblings": [sibling.hex() for sibling in self.siblings],
            "previous_seal": self.previous_seal.hex(),
            "seal": seal_json(self.seal, self.book),
        }


def seal(book: Book, *, now: datetime) -> list[Seal]:
    """Seal the facts of `book` since its last seal, LARGEST to a seal; returns the new seals, none without new facts.

    Raises BrokenBook when a sequence is missing.
    """
    made = []
    with transaction.atomic():
        # The lock of the book's row: nobody appends or seals meanwhile.
        head = Book.objects.select_for_update().get(pk=book.pk)
        last = head.seals.order_by("-number").first()
        number, first = (last.number + 1, last.last_seq + 1) if last else (1, 1)
        previous = bytes(last.chained) if last else GENESIS
        while first <= head.head_seq:
            upto = min(head.head_seq, first + LARGEST - 1)
            root = _root(head, first, upto)
            previous = chained(previous, head.key, number, first, upto, root, head.algorithm)
            made.append(
                Seal(
                    book=head, number=number, first_seq=first, last_seq=upto, root=root, chained=previous,
                    algorithm=head.algorithm, sealed_at=now,
                )
            )  # fmt: skip
            number, first = number + 1, upto + 1
        Seal.objects.bulk_create(made)
    return made


def seal_all(*, now: datetime) -> list[Seal]:
    """Seal every book, one transaction each."""
    return [made for book in Book.objects.order_by("key") for made in seal(book, now=now)]


def public_seals(book: Book | None = None) -> list[dict[str, Any]]:
    """Every seal (of one book) as published: plain data, by book and number. Anyone may see and save them."""
    seals = Seal.objects.select_related("book").order_by("book__key", "number")
    if book is not None:
        seals = seals.filter(book=book)
    return [seal_json(each, each.book) for each in seals]


def seal_json(seal: Seal, book: Book) -> dict[str, Any]:
    """One seal as published."""
    return {
        "format": FORMAT,
        "book": book.key,
        "number": seal.number,
        "first_seq": seal.first_seq,
        "last_seq": seal.last_seq,
        "root": bytes(seal.root).hex(),
        "chained": bytes(seal.chained).hex(),
        "algorithm": seal.algorithm,
        "sealed_at": moment(seal.sealed_at),
    }


def proof(book: Book, seq: int) -> Proof:
    """The proof that fact `seq` of `book` is under its seal. Raises NotSealed."""
    seal = book.seals.filter(first_seq__lte=seq, last_seq__gte=seq).first()
    fact = Fact.objects.filter(book=book, seq=seq).first()
    if seal is None or fact is None:
        raise NotSealed(book=book.key, seq=seq)
    leaves = [leaf for _, leaf in rows.hashes(book.pk, seal.first_seq, seal.last_seq)]
    before = dict(rows.hashes(book.pk, seq - 1, seq - 1))
    earlier = book.seals.filter(number=seal.number - 1).first()
    siblings = merkle_proof(leaves, seq - seal.first_seq, seal.algorithm)
    return Proof(
        fact, book, seal, before.get(seq - 1, GENESIS), bytes(earlier.chained) if earlier else GENESIS, tuple(siblings)
    )


def _root(book: Book, first: int, last: int) -> bytes:
    tree = MerkleAccumulator(book.algorithm)
    tree.extend(_gapless(book, first, last))
    return tree.root()


def _gapless(book: Book, first: int, last: int) -> Iterator[bytes]:
    expected = first
    for seq, leaf in rows.hashes(book.pk, first, last):
        if seq != expected:
            break
        yield leaf
        expected += 1
    if expected != last + 1:
        raise BrokenBook(book=book.key, seq=expected)
