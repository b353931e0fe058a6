"""Rolls and member files: who is listed for whom, what a file holds, who may ask for numbers in full."""

from datetime import date

import pytest

from quxin.access import ANYONE, SYSTEM, Actor, Role
from quxin.briefs.members import honours_of, masked_people, member_brief, names_in, roll_page, study_of, unmaskable
from quxin.orgs.models import MemberStatus
from quxin.orgs.operations import appoint, change_status, erase_person, leave
from quxin.records.activities.operations import withdraw_activity
from quxin.records.campaigns import progress as records
from tests import cast
from tests.briefs.making import theme_day
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """The offices."""
    return cast.offices()


@pytest.fixture
def staff(tree):
    """Five members of the first branch."""
    return cast.people(tree)


@pytest.fixture
def organiser(tree):
    """An organiser of headquarters."""
    return cast.actor("organiser", tree.hq)


def test_a_roll_is_of_the_organisation_itself_unless_all_below_is_asked_for(tree, staff, organiser):
    assert roll_page(organiser, tree.hq, today=TODAY).total == 0
    page = roll_page(organiser, tree.hq, today=TODAY, below=True)
    assert [row.name for row in page.rows] == ["李秀英", "欧阳明", "单雄信", "王建国", "张伟"]


def test_status_search_and_posts(tree, staff, organiser):
    change_status(
        staff[0].memberships.get(), status=MemberStatus.PROBATIONARY, on=date(2010, 5, 1), actor=SYSTEM, now=NOW
    )
    appoint(staff[1], organisation=tree.branch, title="组织委员", on=date(2010, 5, 1), actor=SYSTEM, now=NOW)
    page = roll_page(organiser, tree.branch, today=TODAY, status="probationary")
    assert [row.name for row in page.rows] == ["王建国"]
    assert {value: count for value, _label, count in page.by_status}["full"] == 4
    found = roll_page(organiser, tree.branch, today=TODAY, search="lxy").rows
    assert [(row.name, row.posts) for row in found] == [("李秀英", ("组织委员",))]
    assert roll_page(organiser, tree.branch, today=TODAY, search="P003").total == 1


def test_who_may_see_no_files_sees_no_roll(tree, staff):
    for actor in (ANYONE, cast.actor("member", tree.hq), cast.actor("secretary", tree.zhejiang_branch)):
        assert roll_page(actor, tree.branch, today=TODAY).total == 0


def test_who_left_is_not_listed(tree, staff, organiser):
    leave(staff[0].memberships.get(), on=date(2010, 6, 1), actor=SYSTEM, now=NOW)
    assert roll_page(organiser, tree.branch, today=TODAY).total == 4


def test_a_file_is_for_those_who_may_and_for_oneself(tree, staff, organiser):
    own = Actor(account=1, person=staff[0].pk)
    assert member_brief(organiser, staff[0].code, today=TODAY).may_manage
    brief = member_brief(own, staff[0].code, today=TODAY)
    assert brief.is_own
    assert not brief.may_manage
    assert member_brief(own, staff[1].code, today=TODAY) is None
    assert member_brief(ANYONE, staff[0].code, today=TODAY) is None


def test_study_is_counted_from_facts_and_falls_when_one_is_withdrawn(tree, staff):
    secretary = cast.actor(Role.SECRETARY, tree.branch)
    made = [theme_day(tree.branch, secretary, day, staff[:2]) for day in (date(2010, 5, 6), date(2010, 6, 3))]
    study, total = study_of(staff[0])
    assert total == 2
    assert [one.on for one in study] == [date(2010, 6, 3), date(2010, 5, 6)]
    assert study[0].code == made[1].code
    withdraw_activity(activity=made[1], actor=secretary, now=NOW, reason="记重了")
    assert study_of(staff[0])[1] == 1
    assert study_of(staff[4]) == ((), 0)


def test_only_security_administrators_may_ask_for_numbers(tree, staff, organiser):
    security = cast.actor("security-admin", tree.hq)
    assert [one.name for one in masked_people(security, "王建国")] == ["王建国"]
    assert masked_people(security, "") == []
    assert masked_people(security, "王") == []
    assert not unmaskable(organiser).exists()
    assert masked_people(cast.actor("security-admin", tree.zhejiang), "王建国") == []


def test_the_erased_are_nowhere(tree, staff, organiser):
    erase_person(staff[0], actor=SYSTEM, now=NOW)
    assert roll_page(organiser, tree.branch, today=TODAY).total == 4
    assert study_of(staff[0]) == ((), 0)
    assert masked_people(cast.actor("security-admin", tree.hq), "已注销人员") == []


def commended(home, names, kind="commended-member"):
    """A commendation by `home` that names people."""
    said = records.Progress(kind, f"表彰{names}", TODAY, unit="名", partner=names)
    return records.record_progress(actor=SYSTEM, organisation=home, progress=said, today=TODAY, now=NOW)


def test_commendations_that_name_a_person_stand_in_the_file(tree, staff, organiser):
    cast.pack()
    zhang = next(one for one in staff if one.name == "张伟")
    own = commended(tree.branch, "张伟")
    above = commended(tree.hq, "办公厅 李秀英、张 伟")
    commended(tree.zhejiang, "张伟")
    commended(tree.hq, "张伟伟")
    commended(tree.hq, "张伟", kind="article")
    taken = commended(tree.branch, "张伟")
    records.withdraw_progress(actor=SYSTEM, record=taken, reason="记重了", now=NOW)
    honours = member_brief(organiser, zhang.code, today=TODAY).honours
    assert [(one.code, one.organisation) for one in honours] == [
        (above.code, tree.hq.name),
        (own.code, tree.branch.name),
    ]
    assert {one.kind for one in honours} == {"受表彰的优秀共产党员"}
    assert not any(one.is_ambiguous for one in honours)
    own_view = honours_of(Actor(account=3, person=zhang.pk), zhang)
    assert [one.code for one in own_view] == ["", ""]


def test_the_same_name_is_told(tree, staff, organiser):
    cast.pack()
    zhang = next(one for one in staff if one.name == "张伟")
    (other,) = cast.people(tree, names=("张伟",), organisation=tree.nanjing_branch, prefix="N")
    commended(tree.hq, "张伟")
    commended(tree.branch, "张伟")
    assert [one.is_ambiguous for one in honours_of(organiser, zhang)] == [False, True]
    assert [one.is_ambiguous for one in honours_of(organiser, other)] == [True]


def test_names_in_the_words_of_offices():
    assert names_in("张三、李四") >= {"张三", "李四"}
    assert "张三" in names_in("江苏省局 张三")
    assert "王芳" in names_in("王 芳，李四")
    assert "张三" not in names_in("张三丰")
