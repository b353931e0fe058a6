"""The ledger as the desk shows it: books and seals, one fact with its neighbours, facts by subject.

A fact is shown to whoever may check the ledger where it was recorded; it holds no name and no prose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from quxin.access import Action, Actor, scopes
from quxin.briefs.subjects import Subject, subjects
from quxin.kernel.scaled import unscale
from quxin.ledger import kinds
from quxin.ledger.models import Book, Fact, Seal
from quxin.ledger.queries import BookState, books
from quxin.orgs.models import Account, Organisation
from quxin.orgs.querysets import within
from quxin.records.activities.models import Activity
from quxin.records.campaigns.models import Assignment, ProgressRecord
from quxin.records.commitments.models import Commitment
from quxin.runs.models import Run

VERIFY = "ledger.verify"
PAGE = 50
RECENT_SEALS = 20


@dataclass(frozen=True, slots=True)
class SealLine:
    """A seal as listed."""

    book: str
    number: int
    first: int
    last: int
    root: str
    chained: str
    algorithm: str
    sealed_at: datetime

    @property
    def facts(self) -> int:
        """How many facts it covers."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class LedgerBrief:
    """Books with how far they are sealed, the latest seals, the latest verifications."""

    books: tuple[BookState, ...]
    unsealed: int
    seals: tuple[SealLine, ...]
    checks: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact in a list, with the record that it is about."""

    book: str
    seq: int
    kind: str
    kind_title: str
    label: str
    on: date
    subject: Subject
    organisation: str
    quantity: Decimal
    is_reversal: bool
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class FactBrief:
    """One fact in full: what it says, its place in the chain, its seal, what it reverses or what reversed it."""

    line: FactLine
    subject: str
    campaign: str
    has_person: bool
    recorded_by: str
    path: str
    hash: str
    previous_hash: str
    next_hash: str
    previous: int | None
    next: int | None
    reverses: int | None
    reversed_by: int | None
    seal: SealLine | None
    algorithm: str


def ledger_brief(*, checks: Sequence[Run] = ()) -> LedgerBrief:
    """The first page: books and seals are public; `checks` are runs that the reader may see."""
    listed = tuple(books())
    seals = Seal.objects.select_related("book").order_by("-sealed_at", "-pk")[:RECENT_SEALS]
    return LedgerBrief(
        books=listed,
        unsealed=sum(book.facts - book.sealed for book in listed),
        seals=tuple(_seal(row) for row in seals),
        checks=tuple(checks),
    )


def visible_facts(actor: Actor) -> QuerySet[Fact]:
    """Facts recorded where the actor may check the ledger; fails closed."""
    return Fact.objects.filter(within(scopes(actor, Action.VERIFY_LEDGER)))


def facts_about(actor: Actor, text: str, *, most: int = PAGE) -> tuple[FactLine, ...]:
    """Facts of the subject `text` ("activity:12"), or of the record whose address code it is; the latest first."""
    wanted = _subject_of(text.strip())
    if not wanted:
        return ()
    rows = visible_facts(actor).filter(subject=wanted).select_related("book")
    return _lines(list(rows.order_by("-recorded_at", "-book_id", "-seq")[:most]))


def _subject_of(text: str) -> str:
    """A subject as it stands in facts; the address code of a record is looked up."""
    if ":" in text or not text:
        return text[:120]
    things = (
        ("activity", Activity),
        ("progress", ProgressRecord),
        ("commitment", Commitment),
        ("assignment", Assignment),
        ("organisation", Organisation),
    )
    for thing, model in things:
        pk = model.objects.filter(code=text[:20]).values_list("pk", flat=True).first()
        if pk is not None:
            return f"{thing}:{pk}"
    return ""


def find_fact(actor: Actor, book: str, seq: int) -> Fact | None:
    """The fact `seq` of the book with that key, if the actor may see it."""
    return visible_facts(actor).select_related("book").filter(book__key=book, seq=seq).first()


def fact_brief(fact: Fact) -> FactBrief:
    """One fact with its neighbours; `fact` comes from `find_fact`."""
    around = dict(
        Fact.objects.filter(book_id=fact.book_id, seq__in=[fact.seq - 1, fact.seq + 1]).values_list("seq", "hash")
    )
    before, after = around.get(fact.seq - 1), around.get(fact.seq + 1)
    undone = Fact.objects.filter(book_id=fact.book_id, reverses=fact.seq).values_list("seq", flat=True).first()
    seal = Seal.objects.filter(book_id=fact.book_id, first_seq__lte=fact.seq, last_seq__gte=fact.seq).first()
    account = Account.objects.filter(pk=fact.actor).first() if fact.actor else None
    return FactBrief(
        line=_lines([fact])[0],
        subject=fact.subject,
        campaign=fact.campaign,
        has_person=bool(fact.person),
        recorded_by=str(account) if account else "",
        path=fact.path,
        hash=bytes(fact.hash).hex(),
        previous_hash=bytes(before).hex() if before else "",
        next_hash=bytes(after).hex() if after else "",
        previous=fact.seq - 1 if before else None,
        next=fact.seq + 1 if after else None,
        reverses=fact.reverses,
        reversed_by=undone,
        seal=_seal(seal, fact.book.key) if seal else None,
        algorithm=fact.book.algorithm,
    )


def book_called(key: str) -> Book | None:
    """The book with that key."""
    return Book.objects.filter(key=key).first()


def _lines(facts: Sequence[Fact]) -> tuple[FactLine, ...]:
    known = subjects(fact.subject for fact in facts)
    names = dict(Organisation.objects.filter(pk__in={fact.unit for fact in facts}).values_list("pk", "name"))
    titles = {kind.id: kind.title for kind in kinds.all_kinds()}
    return tuple(
        FactLine(
            book=fact.book.key,
            seq=fact.seq,
            kind=fact.kind,
            kind_title=titles.get(fact.kind, fact.kind),
            label=fact.label,
            on=fact.on,
            subject=known.get(fact.subject, Subject(fact.subject)),
            organisation=names.get(fact.unit, ""),
            quantity=unscale(fact.quantity),
            is_reversal=fact.sign < 0,
            recorded_at=fact.recorded_at,
        )
        for fact in facts
    )


def _seal(seal: Seal, book: str = "") -> SealLine:
    return SealLine(
        book=book or seal.book.key,
        number=seal.number,
        first=seal.first_seq,
        last=seal.last_seq,
        root=bytes(seal.root).hex(),
        chained=bytes(seal.chained).hex(),
        algorithm=seal.algorithm,
        sealed_at=seal.sealed_at,
    )
