"""Appending: bytes as defined, books apart, nothing half-done, nothing that no column can hold."""

from datetime import date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.hashes import digest
from quxin.ledger.chain import Encoder, fact_bytes
from quxin.ledger.kinds import UnknownKind
from quxin.ledger.models import Book, Fact
from quxin.ledger.operations import NothingToReverse, advance, open_book, reverse
from quxin.ledger.verification import verify

from .acts import START, entry, later, record, settle, standing

TEXT = st.text(max_size=40)
WHOLE = st.integers(-(2**63), 2**63 - 1)


@given(
    key=TEXT, seq=WHOLE, kind=TEXT, label=TEXT, unit=WHOLE, path=TEXT, subject=TEXT, on=st.dates(), quantity=WHOLE,
    sign=st.sampled_from([1, -1]), campaign=TEXT, person=TEXT, actor=st.none() | WHOLE, reverses=st.none() | WHOLE,
    at=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.timezones()),
)  # fmt: skip
def test_the_quick_encoder_writes_what_is_defined(key, actor, at, **fields):
    defined = fact_bytes(key, Fact(actor=actor, recorded_at=at, **fields))
    encode = Encoder(key, actor, at)
    assert encode(**fields) == defined
    assert encode(**fields) == defined  # now from what it kept


@pytest.mark.django_db
def test_facts_are_chained_in_order():
    first, second = record(entry(1), entry(2, quantity=87500, label="", campaign="c", person="p"))[0], None
    assert (first.book, first.first, first.last) == ("main", 1, 2)
    second = record(entry(3))[0]
    assert (second.first, second.last) == (3, 3)
    previous = bytes(32)
    for fact in Fact.objects.order_by("seq"):
        assert bytes(fact.hash) == digest(previous + fact_bytes("main", fact))
        assert fact.recorded_at == START
        previous = bytes(fact.hash)
    book = Book.objects.get()
    assert (book.head_seq, bytes(book.head_hash)) == (3, previous)
    assert Fact.objects.get(seq=2).month == 201004


@pytest.mark.django_db
def test_what_is_read_back_is_what_was_said():
    said = entry(9, unit=12, path="0000000100a0", label="lecture/p.forum", campaign="c1", person="k" * 26, quantity=-1)
    record(said, now=later(1))
    fact = Fact.objects.get()
    for name in ("kind", "unit", "path", "subject", "on", "quantity", "label", "campaign", "person"):
        assert getattr(fact, name) == getattr(said, name), name
    assert (fact.actor, fact.sign, fact.reverses, fact.recorded_at) == (3, 1, None, later(1))


@pytest.mark.django_db
def test_the_deepest_book_takes_the_fact():
    open_book(key="nation", title="全国", path="")
    open_book(key="east", title="东省", path="00000001")
    outcome = record(entry(1), entry(2, path="0000000100ab"), entry(3, path="00000002"), entry(4, path="0000"))
    assert [(each.book, each.first, each.last) for each in outcome] == [("east", 1, 2), ("nation", 1, 2)]
    assert verify().ok


@pytest.mark.django_db
def test_a_book_keeps_the_digest_with_which_it_was_opened(settings):
    settings.DIGEST = "sm3"
    record(entry(1))
    settings.DIGEST = "sha256"
    record(entry(2))
    assert Book.objects.get().algorithm == "sm3"
    first = Fact.objects.get(seq=1)
    assert bytes(first.hash) == digest(bytes(32) + fact_bytes("main", first), "sm3")
    assert verify().ok


@pytest.mark.django_db
def test_more_than_a_batch_is_one_append():
    outcome = record(*(entry(n) for n in range(4500)))[0]
    assert (outcome.first, outcome.last) == (1, 4500)
    assert Fact.objects.count() == 4500
    assert verify().ok


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"path": ""}, {"path": "00"}, {"path": "0000" * 17}, {"label": "x" * 121}, {"subject": ""}, {"subject": "x" * 121},
        {"campaign": "c" * 61}, {"person": "p" * 33}, {"quantity": 2**63}, {"on": START},
    ],
)  # fmt: skip
def test_what_no_column_can_hold_is_refused_and_nothing_is_written(wrong):
    with pytest.raises(ValueError, match="no "):
        record(entry(1), entry(2, **wrong))
    assert not Fact.objects.exists()


@pytest.mark.django_db
def test_a_kind_that_nobody_declared_is_refused():
    with pytest.raises(UnknownKind):
        record(entry(1, kind="weather.fine"))


@pytest.mark.django_db
def test_a_rollback_leaves_no_gap():
    record(entry(1))
    with transaction.atomic():
        record(entry(2), entry(3))
        transaction.set_rollback(True)
    assert record(entry(4))[0].first == 2
    assert verify().ok


@pytest.mark.django_db
def test_a_reversal_stands_beside_what_it_reverses_and_happens_once():
    record(entry(1), entry(1, kind="activity.attendances", quantity=40_000), entry(2))
    reverse("activity:1", actor=4, now=later(5), kinds=["activity.attendances"])
    reversal = Fact.objects.get(sign=-1)
    assert (reversal.reverses, reversal.quantity, reversal.on, reversal.actor) == (2, -40_000, date(2010, 4, 15), 4)
    reverse("activity:1", actor=4, now=later(6))
    assert [fact.seq for fact in standing()] == [3]
    with pytest.raises(NothingToReverse):
        reverse("activity:1", actor=4, now=later(7))
    assert verify().ok


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_fact SET quantity = 0",
        "DELETE FROM ledger_fact",
        "UPDATE ledger_auditentry SET action = ''",
        "INSERT OR REPLACE INTO ledger_fact SELECT * FROM ledger_fact",
        "TRUNCATE ledger_fact",
        "TRUNCATE ledger_fact_b{book}",
    ],
)
def test_no_statement_changes_a_fact(statement):
    from quxin.ledger.operations import audit

    if statement.split()[0] in ("TRUNCATE", "INSERT") and (statement[0] == "T") == (connection.vendor == "sqlite"):
        pytest.skip("said in the other engine's words")
    record(entry(1))
    audit("test", "activity:1", actor=3, now=START)
    book = Book.objects.get()
    settle()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(book=book.pk))
    assert verify().ok


@pytest.mark.django_db
def test_a_cursor_moves():
    record(entry(1))
    book = Book.objects.get()
    advance("inbox", book, 1)
    advance("inbox", book, 2)
    assert list(book.cursors.values_list("reader", "seq")) == [("inbox", 2)]
