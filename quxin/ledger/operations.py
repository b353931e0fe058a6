"""The ledger's only writers: append, reverse, end, audit, open_book, advance.

Facts get their sequence under the lock of their book's row, in the caller's transaction: they stand or fall with the
record that they are about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from quxin.kernel.errors import QuxinError
from quxin.kernel.hashes import digester
from quxin.kernel.paths import is_path, is_within
from quxin.kernel.scaled import LIMIT, ONE
from quxin.ledger.chain import Encoder
from quxin.ledger.kinds import kind_of
from quxin.ledger.models import AuditEntry, Book, Cursor, Fact
from quxin.ledger.partitions import lock_books, open_partition
from quxin.ledger.rows import insert

BATCH = 2000
CHUNK = 500
LONGEST_PATH = 64


class NothingToReverse(QuxinError):
    """The facts asked for do not stand (any more)."""

    default_message = "没有可以冲销的事实：%(subject)s"
    default_hint = "它可能已被更正过；刷新页面看最新的经过。"


class Entry(NamedTuple):
    """A fact to append. `quantity` is scaled (kernel.scaled), `on` the day it happened, `path` the organisation's that day."""

    kind: str
    unit: int
    path: str
    subject: str
    on: date
    quantity: int = ONE
    label: str = ""
    campaign: str = ""
    person: str = ""
    sign: int = 1
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where facts went: book key and first and last sequence (last < first when there were none)."""

    book: str
    first: int
    last: int


def open_book(*, key: str, title: str, path: str) -> Book:
    """The book `key` for the subtree `path` (a path string; "" for everything), opened if it was not yet.

    A book keeps for ever the digest that the setting DIGEST names when it is opened.
    """
    found = Book.objects.filter(key=key).first()
    if found is not None:
        return found
    with transaction.atomic():
        lock_books()
        defaults = {"title": title, "path": path, "algorithm": settings.DIGEST}
        book, made = Book.objects.get_or_create(key=key, defaults=defaults)
        if made:
            open_partition(book.pk)
        return book


def append(entries: Iterable[Entry], *, actor: int | None, now: datetime) -> list[Appended]:
    """Append `entries` in order, each to the book of its path; `actor` is an account's id or None for the system.

    Raises UnknownKind, and ValueError for what no column can hold. Returns one Appended for each book touched, in order
    of their keys.
    """
    with transaction.atomic():
        by_book: dict[Book, list[Entry]] = {}
        books = _books()
        # What comes again and again is looked at once: kinds, and the entries of the book of each path.
        kinds: set[str] = set()
        of_path: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.kind not in kinds:
                kinds.add(kind_of(entry.kind).id)
            _checked(entry)
            found = of_path.get(entry.path)
            if found is None:
                if not is_path(entry.path) or len(entry.path) > LONGEST_PATH:
                    raise ValueError(f"{entry.path!r} is no path of an organisation")
                found = of_path[entry.path] = by_book.setdefault(_book_of(entry.path, books), [])
            found.append(entry)
        # Always in the same order, so that two appends that touch two books cannot lock each other out.
        return [_append_to(book, by_book[book], actor, now) for book in sorted(by_book, key=lambda b: b.key)]


def reverse(subject: str, *, actor: int | None, now: datetime, kinds: Sequence[str] = ()) -> list[Appended]:
    """Reverse every standing fact of `subject` (of `kinds`, or all) by new facts on the same days.

    Raises NothingToReverse when none stands.
    """
    with transaction.atomic():
        _lock_books_of([subject])
        standing = _standing([subject], kinds)
        if not standing:
            raise NothingToReverse(subject=subject)
        return _append_reversals(standing, None, actor, now)


def end(
    subjects: Sequence[str], *, on: date, actor: int | None, now: datetime, kinds: Sequence[str] = ()
) -> list[Fact]:
    """End the states that the standing facts of `subjects` tell of: reversing facts, dated `on`.

    For stocks: a member who leaves is out of every count from that day, and stays in those before it. What was never
    true is corrected with `reverse`. Returns the facts that were ended; none standing is no error.
    """
    with transaction.atomic():
        for at in range(0, len(subjects), CHUNK):
            _lock_books_of(subjects[at : at + CHUNK])
        standing = [
            fact for at in range(0, len(subjects), CHUNK) for fact in _standing(subjects[at : at + CHUNK], kinds)
        ]
        _append_reversals(standing, on, actor, now)
        return standing


def _lock_books_of(subjects: Sequence[str]) -> None:
    """Lock the books that hold facts of `subjects`, so that two who reverse the same fact come one after the other."""
    touched = Fact.objects.filter(subject__in=subjects).values("book_id")
    list(Book.objects.select_for_update().filter(pk__in=touched).order_by("key"))


def _standing(subjects: Sequence[str], kinds: Sequence[str]) -> list[Fact]:
    """The facts of `subjects` (of `kinds`, or all) that nothing has reversed, in order of book and sequence."""
    facts = Fact.objects.filter(subject__in=subjects).order_by("book_id", "seq")
    if kinds:
        facts = facts.filter(kind__in=kinds)
    rows = list(facts)
    reversed_seqs = {(fact.book_id, fact.reverses) for fact in rows if fact.sign < 0}
    return [fact for fact in rows if fact.sign > 0 and (fact.book_id, fact.seq) not in reversed_seqs]


def _append_reversals(standing: Sequence[Fact], on: date | None, actor: int | None, now: datetime) -> list[Appended]:
    """Reverse `standing` in the books that they stand in, on their own days or all on the day `on`."""
    results = []
    books = Book.objects.filter(pk__in={fact.book_id for fact in standing})
    for book in sorted(books, key=lambda b: b.key):
        entries = [_reversal(fact, on) for fact in standing if fact.book_id == book.pk]
        results.append(_append_to(book, entries, actor, now))
    return results


def audit(action: str, subject: str, *, actor: int | None, now: datetime, path: str = "", **details: Any) -> None:
    """Note in the audit that `actor` did `action` to `subject`; details are codes and numbers, never personal data."""
    AuditEntry.objects.create(at=now, actor=actor, action=action, subject=subject, path=path, details=details)


def advance(reader: str, book: Book, seq: int) -> None:
    """Note that `reader` has read `book` up to and including `seq`."""
    Cursor.objects.update_or_create(reader=reader, book=book, defaults={"seq": seq})


def _books() -> list[Book]:
    """All books, the deepest path first; the book of everything is opened at the first fact."""
    books = sorted(Book.objects.all(), key=lambda b: -len(b.path))
    if not any(book.path == "" for book in books):
        books.append(open_book(key="main", title="总账", path=""))
    return books


def _book_of(path: str, books: list[Book]) -> Book:
    return next(book for book in books if book.path == "" or is_within(path, book.path))


def _reversal(fact: Fact, on: date | None = None) -> Entry:
    return Entry(
        kind=fact.kind,
        unit=fact.unit,
        path=fact.path,
        subject=fact.subject,
        on=on or fact.on,
        quantity=-fact.quantity,
        label=fact.label,
        campaign=fact.campaign,
        person=fact.person,
        sign=-1,
        reverses=fact.seq,
    )


def _append_to(book: Book, entries: list[Entry], actor: int | None, now: datetime) -> Appended:
    """Chain and insert `entries` at the head of `book`, under the lock of its row."""
    head = Book.objects.select_for_update().get(pk=book.pk)
    key, seq, previous = head.pk, head.head_seq, bytes(head.head_hash)
    encode = Encoder(head.key, actor, now)
    hashed = digester(head.algorithm)
    days: dict[date, tuple[Any, int]] = {}
    recorded_at = connection.ops.adapt_datetimefield_value(now)
    for at in range(0, len(entries), BATCH):
        rows = []
        for entry in entries[at : at + BATCH]:
            seq += 1
            kind, unit, path, subject, on, quantity, label, campaign, person, sign, reverses = entry
            content = encode(seq, kind, label, unit, path, subject, on, quantity, sign, campaign, person, reverses)
            previous = hashed(previous + content)
            if on not in days:
                days[on] = connection.ops.adapt_datefield_value(on), on.year * 100 + on.month
            rows.append(
                (
                    key, seq, kind, label, unit, path, subject, *days[on], quantity, sign, campaign, person, actor,
                    recorded_at, reverses, previous,
                )
            )  # fmt: skip
        insert(rows)
    Book.objects.filter(pk=head.pk).update(head_seq=seq, head_hash=previous)
    return Appended(head.key, head.head_seq + 1, seq)


def _checked(entry: Entry) -> None:
    """Refuse what a column cannot hold: the bulk insert goes past Django's fields, and SQLite would store anything.

    These are mistakes of code, not of people: ValueError, never shown.
    """
    if not (
        abs(entry.quantity) <= LIMIT
        and len(entry.label) <= 120
        and 0 < len(entry.subject) <= 120
        and len(entry.campaign) <= 60
        and len(entry.person) <= 32
        and type(entry.on) is date
    ):
        raise ValueError(f"no fact can hold this: {entry}")
