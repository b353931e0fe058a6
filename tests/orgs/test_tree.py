"""Setting up, naming, moving, merging, splitting, closing organisations; facts keep their paths."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.access import SYSTEM, Refused, Role
from quxin.kernel.errors import Stale
from quxin.ledger.models import AuditEntry, Fact
from quxin.ledger.operations import Entry, append
from quxin.orgs import nodes, reorganise
from quxin.orgs import tree as trees
from quxin.orgs.facts import MEMBER
from quxin.orgs.models import Membership, Organisation, OrganisationChange, Placement
from quxin.orgs.operations import (
    Part,
    appoint,
    close,
    correct_details,
    correct_name,
    create_organisation,
    merge,
    move,
    rename,
    reopen,
    split,
)
from tests.orgs.conftest import DAY, NOW, TODAY, actor_with, stock

HOW = {"actor": SYSTEM, "now": NOW}


def test_a_new_organisation_stands_below_its_parent_and_is_found_by_pinyin(tree):
    assert tree.nanjing.path.startswith(tree.jiangsu.path)
    assert tree.nanjing.depth == 3
    assert tree.nanjing.sort_key == "nan jing shi ju"
    assert tree.nanjing.initials == "njsj"
    placement = Placement.objects.get(organisation=tree.nanjing)
    assert (placement.path, placement.until_on) == (tree.nanjing.path, None)
    assert AuditEntry.objects.filter(action="organisation.created", subject=f"organisation:{tree.nanjing.pk}").exists()


def test_an_official_code_belongs_to_one_organisation(tree):
    with pytest.raises(trees.CodeTaken) as told:
        tree.make("冒牌局", "agency", tree.hq, official_code="３２００００")
    assert "江苏省局" in str(told.value)


@pytest.mark.parametrize(
    ("kind", "parent", "more"),
    [
        ("agency", "office", {}),
        ("agency", "branch", {}),
        ("department", "branch", {}),
    ],
)
def test_kinds_that_cannot_stand_there_are_refused(tree, kind, parent, more):
    with pytest.raises(nodes.WrongParent):
        tree.make("某", kind, getattr(tree, parent), **more)


def test_a_party_organisation_needs_a_type_and_only_it(tree):
    with pytest.raises(nodes.WrongPartyType):
        tree.make("某党组织", "party", tree.hq)
    with pytest.raises(nodes.WrongPartyType):
        tree.make("某处", "department", tree.hq, party_type="branch")


def test_no_deeper_than_a_path_holds(tree):
    parent = tree.hq
    for level in range(15):
        parent = tree.make(f"第{level}层", "department", parent)
    with pytest.raises(nodes.TooDeep):
        tree.make("太深", "department", parent)


def test_only_those_with_the_right_there_may_create(tree):
    organiser = actor_with(Role.ORGANISER, tree.jiangsu)
    made = create_organisation(name="苏州市局", kind="agency", parent=tree.jiangsu, actor=organiser, now=NOW)
    assert made.parent_id == tree.jiangsu.pk
    for parent in (tree.zhejiang, tree.hq, None):
        with pytest.raises(Refused):
            create_organisation(name="某局", kind="agency", parent=parent, actor=organiser, now=NOW)
    with pytest.raises(Refused):
        create_organisation(
            name="某局",
            kind="agency",
            parent=tree.jiangsu,
            actor=actor_with(Role.SECRETARY, tree.jiangsu),
            now=NOW,
        )


def test_renaming_keeps_the_old_name_for_the_days_before(tree):
    renamed = rename(tree.nanjing, name="南京市市场监督管理局", on=DAY, version=1, **HOW)
    assert renamed.name == "南京市市场监督管理局"
    assert renamed.initials.startswith("njsscj")
    before, after = Placement.objects.filter(organisation=tree.nanjing).order_by("from_on")
    assert (before.name, before.until_on) == ("南京市局", DAY)
    assert (after.name, after.from_on) == ("南京市市场监督管理局", DAY)
    change = OrganisationChange.objects.get(organisation=tree.nanjing, kind="renamed")
    assert (change.before, change.after) == ({"name": "南京市局"}, {"name": "南京市市场监督管理局"})


def test_who_saves_second_is_shown_both(tree):
    rename(tree.nanjing, name="甲局", on=DAY, version=1, **HOW)
    with pytest.raises(Stale) as told:
        rename(tree.nanjing, name="乙局", on=DAY, version=1, **HOW)
    assert told.value.current["organisation"].endswith(" / 甲局")
    assert told.value.attempted == {"organisation": "乙局"}


def test_days_in_the_future_or_before_the_last_change_are_refused(tree):
    rename(tree.nanjing, name="甲局", on=DAY, **HOW)
    with pytest.raises(nodes.BadDay):
        rename(tree.nanjing, name="乙局", on=DAY - timedelta(days=1), **HOW)
    with pytest.raises(nodes.BadDay):
        rename(tree.nanjing, name="乙局", on=TODAY + timedelta(days=1), **HOW)


def test_a_correction_changes_history_too_and_is_kept_as_a_correction(tree):
    correct_name(tree.nanjing, name="南京市局(正)", reason="录入有误", **HOW)
    assert [p.name for p in Placement.objects.filter(organisation=tree.nanjing)] == ["南京市局(正)"]
    assert OrganisationChange.objects.filter(organisation=tree.nanjing, kind="corrected").count() == 1
    corrected = correct_details(tree.nanjing, level="county", official_code="320102", **HOW)
    assert (corrected.level, corrected.official_code) == ("county", "320102")
    with pytest.raises(trees.NothingChanged):
        correct_details(tree.nanjing, level="county", **HOW)


def test_moving_takes_the_subtree_and_leaves_the_facts(tree, person_of):
    person_of(status="full", on=date(2024, 1, 10))
    old = tree.nanjing.path
    append(
        [Entry("progress.recorded", tree.branch.pk, tree.branch.path, "progress:1", date(2024, 2, 1))],
        actor=None,
        now=NOW,
    )
    moved = move(tree.nanjing, to=tree.zhejiang, on=DAY, reason="区划调整", **HOW)
    tree.branch.refresh_from_db()
    assert moved.path.startswith(tree.zhejiang.path)
    assert moved.parent_id == tree.zhejiang.pk
    assert tree.branch.path.startswith(moved.path)
    assert tree.branch.depth == 4
    assert not Organisation.objects.within(old).exists()
    assert Fact.objects.get(subject="progress:1").path.startswith(old)
    spans = Placement.objects.filter(organisation=tree.branch).order_by("from_on")
    assert [(p.path, p.until_on) for p in spans] == [(old + "0001", DAY), (tree.branch.path, None)]


def test_the_stock_of_members_moves_on_the_day_and_not_before(tree, person_of):
    person_of(status="full", on=date(2024, 1, 10))
    person_of("王五", status="probationary", on=date(2024, 1, 10))
    clerk = person_of("李四")
    appoint(clerk, organisation=tree.nanjing, title="科员", on=date(2024, 1, 5), **HOW)
    move(tree.nanjing, to=tree.zhejiang, on=DAY, **HOW)
    eve = DAY - timedelta(days=1)
    assert (stock(tree.jiangsu.path, eve), stock(tree.jiangsu.path, DAY)) == (2, 0)
    assert (stock(tree.zhejiang.path, eve), stock(tree.zhejiang.path, DAY)) == (0, 2)
    assert stock(tree.zhejiang.path, DAY, label="probationary") == 1
    assert (
        stock(tree.zhejiang.path, eve, kind="staff.counted"),
        stock(tree.zhejiang.path, DAY, kind="staff.counted"),
    ) == (0, 1)
    assert stock(tree.hq.path) == 2


def test_moving_asks_for_rights_on_both_sides(tree):
    for place in (tree.jiangsu, tree.zhejiang):
        with pytest.raises(Refused):
            move(tree.nanjing, to=tree.zhejiang, on=DAY, actor=actor_with(Role.ORGANISER, place), now=NOW)
    assert move(tree.nanjing, to=tree.zhejiang, on=DAY, actor=actor_with(Role.ORGANISER, tree.hq), now=NOW)


def test_an_organisation_cannot_be_moved_below_itself(tree):
    with pytest.raises(reorganise.MoveIntoItself):
        move(tree.jiangsu, to=tree.nanjing, on=DAY, **HOW)
    with pytest.raises(reorganise.AlreadyThere):
        move(tree.nanjing, to=tree.jiangsu, on=DAY, **HOW)


def test_a_path_is_never_given_twice(tree):
    first = tree.make("甲处", "department", tree.office)
    move(first, to=tree.hq, on=DAY, **HOW)
    second = tree.make("乙处", "department", Organisation.objects.get(pk=tree.office.pk))
    assert second.path != first.path


def test_closing_needs_an_empty_organisation_or_a_successor(tree, person_of):
    person_of(status="full")
    with pytest.raises(reorganise.HasChildren):
        close(tree.nanjing, on=DAY, **HOW)
    with pytest.raises(reorganise.HasMembers):
        close(tree.branch, on=DAY, **HOW)
    closed = close(tree.branch, on=DAY, successor=tree.second, **HOW)
    assert (closed.closed_on, closed.successor_id) == (DAY, tree.second.pk)
    assert Membership.objects.get(until_on__isnull=True).organisation_id == tree.second.pk
    assert stock(tree.second.path) == 1
    with pytest.raises(nodes.Closed):
        rename(tree.branch, name="新名", on=TODAY, **HOW)
    with pytest.raises(nodes.Closed):
        tree.make("小组", "party", tree.branch, party_type="group")


def test_a_successor_is_of_the_same_kind_and_elsewhere(tree):
    with pytest.raises(reorganise.WrongSuccessor):
        close(tree.branch, on=DAY, successor=tree.nanjing, **HOW)
    with pytest.raises(reorganise.WrongSuccessor):
        close(tree.jiangsu, on=DAY, successor=tree.nanjing, **HOW)


def test_merging_brings_children_and_people_together(tree, person_of):
    person_of(status="full")
    into = merge([tree.jiangsu], into=tree.zhejiang, on=DAY, **HOW)
    tree.jiangsu.refresh_from_db()
    tree.nanjing.refresh_from_db()
    assert tree.jiangsu.successor_id == into.pk
    assert tree.jiangsu.closed_on == DAY
    assert tree.nanjing.parent_id == into.pk
    assert stock(into.path) == 1
    assert OrganisationChange.objects.filter(kind="merged").count() == 2


def test_splitting_makes_new_ones_beside_it(tree, person_of):
    stays = person_of(status="full")
    goes = person_of("王五", status="full")
    (new,) = split(tree.branch, parts=[Part("第三党支部", members=(goes,))], on=DAY, **HOW)
    assert new.parent_id == tree.nanjing.pk
    assert new.party_type == "branch"
    assert stock(new.path) == 1
    assert stock(tree.branch.path) == 1
    assert Membership.objects.get(person=stays.person, until_on__isnull=True).organisation_id == tree.branch.pk
    with pytest.raises(reorganise.NotOfThis):
        split(tree.branch, parts=[Part("第四党支部", children=(tree.office,))], on=DAY, **HOW)
    assert not Organisation.objects.filter(name="第四党支部").exists()


def test_a_wrong_closing_can_be_undone(tree):
    close(tree.second, on=DAY, **HOW)
    reopened = reopen(tree.second, reason="误办", **HOW)
    assert reopened.closed_on is None
    with pytest.raises(reorganise.NotClosed):
        reopen(tree.second, **HOW)


@pytest.mark.django_db
@given(data=st.data())
def test_after_any_moves_paths_and_parents_agree(data):
    roots = [create_organisation(name="根", kind="department", parent=None, **HOW)]
    for number in range(6):
        parent = data.draw(st.sampled_from(roots))
        roots.append(
            create_organisation(
                name=f"处{number}", kind="department", parent=Organisation.objects.get(pk=parent.pk), **HOW
            )
        )
    for _ in range(6):
        what, to = data.draw(st.sampled_from(roots[1:])), data.draw(st.sampled_from(roots))
        try:
            move(Organisation.objects.get(pk=what.pk), to=Organisation.objects.get(pk=to.pk), on=TODAY, **HOW)
        except (reorganise.MoveIntoItself, reorganise.AlreadyThere):
            continue
    mine = Organisation.objects.filter(pk__in=[one.pk for one in roots])
    for row in mine.select_related("parent"):
        assert row.path[:-4] == (row.parent.path if row.parent else "")
        assert row.depth * 4 == len(row.path)
        assert Placement.objects.get(organisation=row, until_on__isnull=True).path == row.path
    assert len({row.path for row in mine}) == len(roots)


def test_member_kind_is_declared():
    assert MEMBER.per_person
