"""Importing records: once only, in any number of pieces, refusing row by row with where, what and why."""

import io
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quxin.access import ANYONE, SYSTEM, Refused, Role
from quxin.ledger.models import AuditEntry, Fact
from quxin.orgs.models import Organisation
from quxin.records.activities.models import Activity
from quxin.records.activities.operations import withdraw_activity
from quxin.records.intake.forms import NoSuchForm, all_forms, form_of
from quxin.records.intake.plans import write_refused
from quxin.runs.operations import Progress
from tests import cast
from tests.records.intake.sheets import ACTIVITIES, applied, book, lecture, planned


@pytest.fixture
def tree(db):
    cast.pack()
    return cast.offices()


@pytest.fixture
def form(tree):
    return form_of("activities")


def told(plan):
    """Refused rows as (row, column letters, reason)."""
    return [(one.row, one.column, one.text()) for file in plan.files for one in file.refused]


def heads():
    return sum(Fact.objects.filter(kind="activity.attendances").values_list("quantity", flat=True)) // 1000


def test_rows_become_records_and_facts(tree, form):
    content = book(ACTIVITIES, lecture(1), lecture(2, "江苏省局"), lecture(3, "南京市局第一党支部", heads=8))
    plan = planned(form, SYSTEM, content)
    assert (plan.new, plan.already, plan.refused) == (3, 0, 0)
    assert not Activity.objects.exists()
    result = applied(plan, SYSTEM)
    assert (result.accepted, result.created, result.already) == (3, 3, 0)
    rows = dict(Activity.objects.values_list("title", "organisation"))
    assert rows == {
        "讲座第1期": tree.hq.pk,
        "讲座第2期": tree.jiangsu.pk,
        "讲座第3期": tree.nanjing_branch.pk,
    }
    assert heads() == 208
    entry = AuditEntry.objects.get(action="records.import")
    assert (entry.subject, entry.details["created"]) == ("form:activities", 3)


def test_the_same_file_again_enters_nothing_twice(form):
    content = book(ACTIVITIES, lecture(1), lecture(2))
    applied(planned(form, SYSTEM, content), SYSTEM)
    plan = planned(form, SYSTEM, content)
    assert (plan.new, plan.already, plan.recorded) == (0, 2, 2)
    result = applied(plan, SYSTEM)
    assert (result.created, result.already) == (0, 2)
    assert Activity.objects.count() == 2
    assert heads() == 200


def test_a_row_that_stands_twice_is_entered_once_and_told_where(form):
    first = book(ACTIVITIES, lecture(1), lecture(2), lecture(1, "总局", heads=90))
    second = book(ACTIVITIES, lecture(2), lecture(3))
    plan = planned(form, SYSTEM, first, second, names=["甲.xlsx", "乙.xlsx"])
    assert [(one.row, one.where()) for one in plan.files[0].already] == [(4, "与“甲.xlsx”第 2 行相同")]
    assert [(one.row, one.where()) for one in plan.files[1].already] == [(2, "与“甲.xlsx”第 3 行相同")]
    assert applied(plan, SYSTEM).created == 3


def test_a_plan_that_has_grown_old_enters_nothing_twice(form):
    content = book(ACTIVITIES, lecture(1), lecture(2))
    old = planned(form, SYSTEM, content)
    applied(planned(form, SYSTEM, book(ACTIVITIES, lecture(2))), SYSTEM)
    result = applied(old, SYSTEM)
    assert (result.created, result.already, Activity.objects.count()) == (1, 1, 2)


def test_a_withdrawn_record_does_not_come_back_by_import(form):
    content = book(ACTIVITIES, lecture(1))
    applied(planned(form, SYSTEM, content), SYSTEM)
    withdraw_activity(actor=SYSTEM, activity=Activity.objects.get(), reason="重复", now=cast.NOW)
    assert applied(planned(form, SYSTEM, content), SYSTEM).created == 0


class Killed(Exception):
    """The machine went away."""


def test_a_killed_import_goes_on_where_it_stopped(form):
    content = book(ACTIVITIES, *(lecture(number) for number in range(1, 1202)))

    def die(done, total):
        if done == 1000:
            raise Killed

    plan = planned(form, SYSTEM, content)
    with pytest.raises(Killed):
        applied(plan, SYSTEM, Progress(None, lambda: cast.NOW, die))
    assert Activity.objects.count() == 1000
    plan = planned(form, SYSTEM, content)
    assert (plan.new, plan.recorded) == (201, 1000)
    result = applied(plan, SYSTEM)
    assert (result.created, result.recorded, Activity.objects.count()) == (201, 1000, 1201)
    assert heads() == 120_100
    assert Fact.objects.filter(kind="activity.held").count() == 1201


def test_every_fault_is_told_by_row_column_and_reason_and_spoils_no_other_row(tree, form):
    tomorrow = cast.TODAY + timedelta(days=1)
    content = book(
        ACTIVITIES,
        lecture(1),
        lecture(2, "江苏质量技术监督局"),
        lecture(3, on="2010-02-30"),
        lecture(4, on=tomorrow),
        lecture(5, 活动种类="讲坐"),
        lecture(6, 系列="大质检文化演讲比赛"),
        lecture(7, heads=-1),
        lecture(8, 参赛人数=3),
        lecture(9, 活动名称=""),
        lecture(10, 参加人员="查无此人"),
        lecture(11, heads=0, 参加人员="王建国、李秀英"),
        lecture(12, 活动名称="长" * 201),
    )
    cast.people(tree)
    plan = planned(form, SYSTEM, content)
    assert plan.new == 1
    found = told(plan)
    assert [(row, column) for row, column, _ in found] == [
        (3, "A"), (4, "D"), (5, "D"), (6, "B"), (7, "E"), (8, "F"), (9, "H"), (10, "C"), (11, "G"), (12, "F"), (13, "C"),
    ]  # fmt: skip
    assert "没有找到单位“江苏质量技术监督局”" in found[0][2]
    hint = plan.files[0].refused[0].hint_text()
    assert "江苏省质量技术监督局" in hint
    assert all("%(" not in one.text() + one.hint_text() for one in plan.files[0].refused)
    assert applied(plan, SYSTEM).created == 1


def test_refused_rows_come_back_mended(form):
    plan = planned(form, SYSTEM, book(ACTIVITIES, lecture(1), lecture(2, "总举"), lecture(3, "不存在的单位名称")))
    stream = io.BytesIO()
    assert write_refused(plan, plan.files[0], stream) == 2
    applied(plan, SYSTEM)
    Organisation.objects.filter(short_name="总局").update(short_name="总举")
    again = planned(form, SYSTEM, stream.getvalue())
    assert (again.new, again.refused) == (1, 1)


def test_an_import_reaches_no_further_than_the_rights_of_who_imports(tree, form):
    content = book(ACTIVITIES, lecture(1), lecture(2, "南京市局"), lecture(3, "浙江省局"))
    actor = cast.actor(Role.SECRETARY, tree.jiangsu)
    plan = planned(form, actor, content)
    assert [row for row, _, _ in told(plan)] == [2, 4]
    # Names outside the reach are not even suggested.
    assert not any("浙江" in one.hint_text() for one in plan.files[0].refused)
    assert applied(plan, actor).created == 1
    for stranger in (cast.actor(Role.LEADER, tree.hq), ANYONE):
        plan = planned(form, stranger, content)
        assert (plan.new, plan.refused) == (0, 3)
        with pytest.raises(Refused):
            applied(plan, stranger)


def test_rights_lost_between_plan_and_import_refuse_the_rows(tree, form):
    content = book(ACTIVITIES, lecture(1, "南京市局"), lecture(2, "浙江省局"))
    plan = planned(form, cast.actor(Role.ORGANISER, tree.hq), content)
    result = applied(plan, cast.actor(Role.ORGANISER, tree.zhejiang))
    assert (result.created, [(name, one.row) for name, one in result.refused]) == (1, [("a.xlsx", 2)])
    assert Activity.objects.get().organisation == tree.zhejiang


def test_two_organisations_of_one_name_are_told_apart_by_code(tree, form):
    Organisation.objects.filter(pk=tree.zhejiang.pk).update(name=tree.jiangsu.name)
    plan = planned(form, SYSTEM, book(ACTIVITIES, lecture(1, tree.jiangsu.name), lecture(2, "330000")))
    assert plan.new == 1
    refusal = plan.files[0].refused[0]
    assert "有 2 个单位" in refusal.text()
    assert "320000" in refusal.hint_text()


def test_a_closed_office_takes_no_later_activity(tree, form):
    Organisation.objects.filter(pk=tree.nanjing.pk).update(closed_on=date(2010, 9, 1))
    content = book(ACTIVITIES, lecture(1, "320100", on=date(2010, 8, 31)), lecture(2, "320100", on=date(2010, 9, 1)))
    plan = planned(form, SYSTEM, content)
    assert (plan.new, [row for row, _, _ in told(plan)]) == (1, [3])


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_a_hostile_file_is_refused_and_spoils_no_other(form, content):
    plan = planned(form, SYSTEM, content, book(ACTIVITIES, lecture(1)))
    assert [one.name for one in plan.unreadable] == ["a.xlsx"]
    assert plan.new == 1


def test_another_form_of_ours_is_refused(form):
    stream = io.BytesIO()
    form_of("attendance").write_to(stream)
    plan = planned(form, SYSTEM, stream.getvalue())
    assert "参加人员名单" in str(plan.files[0].error)


def test_a_missing_file_is_told(form, tmp_path):
    plan = planned(form, SYSTEM, tmp_path / "none.xlsx")
    assert "a.xlsx" in str(plan.files[0].error)


def test_every_form_can_be_written_and_comes_back_without_rows(tree):
    forms = all_forms()
    assert {"activities", "attendance", "progress", "commitments", "commitment-progress", "article"} <= set(forms)
    for form in forms.values():
        stream = io.BytesIO()
        form.write_to(stream)
        plan = planned(form, SYSTEM, stream.getvalue())
        assert (form.id, plan.new, plan.refused, plan.unreadable) == (form.id, 0, 0, [])


def test_an_unknown_form_names_the_nearest(tree):
    with pytest.raises(NoSuchForm) as caught:
        form_of("activity")
    assert "activities" in caught.value.hint_text()


class OnceTest(TestCase):
    """However rows are cut into files and imports, each becomes one record."""

    @given(cut=st.lists(st.lists(st.integers(1, 6), max_size=5), min_size=1, max_size=4))
    @settings(max_examples=8)
    def test_each_row_becomes_one_record(self, cut):
        cast.offices()
        form = form_of("activities")
        for half in (cut[: len(cut) // 2], cut[len(cut) // 2 :]):
            contents = [book(ACTIVITIES, *(lecture(number) for number in numbers)) for numbers in half]
            plan = planned(form, SYSTEM, *contents)
            result = applied(plan, SYSTEM)
            assert result.accepted == sum(len(numbers) for numbers in half)
        assert Activity.objects.count() == len({number for numbers in cut for number in numbers})
