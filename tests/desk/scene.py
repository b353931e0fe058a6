"""What tests of the desk share: a browser for one of the cast, the day of the story, the count of queries."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import NOW, TODAY

__all__ = ["NOW", "TODAY", "browser", "frozen", "nonce_of", "queries_of", "said_by"]


@pytest.fixture
def frozen(monkeypatch):
    """The clock of the faces stands at NOW."""
    from quxin.kernel import clock

    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(clock, "today", lambda: TODAY)


def browser(players, name: str, **options) -> Client:
    """A browser logged in as one of the cast."""
    client = Client(**options)
    client.force_login(players.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def nonce_of(page) -> str:
    """The nonce of the form on a page."""
    return re.search(r'name="nonce" value="(\w+)"', page.content.decode())[1]


def said_by(answer) -> str:
    """The text of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def queries_of(client: Client, href: str) -> int:
    """How many queries a page costs."""
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(href).status_code == 200
    return len(caught)
