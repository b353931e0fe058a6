"""Opening, voting, closing, voiding: what is refused, what is stored, what reaches the ledger."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from quxin.access import ANYONE, SYSTEM, Refused, Role
from quxin.ledger.models import AuditEntry, Fact
from quxin.records.evaluations import closing, errors, limits
from quxin.records.evaluations import operations as ops
from quxin.records.evaluations.models import Ballot, DailyKey, Envelope, Limit, Round, Spent
from quxin.records.evaluations.rules import network_of
from tests import cast
from tests.records.evaluations import scene as the
from tests.records.evaluations.scene import AFTER, CLOSES, DURING, OPENS, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return the.build()


class TestOpening:
    def test_a_round_stands_on_promises_and_organisations(self, scene):
        assert scene.round.state == Round.State.OPEN
        assert scene.promised.organisation == scene.offices.nanjing
        assert scene.judged.organisation == scene.offices.jiangsu
        assert scene.promised.code != scene.judged.code

    def test_naming_something_twice_is_once(self, scene):
        twice = the.open_on(scene.organiser, scene.offices.hq, [scene.promise] * 2, [scene.offices.jiangsu] * 2)
        assert twice.subjects.count() == 2

    def test_only_what_the_public_can_read_is_judged(self, scene):
        hidden = the.promised(scene.offices.nanjing)
        with pytest.raises(errors.NotPublic):
            the.open_on(scene.organiser, scene.offices.hq, [hidden])

    def test_a_promise_hidden_meanwhile_is_not_judged(self, scene):
        stale = scene.promise
        type(stale).objects.filter(pk=stale.pk).update(state="withdrawn")
        with pytest.raises(errors.NotPublic):
            the.open_on(scene.organiser, scene.offices.hq, [stale])

    def test_nothing_to_judge(self, scene):
        with pytest.raises(errors.NothingToJudge):
            the.open_on(scene.organiser, scene.offices.hq)

    @pytest.mark.parametrize(("opens", "closes", "now"), [(0, 0, 0), (1, 0, 0), (0, 1, 2)])
    def test_dates_make_sense(self, scene, opens, closes, now):
        day = timedelta(days=1)
        with pytest.raises(errors.BadDates):
            the.open_on(
                scene.organiser,
                scene.offices.hq,
                [scene.promise],
                opens_at=OPENS + opens * day,
                closes_at=OPENS + closes * day,
                now=OPENS + now * day,
            )

    @pytest.mark.parametrize("minimum", [0, 2, 31])
    def test_the_minimum_protects_and_does_not_bury(self, scene, minimum):
        with pytest.raises(errors.BadMinimum):
            the.open_on(scene.organiser, scene.offices.hq, [scene.promise], minimum=minimum)

    def test_only_organisers_and_only_in_their_scope(self, scene):
        tree = scene.offices
        for role in set(Role) - {Role.ORGANISER}:
            with pytest.raises(Refused):
                the.open_on(cast.actor(role, tree.hq), tree.hq, [scene.promise])
        with pytest.raises(Refused):
            the.open_on(cast.actor(Role.ORGANISER, tree.zhejiang), tree.zhejiang, [scene.promise])
        with pytest.raises(Refused):
            the.open_on(ANYONE, tree.hq, [scene.promise])


class TestVoting:
    @pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
    def test_every_grade_can_be_cast(self, scene, grade):
        receipt = the.cast_one(scene.promised, grade, words="办得快")
        ballot = the.stored().get()
        assert (ballot.answers, ballot.cast_on) == ({"overall": grade, "words": "办得快"}, TODAY)
        assert ballot.receipt.startswith(receipt.code.replace("-", "").lower())
        assert receipt.round_code == scene.round.code

    def test_a_ballot_says_nothing_of_its_voter(self, scene):
        the.cast_one(scene.promised, device="the-device", address="203.0.113.7", submission="s" * 32)
        names = {field.name for field in Ballot._meta.get_fields()}
        own = {"number", "round", "subject", "key", "answers", "nonce", "cast_on", "receipt"}
        assert names == own | {"set_aside", "owed"}
        the.stored()
        for table in (Ballot, Limit, Spent, Envelope):
            row = " ".join(str(value) for values in table.objects.values() for value in values.values())
            for secret in ("the-device", "203.0.113.7", "s" * 32):
                assert secret not in row

    def test_the_same_form_twice_is_one_ballot_and_one_receipt(self, scene):
        vote = the.vote(scene.promised)
        first = ops.cast_ballot(actor=ANYONE, vote=vote, now=DURING, today=TODAY)
        again = ops.cast_ballot(actor=ANYONE, vote=vote, now=DURING, today=TODAY)
        late = ops.cast_ballot(actor=ANYONE, vote=vote, now=AFTER, today=TODAY)
        assert first == again == late
        assert [receipt.repeated for receipt in (first, again, late)] == [False, True, True]
        assert the.stored().count() == 1
        assert set(Limit.objects.values_list("count", flat=True)) == {1}

    def test_one_random_value_on_two_subjects_is_two_ballots(self, scene):
        for subject in (scene.promised, scene.judged):
            the.cast_one(subject, submission="s" * 32)
        assert the.stored().values("receipt").distinct().count() == 2

    @pytest.mark.parametrize("submission", ["", "short", "x" * 200, "<script>alert(1)</script>"])
    def test_a_form_without_our_value_is_refused(self, scene, submission):
        with pytest.raises(errors.BadForm):
            the.cast_one(scene.promised, submission=submission)

    def test_outside_its_days_a_round_takes_nothing(self, scene):
        for moment in (OPENS - timedelta(seconds=1), CLOSES, AFTER):
            with pytest.raises(errors.NotOpen):
                the.cast_one(scene.promised, now=moment)
        the.cast_one(scene.promised, now=CLOSES - timedelta(seconds=1))

    def test_an_unknown_code_takes_nothing(self, scene):
        with pytest.raises(errors.NotOpen):
            ops.cast_ballot(
                actor=ANYONE,
                vote=ops.Vote("nosuchcode", 5, "", "s" * 32, "d", "1.2.3.4"),
                now=DURING,
                today=TODAY,
            )

    @pytest.mark.parametrize("grade", [0, 6, -1])
    def test_a_grade_outside_the_scale(self, scene, grade):
        with pytest.raises(errors.NoSuchGrade):
            the.cast_one(scene.promised, grade)

    def test_words_are_bounded_and_hold_no_numbers_of_people(self, scene):
        with pytest.raises(errors.TooManyWords):
            the.cast_one(scene.promised, words="好" * 501)
        for words in ("请打138 0013 8000", "我是11010519491231002X"):
            with pytest.raises(errors.PersonalNumbers):
                the.cast_one(scene.promised, words=words)
        assert not the.stored().exists()
        assert not Limit.objects.exists()

    def test_a_round_without_words_stores_none(self, scene):
        round_ = the.open_on(scene.organiser, scene.offices.hq, [scene.promise], asks_words=False)
        the.cast_one(round_.subjects.get(), words="办得快")
        assert the.stored().get().answers == {"overall": 5}

    def test_whoever_organises_or_writes_for_the_judged_has_no_ballot(self, scene):
        tree = scene.offices
        refused = [
            scene.organiser,
            cast.actor(Role.ORGANISER, tree.zhejiang),
            cast.actor(Role.SECRETARY, tree.nanjing),
            cast.actor(Role.SECRETARY, tree.nanjing_branch),
        ]
        for actor in refused:
            with pytest.raises(Refused):
                ops.cast_ballot(actor=actor, vote=the.vote(scene.promised), now=DURING, today=TODAY)
        assert not the.stored().exists()
        secretary_elsewhere = cast.actor(Role.SECRETARY, tree.zhejiang_branch)
        ops.cast_ballot(actor=secretary_elsewhere, vote=the.vote(scene.promised), now=DURING, today=TODAY)


class TestLimits:
    def test_a_device_judges_a_thing_once_a_day(self, scene):
        the.cast_one(scene.promised, device="d1")
        with pytest.raises(errors.AlreadyVoted):
            the.cast_one(scene.promised, device="d1")
        the.cast_one(scene.judged, device="d1")
        the.cast_one(scene.promised, device="d2")
        the.cast_one(scene.promised, device="d1", today=TODAY + timedelta(days=1))

    def test_an_address_has_many_but_not_endless_ballots(self, scene, monkeypatch):
        monkeypatch.setattr(limits, "ADDRESS_LIMIT", 3)
        for _ in range(3):
            the.cast_one(scene.promised, address="203.0.113.7")
        with pytest.raises(errors.TooManyFromHere):
            the.cast_one(scene.promised, address="203.0.113.7")
        the.cast_one(scene.promised, address="203.0.113.8")

    def test_browsers_without_our_mark_are_not_one_device(self, scene):
        for number in range(3):
            the.cast_one(scene.promised, device="", address=f"203.0.113.{number}")
        assert the.stored().count() == 3

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("unknown", "unknown"),
        ],
    )
    def test_what_counts_as_one_network(self, address, network):
        assert network_of(address) == network

    def test_keys_and_marks_of_yesterday_are_thrown_away(self, scene):
        the.cast_one(scene.promised)
        the.cast_one(scene.promised, today=TODAY + timedelta(days=1))
        assert list(DailyKey.objects.values_list("on", flat=True)) == [TODAY + timedelta(days=1)]
        assert set(Limit.objects.values_list("on", flat=True)) == {TODAY + timedelta(days=1)}
        assert limits.forget_old_marks(today=TODAY + timedelta(days=2)) == 2
        assert not DailyKey.objects.exists()


class TestClosing:
    def test_what_may_be_shown_becomes_facts_and_nothing_else(self, scene):
        the.cast_many(scene.promised, "5544321")
        the.cast_many(scene.judged, "5511")
        the.close(scene)
        facts = Fact.objects.filter(kind="evaluation.grade")
        assert {(fact.label, fact.quantity) for fact in facts} == {
            (f"{scene.round.code}/{grade}", count * 1000) for grade, count in ((5, 2), (4, 2), (3, 1), (2, 1), (1, 1))
        }
        assert {(fact.subject, fact.unit, fact.path) for fact in facts} == {
            (f"commitment:{scene.promise.pk}", scene.offices.nanjing.pk, scene.offices.nanjing.path)
        }

    def test_a_result_is_dated_the_last_day_of_voting_however_late_it_is_closed(self, scene):
        the.cast_many(scene.promised, "54321")
        closing.close_round(actor=scene.organiser, round_=scene.round, now=AFTER + timedelta(days=90))
        assert set(Fact.objects.filter(kind="evaluation.grade").values_list("on", flat=True)) == {date(2010, 11, 24)}

    def test_a_small_group_of_one_mind_stays_out_of_the_ledger(self, scene):
        the.cast_many(scene.promised, "1" * 9)
        the.cast_many(scene.judged, "1" * 10)
        the.close(scene)
        assert set(Fact.objects.filter(kind="evaluation.grade").values_list("subject", flat=True)) == {
            f"organisation:{scene.offices.jiangsu.pk}"
        }

    def test_marks_are_forgotten_and_receipts_sealed(self, scene):
        the.cast_many(scene.promised, "54321")
        closed = the.close(scene)
        assert not Limit.objects.exists()
        assert len(bytes(closed.receipts_root)) == 32
        assert AuditEntry.objects.filter(action="round.close", subject=f"round:{scene.round.pk}").count() == 1

    def test_not_before_the_announced_end(self, scene):
        with pytest.raises(errors.NotOverYet) as refused:
            closing.close_round(actor=scene.organiser, round_=scene.round, now=CLOSES - timedelta(seconds=1))
        assert "2010-11-25 00:00" in str(refused.value)

    def test_only_once(self, scene):
        the.cast_many(scene.promised, "54321")
        the.close(scene)
        with pytest.raises(errors.AlreadyClosed):
            the.close(scene)
        assert Fact.objects.filter(kind="evaluation.grade").count() == 5
        with pytest.raises(errors.NotOpen):
            the.cast_one(scene.promised)

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.ORGANISER}))
    def test_only_organisers(self, scene, role):
        actor = cast.actor(role, scene.offices.hq)
        with pytest.raises(Refused):
            closing.close_round(actor=actor, round_=scene.round, now=AFTER)
        with pytest.raises(Refused):
            closing.void_round(actor=actor, round_=scene.round, reason="办错了", now=AFTER)

    def test_what_is_over_closes_by_itself(self, scene):
        assert closing.close_due_rounds(actor=SYSTEM, now=CLOSES - timedelta(seconds=1)) == 0
        assert closing.close_due_rounds(actor=SYSTEM, now=CLOSES) == 1
        assert closing.close_due_rounds(actor=SYSTEM, now=AFTER) == 0
        scene.round.refresh_from_db()
        assert (scene.round.state, scene.round.closed_by) == (Round.State.CLOSED, None)

    def test_a_ballot_once_cast_cannot_be_touched(self, scene):
        the.cast_one(scene.promised)
        the.stored()
        for touch in (lambda: Ballot.objects.update(answers={"overall": 1}), lambda: Ballot.objects.all().delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                touch()
        assert the.stored().get().answers["overall"] == 5


class TestVoiding:
    def test_a_void_round_counts_nothing_and_says_why(self, scene):
        the.cast_many(scene.promised, "54321")
        closing.void_round(actor=scene.organiser, round_=scene.round, reason="  列错了承诺 ", now=DURING)
        scene.round.refresh_from_db()
        assert (scene.round.state, scene.round.void_reason) == (Round.State.VOID, "列错了承诺")
        assert not Fact.objects.filter(kind="evaluation.grade").exists()
        for operation in (lambda: the.close(scene), lambda: the.cast_one(scene.promised)):
            with pytest.raises((errors.AlreadyClosed, errors.NotOpen)):
                operation()

    @pytest.mark.parametrize(
        ("reason", "error"), [(" ", errors.ReasonMissing), ("问13800138000", errors.PersonalNumbers)]
    )
    def test_the_reason_is_there_and_harms_nobody(self, scene, reason, error):
        with pytest.raises(error):
            closing.void_round(actor=scene.organiser, round_=scene.round, reason=reason, now=DURING)

    def test_a_closed_round_cannot_be_voided(self, scene):
        the.close(scene)
        with pytest.raises(errors.AlreadyClosed):
            closing.void_round(actor=scene.organiser, round_=scene.round, reason="结果不好看", now=AFTER)
