"""Search by a part of a name finds what a plain look at every name finds, in the order promised, and reads one index."""

import random

import pytest
from django.db import connection

from quxin.access import SYSTEM, Role
from quxin.orgs import queries
from quxin.orgs.models import Organisation
from quxin.orgs.operations import (
    appoint,
    close,
    correct_details,
    correct_name,
    create_organisation,
    merge,
    move,
    rename,
)
from tests.orgs.conftest import DAY, NOW, TODAY, actor_with

HOW = {"actor": SYSTEM, "now": NOW}
ALL = 1000
# Few characters, so that names share parts; letters and signs as they occur in names.
CHARACTERS = "南京江苏质量监督局第党支部12（）·ABc%_"


@pytest.fixture
def many(tree):
    """A random tree of two hundred organisations with names and short names of a few characters."""
    chance = random.Random(20101)
    above = [tree.hq, tree.jiangsu, tree.zhejiang, tree.nanjing]

    def word(least, most):
        return "".join(chance.choice(CHARACTERS) for _ in range(chance.randint(least, most)))

    for number in range(200):
        made = tree.make(
            word(1, 9),
            "agency",
            chance.choice(above),
            short_name=word(1, 4) if chance.random() < 0.3 else "",
            official_code=f"{chance.choice('32N')}{number:05d}" if chance.random() < 0.5 else "",
        )
        if made.depth < 5:
            above.append(made)
    return list(Organisation.objects.order_by("pk"))


def asked_for(many):
    """Parts of the names there are, of one to five characters, with some that nothing has."""
    chance = random.Random(7)
    parts = {"没有", "京南京南京", "N0", "3200", "%", "_", "c%"}
    while len(parts) < 150:
        name = chance.choice([text for one in many for text in (one.name, one.short_name) if text])
        at = chance.randrange(len(name))
        parts.add(name[at : at + chance.randint(1, 5)])
    return sorted(parts)


def folded(text):
    """SQLite's LIKE does not tell capitals apart, PostgreSQL's does."""
    return text.lower() if connection.vendor == "sqlite" else text


def plainly(many, text):
    """The keys that every name looked at one by one gives, best first."""
    code, letters, inside = text.upper(), text.lower(), folded(text)
    found = []
    for one in many:
        held = inside in folded(one.name) or inside in folded(one.short_name)
        begins = text.isascii() and ((one.official_code or "").startswith(code) or one.initials.startswith(letters))
        if not held and not begins:
            continue
        whole = text in (one.name, one.short_name) or (
            text.isascii() and (one.official_code == code or one.initials == letters)
        )
        rank = 0 if whole else 1 if begins or folded(one.name).startswith(inside) else 2
        found.append(((rank, one.depth, one.sort_key.encode(), one.pk), one.pk))
    return [pk for _, pk in sorted(found)]


def test_search_finds_just_what_a_plain_look_finds(many):
    found_something = 0
    for text in asked_for(many):
        expected = plainly(many, text)
        found_something += bool(expected)
        assert [one.pk for one in queries.search_organisations(SYSTEM, text, limit=ALL)] == expected, text
    assert found_something > 100


def test_scope_day_kind_and_limit_narrow_it(many, tree):
    leader = actor_with(Role.LEADER, tree.jiangsu)
    for text in asked_for(many)[::5]:
        expected = plainly([one for one in many if one.path.startswith(tree.jiangsu.path)], text)
        assert [one.pk for one in queries.search_organisations(leader, text, on=TODAY, limit=ALL)] == expected, text
        assert [one.pk for one in queries.search_organisations(leader, text, limit=3)] == expected[:3], text
        party = queries.search_organisations(leader, text, kinds=["party"])
        assert [one.name for one in party] == ["第一党支部"] * (text in "第一党支部")


def names(text, **more):
    return [one.name for one in queries.search_organisations(SYSTEM, text, **more)]


def test_every_operation_leaves_search_as_the_tree_is(tree):
    fresh = Organisation.objects.get
    create_organisation(name="苏州市局", kind="agency", parent=tree.jiangsu, official_code="320500", **HOW)
    assert names("苏州") == names("320500") == names("szsj") == ["苏州市局"]
    rename(fresh(name="苏州市局"), name="姑苏市局", on=DAY, **HOW)
    assert (names("苏州"), names("姑苏"), names("gssj")) == ([], ["姑苏市局"], ["姑苏市局"])
    correct_name(fresh(name="姑苏市局"), name="吴县市局", **HOW)
    assert (names("姑苏"), names("吴县")) == ([], ["吴县市局"])
    correct_details(fresh(name="吴县市局"), short_name="吴局", official_code="320599", **HOW)
    assert names("吴局") == names("320599") == ["吴县市局"]
    move(fresh(name="吴县市局"), to=fresh(pk=tree.zhejiang.pk), on=DAY, **HOW)
    there = queries.search_organisations(actor_with(Role.LEADER, fresh(pk=tree.zhejiang.pk)), "吴县")
    assert [one.name for one in there] == ["吴县市局"]
    assert queries.search_organisations(actor_with(Role.LEADER, tree.jiangsu), "吴县") == []
    merge([fresh(name="吴县市局")], into=fresh(pk=tree.nanjing.pk), on=TODAY, **HOW)
    close(fresh(pk=tree.second.pk), on=TODAY, **HOW)
    assert (names("吴县"), names("吴县", on=TODAY)) == (["吴县市局"], [])
    assert (names("第二"), names("第二", on=TODAY)) == (["第二党支部"], [])


@pytest.mark.parametrize("text", ["南京", "nj", "320"])
def test_search_costs_one_query(tree, text, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert queries.search_organisations(SYSTEM, text, on=TODAY, kinds=["agency"])


@pytest.mark.sqlite
@pytest.mark.parametrize("text", ["南京", "nj", "320"])
def test_choosing_reads_the_index_of_search_alone(tree, text):
    """Whoever lets a further column decide adds it to the index, or a hundred thousand rows are fetched one by one."""
    jiangsu = Organisation.objects.within(tree.jiangsu.path).open_on(TODAY)
    assert "USING COVERING INDEX organisation_search" in queries.by_name(jiangsu, text).values("pk")[:20].explain()


@pytest.mark.sqlite
def test_sqlite_is_told_that_a_root_has_most_below_it(tree):
    assert "likely(" in str(Organisation.objects.within(tree.hq.path).query)
    assert "likely(" not in str(Organisation.objects.within(tree.jiangsu.path).query)


def test_people_of_a_whole_tree_and_of_a_branch_are_asked_for_apart_and_found_alike(tree, person_of):
    member = person_of("单雄信", status="full", staff_number="S1").person
    appoint(member, organisation=tree.nanjing, title="处长", on=DAY, **HOW)
    appoint(member, organisation=tree.office, title="兼职", on=DAY, **HOW)
    holder = person_of("单于")
    appoint(holder, organisation=tree.nanjing, title="科长", on=DAY, **HOW)
    person_of("单姓", organisation=tree.second, status="full")
    whole, city = actor_with(Role.ORGANISER, tree.hq), actor_with(Role.ORGANISER, tree.nanjing)
    for text, everywhere, there in (
        ("单", ["单姓", "单雄信", "单于"], ["单雄信", "单于"]),
        ("雄信", ["单雄信"], ["单雄信"]),
        ("sxx", ["单雄信"], ["单雄信"]),
        ("S1", ["单雄信"], ["单雄信"]),
        ("没有", [], []),
    ):
        assert sorted(one.name for one in queries.search_people(whole, text)) == sorted(everywhere), text
        assert sorted(one.name for one in queries.search_people(city, text)) == sorted(there), text
    stranger = actor_with(Role.ORGANISER, tree.zhejiang, person=member.pk)
    assert [one.name for one in queries.search_people(stranger, "雄信")] == ["单雄信"]


def test_a_subtree_is_one_range_wherever_it_is_asked_for(many, tree):
    for root in (tree.hq, tree.jiangsu, tree.nanjing):
        expected = {one.pk for one in many if one.path.startswith(root.path)}
        assert set(Organisation.objects.within(root.path).values_list("pk", flat=True)) == expected
        assert not Organisation.objects.exclude(path__under=root.path).filter(pk__in=expected).exists()
        below = Organisation.objects.filter(parent__path__under=root.path)
        assert {one.pk for one in below} == expected - {root.pk}
