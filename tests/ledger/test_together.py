"""Many appending at once on PostgreSQL: no gap, no fork, no deadlock."""

import threading

import pytest
from django.db import connection, transaction

from quxin.ledger.models import Book, Fact
from quxin.ledger.operations import NothingToReverse, open_book, reverse
from quxin.ledger.seals import seal
from quxin.ledger.verification import verify

from .acts import entry, later, record

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def together(*works):
    """Run the works at the same time, each on its own connection, and raise what one of them raised."""
    errors = []
    start = threading.Barrier(len(works))

    def run(work):
        try:
            start.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def test_appends_at_once_leave_no_gap():
    open_book(key="main", title="总账", path="")
    open_book(key="east", title="东省", path="0001")

    def clerk(number):
        def work():
            for turn in range(15):
                paths = ["00000001", "00010001"] if number % 2 else ["00010001", "00000001"]
                try:
                    with transaction.atomic():
                        record(*(entry(number, path=path) for path in paths))
                        if turn % 5 == 4:
                            raise RuntimeError  # every fifth is withdrawn
                except RuntimeError:
                    pass

        return work

    together(*(clerk(number) for number in range(4)))
    for book in Book.objects.all():
        seqs = list(Fact.objects.filter(book=book).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, 4 * 12 + 1))
    assert verify().ok


def test_sealing_and_appending_at_once():
    book = open_book(key="main", title="总账", path="")
    record(entry(0))

    def append_some():
        for number in range(20):
            record(entry(number))

    def seal_some():
        for number in range(10):
            seal(book, now=later(number))

    together(append_some, seal_some, seal_some, lambda: [verify() for _ in range(5)])
    seal(book, now=later(99))
    assert verify().ok
    assert book.seals.order_by("-number").first().last_seq == 21


def test_verification_while_others_append_raises_no_false_alarm():
    open_book(key="main", title="总账", path="")
    outcomes = []

    def append_some():
        for number in range(40):
            record(entry(number))

    together(append_some, lambda: outcomes.extend(verify() for _ in range(10)))
    assert [outcome.problems for outcome in outcomes if not outcome.ok] == []


def test_two_first_facts_at_once_open_one_book():
    together(*[lambda: record(entry(1))] * 4)
    assert Book.objects.count() == 1
    assert Fact.objects.count() == 4
    assert verify().ok


def test_the_same_fact_is_reversed_once_and_the_other_is_told():
    record(entry(1))
    told = []

    def take_back():
        try:
            reverse("activity:1", actor=1, now=later(1))
        except NothingToReverse:
            told.append("nothing to reverse")

    together(*[take_back] * 3)
    assert told == ["nothing to reverse"] * 2
    assert Fact.objects.count() == 2
    assert verify().ok
