"""The home page: to-dos that lead to their forms, the fragment that follows, what it costs."""

import re

import pytest
from django.urls import reverse

from quxin.kernel.scaled import ONE
from quxin.records.commitments.operations import make_commitment, submit_commitment
from quxin.records.commitments.rules import Promise
from tests import cast
from tests.desk import scene
from tests.desk.scene import NOW, TODAY, browser, frozen  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def players():
    """The cast, with the campaign deployed."""
    made = cast.build()
    cast.campaign(made.offices)
    return made


def test_every_todo_leads_to_a_page_that_its_owner_may_open(players):
    for name in ("organiser", "secretary", "member", "leader"):
        client = browser(players, name)
        shown = client.get(reverse("desk:home")).content.decode()
        links = set(re.findall(r'<a class="btn small" href="([^"]+)"', shown))
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code == 200, (name, link)
        if name == "organiser":
            assert links


def test_an_activity_todo_opens_the_form_filled_in(players):
    client = browser(players, "organiser")
    shown = client.get(reverse("desk:home")).content.decode()
    link = re.search(r'href="(/desk/activities/new/\?[^"]+series[^"]+)"', shown)
    assert link, "the pack's lectures are owed by headquarters"
    form = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert re.search(r'<option value="aqsiq-2010\.[a-z-]+" selected', form)


def test_a_review_stands_on_the_reviewers_page(players):
    made = make_commitment(
        actor=players.actor("secretary"),
        organisation=players.offices.branch,
        promise=Promise("deed", "走访三家企业", 3 * ONE, "家", TODAY),
        today=TODAY,
        now=NOW,
    )
    submit_commitment(actor=players.actor("secretary"), commitment=made, now=NOW)
    assert "审核承诺：走访三家企业" in browser(players, "organiser").get(reverse("desk:home")).content.decode()
    assert "审核承诺" not in browser(players, "member").get(reverse("desk:home")).content.decode()


def test_an_empty_home_says_what_will_stand_here():
    players = cast.build()
    shown = browser(players, "secretary").get(reverse("desk:home"), {"all": "1"}).content.decode()
    for words in ("眼下没有要办的事", "还没有公开的承诺", "本单位没有承担任务", "还没有封存的评议"):
        assert words in shown


def test_the_fragment_brings_promises_and_cards(players):
    client = browser(players, "secretary")
    shown = client.get(reverse("desk:home"), {"part": "side"}).content.decode()
    assert shown.lstrip().startswith('<div id="home-promises">')
    assert 'hx-swap-oob="true"' in shown
    assert "本月填报用时" in shown
    assert "<html" not in shown


@pytest.mark.parametrize("name", ["organiser", "secretary", "member"])
def test_home_costs_few_queries(players, name):
    client = browser(players, name)
    for href in (reverse("desk:home"), reverse("desk:home") + "?part=side"):
        client.get(href)
        assert scene.queries_of(client, href) <= 12, href
