"""Importing people: known again by their numbers, refused with reasons, moved and promoted with their history."""

import io
from datetime import date

import openpyxl
import pytest

from quxin.access import SYSTEM, Role
from quxin.orgs.models import Membership, Organisation, Person, Post
from quxin.orgs.operations import close
from quxin.orgs.people_imports import import_people_file, preview_people_file, write_refused_people
from quxin.orgs.people_words import COLUMNS, FORM_COLUMNS
from tests.orgs.conftest import DAY, NOW, NUMBERS, TODAY, actor_with, stock

HEADER = ("姓名", "工号", "身份证号", "手机", "党组织代码", "党员类别", "入党日期", "党内职务")
HOW = {"actor": SYSTEM, "now": NOW}


def sheet(*rows, header=HEADER):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["党员名册"])
    page.append(list(header))
    for row in rows:
        page.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def coded(tree):
    Organisation.objects.filter(pk=tree.branch.pk).update(official_code="320100-01")
    Organisation.objects.filter(pk=tree.second.pk).update(official_code="330000-01")
    return tree


ZHANG = ("张　三", "A1", NUMBERS[0], "13800138000", "320100-01", "正式党员", "2001年7月1日", "书记")
LI = ("李四", "A2", None, None, "第一党支部", "预备", None, None)


def test_people_join_their_branch_once(coded):
    first = import_people_file(sheet(ZHANG, LI), on=DAY, **HOW)
    assert (first.created, first.refused) == (2, [])
    zhang = Person.objects.get(staff_number="A1")
    assert (zhang.name, zhang.sort_key) == ("张三", "zhang san")
    assert bytes(zhang.identity_cipher).find(NUMBERS[0].encode()) == -1
    membership = Membership.objects.get(person=zhang)
    assert (membership.status, membership.joined_on, membership.from_on) == ("full", date(2001, 7, 1), DAY)
    assert Post.objects.get(person=zhang).title == "书记"
    assert stock(coded.branch.path) == 2
    again = import_people_file(sheet(ZHANG, LI), on=TODAY, **HOW)
    assert (again.unchanged, again.created, again.changed, again.moved) == (2, 0, 0, 0)
    assert stock(coded.branch.path) == 2


def test_what_is_wrong_is_refused_with_reason_and_without_the_number(coded):
    close(Organisation.objects.get(pk=coded.second.pk), on=DAY, **HOW)
    rows = (
        ("甲", "B1", 1.10105194912310e17, None, "320100-01", "正式党员", None, None),
        ("乙", "B2", "110105194912310021", None, "320100-01", "正式党员", None, None),
        ("丙", None, None, None, "320100-01", "正式党员", None, None),
        ("丁", "B4", None, None, "第一支部", "正式党员", None, None),
        ("戊", "B5", None, None, "330000-01", "正式党员", None, None),
        ("己", "B6", None, None, "320100-01", "群众", None, None),
        ("庚", "B7", None, None, "320100-01", "正式党员", "2124-01-01", None),
        ("辛", "B8", None, None, "320100-01", "正式党员", None, None),
        ("壬", "B8", None, None, "320100-01", "正式党员", None, None),
    )
    plan = preview_people_file(sheet(*rows), actor=SYSTEM, on=TODAY)
    found = {refusal.row: refusal for refusal in plan.refused}
    assert set(found) == {3, 4, 5, 6, 7, 8, 9, 11}
    assert "校验码" in found[4].text()
    assert "110105194912310021" not in str(found[4].as_json())
    assert "第一党支部" in found[6].hint_text()
    assert "撤销" in found[7].text()
    assert "第 10 行" in found[11].text()
    stream = io.BytesIO()
    assert write_refused_people(plan, plan.outcome(), stream) == 8
    assert not Person.objects.exists()


def test_transfers_promotions_and_names_keep_their_history(coded):
    import_people_file(sheet(ZHANG, LI), on=DAY, **HOW)
    later = date(2024, 5, 1)
    moved = ("张三", "A1", None, None, "330000-01", "正式党员", None, None)
    full = ("李四", "A2", None, None, "320100-01", "正式党员", "2023-05-01", "组织委员")
    outcome = import_people_file(sheet(moved, full), on=later, **HOW)
    assert (outcome.moved, outcome.changed, outcome.refused) == (1, 1, [])
    assert (stock(coded.branch.path, DAY), stock(coded.branch.path, later)) == (2, 1)
    assert stock(coded.second.path, later) == 1
    li = Membership.objects.filter(person__staff_number="A2").order_by("pk")
    assert [(row.status, row.until_on) for row in li] == [("probationary", later), ("full", None)]
    assert li.last().joined_on == date(2023, 5, 1)
    assert Post.objects.filter(title="组织委员").exists()


def test_a_staff_number_of_somebody_else_is_not_taken_over(coded):
    import_people_file(sheet(ZHANG), on=DAY, **HOW)
    plan = preview_people_file(
        sheet(("王五", "A1", None, None, "320100-01", "正式党员", None, None)), actor=SYSTEM, on=TODAY
    )
    assert "张三" in plan.refused[0].text()
    renamed = preview_people_file(
        sheet(("张叁", "A1", NUMBERS[0], None, "320100-01", "正式党员", None, None)), actor=SYSTEM, on=TODAY
    )
    assert renamed.changed[0].what == {"name"}


def test_a_secretary_imports_into_the_own_branch_only(coded):
    secretary = actor_with(Role.SECRETARY, coded.branch)
    other = ("王五", "C1", None, None, "330000-01", "正式党员", None, None)
    outcome = import_people_file(sheet(ZHANG, other), actor=secretary, now=NOW, on=DAY)
    assert (outcome.created, [refusal.row for refusal in outcome.refused]) == (1, [4])


def test_an_interrupted_import_goes_on(coded):
    rows = [(f"党员{n}", f"N{n}", None, None, "320100-01", "正式党员", None, None) for n in range(600)]
    seen = []
    stopped = import_people_file(
        sheet(*rows), on=DAY, progress=lambda *at: seen.append(at), should_stop=lambda: bool(seen), **HOW
    )
    assert (stopped.stopped, stopped.created, seen) == (True, 500, [(500, 600)])
    rest = import_people_file(sheet(*rows), on=DAY, **HOW)
    assert (rest.unchanged, rest.created) == (500, 100)
    assert stock(coded.branch.path) == 600


def test_the_form_offers_the_statuses():
    assert [column.id for column in FORM_COLUMNS] == [column.id for column in COLUMNS]
    assert next(column for column in FORM_COLUMNS if column.id == "status").choices[0] == "正式党员"
