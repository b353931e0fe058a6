"""Every route stands in the permission table, and answers as the table says."""

import copy
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from quxin.kernel import clock
from tests.cast import NOW, TODAY, build
from tests.structure.permissions import PEOPLE, ROUTES, everyone, only, staff
from tests.structure.props import furnish


def routes(patterns=None, namespace: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every route as (full name, its arguments); a route without a name comes as its pattern, and fails the test."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            name = f"{namespace}{pattern.name}" if pattern.name else f"unnamed {pattern.pattern}"
            yield name, tuple(pattern.pattern.converters)


def test_every_route_stands_in_the_table_once():
    names = [name for name, _ in routes()]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert sorted(set(names) - set(ROUTES)) == []
    assert sorted(set(ROUTES) - set(names)) == []


def test_every_row_speaks_of_everybody():
    rows = [(name, codes) for name, row in ROUTES.items() for codes in (row.get, row.post) if codes is not None]
    assert [name for name, codes in rows if set(codes) != set(PEOPLE)] == []


def test_the_words_of_the_table():
    assert set(everyone(200).values()) == {200}
    assert everyone(200, system_admin=403)["system-admin"] == 403
    assert staff()["anyone"] == 302
    assert staff()["stranger"] == 200
    assert only("auditor")["auditor"] == 200
    assert only("auditor")["organiser"] == 404
    assert only("auditor")["anyone"] == 302
    with pytest.raises(ValueError, match="nobody"):
        only("nobody")
    with pytest.raises(ValueError, match="nobody"):
        everyone(200, nobody=1)


def address_of(name: str, wanted: tuple[str, ...], row, props: dict[str, str]) -> str:
    """The address of a route: its arguments by the row's names, else by their own; the query likewise."""
    named = {argument: row.arguments.get(argument, argument) for argument in wanted}
    given = {argument: props.get(value, value) for argument, value in named.items()}
    return reverse(name, kwargs=given) + row.query.format(**props)


def answers(client: Client, row, address: str, person: str) -> Iterator[tuple[str, int, int]]:
    """What a person gets beside what the table expects, for each method of the row; nothing they do lasts."""
    asked = [("GET", row.get, client.get)]
    if row.post is not None:
        asked.append(("POST", row.post, lambda at: client.post(at, {})))
    for method, codes, ask in asked:
        cookies = copy.deepcopy(client.cookies)
        with transaction.atomic():
            yield method, codes[person], ask(address).status_code
            transaction.set_rollback(True)
        client.cookies = cookies


def clients(cast) -> dict[str, Client]:
    """A browser for each of the people, logged in as far as they can; an error of the server is an answer, too."""
    made = {person: Client(raise_request_exception=False) for person in PEOPLE}
    for person, client in made.items():
        if person != "anyone":
            client.force_login(cast.people[person], backend="django.contrib.auth.backends.ModelBackend")
    return made


@pytest.mark.django_db
def test_every_route_answers_as_the_table_says(monkeypatch):
    known = dict(routes())
    if not known:
        pytest.fail("no route is wired in quxin/config/urls.py")
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    cast = build()
    props = furnish(cast)
    wrong = []
    for person, client in clients(cast).items():
        for name, row in ROUTES.items():
            for method, expected, got in answers(client, row, address_of(name, known[name], row, props), person):
                if got != expected:
                    wrong.append(f"{method} {name} as {person}: {got}, the table says {expected}")
    assert wrong == []
