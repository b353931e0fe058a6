"""An activity recorded, corrected, withdrawn and restored, and what the ledger says at each step."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quxin.access import SYSTEM, Refused, Role
from quxin.kernel.errors import Stale
from quxin.ledger.models import AuditEntry, Fact
from quxin.orgs.models import PersonKey
from quxin.orgs.operations import erase_person
from quxin.records.activities.models import Activity
from quxin.records.activities.operations import (
    CountWrong,
    Draft,
    Happening,
    NoContest,
    SeriesOfOtherKind,
    TitleMissing,
    UnknownKind,
    UnknownSeries,
    correct_activity,
    named_twice,
    record_activities,
    record_activity,
    restore_activity,
    withdraw_activity,
)
from quxin.records.campaigns.operations import ReasonMissing
from quxin.records.campaigns.progress import AlreadyWithdrawn, InTheFuture, NotWithdrawn
from tests import cast

FORUM = Happening("lecture", "质检大讲堂第一期", date(2010, 11, 5), series="aqsiq-2010.quality-forum", audience=120)
LABEL = "lecture/aqsiq-2010.quality-forum"


@pytest.fixture
def tree(db):
    cast.pack()
    return cast.offices()


@pytest.fixture
def secretary(tree):
    return cast.actor(Role.SECRETARY, tree.branch)


@pytest.fixture
def record(tree, secretary):
    def make(happening=FORUM, people=(), **more):
        given = {"actor": secretary, "organisation": tree.branch, "today": cast.TODAY, "now": cast.NOW} | more
        return record_activity(happening=happening, people=people, **given)

    return make


def standing(kind, **where):
    """The quantity of a kind over all facts, reversals included."""
    total = Fact.objects.filter(kind=f"activity.{kind}", **where).aggregate(total=Sum("quantity"))["total"]
    return (total or 0) // 1000


def people_counted():
    rows = Fact.objects.filter(kind="activity.person").values("person").annotate(left=Sum("sign"))
    return {row["person"] for row in rows if row["left"] > 0}


def test_one_record_becomes_one_session_its_heads_and_its_people(tree, record):
    people = cast.people(tree)
    activity = record(people=people)
    assert standing("held", label=LABEL, path=tree.branch.path) == 1
    assert standing("attendances", label=LABEL) == 125
    assert standing("contestants") == 0
    keys = set(PersonKey.objects.filter(person__in=people).values_list("key", flat=True))
    assert people_counted() == keys
    assert {fact.on for fact in Fact.objects.filter(subject=f"activity:{activity.pk}")} == {FORUM.held_on}
    assert AuditEntry.objects.filter(action="activity.record", subject=f"activity:{activity.pk}").count() == 1


def test_without_series_or_heads_there_is_one_fact(record):
    record(Happening("visit", "走访企业", cast.TODAY))
    fact = Fact.objects.get(kind__startswith="activity.")
    assert (fact.kind, fact.label, fact.quantity) == ("activity.held", "visit", 1000)


def test_contestants_are_counted_apart_from_the_audience(record):
    record(Happening("contest", "演讲比赛", cast.TODAY, audience=300, contestants=12))
    assert (standing("attendances"), standing("contestants")) == (300, 12)


def test_somebody_named_twice_counts_once_and_can_be_told(tree, record):
    first, second, *_ = cast.people(tree)
    activity = record(replace(FORUM, audience=0), people=[first, second, first])
    assert named_twice([first, second, first, first]) == [first]
    assert standing("attendances") == 2
    assert activity.attendances.count() == 2
    assert AuditEntry.objects.get(action="activity.record").details == {"named_twice": 1}


@pytest.mark.parametrize(
    ("happening", "error"),
    [
        (replace(FORUM, kind="party"), UnknownKind),
        (replace(FORUM, series="aqsiq-2010.no-such"), UnknownSeries),
        (replace(FORUM, kind="training"), SeriesOfOtherKind),
        (replace(FORUM, title=" "), TitleMissing),
        (replace(FORUM, held_on=cast.TODAY + timedelta(days=1)), InTheFuture),
        (replace(FORUM, audience=-1), CountWrong),
        (replace(FORUM, audience=10_000_001), CountWrong),
        (replace(FORUM, contestants=3), NoContest),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint_and_leaves_nothing(record, happening, error):
    with pytest.raises(error) as caught:
        record(happening)
    assert "%(" not in caught.value.text() + caught.value.hint_text()
    assert not Activity.objects.exists()
    assert not Fact.objects.filter(kind__startswith="activity.").exists()


def test_only_who_may_record_does(tree, record):
    for actor in (cast.actor(Role.LEADER, tree.hq), cast.actor(Role.SECRETARY, tree.zhejiang_branch)):
        with pytest.raises(Refused):
            record(actor=actor)
    assert not Activity.objects.exists()


def test_a_late_entry_is_marked_and_counts_all_the_same(record):
    assert record(replace(FORUM, held_on=cast.days_ago(31))).is_late_entry
    assert not record(replace(FORUM, held_on=cast.days_ago(30))).is_late_entry
    assert standing("held") == 2


def test_a_correction_reverses_what_was_wrong_and_appends_what_is_right(tree, record, secretary):
    first, second, third, *_ = cast.people(tree)
    activity = record(people=[first, second])
    right = replace(FORUM, held_on=date(2010, 11, 6), audience=118)
    correct_activity(
        actor=secretary,
        activity=activity,
        happening=right,
        people=[second, third],
        reason="签到表核对后更正",
        today=cast.TODAY,
        now=cast.NOW,
        version=1,
    )
    signs = Fact.objects.filter(subject=f"activity:{activity.pk}").order_by("seq").values_list("sign", flat=True)
    assert list(signs) == [1] * 4 + [-1] * 4 + [1] * 4
    assert standing("attendances") == 120
    assert standing("attendances", on=FORUM.held_on) == 0
    keys = PersonKey.objects.filter(person__in=[second, third]).values_list("key", flat=True)
    assert people_counted() == set(keys)
    details = AuditEntry.objects.get(action="activity.correct").details
    assert details == {"fields": ["audience", "held_on", "people"], "reason": "签到表核对后更正"}


def test_two_people_correcting_at_once_see_both_versions(record, secretary):
    activity = record()
    given = {"actor": secretary, "people": (), "reason": "更正", "today": cast.TODAY, "now": cast.NOW, "version": 1}
    mine, theirs = replace(FORUM, audience=1), replace(FORUM, audience=2)
    correct_activity(activity=Activity.objects.get(pk=activity.pk), happening=theirs, **given)
    with pytest.raises(Stale) as caught:
        correct_activity(activity=activity, happening=mine, **given)
    assert (caught.value.current["audience"], caught.value.attempted["audience"]) == (2, 1)
    assert standing("attendances") == 2


def test_withdrawn_and_restored(tree, record, secretary):
    activity = record(people=cast.people(tree)[:2])
    with pytest.raises(ReasonMissing):
        withdraw_activity(actor=secretary, activity=activity, reason=" ", now=cast.NOW)
    withdraw_activity(actor=secretary, activity=activity, reason="重复登记", now=cast.NOW)
    assert (standing("held"), standing("attendances"), people_counted()) == (0, 0, set())
    assert list(Activity.objects.standing()) == []
    with pytest.raises(AlreadyWithdrawn):
        withdraw_activity(actor=secretary, activity=activity, reason="再来", now=cast.NOW)
    restore_activity(actor=secretary, activity=activity, now=cast.NOW)
    assert (standing("held"), standing("attendances"), len(people_counted())) == (1, 122, 2)
    with pytest.raises(NotWithdrawn):
        restore_activity(actor=secretary, activity=activity, now=cast.NOW)


def test_who_was_erased_stays_a_number_after_a_correction_and_gets_no_new_key(tree, record, secretary):
    people = cast.people(tree)[:3]
    activity = record(replace(FORUM, audience=0), people=people)
    key = PersonKey.objects.get(person=people[0]).key
    erase_person(people[0], actor=SYSTEM, now=cast.NOW)
    correct_activity(
        actor=secretary,
        activity=activity,
        happening=replace(FORUM, audience=7),
        people=people,
        reason="补记听众",
        today=cast.TODAY,
        now=cast.NOW,
        version=1,
    )
    assert standing("attendances") == 10
    assert len(people_counted()) == 3
    assert key in people_counted()
    assert not PersonKey.objects.filter(person=people[0]).exists()


def test_many_at_once_are_all_or_none(tree):
    day = replace(FORUM, series="")
    good = [Draft(tree.branch, day), Draft(tree.nanjing_branch, day)]
    bad = Draft(tree.branch, replace(day, audience=-1))
    organiser = cast.actor(Role.ORGANISER, tree.hq)
    with pytest.raises(CountWrong):
        record_activities(actor=organiser, drafts=[*good, bad], today=cast.TODAY, now=cast.NOW)
    assert not Activity.objects.exists()
    made = record_activities(actor=organiser, drafts=good, today=cast.TODAY, now=cast.NOW)
    assert [Activity.objects.get(pk=pk).organisation for pk in made] == [tree.branch, tree.nanjing_branch]
    entry = AuditEntry.objects.get(action="activity.record")
    assert (entry.path, entry.details) == (tree.hq.path, {"count": 2, "last": made[1]})


class CorrectionsTest(TestCase):
    """Whatever is corrected, withdrawn and restored, the ledger ends at what the record says."""

    @given(
        steps=st.lists(
            st.one_of(st.tuples(st.integers(0, 500), st.sets(st.integers(0, 4))), st.just("withdraw")), max_size=5
        )
    )
    @settings(max_examples=10)
    def test_the_ledger_follows_the_record(self, steps):
        tree = cast.offices()
        people = cast.people(tree)
        actor = cast.actor(Role.SECRETARY, tree.branch)
        plain = Happening("lecture", "讲座", cast.TODAY, audience=1)
        given = {"actor": actor, "now": cast.NOW}
        activity = record_activity(organisation=tree.branch, happening=plain, people=(), today=cast.TODAY, **given)
        for step in steps:
            if step == "withdraw":
                withdraw_activity(activity=activity, reason="试", **given)
                restore_activity(activity=activity, **given)
                continue
            correct_activity(
                activity=activity,
                happening=replace(plain, audience=step[0]),
                people=[people[index] for index in step[1]],
                reason="试",
                today=cast.TODAY,
                version=activity.version,
                **given,
            )
        heads = activity.audience + activity.attendances.count()
        assert (standing("held"), standing("attendances")) == (1, heads)
        assert len(people_counted()) == activity.attendances.count()
