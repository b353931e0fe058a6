"""Several at once on PostgreSQL: no ballot is lost between voting and closing, nothing is counted twice.

SQLite needs none of this: its transactions begin IMMEDIATE, so there is never more than one writer.
"""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from quxin.access import ANYONE
from quxin.ledger.models import Fact
from quxin.records.evaluations import closing, errors, limits
from quxin.records.evaluations import operations as ops
from quxin.records.evaluations.models import Limit, Round
from tests.records.evaluations import scene as the
from tests.records.evaluations.scene import AFTER, CLOSES, DURING, TODAY

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run all at the same moment, each with a connection of its own; results, or the errors that they raised."""
    gate, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            results[place] = work()
        except Exception as error:  # the test looks at every one
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def cast(vote: ops.Vote) -> Callable[[], ops.Receipt]:
    return lambda: ops.cast_ballot(actor=ANYONE, vote=vote, now=DURING, today=TODAY)


def test_one_form_sent_many_times_at_once_is_one_ballot():
    scene = the.build()
    vote = the.vote(scene.promised)
    receipts = at_once(*[cast(vote)] * 6)
    assert len({receipt.code for receipt in receipts}) == 1
    assert the.stored().count() == 1
    assert set(Limit.objects.values_list("count", flat=True)) == {1}


def test_one_device_with_many_forms_at_once_has_one_ballot():
    scene = the.build()
    results = at_once(*[cast(the.vote(scene.promised, device="d1")) for _ in range(6)])
    assert sum(isinstance(result, ops.Receipt) for result in results) == 1
    assert sum(isinstance(result, errors.AlreadyVoted) for result in results) == 5
    assert the.stored().count() == 1


def test_an_address_keeps_its_limit_at_once(monkeypatch):
    monkeypatch.setattr(limits, "ADDRESS_LIMIT", 4)
    scene = the.build()
    results = at_once(*[cast(the.vote(scene.promised, address="203.0.113.7")) for _ in range(8)])
    assert sum(isinstance(result, ops.Receipt) for result in results) == 4
    assert sum(isinstance(result, errors.TooManyFromHere) for result in results) == 4


def test_many_subjects_at_once_share_the_key_of_the_day():
    scene = the.build()
    results = at_once(*[cast(the.vote(subject)) for subject in (scene.promised, scene.judged) * 4])
    assert all(isinstance(result, ops.Receipt) for result in results)
    assert the.stored().count() == 8


def test_two_closings_at_once_are_one():
    scene = the.build()
    the.cast_many(scene.promised, "54321")
    close = lambda: closing.close_round(actor=scene.organiser, round_=scene.round, now=AFTER)  # noqa: E731
    void = lambda: closing.void_round(actor=scene.organiser, round_=scene.round, reason="办错了", now=AFTER)  # noqa: E731
    results = at_once(close, close, close, void)
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, errors.AlreadyClosed) for result in results) == 3
    scene.round.refresh_from_db()
    closed = scene.round.state == Round.State.CLOSED
    assert Fact.objects.filter(kind="evaluation.grade").count() == (5 if closed else 0)


def test_a_ballot_on_its_way_is_in_the_result():
    """Closing waits for a ballot that is being stored, and counts it."""
    scene = the.build()
    the.cast_many(scene.promised, "5432")
    stored, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            ops.cast_ballot(actor=ANYONE, vote=the.vote(scene.promised, 1), now=DURING, today=TODAY)
            stored.set()
            go_on.wait(10)

    def close() -> None:
        stored.wait(10)
        threading.Timer(0.3, go_on.set).start()
        closing.close_round(actor=scene.organiser, round_=scene.round, now=AFTER)

    assert at_once(slowly, close) == [None, None]
    assert sum(Fact.objects.filter(kind="evaluation.grade").values_list("quantity", flat=True)) == 5000


def test_a_ballot_that_waits_for_closing_is_told_that_it_is_over():
    """The voter who came in time by the clock, but after the lock, gets a clear answer and no lost receipt."""
    scene = the.build()
    the.cast_many(scene.promised, "54321")
    held, casting = threading.Event(), threading.Event()

    def close() -> None:
        with transaction.atomic():
            list(Round.objects.select_for_update().filter(pk=scene.round.pk))
            held.set()
            casting.wait(10)
            threading.Event().wait(0.3)
            closing.close_round(actor=scene.organiser, round_=scene.round, now=CLOSES)

    def vote() -> ops.Receipt:
        held.wait(10)
        casting.set()
        return cast(the.vote(scene.promised))()

    results = at_once(close, vote)
    assert results[0] is None
    assert isinstance(results[1], errors.NotOpen)
    assert the.stored().count() == 5
