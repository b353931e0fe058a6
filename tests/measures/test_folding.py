"""Folding is bounded, may be interrupted, and its cells can be held against the facts; readings meanwhile are exact."""

import threading

import pytest
from django.db import connection

from quxin.kernel.periods import Period
from quxin.ledger.models import Book, Cursor
from quxin.ledger.operations import open_book, reverse
from quxin.measures import sql
from quxin.measures.folding import check, fold, rebuild
from quxin.measures.models import Rollup
from quxin.measures.reading import measure, measure_many, measure_months

from .world import entry, later, record

YEAR = Period.parse("2010")


def cells():
    """(path, month, count, quantity) of every rollup cell."""
    return sorted(Rollup.objects.values_list("path", "month", "count", "quantity"))


@pytest.mark.django_db
def test_a_fact_adds_to_its_proper_ancestors_only():
    record(entry(path="000000010002", quantity=2500), entry(path="0000"))
    assert fold() == 2
    assert cells() == [("0000", 201004, 1, 2500), ("00000001", 201004, 1, 2500)]


@pytest.mark.django_db
def test_folding_goes_on_where_it_stopped():
    open_book(key="east", title="东省", path="0001")
    record(*(entry(path="00000001", subject=f"activity:{n}") for n in range(5)), entry(path="00010001"))
    assert fold(max_facts=3) == 3
    assert fold(Book.objects.filter(key="main"), max_facts=100) == 3
    assert fold() == 0
    assert cells() == [("0000", 201004, 5, 5000), ("0001", 201004, 1, 1000)]
    assert set(Cursor.objects.values_list("book__key", "seq")) == {("east", 1), ("main", 5)}


@pytest.mark.django_db
def test_chunks_add_up(monkeypatch):
    monkeypatch.setattr("quxin.measures.folding.CHUNK", 2)
    record(*(entry(subject=f"activity:{n}") for n in range(5)))
    assert fold() == 5
    assert cells() == [("0000", 201004, 5, 5000)]


@pytest.mark.django_db
def test_the_check_names_a_cell_that_is_wrong_and_rebuilding_mends_it():
    record(entry(), entry(on="2010-05-01"))
    fold()
    Rollup.objects.filter(month=201004).update(count=7)
    (mismatch,) = check()
    assert (mismatch.book, mismatch.path, mismatch.month, mismatch.count, mismatch.count_of_facts) == (
        "main", "0000", 201004, 7, 1,
    )  # fmt: skip
    assert measure("activities.sessions", path="0000", period=YEAR).value == 8  # the cache is believed until checked
    Rollup.objects.filter(month=201005).delete()
    assert len(check()) == 2
    assert rebuild() == 2
    assert check() == []
    assert measure("activities.sessions", path="0000", period=YEAR).value == 2


@pytest.mark.django_db
def test_a_reversal_of_a_folded_fact_is_read_at_once():
    record(entry())
    fold()
    reverse("activity:1", actor=None, now=later(1))
    said = measure("activities.sessions", path="0000", period=YEAR)
    assert (said.value, said.basis.gross, said.basis.net, said.corrections) == (0, 1, 0, 1)
    fold()
    assert measure("activities.sessions", path="0000", period=YEAR) == said


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 20_000])
def test_a_long_tail_reads_like_a_short_one(monkeypatch, few):
    monkeypatch.setattr(sql, "FEW", few)
    record(entry(), entry(path="00000002"), entry(path="0000"))
    fold(max_facts=1)
    assert measure("activities.sessions", path="0000", period=YEAR).value == 3


@pytest.mark.django_db
def test_a_cursor_that_keeps_moving_sends_the_reading_to_the_facts(monkeypatch):
    """Somebody folds between the two statements, each time: no fact is counted twice or left out."""
    record(*(entry(subject=f"activity:{n}") for n in range(9)))
    original = sql.state
    folded = []

    def state_then_fold(*arguments):
        answer = original(*arguments)
        folded.append(fold(max_facts=1))
        return answer

    monkeypatch.setattr(sql, "state", state_then_fold)
    assert measure("activities.sessions", path="0000", period=YEAR).value == 9
    assert folded == [1, 1, 1]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_readings_while_others_fold_and_append_are_exact():
    open_book(key="main", title="总账", path="")
    record(*(entry(subject=f"activity:{n}") for n in range(200)))
    stop = threading.Event()
    errors = []

    def folding():
        try:
            while not stop.is_set():
                fold(max_facts=3)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=folding) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        seen = [measure("activities.sessions", path="0000", period=YEAR).value for _ in range(60)]
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert errors == []
    assert set(seen) == {200}
    assert check() == []


@pytest.mark.django_db
def test_month_by_month():
    record(entry(on="2010-04-02"), entry(on="2010-04-30"), entry(on="2010-06-01"))
    fold()
    months = measure_months("activities.sessions", path="0000", period=Period.parse("2010-04-15..2010-06"))
    assert {month: said.value for month, said in months.items()} == {201004: 1, 201005: 0, 201006: 1}


@pytest.mark.django_db
def test_more_paths_than_fit_one_statement():
    paths = [f"0000{n:04d}" for n in range(450)]
    record(*(entry(path=path, subject=f"activity:{path}") for path in paths))
    fold()
    answers = measure_many(["activities.sessions"], [*paths, "0000"], YEAR)
    assert {said.value for (_, path), said in answers.items() if path != "0000"} == {1}
    assert answers["activities.sessions", "0000"].value == 450
