"""Reading: the tree, search, the tree as it was, rolls and files; closed to whoever has no right."""

from datetime import date, timedelta

import pytest

from quxin.access import ANYONE, SYSTEM, Role
from quxin.orgs import queries
from quxin.orgs.classes import CLASSES, SPONSOR, UnknownClass
from quxin.orgs.models import Organisation
from quxin.orgs.operations import appoint, close, create_organisation, leave, move, rename
from quxin.packs.vocabulary import ORGANISATION_CLASSES
from tests.orgs.conftest import DAY, NOW, NUMBERS, TODAY, actor_with

HOW = {"actor": SYSTEM, "now": NOW}


def names(rows):
    return [row.name for row in rows]


def test_children_in_chinese_order_with_counts(tree, person_of, django_assert_num_queries):
    tree.make("安徽省局", "agency", tree.hq, level="province")
    person_of(status="full")
    person_of("王五", status="activist")
    with django_assert_num_queries(3):
        rows = queries.children(SYSTEM, tree.hq, on=TODAY, with_members=True)
    assert names(rows) == ["办公厅", "安徽省局", "江苏省局", "浙江省局"]
    assert [(row.children, row.members) for row in rows] == [(0, 0), (0, 0), (1, 1), (1, 0)]
    assert names(queries.children(SYSTEM, tree.hq, on=TODAY, kinds=["agency"], offset=1, limit=1)) == ["江苏省局"]


def test_closed_children_are_left_out_unless_asked_for(tree):
    close(tree.second, on=DAY, **HOW)
    assert queries.children(SYSTEM, tree.zhejiang, on=TODAY) == []
    assert len(queries.children(SYSTEM, tree.zhejiang, on=TODAY, with_closed=True)) == 1
    assert len(queries.children(SYSTEM, tree.zhejiang, on=DAY - timedelta(days=1))) == 1


def test_the_tree_begins_where_the_reader_may_see(tree):
    leader = actor_with(Role.LEADER, tree.jiangsu)
    assert names(queries.roots(leader)) == ["江苏省局"]
    assert names(queries.roots(SYSTEM)) == ["国家总局"]
    assert queries.roots(ANYONE) == []
    assert queries.children(leader, tree.zhejiang, on=TODAY) == []
    assert queries.visible_organisation(leader, tree.zhejiang.code) is None
    assert queries.visible_organisation(leader, tree.nanjing.code) == tree.nanjing
    assert names(queries.ancestors_of(tree.nanjing)) == ["国家总局", "江苏省局"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("南京", ["南京市局"]),
        ("njsj", ["南京市局"]),
        ("NJ", ["南京市局"]),
        ("320000", ["江苏省局"]),
        ("省局", ["江苏省局", "浙江省局"]),
        ("党支部", ["第二党支部", "第一党支部"]),
        (" 江 苏 ", ["江苏省局"]),
        ("", []),
        ("没有这个", []),
    ],
)
def test_searching_organisations(tree, text, expected):
    assert names(queries.search_organisations(SYSTEM, text)) == expected


def test_search_finds_nothing_for_strangers_and_outside(tree):
    assert queries.search_organisations(ANYONE, "南京") == []
    assert queries.search_organisations(actor_with(Role.LEADER, tree.zhejiang), "南京") == []


def test_searching_people(tree, person_of):
    person_of("单雄信", status="full", staff_number="S1")
    person_of("沙僧", status="full")
    secretary = actor_with(Role.SECRETARY, tree.branch)
    assert names(queries.search_people(secretary, "s")) == ["沙僧", "单雄信"]
    assert names(queries.search_people(secretary, "sxx")) == ["单雄信"]
    assert names(queries.search_people(secretary, "S1")) == ["单雄信"]
    assert queries.search_people(actor_with(Role.SECRETARY, tree.second), "s") == []
    assert queries.search_people(ANYONE, "单") == []


def test_the_tree_as_it_was(tree):
    old = tree.nanjing.path
    rename(tree.nanjing, name="南京局", on=date(2024, 2, 1), **HOW)
    move(Organisation.objects.get(pk=tree.nanjing.pk), to=tree.zhejiang, on=DAY, **HOW)
    new = Organisation.objects.get(pk=tree.nanjing.pk).path
    assert queries.path_on(tree.nanjing.pk, DAY - timedelta(days=1)) == old
    assert queries.path_on(tree.nanjing.pk, DAY) == new
    before = queries.subtree_on(tree.jiangsu.path, date(2024, 1, 31))
    assert [placed.name for placed in before] == ["江苏省局", "南京市局", "第一党支部"]
    assert [placed.name for placed in queries.subtree_on(tree.jiangsu.path, date(2024, 2, 1))][1] == "南京局"
    assert [placed.name for placed in queries.subtree_on(tree.jiangsu.path, DAY)] == ["江苏省局"]
    assert len(queries.subtree_on(tree.zhejiang.path, DAY)) == 4
    assert [change.kind for change in queries.history(tree.nanjing)] == ["renamed", "moved", "created"]


def test_what_was_opened_later_was_not_there_before(tree):
    new = create_organisation(name="新局", kind="agency", parent=tree.hq, on=DAY, **HOW)
    assert queries.path_on(new.pk, DAY - timedelta(days=1)) is None
    assert queries.path_on(new.pk, DAY) == new.path


def test_the_classes_are_those_of_the_packs():
    assert set(CLASSES) | {SPONSOR} == set(ORGANISATION_CLASSES)


@pytest.mark.parametrize(
    ("klass", "expected"),
    [
        ("hq", ["国家总局"]),
        ("province", ["江苏省局", "浙江省局"]),
        ("prefecture", ["南京市局"]),
        ("county", []),
        ("department", ["办公厅"]),
        ("branch", ["第一党支部", "第二党支部"]),
        ("sponsor", ["国家总局"]),
    ],
)
def test_organisations_of_a_class(tree, klass, expected):
    assert sorted(names(queries.of_class(klass, root=tree.hq.path, on=TODAY))) == sorted(expected)


def test_a_class_below_a_root_and_what_an_organisation_is(tree):
    assert names(queries.of_class("every-agency", root=tree.jiangsu.path, on=TODAY)) == ["江苏省局", "南京市局"]
    for organisation in Organisation.objects.all():
        mine = queries.classes_of(organisation)
        for klass in CLASSES:
            inside = queries.of_class(klass, root=tree.hq.path, on=TODAY).filter(pk=organisation.pk).exists()
            assert inside == (klass in mine), (organisation.name, klass)
    with pytest.raises(UnknownClass):
        queries.of_class("villages", root=tree.hq.path, on=TODAY)


def test_the_roll_is_for_those_who_may_see_files(tree, person_of, django_assert_num_queries):
    member = person_of("单雄信", status="full")
    gone = person_of("安在", status="full")
    leave(gone, on=date(2024, 5, 1), **HOW)
    appoint(member.person, organisation=tree.branch, title="书记", on=DAY, **HOW)
    secretary = actor_with(Role.SECRETARY, tree.branch)
    with django_assert_num_queries(2):
        (row,) = queries.roll(secretary, tree.branch, on=TODAY)
    assert (row.name, row.status, row.posts) == ("单雄信", "full", ("书记",))
    assert names(queries.roll(secretary, tree.branch, on=DAY)) == ["安在", "单雄信"]
    assert queries.roll(actor_with(Role.SECRETARY, tree.second), tree.branch, on=TODAY) == []
    assert queries.roll(actor_with(Role.MEMBER, tree.branch), tree.branch, on=TODAY) == []
    assert len(queries.roll(SYSTEM, tree.hq, on=TODAY, below=True)) == 1


def test_the_file_shows_stretches_and_stars(tree, person_of):
    member = person_of("单雄信", status="full", identity_number=NUMBERS[0], phone="13800138000")
    appoint(member.person, organisation=tree.office, title="处长", on=DAY, **HOW)
    code = member.person.code
    file = queries.member_file(actor_with(Role.SECRETARY, tree.branch), code)
    assert (file.name, file.status, file.phone) == ("单雄信", "full", "138****8000")
    assert NUMBERS[0][:14] not in file.identity
    assert [stretch.what for stretch in file.posts] == ["处长"]
    assert queries.member_file(actor_with(Role.SECRETARY, tree.second), code) is None
    assert queries.member_file(ANYONE, code) is None
    own = actor_with(Role.MEMBER, tree.branch, person=member.person.pk)
    assert queries.member_file(own, code).name == "单雄信"
