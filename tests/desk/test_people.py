"""Rolls and member files on the desk: what is done with people, and how numbers are kept."""

import json

import pytest
from django.urls import reverse

from quxin.access import SYSTEM
from quxin.ledger.models import AuditEntry
from quxin.orgs.models import Membership, Person, Post
from quxin.orgs.operations import change_person
from tests import cast
from tests.desk.scene import NOW, browser, frozen, queries_of, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
IDENTITY = "11010519491231002X"
PHONE = "13800138000"


@pytest.fixture
def players():
    """The cast; the first member has an identity number and a phone."""
    made = cast.build()
    change_person(made.members[0], identity_number=IDENTITY, phone=PHONE, actor=SYSTEM, now=NOW)
    return made


@pytest.fixture
def secretary(players):
    """The browser of the branch's secretary."""
    return browser(players, "secretary")


def file_of(person: Person) -> str:
    """The address of a member's file."""
    return reverse("desk:person", args=[person.code])


def act(person: Person, name: str) -> str:
    """The address of something done with a person."""
    return reverse("desk:person_change", args=[person.code, name])


def test_the_roll(players, secretary):
    shown = said_by(secretary.get("/desk/people/"))
    assert "共 5 人" in shown
    assert "王建国" in shown
    assert "共 1 人" in said_by(secretary.get("/desk/people/?q=lxy"))
    assert queries_of(secretary, "/desk/people/") <= 12
    assert secretary.get("/desk/people/?export=1")["Content-Disposition"].startswith("attachment")


def test_files_are_for_those_who_may(players, secretary):
    person = players.members[1]
    assert secretary.get(file_of(person)).status_code == 200
    assert browser(players, "member").get(file_of(person)).status_code == 404
    assert browser(players, "stranger").get(file_of(person)).status_code == 404
    assert browser(players, "member").get(file_of(players.members[0])).status_code == 200


def test_no_page_shows_a_number(players, secretary):
    person = players.members[0]
    for client in (
        secretary,
        browser(players, "member"),
        browser(players, "organiser"),
        browser(players, "security-admin"),
    ):
        for address in (file_of(person), act(person, "correct")):
            shown = client.get(address).content.decode()
            assert IDENTITY not in shown
            assert PHONE not in shown


def test_a_number_in_full_needs_a_reason_that_stands_in_the_audit(players):
    person, client = players.members[0], browser(players, "security-admin")
    address = reverse("desk:person_unmask", args=[person.code])
    assert IDENTITY not in client.post(address, {"field": "identity", "reason": ""}).content.decode()
    assert not AuditEntry.objects.filter(action="person.unmasked").exists()
    answer = client.post(address, {"field": "identity", "reason": "核对档案"})
    assert IDENTITY in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(action="person.unmasked")
    assert (entry.actor, entry.details["reason"]) == (players.people["security-admin"].pk, "核对档案")
    assert IDENTITY not in client.get(address).content.decode()


@pytest.mark.parametrize("who", ["organiser", "secretary", "member", "leader", "auditor", "system-admin", "stranger"])
def test_nobody_else_unmasks(players, who):
    address = reverse("desk:person_unmask", args=[players.members[0].code])
    answer = browser(players, who).post(address, {"field": "identity", "reason": "想看看"})
    assert answer.status_code == 404


def test_one_exports_ones_own_data_and_nobody_elses(players, secretary):
    person = players.members[0]
    address = reverse("desk:person_export", args=[person.code])
    answer = browser(players, "member").post(address)
    data = json.loads(answer.content)
    assert (data["name"], data["identity_number"], data["phone"]) == (person.name, IDENTITY, PHONE)
    assert secretary.post(address).status_code == 403
    assert secretary.get(address).status_code == 302


def test_a_person_comes_transfers_changes_status_and_leaves(players):
    client, tree = browser(players, "organiser"), players.offices
    new = {"name": "赵敏", "staff_number": "Z1", "status": "probationary", "on": "2010-05-01", "title": "宣传委员"}
    answer = client.post(f"/desk/people/add/?at={tree.branch.code}", new)
    person = Person.objects.get(name="赵敏")
    assert answer.url == file_of(person)
    assert Post.objects.get(person=person).title == "宣传委员"
    assert client.post(act(person, "status"), {"status": "full", "on": "2010-06-01"}).status_code == 302
    moved = {"to": tree.nanjing_branch.name, "on": "2010-07-01"}
    assert client.post(act(person, "transfer"), moved).status_code == 302
    assert Membership.objects.get(person=person, until_on=None).organisation_id == tree.nanjing_branch.pk
    post = Post.objects.get(person=person)
    assert client.post(act(person, "leave-post"), {"post": str(post.pk), "on": "2010-07-01"}).status_code == 302
    assert client.post(act(person, "leave"), {"on": "2010-08-01", "reason": "调出"}).status_code == 302
    assert client.get(act(person, "leave")).status_code == 404
    rejoin = {"organisation": tree.branch.name, "status": "full", "on": "2010-09-01"}
    assert client.post(act(person, "join"), rejoin).status_code == 302
    told = said_by(client.get(file_of(person)))
    assert "2010-05-01 — 2010-06-01" in told
    assert "2010-07-01 — 2010-08-01" in told


def test_a_refusal_keeps_what_was_typed(players, secretary):
    answer = secretary.post(
        f"/desk/people/add/?at={players.offices.branch.code}",
        {"name": "赵敏", "identity_number": "110105194912310021", "status": "full", "on": "2010-05-01"},
    )
    assert "公民身份号码有误" in said_by(answer)
    assert 'value="赵敏"' in answer.content.decode()
    assert not Person.objects.filter(name="赵敏").exists()


def test_both_or_neither(players, secretary):
    answer = secretary.post(
        f"/desk/people/add/?at={players.offices.branch.code}",
        {"name": "赵敏", "status": "full", "on": "2030-05-01"},
    )
    assert "还没有到这一天" in said_by(answer)
    assert not Person.objects.filter(name="赵敏").exists()


def test_erasing_asks_for_the_very_name(players):
    person, client = players.members[2], browser(players, "organiser")
    assert "没有注销" in said_by(client.post(act(person, "erase"), {"name": "别人"}))
    assert client.post(act(person, "erase"), {"name": person.name}).status_code == 302
    assert Person.objects.get(pk=person.pk).name == "已注销人员"


def test_a_member_manages_nobody_not_even_himself(players):
    client = browser(players, "member")
    person = players.members[0]
    assert act(person, "leave") not in client.get(file_of(person)).content.decode()
    assert client.post(act(person, "leave"), {"on": "2010-08-01", "reason": "x"}).status_code == 403
    assert client.get(f"/desk/people/add/?at={players.offices.branch.code}").status_code == 403


def test_study_opens_as_a_panel_and_as_a_page(players, secretary):
    address = reverse("desk:person_study", args=[players.members[0].code])
    assert "<html" in secretary.get(address).content.decode()
    panel = secretary.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in panel
    assert "data-panel-title" in panel
