"""The API: the numbers of the pages, for those who see the pages; seals for everybody; nothing that writes."""

from datetime import date

import pytest
from django.test import Client

from quxin.ledger.models import Book
from quxin.ledger.offline import check_seals
from quxin.ledger.seals import seal
from tests import cast
from tests.briefs.making import lecture
from tests.desk.scene import NOW, browser, frozen  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def players():
    """The cast."""
    return cast.build()


def test_a_figure_is_that_of_the_pages(players):
    client, hq = browser(players, "organiser"), players.offices.hq
    found = client.get(f"/api/figures/members.all?org={hq.code}&period=2010").json()
    assert (found["value"], found["printed"], found["facts"]) == (5, "5名", 5)
    assert found["link"] == f"/desk/figures/members.all/?org={hq.code}&period=2010"
    assert client.get(found["link"]).status_code == 200


def test_nothing_recorded_is_null_with_the_reason(players):
    address = f"/api/figures/staff.all?org={players.offices.hq.code}&period=2010"
    found = browser(players, "organiser").get(address).json()
    assert found["value"] is None
    assert found["missing"] == "没有数据"


def test_what_is_wrong_is_said_in_words(players):
    client, code = browser(players, "organiser"), players.offices.hq.code
    assert client.get(f"/api/figures/nonsense?org={code}").status_code == 404
    wrong = client.get(f"/api/figures/members.all?org={code}&period=nonsense")
    assert wrong.status_code == 400
    assert "2010-04..2010-11" in wrong.json()["hint"]
    assert client.get("/api/figures/members.all").status_code == 422
    assert client.get(f"/api/figures/members.all?org={code}&campaign=nonsense").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/api/figures/members.all?org={hq}", "/api/organisations/{hq}", "/api/organisations?parent={hq}"],
)
def test_what_one_may_not_see_is_not_there(players, address):
    address = address.format(hq=players.offices.hq.code)
    assert Client().get(address).status_code == 401
    assert browser(players, "stranger").get(address).status_code == 404
    assert browser(players, "security-admin").get(address).status_code == 404
    assert browser(players, "organiser").get(address).status_code == 200


def test_organisations(players):
    client, tree = browser(players, "organiser"), players.offices
    found = client.get("/api/organisations").json()
    assert found["total"] == len(tree.all())
    below = client.get(f"/api/organisations?parent={tree.hq.code}&kind=agency").json()["items"]
    assert {one["name"] for one in below} == {tree.jiangsu.name, tree.zhejiang.name}
    assert below[0]["parent"] == tree.hq.code
    assert client.get("/api/organisations?kind=nonsense").status_code == 400
    seen = browser(players, "stranger").get("/api/organisations").json()["items"]
    assert [(one["name"], one["parent"]) for one in seen] == [(tree.zhejiang_branch.name, None)]


def test_the_figures_of_a_report(players):
    campaign = cast.campaign(players.offices)
    lecture(players.offices.hq, players.actor("organiser"), date(2010, 5, 20), 1960, campaign=campaign)
    client = browser(players, "organiser")
    for name in (campaign.code, campaign.key):
        found = client.get(f"/api/reports/{name}?period=2010-04..2010-11").json()
        listed = next(one for one in found["figures"] if one["printed"] == "近2000人次")
        assert (listed["value"], listed["unit"], listed["verdict"]) == (1960, "人次", "hedged")
    assert client.get(f"/api/reports/{campaign.key}?outline=nonsense").status_code == 404
    assert client.get("/api/reports/nonsense").status_code == 404
    assert browser(players, "stranger").get(f"/api/reports/{campaign.key}").status_code == 404
    own = f"/api/reports/{campaign.key}?org={players.offices.zhejiang_branch.code}"
    assert browser(players, "stranger").get(own).json()["organisation"] == players.offices.zhejiang_branch.name


def test_seals_are_public_and_hold_no_fact(players):
    seal(Book.objects.get(), now=NOW)
    found = Client().get("/api/seals").json()
    assert check_seals(found) == []
    assert "fact" not in found[0]
    assert Client().get("/api/seals?book=main").json() == found
    assert Client().get("/api/seals?book=nonsense").status_code == 404


def test_nothing_writes(players):
    client = browser(players, "organiser")
    for address in ("/api/organisations", "/api/seals", f"/api/figures/members.all?org={players.offices.hq.code}"):
        for method in (client.post, client.put, client.delete):
            assert method(address).status_code == 405


def test_the_documents_need_nothing_from_outside(players):
    assert Client().get("/api/docs").status_code == 302
    client = browser(players, "organiser")
    page = client.get("/api/docs").content.decode()
    assert "/static/ninja/swagger-ui-bundle.js" in page
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {method for path in paths.values() for method in path} == {"get"}
