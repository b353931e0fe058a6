"""Lists of activities, one in detail, and the tasks that one record serves."""

from dataclasses import replace
from datetime import date

import pytest

from quxin.access import ANYONE, SYSTEM, Role
from quxin.kernel.periods import Period
from quxin.records.activities.models import Activity
from quxin.records.activities.operations import Happening, record_activity, withdraw_activity
from quxin.records.activities.queries import (
    detail_of,
    kind_options,
    list_activities,
    series_options,
    series_title,
    served_by,
)
from tests import cast

FORUM = Happening(
    "lecture", "质检大讲堂第一期", date(2010, 11, 5), series="aqsiq-2010.quality-forum", place="总局礼堂", audience=120
)
LESSON = Happening("party-lesson", "书记讲党课", date(2010, 7, 2), speaker="王书记")


@pytest.fixture
def tree(db):
    return cast.offices()


def record(organisation, happening, people=(), **more):
    return record_activity(
        actor=SYSTEM,
        organisation=organisation,
        happening=happening,
        people=people,
        today=cast.TODAY,
        now=cast.NOW,
        **more,
    )


@pytest.fixture
def recorded(tree):
    cast.pack()
    forum = record(tree.branch, FORUM, cast.people(tree)[:2])
    lesson = record(tree.nanjing_branch, LESSON)
    return forum, lesson


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {0, 1}),
        ({"kind": "lecture"}, {0}),
        ({"series": "aqsiq-2010.quality-forum"}, {0}),
        ({"period": Period.parse("2010-07")}, {1}),
        ({"period": Period.parse("2010-07..2010-11")}, {0, 1}),
        ({"words": "大讲堂 礼堂"}, {0}),
        ({"words": "大讲堂 南京"}, set()),
        ({"words": "南京 王书记"}, {1}),
        ({"withdrawn": True}, set()),
    ],
)
def test_lists_by_what_is_asked(recorded, asked, found):
    assert set(list_activities(SYSTEM, **asked)) == {recorded[index] for index in found}


def test_lists_hold_a_subtree_and_what_the_viewer_may_see(tree, recorded):
    forum, lesson = recorded
    assert list(list_activities(SYSTEM, path=tree.jiangsu.path)) == [lesson]
    assert list(list_activities(cast.actor(Role.LEADER, tree.jiangsu))) == [lesson]
    assert list(list_activities(cast.actor(Role.SECRETARY, tree.zhejiang_branch))) == []
    assert list(list_activities(ANYONE)) == []
    assert list_activities(SYSTEM).get(pk=forum.pk).named == 2


def test_withdrawn_ones_stand_alone(recorded):
    withdraw_activity(actor=SYSTEM, activity=recorded[0], reason="重复", now=cast.NOW)
    assert list(list_activities(SYSTEM)) == [recorded[1]]
    assert list(list_activities(SYSTEM, withdrawn=True)) == [recorded[0]]


def test_names_are_shown_to_those_who_keep_the_files_only(tree, recorded):
    forum = recorded[0]
    secretary, reviewer = cast.actor(Role.SECRETARY, tree.branch), cast.actor(Role.REVIEWER, tree.hq)
    told = detail_of(forum, secretary)
    assert ([person.name for person in told.people], told.hidden, told.heads) == (["李秀英", "王建国"], 0, 122)
    told = detail_of(forum, reviewer)
    assert (told.people, told.hidden, told.named, told.heads) == ((), 2, 2, 122)
    someone = forum.attendances.first().person
    told = detail_of(forum, cast.actor(Role.MEMBER, tree.branch, person=someone.pk))
    assert (told.people, told.hidden) == ((someone,), 1)


def test_the_detail_tells_titles_and_history(recorded):
    told = detail_of(recorded[0], SYSTEM)
    assert (told.kind_title, told.series_title) == ("讲座", "质检大讲堂")
    assert [entry.action for entry in told.history] == ["activity.record"]


def test_options_come_from_the_vocabulary_and_the_installed_packs(recorded):
    assert "民主生活会" in {option.zh for option in kind_options()}
    option = next(option for option in series_options() if option.value == "aqsiq-2010.quality-forum")
    assert (option.zh, option.kind) == ("质检大讲堂", "lecture")
    assert series_title("gone.series") == "gone.series"
    assert series_title("") == ""


def test_one_record_serves_the_task_and_the_checklist_that_ask_for_it(tree):
    cast.campaign(tree)
    lesson = record(tree.nanjing_branch, LESSON)
    assert [(served.what, served.key, served.label) for served in served_by(lesson)] == [
        ("checklist", "six-ones/lesson", "party-lesson")
    ]
    forum = record(tree.hq, FORUM)
    assert [(served.key, served.measure) for served in served_by(forum)] == [
        ("foundation.lectures", "lectures.sessions")
    ]


def test_a_task_that_counts_contestants_is_served_by_contests_with_contestants(tree):
    cast.campaign(tree)
    contest = Happening("contest", "演讲比赛", cast.TODAY, series="aqsiq-2010.culture-contest", audience=10)
    assert served_by(record(tree.hq, contest)) == []
    served = served_by(record(tree.hq, replace(contest, contestants=3)))
    assert [one.key for one in served] == ["foundation.contest"]


def test_nothing_is_served_outside_the_campaign_or_by_what_was_withdrawn(tree):
    cast.campaign(tree)
    early = record(tree.hq, replace(LESSON, held_on=date(2010, 1, 5)))
    late = record(tree.hq, replace(LESSON, held_on=date(2010, 8, 1)))
    assert [served_by(early), served_by(late)] == [[], []]
    lesson = record(tree.hq, LESSON)
    withdraw_activity(actor=SYSTEM, activity=lesson, reason="重复", now=cast.NOW)
    assert served_by(Activity.objects.get(pk=lesson.pk)) == []
