"""The ledger, verification, the audit and accounts on the desk."""

import io
import json
import re

import pytest
from django.db import connection
from django.urls import reverse
from openpyxl import load_workbook

from quxin.access import Role
from quxin.jobs import handlers, worker  # noqa: F401
from quxin.ledger.models import Book
from quxin.ledger.offline import check_proof
from quxin.ledger.seals import public_seals, seal
from quxin.orgs.models import Account, Membership, RoleGrant
from quxin.runs.models import Run
from tests import cast
from tests.conftest import guard_switches, run_all
from tests.desk.scene import NOW, browser, frozen, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def players():
    """The cast: five facts."""
    return cast.build()


def test_books_and_the_account_of_a_record(players):
    client = browser(players, "auditor")
    membership = Membership.objects.order_by("pk").first().pk
    shown = said_by(client.get(f"/desk/ledger/?q=membership:{membership}"))
    assert "还有 5 笔没有封存" in shown
    assert "main #1" in shown


@pytest.mark.parametrize("who", ["member", "security-admin"])
def test_the_ledger_is_for_those_who_check_it(players, who):
    client = browser(players, who)
    assert client.get("/desk/ledger/").status_code == 403
    assert client.post("/desk/ledger/verify/").status_code == 403
    assert client.get("/desk/ledger/main/1/").status_code == 404
    assert client.get("/desk/ledger/main/1/proof/").status_code == 404


def test_a_fact_and_its_proof(players):
    client = browser(players, "auditor")
    assert client.get("/desk/ledger/main/1/proof/").status_code == 404
    seal(Book.objects.get(), now=NOW)
    assert "下载证明" in said_by(client.get("/desk/ledger/main/1/"))
    found = json.loads(client.get("/desk/ledger/main/1/proof/").content)
    assert check_proof(found, public_seals()) == []
    assert client.get("/desk/ledger/main/99/").status_code == 404
    assert browser(players, "stranger").get("/desk/ledger/main/1/").status_code == 404


def verified(client) -> str:
    """What a verification says in the end."""
    address = client.post("/desk/ledger/verify/").url
    assert "progress" in client.get(address).content.decode()
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 200
    assert worker.work_once()
    ended = client.get(address, headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    return said_by(client.get(address))


def test_a_verification_finds_all_well(players):
    seal(Book.objects.get(), now=NOW)
    assert "重算了 5 笔事实、1 次封存，没有一处不符" in verified(browser(players, "auditor"))


def test_a_verification_says_that_nothing_hinders_a_change_any_more(players):
    lift, restore = guard_switches(connection)
    run_all(connection, [statement for statement in lift if "ledger_seal" in statement])
    try:
        said = verified(browser(players, "auditor"))
    finally:
        run_all(connection, [statement for statement in restore if "ledger_seal" in statement])
    assert "没有一处不符" in said
    assert "这些表现在可以改动：ledger_seal" in said
    assert "quxin ledger guard" in said


def test_a_verification_names_the_fact_that_was_changed(players):
    connection.check_constraints()  # PostgreSQL alters no table that has checks waiting
    lift, restore = guard_switches(connection)
    for step in (lift, ["UPDATE ledger_fact SET quantity = 7000 WHERE seq = 3"], restore):
        run_all(connection, step)
        connection.check_constraints()
    told = verified(browser(players, "auditor"))
    assert "账本与哈希不符" in told
    assert "被改过" in told
    assert Run.objects.get().result["problems"][0]["seq"] == 3


def test_a_verification_can_be_stopped_and_is_not_for_others(players):
    client = browser(players, "auditor")
    address = client.post("/desk/ledger/verify/").url
    assert browser(players, "leader").get(address).status_code == 404
    client.post(address)
    assert Run.objects.get().state == "cancelled"


def test_the_audit_is_for_auditors(players):
    shown = said_by(browser(players, "auditor").get("/desk/audit/?action=role.granted"))
    assert "role.granted" in shown
    file = browser(players, "auditor").get("/desk/audit/?action=role.granted&export=1").content
    cells = {cell for row in load_workbook(io.BytesIO(file)).active.iter_rows(values_only=True) for cell in row}
    assert "role.granted" in cells
    assert "account.created" not in cells
    for who in ("organiser", "system-admin", "security-admin"):
        assert browser(players, who).get("/desk/audit/").status_code == 403


# --- accounts ---


def test_a_new_account_shows_its_password_once(players):
    client = browser(players, "security-admin")
    filled = {"username": "xin", "display_name": "新人", "organisation": "浙江省局", "role": "secretary"}
    answer = client.post("/desk/accounts/new/", filled)
    password = re.search(r'id="password">([^<]+)<', answer.content.decode())[1]
    account = Account.objects.get(username="xin")
    assert account.check_password(password)
    assert account.must_change_password
    assert RoleGrant.objects.get(account=account).role == "secretary"
    assert "no-store" in answer["Cache-Control"]
    assert password not in client.get("/desk/accounts/of/xin/").content.decode()


def test_neither_account_nor_role_when_one_is_refused(players):
    client = browser(players, "security-admin")
    filled = {"username": "auditor", "organisation": "浙江省局", "role": "secretary"}
    assert "不能用" in said_by(client.post("/desk/accounts/new/", filled))
    assert Account.objects.filter(username="auditor").count() == 1


def test_roles_that_must_stay_apart_are_named_in_words(players):
    client = browser(players, "security-admin")
    filled = {"act": "grant", "role": Role.AUDITOR, "organisation": "100000", "on": "2010-11-18"}
    told = said_by(client.post("/desk/accounts/of/organiser/", filled))
    assert "“督查·审计”与已有的“组织者”不能由同一账号担任" in told


def test_grant_revoke_shut_open_and_reset(players):
    client = browser(players, "security-admin")
    address = "/desk/accounts/of/leader/"
    client.post(address, {"act": "grant", "role": "reviewer", "organisation": "330000", "on": "2010-11-18"})
    grant = RoleGrant.objects.get(account=players.people["leader"], role="reviewer")
    client.post(address, {"act": "revoke", "grant": str(grant.pk)})
    grant.refresh_from_db()
    assert grant.until_on == cast.TODAY
    client.post(address, {"act": "deactivate"})
    assert not Account.objects.get(username="leader").is_active
    client.post(address, {"act": "reactivate"})
    answer = client.post(address, {"act": "password"})
    password = re.search(r'id="password">([^<]+)<', answer.content.decode())[1]
    assert Account.objects.get(username="leader").check_password(password)


def test_not_ones_own_and_not_above_oneself(players):
    client = browser(players, "security-admin")
    client.post("/desk/accounts/of/security-admin/", {"act": "deactivate"})
    assert Account.objects.get(username="security-admin").is_active
    filled = {"act": "grant", "role": "organiser", "organisation": "100000", "on": "2010-11-18"}
    client.post("/desk/accounts/of/security-admin/", filled)
    assert not RoleGrant.objects.filter(account=players.people["security-admin"], role="organiser").exists()
    assert client.post("/desk/accounts/of/leader/", {"act": "revoke", "grant": "999999"}).status_code == 404


@pytest.mark.parametrize("who", ["organiser", "system-admin", "audit-admin", "member"])
def test_accounts_are_for_security_administrators(players, who):
    client = browser(players, who)
    assert client.get("/desk/accounts/").status_code == 403
    assert client.post("/desk/accounts/new/", {}).status_code == 403
    assert client.post("/desk/accounts/of/leader/", {"act": "password"}).status_code == 404


def test_people_whose_numbers_may_be_asked_for(players):
    client = browser(players, "security-admin")
    address = reverse("desk:person_unmask", args=[players.members[0].code])
    assert address in client.get("/desk/accounts/?person=王建国").content.decode()
    assert address not in client.get("/desk/accounts/?person=王").content.decode()
