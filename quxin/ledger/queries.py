"""Reading facts: by selection, those that stand, by subject, page by page. Sums of many facts are `measures`' work.

The ledger knows no actors: whoever shows facts to people asks `access` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum

from quxin.kernel.errors import QuxinError
from quxin.kernel.paths import subtree_range
from quxin.kernel.scaled import unscale
from quxin.ledger.models import Book, Cursor, Fact, Seal

PAGE = 50
LARGEST_PAGE = 500


class BadPlace(QuxinError):
    """A place in a list that this list never gave out."""

    default_message = "页码“%(after)s”无法识别"
    default_hint = "请从第一页重新翻起。"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which facts: of a kind, with a label or below it ("" for all), in a subtree, on days, of a campaign ("" for all).

    `until` and `since` are days, both included, None for open; `as_of` leaves out what was recorded later. A path of None
    is anywhere: the caller then says which units are meant.
    """

    kind: str
    path: str | None
    label: str = ""
    since: date | None = None
    until: date | None = None
    campaign: str = ""
    as_of: datetime | None = None

    def condition(self) -> Q:
        """As a condition on facts; it may be joined with others by `|`."""
        chosen = Q(kind=self.kind)
        if self.path is not None:
            low, high = subtree_range(self.path)
            chosen &= Q(path__gte=low, path__lt=high)
        if self.label:
            chosen &= under_label(self.label)
        if self.since:
            chosen &= Q(on__gte=self.since)
        if self.until:
            chosen &= Q(on__lte=self.until)
        if self.campaign:
            chosen &= Q(campaign=self.campaign)
        if self.as_of:
            chosen &= Q(recorded_at__lte=self.as_of)
        return chosen


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact for people to read; `reversed_by` is the number of the fact that reversed it, on `reversed_on`, or None."""

    book: str
    seq: int
    kind: str
    label: str
    unit: int
    path: str
    subject: str
    on: date
    quantity: Decimal
    sign: int
    campaign: str
    person: str
    actor: int | None
    recorded_at: datetime
    reverses: int | None
    reversed_by: int | None
    reversed_on: date | None

    @property
    def stands(self) -> bool:
        """Neither reversed nor itself a reversal."""
        return self.sign > 0 and self.reversed_by is None


@dataclass(frozen=True, slots=True)
class Page:
    """Some facts, newest day first, and where the next page begins ("" at the end)."""

    rows: tuple[FactRow, ...]
    next: str


def under_label(label: str, field: str = "label") -> Q:
    """Facts labelled `label` or below it (`label/…`)."""
    # "0" is the character after "/" in byte order.
    return Q(**{field: label}) | Q(**{f"{field}__gte": f"{label}/", f"{field}__lt": f"{label}0"})


def facts(*selections: Selection) -> QuerySet[Fact]:
    """The facts of any of the selections, reversals among them, unordered; none for no selection."""
    chosen = Q(pk__in=[]) if not selections else selections[0].condition()
    for selection in selections[1:]:
        chosen |= selection.condition()
    return Fact.objects.filter(chosen)


def standing(chosen: QuerySet[Fact]) -> QuerySet[Fact]:
    """Those of `chosen` that nothing has reversed and that reverse nothing."""
    reversal = Fact.objects.filter(book_id=OuterRef("book_id"), reverses=OuterRef("seq"))
    return chosen.filter(sign=1).exclude(Exists(reversal))


def corrections(chosen: QuerySet[Fact]) -> int:
    """How many of `chosen` took a fact back on its own day; an ending on a later day is no correction."""
    original = Fact.objects.filter(book_id=OuterRef("book_id"), seq=OuterRef("reverses"), on=OuterRef("on"))
    return chosen.filter(sign=-1).filter(Exists(original)).count()


def of_subject(subject: str, kinds: Sequence[str] = ()) -> QuerySet[Fact]:
    """Everything that was ever recorded about `subject` (of `kinds`), in the order of recording."""
    chosen = Fact.objects.filter(subject=subject)
    if kinds:
        chosen = chosen.filter(kind__in=kinds)
    return chosen.order_by("recorded_at", "book_id", "seq")


def subject_totals(subjects: Iterable[str], kinds: Sequence[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """(subject, kind) → (facts that stand, scaled quantity), in one query; pairs without any fact are left out."""
    rows = (
        Fact.objects.filter(subject__in=list(subjects), kind__in=list(kinds))
        .values("subject", "kind")
        .annotate(net=Sum("sign"), total=Sum("quantity"))
    )
    return {(row["subject"], row["kind"]): (int(row["net"]), int(row["total"])) for row in rows}


def page(chosen: QuerySet[Fact], *, after: str = "", size: int = PAGE) -> Page:
    """`size` facts of `chosen` (LARGEST_PAGE at most), newest day first, from the place `after` that the page before named.

    Costs the same on the last page as on the first. Raises BadPlace.
    """
    size = max(1, min(size, LARGEST_PAGE))
    if after:
        day, book, seq = _place(after)
        chosen = chosen.filter(Q(on__lt=day) | Q(on=day, book_id__lt=book) | Q(on=day, book_id=book, seq__lt=seq))
    reversal = Fact.objects.filter(book_id=OuterRef("book_id"), reverses=OuterRef("seq"))
    rows = list(
        chosen.annotate(
            book_key=F("book__key"),
            reversed_by=Subquery(reversal.values("seq")[:1], output_field=IntegerField()),
            reversed_on=Subquery(reversal.values("on")[:1]),
        ).order_by("-on", "-book_id", "-seq")[: size + 1]
    )
    last = rows[size - 1] if len(rows) > size else None
    return Page(
        tuple(_row(fact) for fact in rows[:size]),
        f"{last.on.isoformat()}.{last.book_id}.{last.seq}" if last else "",
    )


def newest(reader: str, book: Book, *, most: int = 1000) -> list[Fact]:
    """Facts of `book` that `reader` has not read yet, in order; `operations.advance` when they are dealt with."""
    read = Cursor.objects.filter(reader=reader, book=book).values_list("seq", flat=True).first() or 0
    return list(Fact.objects.filter(book=book, seq__gt=read).order_by("seq")[:most])


@dataclass(frozen=True, slots=True)
class BookState:
    """One line of the ledger's own page: a book, how many facts, how many sealed, when last."""

    key: str
    title: str
    facts: int
    sealed: int
    seals: int
    last_sealed_at: datetime | None
    algorithm: str


def books() -> list[BookState]:
    """All books with how far they are sealed, by key."""
    last = Seal.objects.filter(book=OuterRef("pk")).order_by("-number")
    rows = Book.objects.order_by("key").annotate(
        sealed=Subquery(last.values("last_seq")[:1]),
        sealed_at=Subquery(last.values("sealed_at")[:1]),
        count=Count("seals"),
    )
    return [
        BookState(row.key, row.title, row.head_seq, row.sealed or 0, row.count, row.sealed_at, row.algorithm)
        for row in rows
    ]


def _place(after: str) -> tuple[date, int, int]:
    try:
        day, book, seq = after.split(".")
        return date.fromisoformat(day), int(book[:18]), int(seq[:18])
    except ValueError:
        raise BadPlace(after=after[:40]) from None


def _row(fact: Fact) -> FactRow:
    return FactRow(
        book=fact.book_key,  # type: ignore[attr-defined]
        seq=fact.seq,
        kind=fact.kind,
        label=fact.label,
        unit=fact.unit,
        path=fact.path,
        subject=fact.subject,
        on=fact.on,
        quantity=unscale(fact.quantity),
        sign=fact.sign,
        campaign=fact.campaign,
        person=fact.person,
        actor=fact.actor,
        recorded_at=fact.recorded_at,
        reverses=fact.reverses,
        reversed_by=fact.reversed_by,  # type: ignore[attr-defined]
        reversed_on=fact.reversed_on,  # type: ignore[attr-defined]
    )
