"""What may be read of rounds, results and receipts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from quxin.access import ANYONE, SYSTEM, Role
from quxin.briefs.evaluations import evaluation_of, round_brief
from quxin.ledger.operations import reverse
from quxin.records.evaluations import queries
from quxin.records.evaluations.closing import void_round
from quxin.records.evaluations.models import Ballot, Round
from quxin.records.evaluations.rules import subject_text
from tests import cast
from tests.records.evaluations import scene as the
from tests.records.evaluations.scene import AFTER, CLOSES, DURING, OPENS

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return the.build()


def result(scene, subject):
    (found,) = [row for row in queries.results_of(scene.round) if row.subject.pk == subject.pk]
    return found


def test_who_sees_the_set_up_of_a_round(scene):
    tree = scene.offices
    seeing = [
        scene.organiser,
        cast.actor(Role.SECRETARY, tree.jiangsu),
        cast.actor(Role.LEADER, tree.nanjing),
        SYSTEM,
    ]
    for actor in seeing:
        assert list(Round.objects.visible_to(actor)) == [scene.round]
    for actor in (ANYONE, cast.actor(Role.SECRETARY, tree.zhejiang), cast.actor(Role.SECURITY_ADMIN, tree.hq)):
        assert not Round.objects.visible_to(actor).exists()


def test_an_open_round_tells_turnout_from_the_minimum_on_and_no_grade(scene):
    the.cast_many(scene.promised, "5432")
    assert (result(scene, scene.promised).ballots, queries.ballots_of(scene.promised)) == (None, None)
    the.cast_one(scene.promised, 1, words="等了两周")
    row = result(scene, scene.promised)
    assert (row.ballots, row.tally, row.hidden) == (5, None, "open")
    assert queries.ballots_of(scene.promised) == 5
    assert queries.words_of([row]) == {}
    brief = round_brief(scene.round, now=DURING)
    assert all(not one.voices and not one.words and one.satisfied is None for one in brief.results)


def test_a_closed_round_tells_grades_and_words_apart(scene):
    the.cast_many(scene.promised, "554321")
    the.cast_one(scene.promised, 1, words="等了两周")
    the.cast_one(scene.promised, 5, words="办得快")
    scene.round.__dict__.update(the.close(scene).__dict__)
    row = result(scene, scene.promised)
    assert row.hidden == ""
    assert [(one.grade, one.count) for one in row.tally.grades] == [(5, 3), (4, 1), (3, 1), (2, 1), (1, 2)]
    assert row.tally.satisfied == Decimal("62.5")
    assert sorted(queries.words_of([row])[scene.promised.pk]) == ["办得快", "等了两周"]


def test_words_come_in_the_order_of_random_numbers(scene):
    the.cast_many(scene.promised, "54321")
    for number in range(12):
        the.cast_one(scene.promised, words=f"第{number}句")
    the.close(scene)
    scene.round.refresh_from_db()
    shown = queries.words_of([result(scene, scene.promised)])[scene.promised.pk]
    spoken = Ballot.objects.filter(answers__has_key="words").order_by("number")
    by_number = list(spoken.values_list("answers__words", flat=True))
    assert shown == by_number
    assert len(shown) == 12


@pytest.mark.parametrize(("grades", "hidden"), [("", "too-few"), ("5551", "too-few"), ("222222", "unanimous")])
def test_what_would_give_voters_away_is_hidden_with_its_reason(scene, grades, hidden):
    the.cast_many(scene.promised, grades, words="说了一句")
    the.close(scene)
    scene.round.refresh_from_db()
    row = result(scene, scene.promised)
    assert (row.tally, row.hidden) == (None, hidden)
    assert queries.words_of([row]) == {}
    assert evaluation_of(subject_text(scene.promised), now=AFTER).latest.words == ()


def test_results_are_sums_of_facts_that_stand(scene):
    the.cast_many(scene.promised, "54321")
    the.close(scene)
    scene.round.refresh_from_db()
    reverse(subject_text(scene.promised), actor=None, now=AFTER)
    assert result(scene, scene.promised).tally is None


def test_words_with_numbers_of_people_are_not_shown_however_they_came_in(scene):
    the.cast_many(scene.promised, "54321")
    the.slip_in(scene.promised, overall=3, words="打13800138000")
    the.close(scene)
    scene.round.refresh_from_db()
    assert queries.words_of([result(scene, scene.promised)]) == {}


def test_the_record_of_a_promise(scene, django_assert_max_num_queries):
    judged = subject_text(scene.promised)
    the.cast_many(scene.promised, "54321", words="说了一句")
    the.close(scene)
    second = the.open_on(
        scene.organiser,
        scene.offices.hq,
        [scene.promise],
        opens_at=AFTER,
        closes_at=AFTER + timedelta(days=7),
        now=AFTER,
    )
    with django_assert_max_num_queries(3):
        record = evaluation_of(judged, now=AFTER + timedelta(hours=1))
    assert record.latest.satisfied == Decimal("60.0")
    assert record.latest.words == ("说了一句",) * 5
    assert record.latest.address.startswith("figures/evaluations.ballots/?org=")
    assert record.history == ()
    assert [one.subject_code for one in record.open_now] == [second.subjects.get().code]
    void_round(actor=scene.organiser, round_=second, reason="列错了承诺", now=AFTER + timedelta(hours=2))
    record = evaluation_of(judged, now=AFTER + timedelta(hours=3))
    assert (record.latest.round_code, record.open_now) == (scene.round.code, ())


@pytest.mark.parametrize("judged", ["commitment:999999", "commitment:x", "person:1", "nonsense", ""])
def test_nothing_is_known_of_what_nobody_judged(judged):
    assert evaluation_of(judged, now=AFTER).latest is None


def test_where_a_round_stands(scene):
    moments = {"soon": OPENS - timedelta(days=1), "open": DURING, "over": CLOSES}
    for stage, moment in moments.items():
        assert queries.stage_of(scene.round, moment) == stage
    assert queries.stage_of(the.close(scene), AFTER) == "closed"


def test_a_receipt_is_found_however_it_is_typed_and_then_sealed(scene):
    receipts = the.cast_many(scene.promised, "54321") + the.cast_many(scene.judged, "54")
    mine = receipts[3].code
    assert queries.find_receipt(mine) == queries.ReceiptFound(scene.round, False)
    assert queries.find_receipt(mine.lower().replace("-", " ")).round == scene.round
    assert queries.find_receipt("0000-0000-0000-0000") is None
    assert queries.find_receipt("") is None
    the.close(scene)
    places = [queries.find_receipt(receipt.code) for receipt in receipts]
    assert all(found.sealed and found.size == 7 for found in places)
    assert sorted(found.place for found in places) == [1, 2, 3, 4, 5, 6, 7]


def test_a_ballot_slipped_in_after_closing_is_not_sealed(scene):
    receipts = the.cast_many(scene.promised, "54321")
    the.close(scene)
    the.slip_in(scene.promised)
    assert not queries.find_receipt(receipts[0].code).sealed
