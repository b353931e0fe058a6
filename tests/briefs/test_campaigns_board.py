"""The board: who owes what below an organisation, with numbers from records; SQL against the plain rule."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from quxin.access import SYSTEM, Role
from quxin.briefs import lamps
from quxin.briefs.campaigns import Wish, board_brief, campaign_cards, head_of
from quxin.briefs.lamps import Duty, Tally
from quxin.kernel.scaled import scale
from quxin.records.campaigns.models import Assignment, Task
from quxin.records.campaigns.operations import close_assignment, extend_assignment
from quxin.records.campaigns.progress import Progress, record_progress, withdraw_progress
from tests import cast

TODAY = date(2010, 11, 25)


@pytest.fixture
def tree(db):
    return cast.offices()


@pytest.fixture
def campaign(tree):
    return cast.campaign(tree)


def board(campaign, root, today=TODAY, actor=SYSTEM, **wish):
    return board_brief(actor=actor, campaign=campaign, organisation=root, today=today, wish=Wish(**wish))


def cell(brief, place, key):
    row = next(row for row in brief.rows if row.organisation.pk == place.pk)
    number = [task.key for task in brief.tasks].index(key)
    return row.cells[number]


def duty(key, place):
    return Assignment.objects.select_related("task__campaign", "organisation").get(task__key=key, organisation=place)


def close(key, place, on):
    close_assignment(actor=SYSTEM, assignment=duty(key, place), on=on, now=cast.NOW)


def record(place, kind, quantity=1, on=date(2010, 6, 1)):
    progress = Progress(kind=kind, title="示例", occurred_on=on, quantity=scale(quantity))
    return record_progress(actor=SYSTEM, organisation=place, progress=progress, today=TODAY, now=cast.NOW)


def test_children_stand_below_each_other_and_tasks_across(tree, campaign):
    brief = board(campaign, tree.hq, aspect="supervision")
    assert [row.organisation.name for row in brief.rows] == [
        tree.hq.name, tree.jiangsu.name, tree.zhejiang.name,
    ]  # fmt: skip
    assert [row.is_own for row in brief.rows] == [True, False, False]
    assert cell(brief, tree.jiangsu, "supervision.integrity").text == "0/2"  # the province and the city below it
    assert cell(brief, tree.zhejiang, "supervision.expo-checks") is None
    assert {key for key, _, _ in brief.aspects} == {"service", "supervision", "foundation"}


def test_a_number_comes_from_records_and_goes_with_them(tree, campaign):
    brief = board(campaign, tree.hq, aspect="service")
    assert cell(brief, tree.hq, "service.memoranda").text == "–"
    assert cell(brief, tree.hq, "service.memoranda").state == lamps.NONE
    memoranda = [record(tree.hq, "memorandum") for _ in range(7)]
    kept = cell(board(campaign, tree.hq, aspect="service"), tree.hq, "service.memoranda")
    assert (kept.state, kept.text) == (lamps.KEPT, "7/7")
    assert kept.figure.startswith(f"figures/aqsiq-2010.cooperation.memoranda/?org={tree.hq.code}&")
    withdraw_progress(actor=SYSTEM, record=memoranda[0], reason="重复", now=cast.NOW)
    again = cell(board(campaign, tree.hq, aspect="service"), tree.hq, "service.memoranda")
    assert (again.state, again.text) == (lamps.GOING, "6/7")


def test_nothing_recorded_is_not_nought(tree, campaign):
    record(tree.hq, "article")
    counted = cell(board(campaign, tree.hq, aspect="service"), tree.hq, "service.memoranda")
    assert (counted.state, counted.text) == (lamps.GOING, "0/7")


def test_a_target_of_many_is_nobodys_own(tree, campaign):
    assert duty("service.enterprises", tree.jiangsu).target is None
    assert duty("service.memoranda", tree.hq).target == scale(7)
    record(tree.nanjing, "served-enterprise", 12000)
    brief = board(campaign, tree.jiangsu, aspect="service")
    own = cell(brief, tree.jiangsu, "service.enterprises")
    assert (own.state, own.text) == (lamps.GOING, "12000")


def test_closing_extending_and_deadlines(tree, campaign):
    key = "supervision.integrity"  # due 2010-10-31, owed by every agency
    assert cell(board(campaign, tree.hq, aspect="supervision"), tree.jiangsu, key).state == lamps.LATE
    close(key, tree.jiangsu, date(2010, 10, 31))
    half = cell(board(campaign, tree.hq, aspect="supervision"), tree.jiangsu, key)
    assert (half.state, half.text, half.tally.rate) == (lamps.LATE, "1/2", Decimal("50.0"))
    extend_assignment(
        actor=SYSTEM,
        assignment=duty(key, tree.nanjing),
        due_on=date(2010, 11, 30),
        reason="汛情",
        now=cast.NOW,
        version=1,
    )
    near = cell(board(campaign, tree.hq, aspect="supervision"), tree.jiangsu, key)
    assert (near.state, near.tally.late, near.tally.due, near.tally.rate) == (lamps.DUE, 0, 1, Decimal("100.0"))
    close(key, tree.nanjing, date(2010, 12, 2))
    kept = cell(board(campaign, tree.hq, aspect="supervision"), tree.jiangsu, key)
    assert (kept.state, kept.text, kept.tally.rate) == (lamps.KEPT, "2/2", Decimal("50.0"))


def test_reached_after_the_deadline_is_kept_and_not_on_time(tree, campaign):
    key = "supervision.quality-month"  # seven departments by 2010-09-30
    for on in [date(2010, 9, 1)] * 6 + [date(2010, 10, 8)]:
        record(tree.hq, "joint-department", on=on)
    before = cell(board(campaign, tree.hq, date(2010, 10, 7), aspect="supervision"), tree.hq, key)
    assert before.state == lamps.LATE
    after = cell(board(campaign, tree.hq, aspect="supervision"), tree.hq, key)
    assert (after.state, after.text) == (lamps.KEPT, "7/7")
    assert (after.tally.kept, after.tally.late, after.tally.fallen, after.tally.on_time) == (1, 0, 1, 0)


def test_sql_and_the_plain_rule_agree(tree, campaign):
    """Every cell of every aspect: what SQL groups is the sum of its duties by the rule."""
    for number, row in enumerate(Assignment.objects.select_related("task__campaign", "organisation").order_by("pk")):
        if number % 3 == 0 and row.task.evidence == Task.Evidence.NONE:
            late = timedelta(days=3 if number % 2 else 0)
            close_assignment(actor=SYSTEM, assignment=row, on=row.due_on + late, now=cast.NOW)
    for root in (tree.hq, tree.jiangsu):
        for aspect in ("service", "supervision", "foundation"):
            brief = board(campaign, root, aspect=aspect)
            assert brief.rows
            for row in brief.rows:
                for task, found in zip(brief.tasks, row.cells, strict=True):
                    scope = (
                        {"organisation": root}
                        if row.is_own
                        else {"organisation__path__startswith": row.organisation.path}
                    )
                    owed = Assignment.objects.filter(task=task, **scope)
                    tallies = [lamps.tally_of(Duty(one.due_on, one.done_on), TODAY) for one in owed]
                    plain = sum(tallies, Tally())
                    assert (found.tally if found else Tally()) == plain


def test_words_find_tasks_or_organisations(tree, campaign):
    assert [task.key for task in board(campaign, tree.hq, words="演讲").tasks] == ["foundation.contest"]
    named = board(campaign, tree.hq, words="浙江", aspect="service")
    assert [row.organisation.pk for row in named.rows] == [tree.zhejiang.pk]
    assert board(campaign, tree.hq, words="没有的", aspect="service").rows == ()


def test_lamps_filter_rows_and_rates_sort_them(tree, campaign):
    close("supervision.integrity", tree.zhejiang, date(2010, 10, 1))
    best_first = board(campaign, tree.hq, aspect="supervision", sort="-rate")
    assert best_first.rows[0].organisation.pk == tree.zhejiang.pk
    kept = board(campaign, tree.hq, aspect="supervision", lamp="kept")
    assert [row.organisation.pk for row in kept.rows] == [tree.zhejiang.pk]
    assert kept.strip == best_first.strip
    strip = kept.strip
    assert strip.kept == 1
    assert strip.total == sum(cell is not None for row in best_first.rows for cell in row.cells)


def test_nobody_sees_below_his_own(tree, campaign):
    stranger = cast.actor(Role.SECRETARY, tree.zhejiang)
    assert board(campaign, tree.jiangsu, actor=stranger, aspect="service").rows == ()
    assert [card.standing for card in campaign_cards(stranger, tree.jiangsu, TODAY)] == [None]
    assert campaign_cards(stranger, tree.zhejiang, TODAY)[0].standing.total > 5


def test_the_head_says_where_we_are(campaign):
    head = head_of(campaign, TODAY)
    assert (head.stage, head.phase) == ("running", "组织实施")
    assert [phase.stage for phase in head.phases] == ["past", "now", "now"]
    assert dict(head.seats)["领导小组"] == ("组长：总局党组书记",)
    assert head.checklists == (("six-ones", "六个一"),)
    assert head_of(campaign, date(2011, 1, 1)).stage == "over"


def test_queries_do_not_grow_with_the_tree(tree, campaign, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        board(campaign, tree.hq, aspect="service")
    with django_assert_max_num_queries(2):
        assert [card.campaign.pk for card in campaign_cards(SYSTEM, tree.hq, TODAY)] == [campaign.pk]
