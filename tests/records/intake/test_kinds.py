"""What each form makes of its rows: names at activities, simple records of packs, promises and their progress."""

from datetime import date

import pytest
from django.db.models import Sum

from quxin.access import SYSTEM
from quxin.ledger.models import Fact
from quxin.packs.queries import current
from quxin.records.activities.models import Activity, Attendance
from quxin.records.activities.operations import withdraw_activity
from quxin.records.campaigns.forms import name_of, slot_of
from quxin.records.campaigns.models import ProgressRecord
from quxin.records.commitments.models import Commitment, CommitmentProgress
from quxin.records.commitments.operations import publish_commitment, submit_commitment
from quxin.records.intake.forms import form_of
from tests import cast
from tests.records.intake.sheets import ACTIVITIES, applied, book, lecture, planned

NAMES = ("单位", "日期", "活动名称", "姓名", "工号", "已计入实到人数")
HELD = date(2010, 11, 5)


@pytest.fixture
def tree(db):
    cast.pack()
    return cast.offices()


def take(name, *rows, header):
    """Import rows as the system; the plan and the result."""
    plan = planned(form_of(name), SYSTEM, book(header, *rows))
    return plan, applied(plan, SYSTEM)


def reasons(plan):
    return [(one.row, one.id, one.text()) for file in plan.files for one in file.refused]


def total(kind):
    return (Fact.objects.filter(kind=kind).aggregate(total=Sum("quantity"))["total"] or 0) // 1000


def test_people_can_be_named_in_the_activity_itself(tree):
    cast.people(tree)
    _, result = take("activities", lecture(heads=10, 参加人员="王建国、李秀英，王建国"), header=ACTIVITIES)
    assert result.created == 1
    activity = Activity.objects.get()
    assert (activity.audience, activity.attendances.count(), total("activity.attendances")) == (8, 2, 10)


def test_names_come_after_the_activity_and_nobody_is_counted_twice(tree):
    cast.people(tree)
    take("activities", lecture(1, heads=100), header=ACTIVITIES)
    rows = [
        ("总局", HELD, "讲座第1期", "王建国", "", ""),
        ("总局", HELD, "", "李秀英", "P002", "是"),
        ("总局", HELD, "讲座第1期", "张伟", "", "否"),
        ("总局", HELD, "讲座第1期", "王建国", "", ""),
    ]
    plan, result = take("attendance", *rows, header=NAMES)
    assert (result.created, plan.already, reasons(plan)) == (3, 1, [])
    activity = Activity.objects.get()
    # Two of the hundred have names now; the third was not among the hundred.
    assert (activity.audience, activity.attendances.count()) == (98, 3)
    assert total("activity.attendances") == 101
    assert total("activity.person") == 3
    plan, result = take("attendance", *rows, header=NAMES)
    assert (result.created, plan.recorded) == (0, 3)
    assert total("activity.attendances") == 101


def test_what_is_wrong_with_a_name(tree):
    cast.people(tree)
    cast.people(tree, ["王建国"], tree.nanjing_branch, "N")
    cast.people(tree, ["王建国"], tree.zhejiang_branch, "Z")
    take("activities", lecture(1), lecture(2), lecture(3, "330000"), lecture(4, "320000"), header=ACTIVITIES)
    rows = [
        ("总局", date(2010, 1, 5), "讲座第1期", "张伟", "", ""),
        ("总局", HELD, "讲座第九期", "张伟", "", ""),
        ("总局", HELD, "", "张伟", "", ""),
        ("总局", HELD, "讲座第1期", "王建国", "", ""),
        ("总局", HELD, "讲座第1期", "查无此人", "", ""),
        ("总局", HELD, "讲座第1期", "张伟", "P001", ""),
        ("总局", HELD, "讲座第1期", "张伟", "P999", ""),
        ("浙江省局", HELD, "讲座第3期", "王建国", "", ""),
        ("江苏省局", HELD, "讲座第4期", "张伟", "", ""),
    ]
    plan, result = take("attendance", *rows, header=NAMES)
    assert [(row, column) for row, column, _ in reasons(plan)] == [
        (2, "held_on"), (3, "title"), (4, "title"), (5, "name"), (6, "name"), (7, "number"), (8, "number"),
    ]  # fmt: skip
    # The only one of that name in the office itself; a guest from another office.
    assert result.created == 2
    guests = {row.activity.title: row.person.staff_number for row in Attendance.objects.all()}
    assert guests == {"讲座第3期": "Z001", "讲座第4期": "P003"}


def test_no_names_are_added_to_a_withdrawn_activity(tree):
    cast.people(tree)
    take("activities", lecture(1), header=ACTIVITIES)
    row = ("总局", HELD, "讲座第1期", "张伟", "", "")
    plan = planned(form_of("attendance"), SYSTEM, book(NAMES, row))
    withdraw_activity(actor=SYSTEM, activity=Activity.objects.get(), reason="重复", now=cast.NOW)
    result = applied(plan, SYSTEM)
    assert (result.created, result.refused_rows, Attendance.objects.count()) == (0, 1, 0)


PROGRESS = ("单位", "记录种类", "日期", "名称", "合作方", "地点", "数量", "备注", "主题活动")


def test_simple_records_of_any_kind(tree):
    campaign = cast.campaign(tree)
    rows = [
        ("总局", "省部合作备忘录", date(2010, 6, 1), "", "江苏省", "", "", "", ""),
        ("总局", "刊发文稿", date(2010, 6, 2), "以质取胜", "", "", 3, "头版", campaign.title),
        ("总局", "刊发文稿", date(2010, 6, 2), "以质取胜", "", "", 4, "再发", ""),
        ("总局", "刊发文搞", date(2010, 6, 2), "又一篇", "", "", "", "", ""),
        ("总局", "刊发文稿", date(2010, 12, 2), "明年的", "", "", "", "", ""),
        ("总局", "刊发文稿", date(2010, 6, 2), "负数", "", "", -1, "", ""),
        ("总局", "刊发文稿", date(2010, 6, 2), "太细", "", "", 1.23456, "", ""),
        ("总局", "刊发文稿", date(2010, 6, 2), "别的活动", "", "", 1, "", "没有这项活动"),
    ]
    plan, result = take("progress", *rows, header=PROGRESS)
    assert (result.created, plan.already) == (2, 1)
    assert [(row, column) for row, column, _ in reasons(plan)] == [
        (5, "kind"), (6, "occurred_on"), (7, "quantity"), (8, "quantity"), (9, "campaign"),
    ]  # fmt: skip
    memo, article = ProgressRecord.objects.order_by("occurred_on")
    assert (memo.kind, memo.partner, memo.title, memo.unit) == ("memorandum", "江苏省", "省部合作备忘录：江苏省", "份")
    assert (article.quantity, article.note, article.campaign) == (3000, "头版", campaign)
    facts = Fact.objects.filter(kind="progress.recorded").order_by("seq")
    assert [(fact.label, fact.quantity, fact.campaign) for fact in facts] == [
        ("memorandum", 1000, ""),
        ("article", 3000, campaign.key),
    ]


def test_a_kind_of_a_pack_has_a_form_of_its_own(tree):
    header = ("单位", "日期", "行业", "数量")
    plan, result = take("reliability-industry", ("总局", date(2010, 6, 1), "家用电器", ""), header=header)
    assert (result.created, reasons(plan)) == (1, [])
    header = ("填报单位", "检查日期", "口岸", "检查结果")
    plan, result = take("port-check", ("江苏省局", date(2010, 6, 1), "南京港", "合格"), header=header)
    assert (result.created, reasons(plan)) == (1, [])
    check = ProgressRecord.objects.get(kind="port-check")
    assert (check.place, check.note) == ("南京港", "结果：合格")
    industry = ProgressRecord.objects.get(kind="reliability-industry")
    assert name_of(current("aqsiq-2010").records["reliability-industry"], industry) == "家用电器"


def test_the_same_row_by_the_general_and_the_own_form_is_one_record(tree):
    _, first = take("article", ("总局", date(2010, 6, 2), "以质取胜"), header=("单位", "日期", "名称"))
    row = ("总局", "刊发文稿", date(2010, 6, 2), "以质取胜", "", "", "", "", "")
    plan, second = take("progress", row, header=PROGRESS)
    assert (first.created, second.created, plan.recorded) == (1, 0, 1)


def test_every_field_of_every_kind_has_a_place():
    from quxin.packs.load import load

    pack = load(cast.PACK).pack
    for kind in pack.records.values():
        slots = [slot for field in kind.asks if (slot := slot_of(kind, field)) != "note"]
        assert len(slots) == len(set(slots)), kind.id
        if kind.named_by:
            assert slot_of(kind, kind.named_by) != "note", kind.id


PROMISES = ("单位", "承诺人", "承诺类型", "承诺内容", "目标值", "计量单位", "兑现期限", "衡量指标")
DUE = date(2010, 12, 31)


def test_promises_come_in_to_be_reviewed(tree):
    cast.people(tree)
    rows = [
        ("办公厅第一党支部", "王建国", "岗位承诺", "走访企业", 12, "家", DUE, ""),
        ("办公厅第一党支部", "", "实事承诺", "办好大讲堂", 4, "期", DUE, "质检大讲堂期数"),
        ("办公厅第一党支部", "", "实事承诺", "办好大讲堂", 5, "期", DUE, ""),
        ("办公厅第一党支部", "", "实事承诺", "早就该做的", 1, "件", date(2010, 1, 1), ""),
        ("办公厅第一党支部", "", "实事承诺", "没有目标的", 0, "件", DUE, ""),
        ("办公厅第一党支部", "", "实事承诺", "指标不对的", 1, "件", DUE, "质检大讲堂几期"),
    ]
    plan, result = take("commitments", *rows, header=PROMISES)
    assert (result.created, plan.already) == (2, 1)
    assert [(row, column) for row, column, _ in reasons(plan)] == [(5, "due_on"), (6, "target"), (7, "measure")]
    assert "质检大讲堂期数" in plan.files[0].refused[2].hint_text()
    own, office = Commitment.objects.order_by("pk")
    assert (own.person.name, own.state, own.target) == ("王建国", Commitment.State.DRAFT, 12000)
    assert office.measure == "lectures.sessions"
    assert total("commitment.made") == 2
    plan, result = take("commitments", *rows[:2], header=PROMISES)
    assert (result.created, plan.recorded) == (0, 2)


def test_progress_on_promises_that_are_public(tree):
    rows = [("办公厅第一党支部", "", "实事承诺", text, 4, "期", DUE, "") for text in ("办好事", "还没公开的")]
    take("commitments", *rows, header=PROMISES)
    promise = Commitment.objects.get(text="办好事")
    submit_commitment(actor=SYSTEM, commitment=promise, now=cast.NOW)
    publish_commitment(actor=SYSTEM, commitment=promise, today=cast.TODAY, now=cast.NOW)
    header = ("单位", "承诺内容", "日期", "完成数", "做了什么")
    branch = "办公厅第一党支部"
    done = [
        (branch, "办好事", date(2010, 11, 1), 2, "第一件"),
        (branch, promise.code, date(2010, 11, 2), "", "第二件"),
        (branch, "办好事", date(2010, 11, 1), 2, "第一件"),
        (branch, "还没公开的", date(2010, 11, 1), 1, ""),
        (branch, "办好事", date(2010, 12, 1), 1, "明天的"),
        (branch, "办好事", date(2010, 11, 1), 0, "零"),
    ]
    plan, result = take("commitment-progress", *done, header=header)
    assert (result.created, plan.already) == (2, 1)
    assert [(row, column) for row, column, _ in reasons(plan)] == [(5, "text"), (6, "on"), (7, "quantity")]
    assert total("commitment.progress") == 3
    assert take("commitment-progress", *done, header=header)[1].created == 0
    assert CommitmentProgress.objects.count() == 2
