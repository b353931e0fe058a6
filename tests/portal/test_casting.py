"""The shortcut for ballots answers as the view does, and holds off a flood."""

import base64
import io
import json

import pytest
from django.db import OperationalError
from django.test import Client

from quxin.kernel import clock
from quxin.portal import ballots, casting
from tests.records.evaluations import closed as the
from tests.records.evaluations.closed import DURING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: DURING)
    monkeypatch.setattr(casting, "throttle", casting.Throttle())
    # Between requests only: within a test's transaction it would drop the connection (Django's own client leaves it out, too).
    monkeypatch.setattr(casting, "close_old_connections", lambda: None)


def post(body: bytes, language: str = "", **environ) -> tuple[str, dict]:
    """Status line and answer of the shortcut."""
    given = {
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "REMOTE_ADDR": "203.0.113.7",
        "HTTP_ACCEPT_LANGUAGE": language,
    }
    said = []
    content = b"".join(casting.application(given | environ, lambda status, headers: said.append((status, headers))))
    assert dict(said[0][1])["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in dict(said[0][1])
    return said[0][0], json.loads(content)


def ballot(grade: int = 5) -> bytes:
    voters = the.people(5)
    round_ = the.publish(voters=voters)
    sheet = the.sheet(round_, the.fetch(round_, the.as_voter(voters[0]))[0], {"overall": grade})
    return json.dumps(
        {
            "round": sheet.round_code,
            "subject": sheet.subject_code,
            "key": sheet.key,
            "message": sheet.message.hex(),
            "signature": base64.b64encode(sheet.signature).decode(),
            "answers": sheet.answers,
            "nonce": sheet.nonce,
        }
    ).encode()


def test_a_ballot_is_taken_and_taken_once():
    body = ballot(1)
    status, told = post(body)
    assert status == "200 OK"
    again = Client().post("/cast/", body, content_type="application/json").json()
    assert (again["receipt"], again["repeated"]) == (told["receipt"], True)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"round": 1}', b"\xff", b"[" * 5000])
def test_what_is_no_ballot_is_refused_as_the_view_refuses_it(body):
    status, told = post(body)
    view = Client().post("/cast/", body, content_type="application/json")
    assert (int(status[:3]), told["error"]) == (view.status_code, view.json()["error"])
    assert told["message"]


def test_a_flood_is_held_off_before_anything_is_looked_at(settings, monkeypatch):
    settings.CASTS_PER_MINUTE = 2
    monkeypatch.setattr(casting, "take_ballot", lambda body, language: (200, {}))
    assert [post(b"{}")[0][:3] for _ in range(3)] == ["200", "200", "429"]
    assert post(b"{}", REMOTE_ADDR="203.0.113.8")[0][:3] == "200"


def test_a_database_that_does_not_answer_is_no_lost_ballot(monkeypatch):
    def broken(body, language):
        raise OperationalError("database is locked")

    monkeypatch.setattr(casting, "take_ballot", broken)
    status, told = post(b"{}", "en")
    assert status[:3] == "503"
    assert "again" in told["hint"]


def test_the_address_behind_proxies_of_ours(settings):
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.9"}
    assert casting.address_of(environ) == "10.0.0.1"
    settings.PROXIES = 1
    assert casting.address_of(environ) == "203.0.113.9"


def test_the_codes_of_errors_are_known():
    assert len({code for _, code, _ in ballots.CODES}) >= 15
