"""What briefs make of shares, of items that are asked for more than once, of a closed campaign, and the bulletin."""

from datetime import date
from decimal import Decimal

import pytest

from quxin.access import SYSTEM, Role
from quxin.briefs import lamps
from quxin.briefs.bulletins import bulletin_brief, paragraphs_of, standing_of
from quxin.briefs.campaigns import read_period
from quxin.briefs.checklists import checklist_brief
from quxin.briefs.duties import duty_brief, task_brief
from quxin.briefs.home import home_brief
from quxin.briefs.shares import shares_brief, weigh_with
from quxin.kernel.scaled import scale
from quxin.records.activities.operations import Happening, record_activity
from quxin.records.campaigns.models import Assignment, ChecklistItem, Task
from quxin.records.campaigns.operations import close_assignment
from quxin.records.campaigns.operations_close import close_campaign
from quxin.records.campaigns.operations_share import share_out
from quxin.records.campaigns.queries import items_of
from tests import cast

NOVEMBER = date(2010, 11, 10)
SERIES = {"contest": "aqsiq-2010.culture-contest"}


@pytest.fixture
def tree(db):
    return cast.offices()


@pytest.fixture
def campaign(tree):
    return cast.campaign(tree)


def duty(campaign, key, organisation):
    rows = Assignment.objects.select_related("organisation", "task__campaign__sponsor", "task__campaign__pack_version")
    return rows.get(task__campaign=campaign, task__key=key, organisation=organisation)


def task_of(campaign, key):
    rows = Task.objects.select_related("campaign__sponsor", "campaign__pack_version", "aspect")
    return rows.get(campaign=campaign, key=key)


def hold(organisation, day, kind="contest", contestants=0):
    return record_activity(
        actor=SYSTEM,
        organisation=organisation,
        happening=Happening(kind, "活动", day, series=SERIES.get(kind, ""), contestants=contestants),
        people=(),
        today=cast.TODAY,
        now=cast.NOW,
    )


# --- shares ---


def test_a_duty_is_kept_when_its_own_share_is_reached(tree, campaign):
    task = task_of(campaign, "foundation.contest")
    shares = {tree.hq.pk: 0, tree.jiangsu.pk: scale(1500), tree.nanjing.pk: scale(200), tree.zhejiang.pk: scale(300)}
    share_out(actor=SYSTEM, task=task, way="hand", shares=shares, now=cast.NOW, version=1)
    hold(tree.nanjing, NOVEMBER, contestants=200)
    nanjing = duty_brief(duty(campaign, task.key, tree.nanjing), cast.TODAY)
    jiangsu = duty_brief(duty(campaign, task.key, tree.jiangsu), cast.TODAY)
    assert (nanjing.state, nanjing.number.text) == (lamps.KEPT, "200/200人")
    assert (jiangsu.state, jiangsu.number.text) == (lamps.GOING, "200/1500人")
    whole = task_brief(actor=SYSTEM, task=task, organisation=tree.hq, today=cast.TODAY)
    assert whole.number.text == "200/2000人"


def test_proposals_sum_to_the_target_and_are_not_negative(tree, campaign):
    cast.people(tree)
    task = task_of(campaign, "foundation.contest")
    equal = shares_brief(task, cast.TODAY, "equal")
    assert [line.proposed for line in equal.lines] == [scale(500)] * 4
    by_size = shares_brief(task, cast.TODAY, "by:members.all")
    assert by_size.total == task.target
    assert all((line.proposed or 0) >= 0 for line in by_size.lines)
    assert [line.size for line in by_size.lines] == [Decimal(5), Decimal(0), Decimal(0), Decimal(0)]
    assert [line.proposed for line in by_size.lines] == [scale(2000), 0, 0, 0]
    assert by_size.nested, "headquarters has provinces below it"
    now = shares_brief(task, cast.TODAY)
    assert [line.proposed for line in now.lines] == [None] * 4


def test_nothing_to_go_by_is_said(tree, campaign):
    brief = shares_brief(task_of(campaign, "foundation.contest"), cast.TODAY, "by:members.all")
    assert brief.missing
    assert weigh_with(None, cast.TODAY)("members.all", [tree.hq, tree.jiangsu]) == [0, 0]


# --- how often ---


@pytest.fixture
def twice(campaign):
    ChecklistItem.objects.filter(campaign=campaign, key="study").update(times=2)
    return items_of(campaign, "six-ones")


def board(campaign, items, organisation, **more):
    return checklist_brief(campaign=campaign, items=items, organisation=organisation, today=cast.TODAY, **more)


def study_cell(campaign, items, organisation):
    row = next(r for r in board(campaign, items, organisation, each=True).rows if r.organisation == organisation)
    return row.cells[0]


def test_an_item_asked_for_twice_is_done_by_the_second_record(tree, campaign, twice):
    july = date(2010, 7, 5)
    hold(tree.branch, july, "study")
    first = study_cell(campaign, twice, tree.branch)
    assert (first.done, first.text, first.state) == (0, "1/2", lamps.LATE)
    assert board(campaign, twice, tree.hq).totals[0] == (0, len(tree.all()))
    again = hold(tree.branch, date(2010, 7, 20), "study")
    second = study_cell(campaign, twice, tree.branch)
    assert (second.done, second.text, second.state) == (1, "2/2", lamps.KEPT)
    assert board(campaign, twice, tree.hq).totals[0] == (1, len(tree.all()))
    from quxin.records.activities.operations import withdraw_activity

    withdraw_activity(actor=SYSTEM, activity=again, reason="重复", now=cast.NOW)
    assert study_cell(campaign, twice, tree.branch).text == "1/2"


def test_many_organisations_are_counted_as_few_are(tree, campaign, twice, monkeypatch):
    hold(tree.branch, date(2010, 7, 5), "study")
    hold(tree.branch, date(2010, 7, 6), "study")
    hold(tree.nanjing, date(2010, 7, 6), "study")
    few = board(campaign, twice, tree.hq).totals
    monkeypatch.setattr("quxin.briefs.checklists.MANY", 0)
    assert board(campaign, twice, tree.hq).totals == few
    assert few[0] == (1, len(tree.all()))


def test_the_to_do_stays_until_it_is_done_often_enough(tree, campaign, twice):
    secretary = cast.actor(Role.SECRETARY, tree.branch)
    july = date(2010, 7, 8)

    def study():
        found = home_brief(secretary, tree.branch, today=july, now=cast.NOW)
        return [t for _, todos in found.todos for t in todos if t.kind == "item" and t.record == "study"]

    assert [todo.number for todo in study()] == ["0/2"]
    hold(tree.branch, date(2010, 7, 5), "study")
    assert [todo.number for todo in study()] == ["1/2"]
    hold(tree.branch, date(2010, 7, 6), "study")
    assert study() == []


# --- closed ---


def close(campaign, on=NOVEMBER):
    close_campaign(actor=SYSTEM, campaign=campaign, on=on, words="办完了。", today=cast.TODAY, now=cast.NOW)
    campaign.refresh_from_db()


def lamps_of(tree, campaign, today):
    found = standing_of(actor=SYSTEM, campaign=campaign, organisation=tree.hq, today=today)
    return [[cell and (cell.state, cell.text) for cell in row.cells] for row in found.rows]


def test_the_lamps_of_a_closed_campaign_are_final(tree, campaign):
    open_today = lamps_of(tree, campaign, cast.TODAY)
    assert open_today != lamps_of(tree, campaign, date(2011, 6, 1)), "an open campaign goes on growing late"
    close(campaign)
    final = lamps_of(tree, campaign, cast.TODAY)
    assert final == lamps_of(tree, campaign, date(2011, 6, 1)) == lamps_of(tree, campaign, date(2030, 1, 1))
    assert read_period(campaign, date(2030, 1, 1)).end == NOVEMBER
    hold(tree.nanjing, cast.TODAY, contestants=7)
    assert lamps_of(tree, campaign, cast.TODAY) == final, "what happens after the closing does not move it"
    hold(tree.nanjing, NOVEMBER, contestants=7)
    assert lamps_of(tree, campaign, cast.TODAY) != final, "a late record of a day before does"


def test_what_is_due_on_the_closing_day_is_late_when_it_is_over(tree, campaign):
    close(campaign, date(2010, 10, 31))
    found = duty_brief(duty(campaign, "supervision.integrity", tree.nanjing), cast.TODAY)
    assert (found.assignment.due_on, found.state) == (date(2010, 10, 31), lamps.LATE)


def test_a_campaign_that_is_over_asks_its_organiser_and_nobody_else(tree, campaign):
    later = date(2011, 1, 5)

    def asked(role, place):
        found = home_brief(cast.actor(role, place), place, today=later, now=cast.NOW)
        return [todo for _, todos in found.todos for todo in todos if todo.kind == "closing"]

    (todo,) = asked(Role.ORGANISER, tree.hq)
    assert (todo.code, todo.number, todo.days_late(later)) == (campaign.code, "2010-12-31", 0)
    assert asked(Role.SECRETARY, tree.hq) == []
    assert asked(Role.ORGANISER, tree.jiangsu) == []
    campaign.refresh_from_db()
    assert campaign.state == "deployed", "it never closes by itself"
    close(campaign)
    assert asked(Role.ORGANISER, tree.hq) == []


# --- the bulletin ---


def test_the_bulletin_says_what_the_board_says(tree, campaign):
    for row in Assignment.objects.filter(organisation=tree.zhejiang).select_related("task__campaign", "organisation"):
        if row.task.evidence == "none":
            close_assignment(actor=SYSTEM, assignment=row, on=min(row.due_on, cast.TODAY), now=cast.NOW)
    standing = standing_of(actor=SYSTEM, campaign=campaign, organisation=tree.hq, today=cast.TODAY)
    brief = bulletin_brief(actor=SYSTEM, campaign=campaign, organisation=tree.hq, today=cast.TODAY)
    said = "\n".join(paragraphs_of(brief))
    assert f"共承担{standing.tally.total}项" in said
    assert f"逾期{standing.tally.late}项" in said
    figures = brief.figures()
    by_place = {(one.measure, one.organisation): one for one in figures}
    for row in standing.rows:
        late = by_place.get(("board.late", row.organisation.name))
        if row.tally.late and row.organisation != tree.hq:
            assert late is not None
            assert late.value == row.tally.late
            assert late.address.startswith(f"campaigns/{campaign.code}/?org={row.organisation.code}")
    assert all(one.address and one.basis >= one.value - 100 for one in figures)
    assert len({one.figure_id for one in figures}) == len(figures)


def test_a_pack_may_write_its_own_bulletin(tree, campaign, monkeypatch):
    from quxin.packs.queries import pack_of
    from quxin.packs.types import Report

    own = Report.model_validate(
        {
            "title": "{campaign.title}快报",
            "sections": [{"id": "one", "title": "逾期", "board": "late", "text": "请看。"}],
        }
    )
    changed = pack_of(campaign.pack_version).model_copy(update={"bulletin": own})
    monkeypatch.setattr("quxin.briefs.bulletins.pack_of", lambda row: changed)
    brief = bulletin_brief(actor=SYSTEM, campaign=campaign, organisation=tree.hq, today=cast.TODAY)
    assert brief.title == "以质取胜、创先争优快报"
    assert [section.title for section in brief.sections] == ["逾期"]
    assert paragraphs_of(brief)[0] == "请看。"
