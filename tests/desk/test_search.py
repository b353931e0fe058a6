"""The search page."""

import pytest
from django.urls import reverse

from tests import cast
from tests.desk import scene
from tests.desk.scene import browser, frozen, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_hits_lead_to_their_pages():
    players = cast.build()
    client = browser(players, "organiser")
    shown = client.get(reverse("desk:search"), {"q": "njszl"}).content.decode()
    assert f'href="{reverse("desk:organisation", args=[players.offices.nanjing.code])}"' in shown
    assert "南京市质量技术监督局" in shown


def test_one_kind_alone(client):
    players = cast.build()
    client = browser(players, "organiser")
    shown = said_by(client.get(reverse("desk:search"), {"q": "质量", "in": "organisation"}))
    assert "搜索单位" in shown
    assert "江苏省质量技术监督局" in shown
    for odd in ({"in": "x"}, {"page": "99", "in": "organisation"}, {"page": "-1"}):
        assert client.get(reverse("desk:search"), {"q": "质量"} | odd).status_code == 200


def test_words_are_shown_as_words():
    client = browser(cast.build(), "secretary")
    shown = client.get(reverse("desk:search"), {"q": "<script>x</script>"}).content.decode()
    assert "<script>x" not in shown
    assert "没有找到" in shown
    assert "打几个字就行" in client.get(reverse("desk:search")).content.decode()


def test_search_costs_few_queries():
    client = browser(cast.build(), "organiser")
    href = reverse("desk:search") + "?q=质量"
    client.get(href)
    assert scene.queries_of(client, href) <= 12
