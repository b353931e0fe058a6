"""The tree and one organisation in words and numbers: now, on a day, sorted, searched, and what a change takes along."""

from datetime import date, timedelta

import pytest

from quxin.access import ANYONE, SYSTEM
from quxin.briefs.organisations import history_in_words, impact, organisation_brief, tree_page
from quxin.kernel.periods import Period
from quxin.orgs.models import Organisation, OrganisationKind
from quxin.orgs.operations import Part, appoint, close, create_organisation, merge, move, rename, split
from quxin.orgs.queries import history
from tests import cast
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
YEAR = Period.parse("2010")


@pytest.fixture
def tree():
    """The offices."""
    return cast.offices()


@pytest.fixture
def organiser(tree):
    """An organiser of headquarters."""
    return cast.actor("organiser", tree.hq)


def names(page) -> list[str]:
    """The names of a page's rows."""
    return [row.name for row in page.rows]


def test_the_house_stands_before_the_agencies_and_each_in_chinese_order(tree, organiser):
    page = tree_page(organiser, tree.hq, today=TODAY)
    assert names(page) == [tree.committee.name, tree.office.name, tree.jiangsu.name, tree.zhejiang.name]
    assert page.total == 4


def test_members_are_counted_with_all_below_and_sizes_are_remarked_on(tree, organiser):
    cast.people(tree)
    row = tree_page(organiser, tree.hq, today=TODAY).rows[0]
    assert row.members.text == "5名"
    assert [one.code for one in row.warnings] == ["committee-small"]


def test_no_members_is_no_data_and_not_naught(tree, organiser):
    assert tree_page(organiser, tree.hq, today=TODAY).rows[1].members.is_missing


def test_on_a_day_names_and_places_are_those_of_the_day(tree, organiser):
    rename(tree.nanjing, name="南京市市场监督管理局", on=date(2010, 9, 1), actor=SYSTEM, now=NOW)
    move(tree.nanjing, to=tree.zhejiang, on=date(2010, 10, 1), actor=SYSTEM, now=NOW)
    before = tree_page(organiser, tree.jiangsu, today=TODAY, on=date(2010, 8, 1))
    assert names(before) == ["南京市质量技术监督局"]
    assert before.rows[0].name_now == "南京市市场监督管理局"
    assert not before.rows[0].is_linked
    assert names(tree_page(organiser, tree.jiangsu, today=TODAY)) == []
    assert names(tree_page(organiser, tree.zhejiang, today=TODAY, on=date(2010, 8, 1))) == [tree.zhejiang_branch.name]
    assert "南京市市场监督管理局" in names(tree_page(organiser, tree.zhejiang, today=TODAY))


def test_members_on_a_day_are_counted_where_they_were(tree, organiser):
    cast.people(tree, organisation=tree.nanjing_branch)
    move(Organisation.objects.get(pk=tree.nanjing.pk), to=tree.zhejiang, on=date(2010, 10, 1), actor=SYSTEM, now=NOW)
    then = tree_page(organiser, tree.hq, today=TODAY, on=date(2010, 8, 1))
    now = tree_page(organiser, tree.hq, today=TODAY)
    assert {row.name: row.members.text for row in then.rows}[tree.jiangsu.name] == "5名"
    assert {row.name: row.members.text for row in now.rows}[tree.zhejiang.name] == "5名"


def test_what_was_closed_later_is_there_on_a_day_before(tree, organiser):
    close(tree.office, on=date(2010, 9, 1), actor=SYSTEM, now=NOW)
    assert tree.office.name in names(tree_page(organiser, tree.hq, today=TODAY, on=date(2010, 8, 31)))
    assert tree.office.name not in names(tree_page(organiser, tree.hq, today=TODAY, on=date(2010, 9, 1)))
    assert tree.office.name not in names(tree_page(organiser, tree.hq, today=TODAY))


def test_sorting_and_kinds(tree, organiser):
    by_code = tree_page(organiser, tree.hq, today=TODAY, sort="-code", kind="agency")
    assert names(by_code) == [tree.zhejiang.name, tree.jiangsu.name]


def test_search_looks_through_all_that_is_seen_and_no_further(tree, organiser):
    assert tree.nanjing.name in names(tree_page(organiser, tree.hq, today=TODAY, search="njs"))
    stranger = cast.actor("secretary", tree.zhejiang_branch)
    assert names(tree_page(stranger, tree.zhejiang_branch, today=TODAY, search="njs")) == []


def test_nobody_sees_nothing(tree):
    assert names(tree_page(ANYONE, tree.hq, today=TODAY)) == []
    assert names(tree_page(ANYONE, tree.hq, today=TODAY, on=date(2010, 8, 1))) == []


def test_pages_of_fifty(tree, organiser):
    for number in range(53):
        create_organisation(
            name=f"第{number:02}处", kind=OrganisationKind.DEPARTMENT, parent=tree.nanjing, actor=SYSTEM, now=NOW
        )
    first = tree_page(organiser, tree.nanjing, today=TODAY)
    second = tree_page(organiser, tree.nanjing, today=TODAY, page=2)
    assert (len(first.rows), len(second.rows), first.total, first.pages) == (50, 4, 54, 2)
    assert second.total == 54
    assert not set(names(first)) & set(names(second))


def test_a_page_costs_at_most_ten_queries(tree, organiser, django_assert_max_num_queries):
    cast.people(tree)
    for day in (None, date(2010, 8, 1)):
        with django_assert_max_num_queries(10):
            tree_page(organiser, tree.hq, today=TODAY, on=day)


def test_one_organisation(tree, organiser):
    staff = cast.people(tree)
    appoint(staff[0], organisation=tree.branch, title="支部书记", on=date(2010, 2, 1), actor=SYSTEM, now=NOW)
    appoint(staff[0], organisation=tree.office, title="处长", on=date(2010, 2, 1), actor=SYSTEM, now=NOW)
    brief = organisation_brief(organiser, tree.hq, today=TODAY, period=YEAR)
    assert {one.label: one.text for one in brief.stocks}["党员总数"] == "5名"
    assert {one.label: one.text for one in brief.stocks}["党员占干部比例"] == "500%"
    assert [one.name for one in brief.parties] == [tree.committee.name]
    assert [one.name for one in brief.departments] == [tree.office.name]
    assert brief.agencies == 2
    branch = organisation_brief(organiser, tree.branch, today=TODAY, period=YEAR)
    assert [(one.title, one.person) for one in branch.posts] == [("支部书记", "王建国")]
    assert [one.name for one in branch.crumbs] == [tree.hq.name, tree.committee.name]


def test_history_in_words(tree):
    rename(tree.jiangsu, name="江苏省市场监督管理局", on=date(2010, 5, 1), actor=SYSTEM, now=NOW, reason="机构改革")
    move(tree.nanjing, to=tree.zhejiang, on=date(2010, 6, 1), actor=SYSTEM, now=NOW)
    latest = history_in_words(history(tree.jiangsu))[0]
    assert (latest.strong, latest.text, latest.reason) == (
        "更名",
        "江苏省质量技术监督局 → 江苏省市场监督管理局",
        "机构改革",
    )
    moved = history_in_words(history(tree.nanjing))[0]
    assert (moved.strong, moved.text) == ("划转", "江苏省市场监督管理局 → 浙江省质量技术监督局")


def test_history_of_a_merger_and_a_split(tree):
    split(tree.jiangsu, parts=[Part(name="苏北局")], on=date(2010, 7, 1), actor=SYSTEM, now=NOW)
    assert history_in_words(history(tree.jiangsu))[0].text == "苏北局"
    new = Organisation.objects.get(name="苏北局")
    merge([new], into=tree.zhejiang, on=date(2010, 8, 1), actor=SYSTEM, now=NOW)
    assert history_in_words(history(tree.zhejiang))[0].text == "苏北局 → 浙江省质量技术监督局"
    assert history_in_words(history(new))[0].text == "→ 浙江省质量技术监督局"


def test_what_a_change_takes_along(tree):
    cast.people(tree, organisation=tree.nanjing_branch)
    found = impact(Organisation.objects.get(pk=tree.jiangsu.pk), today=TODAY)
    assert (found.below, found.members, found.posts, found.facts) == (2, 5, 0, 5)
    assert impact(tree.office, today=TODAY + timedelta(days=1)).facts_text == "0"
