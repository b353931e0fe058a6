"""To-dos by date, tasks by aspect, minutes, own study: what the home page says, checked against records by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from quxin.access import SYSTEM
from quxin.briefs.home import LATE, LATER, NEXT, TODAY, WEEK, bucket_of, home_brief
from quxin.briefs.home_side import home_side, minutes_spent
from quxin.kernel.scaled import ONE
from quxin.records.activities.operations import Happening, record_activity
from quxin.records.campaigns.models import Assignment
from quxin.records.campaigns.operations import close_assignment
from quxin.records.campaigns.progress import Progress, record_progress
from quxin.records.commitments.operations import (
    make_commitment,
    publish_commitment,
    report_commitment_progress,
    return_commitment,
    submit_commitment,
)
from quxin.records.commitments.rules import Promise
from quxin.runs.operations import Refusal, finish_run, request_run
from tests import cast

pytestmark = pytest.mark.django_db
DAY, NOW = cast.TODAY, cast.NOW


@pytest.fixture
def players():
    """The cast, with the campaign deployed."""
    made = cast.build()
    cast.campaign(made.offices)
    return made


def todos(players, name, organisation, today=DAY, now=NOW):
    """All to-dos of one of the cast, with their buckets."""
    brief = home_brief(players.actor(name), organisation, today=today, now=now)
    return [todo for _, group in brief.todos for todo in group]


def promise(players, *, due_on, organisation=None, text="走访三家企业", person=None, by="secretary"):
    """A promise of the first branch (or of a member in it), as made by its secretary."""
    return make_commitment(
        actor=players.actor(by),
        organisation=organisation or players.offices.branch,
        promise=Promise("deed", text, 3 * ONE, "家", due_on),
        person=person,
        today=DAY,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("on", "bucket"),
    [
        (date(2010, 11, 17), LATE),
        (date(2010, 11, 18), TODAY),
        (date(2010, 11, 19), WEEK),
        (date(2010, 11, 21), WEEK),
        (date(2010, 11, 22), NEXT),
        (date(2010, 11, 28), NEXT),
        (date(2010, 11, 29), LATER),
        (None, LATER),
    ],
)
def test_days_stand_in_their_groups(on, bucket):
    assert DAY.weekday() == 3
    assert bucket_of(on, DAY) == bucket


def test_open_duties_are_todos_until_they_are_closed_or_reached(players):
    office = players.offices.hq
    owed = Assignment.objects.filter(organisation=office)
    assert owed.exists()
    before = {todo.code for todo in todos(players, "organiser", office) if todo.kind == "duty"}
    hidden = home_brief(players.actor("organiser"), office, today=DAY, now=NOW).hidden
    assert len(before) + hidden == owed.count()
    chosen = owed.filter(code__in=before, task__evidence="none").first()
    close_assignment(actor=SYSTEM, assignment=chosen, on=DAY, now=NOW)
    assert chosen.code not in {todo.code for todo in todos(players, "organiser", office)}


def test_a_leader_has_no_duties_to_report_but_sees_how_the_tasks_stand(players):
    brief = home_brief(players.actor("leader"), players.offices.hq, today=DAY, now=NOW)
    assert not [todo for _, group in brief.todos for todo in group if todo.kind == "duty"]
    total = sum(aspect.total for aspect in brief.campaigns[0].aspects)
    assert total == brief.campaigns[0].tasks == Assignment.objects.filter(organisation=players.offices.hq).count()


def test_the_bars_count_what_is_done(players):
    office = players.offices.hq

    def kept():
        brief = home_brief(players.actor("organiser"), office, today=DAY, now=NOW)
        return sum(aspect.kept for aspect in brief.campaigns[0].aspects)

    before = kept()
    chosen = Assignment.objects.filter(organisation=office, task__evidence="none").first()
    close_assignment(actor=SYSTEM, assignment=chosen, on=DAY, now=NOW)
    assert kept() == before + 1


def test_missing_items_of_the_running_month_end_with_their_record(players):
    july, at = date(2010, 7, 20), datetime(2010, 7, 20, 3, tzinfo=UTC)
    branch = players.offices.branch
    missing = [todo for todo in todos(players, "secretary", branch, july, at) if todo.kind == "item"]
    assert len(missing) == 6
    lesson = next(todo for todo in missing if todo.record == "party-lesson")
    assert (lesson.what, lesson.on) == ("activity", date(2010, 7, 31))
    record_activity(
        actor=players.actor("secretary"),
        organisation=branch,
        happening=Happening(kind="party-lesson", title="党课", held_on=july),
        people=[],
        today=july,
        now=at,
    )
    record_progress(
        actor=players.actor("secretary"),
        organisation=branch,
        progress=Progress(kind="role-model", title="身边典型", occurred_on=july),
        today=july,
        now=at,
    )
    left = [todo.record for todo in todos(players, "secretary", branch, july, at) if todo.kind == "item"]
    assert len(left) == 4
    assert not {"party-lesson", "role-model"} & set(left)
    assert not [todo for todo in todos(players, "secretary", branch) if todo.kind == "item"]


def kinds(players, name, organisation, **more):
    return [
        (todo.kind, todo.bucket)
        for todo in todos(players, name, organisation, **more)
        if todo.kind not in ("duty", "item")
    ]


def test_a_promise_walks_from_its_maker_to_its_reviewer_and_back(players):
    branch = players.offices.branch
    made = promise(players, due_on=DAY + timedelta(days=3))
    assert kinds(players, "secretary", branch) == [("draft", LATER)]
    assert kinds(players, "organiser", players.offices.hq) == []
    submit_commitment(actor=players.actor("secretary"), commitment=made, now=NOW)
    assert kinds(players, "secretary", branch) == []
    assert kinds(players, "organiser", players.offices.hq) == [("review", TODAY)]
    assert kinds(players, "reviewer", players.offices.hq) == [("review", TODAY)]
    return_commitment(actor=players.actor("organiser"), commitment=made, reason="请写明哪三家", now=NOW)
    assert kinds(players, "secretary", branch) == [("returned", TODAY)]
    assert kinds(players, "stranger", players.offices.zhejiang_branch) == []


def test_many_reviews_are_one_todo(players):
    for number in range(5):
        made = promise(players, due_on=DAY + timedelta(days=30), text=f"进一步走访{number}")
        submit_commitment(actor=players.actor("secretary"), commitment=made, now=NOW)
    (only,) = [todo for todo in todos(players, "organiser", players.offices.hq) if todo.kind != "duty"]
    assert (only.kind, only.count, only.number) == ("reviews", 5, "5")


def test_a_promise_near_its_day_asks_for_progress_until_it_is_reached(players):
    branch = players.offices.branch
    made = promise(players, due_on=DAY + timedelta(days=3))
    submit_commitment(actor=players.actor("secretary"), commitment=made, now=NOW)
    publish_commitment(actor=players.actor("organiser"), commitment=made, today=DAY, now=NOW)
    assert kinds(players, "secretary", branch) == [("promise", WEEK)]
    report_commitment_progress(
        actor=players.actor("secretary"),
        commitment=made,
        quantity=3 * ONE,
        on=DAY,
        note="三家都走了",
        today=DAY,
        now=NOW,
    )
    assert kinds(players, "secretary", branch) == []


def test_an_import_with_refused_rows_stays_until_it_is_a_month_old(players):
    account = players.people["secretary"].pk
    run = request_run(kind="records.import", title="导入活动", parameters={}, actor=account, now=NOW)
    assert kinds(players, "secretary", players.offices.branch) == []
    finish_run(run, {}, now=NOW, refused=[Refusal(4, "C", "x", "日期不对")])
    assert kinds(players, "secretary", players.offices.branch) == [("refused", TODAY)]
    assert kinds(players, "organiser", players.offices.hq) == []
    later = NOW + timedelta(days=31)
    assert kinds(players, "secretary", players.offices.branch, now=later, today=DAY) == []


def test_minutes_follow_the_records_of_the_month(players):
    branch, actor = players.offices.branch, players.actor("secretary")
    assert minutes_spent(branch, DAY).minutes == 0
    for title in ("一", "二"):
        record_activity(
            actor=actor,
            organisation=branch,
            happening=Happening(kind="study", title=title, held_on=DAY),
            people=[],
            today=DAY,
            now=NOW,
        )
    record_progress(
        actor=actor,
        organisation=branch,
        progress=Progress(kind="article", title="文稿", occurred_on=DAY),
        today=DAY,
        now=NOW,
    )
    spent = minutes_spent(branch, DAY)
    assert {(line.title, line.count, line.each) for line in spent.lines} >= {("集中学习", 2, 5)}
    assert (spent.minutes, spent.entries) == (12, 3)
    assert minutes_spent(branch, DAY + timedelta(days=30)).before == 12


def test_a_member_sees_his_own_study_and_promises(players):
    branch = players.offices.branch
    record_activity(
        actor=players.actor("secretary"),
        organisation=branch,
        happening=Happening(kind="study", title="读原著", held_on=DAY),
        people=players.members[:1],
        today=DAY,
        now=NOW,
    )
    side = home_side(players.actor("member"), branch, today=DAY, now=NOW)
    assert (side.study.count, [one.title for one in side.study.latest]) == (1, ["读原著"])
    assert side.minutes is None
    other = home_side(players.actor("secretary"), branch, today=DAY, now=NOW)
    assert other.study is None
    assert other.minutes.entries == 1
