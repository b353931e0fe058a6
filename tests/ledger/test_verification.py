"""Whatever is done to the ledger behind its back is found, and the fact that was touched is named."""

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quxin.ledger.models import Book, Fact
from quxin.ledger.operations import end, open_book, reverse
from quxin.ledger.seals import public_seals, seal
from quxin.ledger.verification import BEYOND_HEAD, MISSING, MONTH, verify

from .acts import START, entry, guards_lifted, later, record, standing, tamper

entries = st.builds(
    entry,
    st.integers(0, 4),
    path=st.sampled_from(["0000", "00000001", "00010002"]),
    kind=st.sampled_from(["activity.held", "activity.attendances", "member.counted"]),
    on=st.dates(date(2010, 1, 1), date(2011, 12, 31)),
    quantity=st.integers(-(10**9), 10**9),
    label=st.sampled_from(["", "lecture", "讲堂"]),
)
stories = st.lists(
    st.one_of(
        st.lists(entries, min_size=1, max_size=5),
        st.tuples(st.just("reverse"), st.integers(0, 4)),
        st.tuples(st.just("end"), st.integers(0, 4)),
        st.just("seal"),
    ),
    min_size=1,
    max_size=12,
)


def play(story):
    """Appends, reversals, endings and seals in any order."""
    for number, step in enumerate(story):
        if isinstance(step, list):
            record(*step, now=later(number))
        elif step == "seal":
            for book in Book.objects.all():
                seal(book, now=later(number))
        elif any(fact.subject == f"activity:{step[1]}" for fact in standing()):
            subject = f"activity:{step[1]}"
            if step[0] == "reverse":
                reverse(subject, actor=1, now=later(number))
            else:
                end([subject], on=date(2012, 1, 1), actor=1, now=later(number))


OTHER = {
    "kind": ["activity.person", "activity.helD", ""],
    "label": ["lecturf", "x"],
    "unit": [8, 0, -7],
    "path": ["00000002", "0000000", ""],
    "subject": ["activity:x", ""],
    "on": [date(2010, 4, 16), date(1, 1, 1)],
    "month": [201003, 0],
    "quantity": [1001, 0, -1000],
    "campaign": ["c", " "],
    "person": ["p"],
    "actor": [4, None],
    "recorded_at": [START + timedelta(microseconds=1), datetime(1999, 1, 1, tzinfo=UTC)],
    "hash": [bytes(32), b"\x01" * 32],
}


class Tampering(TestCase):
    @settings(max_examples=25)
    @given(story=stories)
    def test_any_story_verifies_and_sums_what_stands(self, story):
        open_book(key="second", title="分账", path="0001")
        play(story)
        outcome = verify()
        assert outcome.ok, outcome.problems
        facts = list(Fact.objects.all())
        assert outcome.facts == len(facts)
        assert sum(fact.quantity for fact in facts) == sum(fact.quantity for fact in standing())
        assert sum(fact.sign for fact in facts) == len(standing())

    @settings(max_examples=60)
    @given(data=st.data(), sealed=st.booleans(), size=st.integers(1, 6))
    def test_a_changed_field_is_found_and_its_fact_named(self, data, sealed, size):
        record(*(entry(n) for n in range(size)))
        if sealed:
            seal(Book.objects.get(), now=later(1))
            record(entry(size))
        seq = data.draw(st.integers(1, size + sealed))
        column = data.draw(st.sampled_from(sorted(OTHER)))
        value = data.draw(st.sampled_from(OTHER[column]))
        tamper(seq, column, value)
        outcome = verify()
        assert not outcome.ok
        assert [(problem.book, problem.seq) for problem in outcome.problems] == [("main", seq)], outcome.problems

    @settings(max_examples=15)
    @given(data=st.data(), size=st.integers(2, 6), sealed=st.booleans())
    def test_a_missing_fact_is_named(self, data, size, sealed):
        record(*(entry(n) for n in range(size)))
        if sealed:
            seal(Book.objects.get(), now=later(1))
        seq = data.draw(st.integers(1, size))
        with guards_lifted(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM ledger_fact WHERE seq = %s", [seq])
        assert verify().problems == (("main", seq, MISSING),)


@pytest.mark.django_db
def test_reversals_are_named_too():
    record(entry(1), entry(2))
    reverse("activity:1", actor=1, now=later(1))
    tamper(3, "reverses", 2)
    assert [problem.seq for problem in verify().problems] == [3]


@pytest.mark.django_db
def test_the_month_is_not_hashed_and_still_checked():
    record(entry(1))
    tamper(1, "month", 201005)
    assert verify().problems == (("main", 1, MONTH),)


@pytest.mark.django_db
def test_whoever_chains_everything_anew_still_meets_the_seal():
    """The owner of the database changes a fact and reckons every later hash and the head again."""
    record(*(entry(n) for n in range(4)))
    book = Book.objects.get()
    seal(book, now=later(1))
    saved = public_seals()
    forge(book, 2, quantity=9000)
    problems = verify().problems
    assert [problem.seq for problem in problems] == [1]
    assert "封存" in problems[0].what
    # He seals anew as well: then only a saved copy of the seals tells.
    with guards_lifted(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_seal")
    seal(book, now=later(1))
    assert verify().ok
    assert not verify(published=saved).ok
    assert verify(published=public_seals()).ok


def forge(book, seq, **changes):
    """Change a fact and make the chain fit again."""
    from quxin.kernel.hashes import digest
    from quxin.ledger.chain import fact_bytes

    previous = bytes(Fact.objects.get(seq=seq - 1).hash)
    for fact in Fact.objects.filter(seq__gte=seq).order_by("seq"):
        for name, value in (changes if fact.seq == seq else {}).items():
            setattr(fact, name, value)
            tamper(fact.seq, name, value)
        previous = digest(previous + fact_bytes(book.key, fact), book.algorithm)
        tamper(fact.seq, "hash", previous)
    Book.objects.filter(pk=book.pk).update(head_hash=previous)


@pytest.mark.django_db
def test_a_head_that_lies_is_found():
    record(entry(1), entry(2))
    Book.objects.update(head_seq=1)
    assert ("main", 2, BEYOND_HEAD) in verify().problems
    Book.objects.update(head_seq=3)
    assert ("main", 3, MISSING) in verify().problems
    Book.objects.update(head_seq=2, head_hash=bytes(32))
    assert [problem.seq for problem in verify().problems] == [2]


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["root", "chained", "first_seq", "number"])
def test_a_changed_seal_is_found(column):
    record(entry(1), entry(2))
    seal(Book.objects.get(), now=later(1))
    with guards_lifted(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_seal SET {column} = %s", [b"\x07" * 32 if column in ("root", "chained") else 2])
    assert not verify().ok


@pytest.mark.django_db
def test_progress_is_told():
    record(entry(1), entry(2))
    told = []
    verify(progress=lambda *step: told.append(step))
    assert told[-1] == ("main", 2, 2)


@pytest.mark.sqlite
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("on", "2010-04-1x"), ("on", "2010-4-15"), ("recorded_at", "2010-12-01T08:30:00.125000"), ("quantity", "many"),
        ("unit", 7.5), ("kind", b"activity.held"), ("hash", "text"), ("sign", "1x"),
    ],
)  # fmt: skip
def test_what_only_a_loose_database_can_hold_is_found(column, value):
    """SQLite stores any type in any column and parses dates leniently: the verification must not."""
    record(entry(1), entry(2), entry(3))
    with guards_lifted(), connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute(f'UPDATE ledger_fact SET "{column}" = %s WHERE seq = 2', [value])
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert [problem.seq for problem in verify().problems] == [2]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("before", "after"), [(b"activity:2", b"activity:3"), (b"2010-04-17", b"2010-04-18"), (b"kiwi", b"ki\xffi")]
)
def test_a_byte_changed_in_the_database_file_is_found(tmp_path, before, after):
    """No SQL at all: a hex editor on the file."""
    record(entry(1), entry(2, on=date(2010, 4, 17), label="kiwi"), entry(4))
    connection.ensure_connection()
    path = tmp_path / "book.sqlite3"
    copy(connection.connection, path)
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after))
    with sqlite3.connect(path) as edited:
        edited.backup(connection.connection)
    edited.close()
    try:
        assert [problem.seq for problem in verify().problems] == [2]
    finally:
        path.write_bytes(content)
        with sqlite3.connect(path) as original:
            original.backup(connection.connection)
        original.close()
    assert verify().ok


def copy(source, path):
    """Write a live database to a file."""
    with sqlite3.connect(path) as target:
        source.backup(target)
    target.close()
