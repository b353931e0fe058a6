"""The worked examples of docs/reckoning/organisations.md, carried out as they stand."""

from datetime import date
from pathlib import Path

import pytest

from quxin.access import SYSTEM
from quxin.orgs.models import Membership, Organisation, Person
from quxin.orgs.operations import change_status, create_person, join, leave, move, transfer
from quxin.orgs.plans import guess_level
from quxin.orgs.sizes import Size, judge_size
from tests.orgs.conftest import NOW, stock

PAGE = Path(__file__).parents[2] / "docs" / "reckoning" / "organisations.md"
HOW = {"actor": SYSTEM, "now": NOW}


def table(first_header):
    """The rows of the table whose first header is `first_header`, as dicts."""
    lines = PAGE.read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(f"| {first_header} |"))
    heads = cells(lines[at])
    rows = []
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(heads, cells(line), strict=True)))
    assert rows
    return rows


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.fixture
def places(tree):
    named = {"江苏": tree.jiangsu, "浙江": tree.zhejiang}
    named["甲支部"] = tree.make("甲支部", "party", tree.jiangsu, party_type="branch")
    named["乙支部"] = tree.make("乙支部", "party", tree.zhejiang, party_type="branch")
    return named


def happen(row, places):
    day, what, who = date.fromisoformat(row["day"]), row["what happens"], row["who"]
    place = Organisation.objects.get(pk=places[row["where"]].pk)
    if what == "moves below":
        move(places[who], to=place, on=day, **HOW)
        return
    held = Membership.objects.filter(person__name=who, until_on=None).first()
    if what.startswith("joins as "):
        person = create_person(name=who, organisation=place, **HOW)
        join(person, organisation=place, status=what.removeprefix("joins as "), on=day, **HOW)
    elif what.startswith("becomes "):
        change_status(held, status=what.removeprefix("becomes "), on=day, **HOW)
    elif what == "is transferred":
        transfer(held, to=place, on=day, **HOW)
    else:
        assert what == "leaves"
        leave(held, on=day, **HOW)


def test_the_stock_of_members_on_each_day(tree, places):
    for row in table("day"):
        happen(row, places)
    assert Person.objects.count() == 3
    for row in table("on"):
        on = date.fromisoformat(row["on"])
        found = [
            stock(tree.jiangsu.path, on),
            stock(tree.zhejiang.path, on),
            stock(tree.hq.path, on, "full"),
            stock(tree.hq.path, on, "probationary"),
        ]
        expected = [int(row[head]) for head in ("江苏", "浙江", "full in both", "probationary in both")]
        assert found == expected, row["on"]


@pytest.mark.parametrize("row", table("type"), ids=lambda row: f"{row['type']}-{row['members']}-{row['full']}")
def test_sizes(row):
    size = Size(int(row["members"]), int(row["full"]), int(row["committee posts"]))
    found = [warning.code for warning in judge_size(row["type"], size)]
    assert found == [code.strip() for code in row["warnings"].split(",") if code.strip()]


@pytest.mark.parametrize("row", table("code"), ids=lambda row: row["code"])
def test_levels(row):
    assert guess_level(row["code"]) == row["level"]
