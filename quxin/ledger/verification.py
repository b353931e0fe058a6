"""Recompute the whole ledger and name what is wrong: facts, chain, gaps, heads, reversals, seals; and whether its guards stand.

Reads what stands in the database, past every trigger and parser, so a byte changed in the file is found too. Must not
repair anything: a wrong ledger is restored from a backup, not adjusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F

from quxin.kernel.hashes import MerkleAccumulator, digest
from quxin.kernel.periods import month_of
from quxin.ledger import rows
from quxin.ledger.chain import Encoder
from quxin.ledger.guards import unguarded_tables
from quxin.ledger.models import Book, Fact, Seal
from quxin.ledger.offline import GENESIS, chained

CHANGED = "内容与哈希不符，这一笔被改过（也可能是前一笔连同哈希被改过）"
HASH_CHANGED = "哈希被改过，内容未变"
MISSING = "缺少这一笔"
UNREADABLE = "内容残缺，无法读取"
MONTH = "月份与日期不符"
BEYOND_HEAD = "超出账本记载的末笔"
HEAD = "账本记载的末笔与最后一笔事实不符"
REVERSAL = "冲销与被冲销的事实不符"
STRAY = "属于不存在的账本"
SEAL_ROOT = "封存的根与事实不符"
SEAL_CHAIN = "封存的链值不符"
SEAL_RANGE = "封存的编号或起止序号不连续"
SEAL_PUBLISHED = "与另存的封存副本不一致"
UNGUARDED = "这些表只许添加、不许改动的触发器不见了：%(tables)s。"
UNGUARDED_HINT = "请查明原因，运行 quxin ledger guard 恢复。"

MOST = 1000
"""Problems listed for one book at most."""

Progress = Callable[[str, int, int], None]


class Problem(NamedTuple):
    """What is wrong (`what` is a Chinese msgid) with which fact of which book; for a seal, with its first fact."""

    book: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome: `ok` when nothing is wrong; how many facts and seals were recomputed; and the tables whose append-only
    triggers are gone (nothing need be wrong yet, but nothing hinders it any more: `quxin ledger guard` puts them back).
    """

    ok: bool
    problems: tuple[Problem, ...]
    facts: int
    seals: int
    unguarded: tuple[str, ...] = ()


def verify(
    book: Book | None = None, *, progress: Progress | None = None, published: Sequence[dict[str, Any]] = ()
) -> Verification:
    """Recompute every fact and seal (of one book) and list what is wrong.

    `published` are seals saved elsewhere (as `public_seals` gave them): the ledger must still hold them. `progress` is
    called with book key, facts done, facts in all.
    """
    books = [book] if book else list(Book.objects.order_by("key"))
    problems: list[Problem] = []
    facts = seals = 0
    for each in books:
        check = _BookCheck(each, progress)
        check.run([seal for seal in published if seal.get("book") == each.key])
        problems += sorted(check.problems)[:MOST]
        facts, seals = facts + check.facts, seals + len(check.seals)
    if book is None:
        problems += _strays(books)
    return Verification(not problems, tuple(problems), facts, seals, tuple(unguarded_tables()))


@dataclass(slots=True)
class _Pending:
    """The fact before, whose hash is believed only when the next fact (or the head) confirms it."""

    seq: int
    stored: bytes
    reckoned: bytes


@dataclass
class _BookCheck:
    """One pass over one book."""

    book: Book
    progress: Progress | None
    problems: list[Problem] = field(default_factory=list)
    wrong: set[int] = field(default_factory=set)
    gaps: set[int] = field(default_factory=set)
    facts: int = 0

    def run(self, published: Sequence[dict[str, Any]]) -> None:
        """Everything, in the order in which the facts stand, up to the head at this moment."""
        # Seals first, then the head: what is appended or sealed meanwhile is left to the next verification.
        self.seals = list(Seal.objects.filter(book=self.book).order_by("number"))
        self.book = Book.objects.get(pk=self.book.pk)
        self._roots = _Roots(self.seals, self.book.algorithm)
        self._encoders: dict[tuple, Encoder] = {}
        self._check_facts()
        self._check_reversals()
        self._check_seals(published)

    def _say(self, seq: int, what: str) -> None:
        if seq not in self.wrong and len(self.problems) < MOST * 2:
            self.problems.append(Problem(self.book.key, seq, what))
        self.wrong.add(seq)

    def _check_facts(self) -> None:
        pending: _Pending | None = _Pending(0, GENESIS, GENESIS)
        expected = 1
        for row in rows.read(self.book.pk, -(2**63), self.book.head_seq):
            seq = row.seq if isinstance(row, rows.Row) else row[0]
            if seq > expected:
                self._say_gap(expected, seq - 1)
                self._settle(pending)
                pending = None
            expected = max(expected, seq + 1)
            self.facts += 1
            pending = self._check_fact(seq, row, pending)
            if self.progress and self.facts % rows.READ_AT_ONCE == 0:
                self.progress(self.book.key, self.facts, self.book.head_seq)
        self._check_head(pending, expected - 1)
        # One statement sees head and facts of one moment, though others append.
        beyond = Fact.objects.filter(book=self.book, seq__gt=F("book__head_seq")).order_by("seq")
        for seq in beyond.values_list("seq", flat=True)[:MOST]:
            self._say(seq, BEYOND_HEAD)
        if self.progress:
            self.progress(self.book.key, self.facts, self.book.head_seq)

    def _check_fact(self, seq: int, row: Any, pending: _Pending | None) -> _Pending | None:
        if seq < 1:
            self._say(seq, BEYOND_HEAD)
        if not isinstance(row, rows.Row):
            self._settle(pending)
            self._say(seq, UNREADABLE)
            self.gaps.add(seq)
            return None
        if row.month != month_of(row.on):
            self._say(seq, MONTH)
        content = self._bytes(row)
        if pending is None:
            # What stood before is lost, so this fact's own hash is all there is to go on.
            return _Pending(seq, row.hash, row.hash)
        reckoned = digest(pending.stored + content, self.book.algorithm)
        if reckoned != row.hash and pending.stored != pending.reckoned:
            other = digest(pending.reckoned + content, self.book.algorithm)
            if other == row.hash:
                self._settle(pending, hash_changed=True)
                return _Pending(seq, row.hash, row.hash)
        self._settle(pending)
        return _Pending(seq, row.hash, reckoned)

    def _settle(self, pending: _Pending | None, hash_changed: bool = False) -> None:
        """Judge the fact before, now that it is known whether what follows rests on its stored or reckoned hash."""
        if pending is None or pending.seq < 1:
            return
        if pending.stored != pending.reckoned:
            self._say(pending.seq, HASH_CHANGED if hash_changed else CHANGED)
        self._roots.add(pending.seq, pending.reckoned if hash_changed else pending.stored)

    def _check_head(self, pending: _Pending | None, last: int) -> None:
        head = bytes(self.book.head_hash)
        if last < self.book.head_seq:
            self._settle(pending)
            self._say_gap(last + 1, self.book.head_seq)
        elif pending is not None:
            hash_changed = pending.stored != pending.reckoned and head == pending.reckoned
            self._settle(pending, hash_changed)
            if head not in (pending.stored, pending.reckoned):
                self._say(last, HEAD)

    def _say_gap(self, first: int, last: int) -> None:
        self.gaps.update((first, last))
        for seq in range(first, min(last, first + 20) + 1):
            self._say(seq, MISSING)

    def _bytes(self, row: rows.Row) -> bytes:
        key = (row.actor, row.recorded_at)
        encode = self._encoders.get(key)
        if encode is None:
            if len(self._encoders) > 100:
                self._encoders.clear()
            encode = self._encoders[key] = Encoder(self.book.key, row.actor, row.recorded_at)
        return encode(
            row.seq, row.kind, row.label, row.unit, row.path, row.subject, row.on, row.quantity, row.sign,
            row.campaign, row.person, row.reverses,
        )  # fmt: skip

    def _check_reversals(self) -> None:
        alike = ("kind", "label", "unit", "path", "subject", "campaign", "person")
        differ = " OR ".join(f"o.{name} <> r.{name}" for name in alike)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.seq, r.reverses FROM ledger_fact r LEFT JOIN ledger_fact o "  # noqa: S608
                "ON o.book_id = r.book_id AND o.seq = r.reverses WHERE r.book_id = %s AND r.reverses IS NOT NULL "
                f"AND (o.seq IS NULL OR o.sign <> 1 OR r.sign <> -1 OR o.quantity <> -r.quantity OR {differ})",
                [self.book.pk],
            )
            for seq, original in cursor.fetchall():
                # A reversal of a fact that was tampered with is not itself wrong.
                if original not in self.wrong and seq not in self.wrong:
                    self._say(seq, REVERSAL)

    def _check_seals(self, published: Iterable[dict[str, Any]]) -> None:
        previous, expected = GENESIS, 1
        for number, seal in enumerate(self.seals, 1):
            if (seal.number, seal.first_seq) != (number, expected) or seal.algorithm != self.book.algorithm:
                self._seal(seal, SEAL_RANGE)
            root = bytes(seal.root)
            reckoned = chained(
                previous, self.book.key, seal.number, seal.first_seq, seal.last_seq, root, self.book.algorithm
            )
            if reckoned != bytes(seal.chained):
                self._seal(seal, SEAL_CHAIN)
            broken = any(seal.first_seq <= gap <= seal.last_seq for gap in self.gaps)
            if not broken and self._roots.done.get(seal.number) != root:
                self._seal(seal, SEAL_ROOT)
            previous, expected = bytes(seal.chained), seal.last_seq + 1
        mine = {seal.number: (bytes(seal.chained).hex(), bytes(seal.root).hex()) for seal in self.seals}
        for copy in published:
            if mine.get(copy.get("number", 0)) != (copy.get("chained"), copy.get("root")):
                self.problems.append(Problem(self.book.key, int(copy.get("first_seq", 0)), SEAL_PUBLISHED))

    def _seal(self, seal: Seal, what: str) -> None:
        self.problems.append(Problem(self.book.key, seal.first_seq, what))


class _Roots:
    """The roots of a book's seals, grown while its facts go by."""

    def __init__(self, seals: Sequence[Seal], algorithm: str) -> None:
        self.done: dict[int, bytes] = {}
        self._seals = iter(seals)
        self._algorithm = algorithm
        self._next()

    def _next(self) -> None:
        self._seal = next(self._seals, None)
        self._tree = MerkleAccumulator(self._algorithm)

    def add(self, seq: int, leaf: bytes) -> None:
        """The next fact that is there; facts come in order of their sequences."""
        while self._seal is not None and seq > self._seal.last_seq:
            self._next()
        if self._seal is None or seq < self._seal.first_seq:
            return
        self._tree.add(leaf)
        if seq == self._seal.last_seq:
            self.done[self._seal.number] = self._tree.root()
            self._next()


def _strays(books: Sequence[Book]) -> list[Problem]:
    """Facts of books that do not exist; only a hand in the database can make them."""
    known = [book.pk for book in books] or [0]
    marks = ", ".join(["%s"] * len(known))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT book_id, MIN(seq) FROM ledger_fact WHERE book_id NOT IN ({marks}) GROUP BY book_id",  # noqa: S608
            known,
        )
        return [Problem(f"#{book}", seq, STRAY) for book, seq in cursor.fetchall()]
