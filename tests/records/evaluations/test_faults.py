"""Servers that die, databases that are put back, two who act at once: nothing acknowledged is lost, and each is told what is so.

The servers here are processes that are really killed (SIGKILL), on a database in a file.
"""

import base64
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from quxin.kernel import blind, clock
from quxin.records.evaluations import casting, closing, errors, publication, urn
from quxin.records.evaluations.board import ballot_leaf, receipt_code
from quxin.records.evaluations.models import Ballot, RosterLine, Round, Spent
from quxin.records.evaluations.operations import Receipt
from tests.records.evaluations import closed as the
from tests.records.evaluations.closed import AFTER, DURING, TODAY
from tests.records.evaluations.test_races import at_once

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = "tests.records.evaluations.dying_server"


class Installation:
    """An installation in a folder of its own, with the round; orders to its processes, requests to its server."""

    def __init__(self, home: Path, round_: Round) -> None:
        self.home, self.round, self.port = home, round_, 0
        (home / "quxin.sqlite3").write_bytes(connection.connection.serialize())
        given = {
            "QUXIN_HOME": str(home),
            "QUXIN_FIELD_KEY": settings.FIELD_KEY,
            "QUXIN_SECRET_KEY": settings.SECRET_KEY,
        }
        env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | given
        self._process = subprocess.Popen(
            [sys.executable, "-m", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT
        )
        assert self._line() == "ready"

    def _line(self) -> str:
        return self._process.stdout.readline().strip()

    def order(self, words: str) -> str:
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        return self._line()

    def serve(self, point: str = "") -> None:
        self.port = int(self.order(f"serve {point}"))

    def call(self, name: str) -> Any:
        return json.loads(self.order(f"call {name} {self.round.code}") or "null")

    def post(self, address: str, content: Any) -> tuple[int, dict[str, Any]] | None:
        """Status and JSON; None when the server died before it answered."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asking.request("POST", address, json.dumps(content), {"Content-Type": "application/json"})
            response = asking.getresponse()
            return response.status, json.loads(response.read())
        except (ConnectionError, http.client.HTTPException):
            assert self.order("wait") == "-9"
            return None
        finally:
            asking.close()

    def page(self, address: str) -> str:
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        asking.request("GET", address)
        return asking.getresponse().read().decode()

    def counts(self) -> tuple[int, ...]:
        """Spent marks, ballots that wait, ballots put down."""
        with sqlite3.connect(self.home / "quxin.sqlite3") as opened:
            asked = ("COUNT(*) FROM evaluations_spent", "COALESCE(SUM(count), 0) FROM evaluations_envelope")
            return tuple(
                opened.execute(f"SELECT {one}").fetchone()[0] for one in (*asked, "COUNT(*) FROM evaluations_ballot")
            )

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def installation(transactional_db, tmp_path):
    """A running closed round in a file; its cards are known to the test."""
    now = clock.now()
    round_ = the.publish(cards=6, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=1))
    round_.cards = the.codes(round_)
    made = Installation(tmp_path, round_)
    yield made
    made.end()


def hidden(round_: Round) -> tuple[str, bytes, bytes, blind.Blinded]:
    """What the browser makes of the round's only key: its id, SPKI, message, blinded message."""
    key = round_.keys.get()
    message = blind.prepare()
    return key.key_id, bytes(key.public), message, blind.blind(bytes(key.public), message)


def sheet(round_: Round, key: str, message: bytes, signature: bytes, **answers: Any) -> dict[str, Any]:
    return {
        "round": round_.code, "subject": round_.subjects.get().code, "key": key, "message": message.hex(),
        "signature": base64.b64encode(signature).decode(), "answers": {"overall": 2} | answers, "nonce": os.urandom(16).hex(),
    }  # fmt: skip


def leaf_of(sent: dict[str, Any]) -> str:
    return ballot_leaf(
        round_code=sent["round"], subject=sent["subject"], key=sent["key"], answers=sent["answers"], nonce=sent["nonce"]
    )


def fetch_by_http(it: Installation, card: str) -> tuple[str, bytes, bytes]:
    key, public, message, made = hidden(it.round)
    asked = {"card": card, "blinded": {key: base64.b64encode(made.message).decode()}}
    status, told = it.post(f"/v/{it.round.code}/tokens/", asked)
    assert status == 200, told
    return key, message, blind.finalize(public, message, base64.b64decode(told["signed"][key]), made.inverse)


@pytest.mark.sqlite
def test_a_server_killed_at_the_worst_moments(installation):
    """Issuing, storing, answering, mixing: the voter sends the same again, and is neither lost nor doubled."""
    it, round_ = installation, installation.round
    key, public, message, made = hidden(round_)
    asked = {"card": round_.cards[0], "blinded": {key: base64.b64encode(made.message).decode()}}
    tokens_at = f"/v/{round_.code}/tokens/"

    it.serve("issued")
    assert it.post(tokens_at, asked) is None
    it.serve("storing")
    status, told = it.post(tokens_at, asked)
    assert status == 200
    token = key, message, blind.finalize(public, message, base64.b64decode(told["signed"][key]), made.inverse)

    sent = sheet(round_, *token, words="SAYSWHATNOBODYREADS")
    assert it.post("/cast/", sent) is None
    assert it.counts() == (0, 0, 0)
    it.serve("stored")
    assert it.post("/cast/", sent) is None
    assert it.counts() == (1, 1, 0)
    before = (it.home / "quxin.sqlite3").read_bytes(), (it.home / "quxin.sqlite3-wal").read_bytes()
    assert not any(b"SAYSWHATNOBODYREADS" in raw for raw in before)
    it.serve("noted")
    for _again in range(2):
        answer = it.post("/cast/", sent)
        if answer is None:
            it.serve()
    status, told = it.post("/cast/", sent)
    assert (status, told["repeated"], told["receipt"]) == (200, True, receipt_code(leaf_of(sent)))
    status, told = it.post("/cast/", sheet(round_, *token, words="something else"))
    assert (status, told["error"]) == (409, "token-used")
    assert told["message"]
    assert told["hint"]
    assert it.counts() == (1, 1, 0)

    assert it.call("mix_and_die") is None
    assert it.counts() == (1, 1, 0)
    assert it.call("mix") == 1
    assert it.counts() == (1, 0, 1)
    assert it.post("/cast/", sent)[1]["repeated"]
    # It was stored before it could be noted; what the voter was told at last is noted all the same.
    assert it.call("missing") == []
    assert leaf_of(sent) in it.call("noted")
    assert not any(b"SAYSWHATNOBODYREADS" in path.read_bytes() for path in (it.home / "ballots").iterdir())


@pytest.mark.sqlite
def test_a_database_put_back_from_last_night_names_what_is_missing(installation):
    it, round_ = installation, installation.round
    it.serve()
    tokens = [fetch_by_http(it, card) for card in round_.cards[:4]]
    sheets = [sheet(round_, *token) for token in tokens]
    assert it.post("/cast/", sheets[0])[0] == 200
    with sqlite3.connect(it.home / "quxin.sqlite3") as live, sqlite3.connect(it.home / "last-night") as copy:
        live.backup(copy)
    for sent in sheets[1:3]:
        assert it.post("/cast/", sent)[0] == 200
    assert it.order("stop") == "-9"
    for name in ("quxin.sqlite3-wal", "quxin.sqlite3-shm"):
        (it.home / name).unlink(missing_ok=True)
    (it.home / "last-night").replace(it.home / "quxin.sqlite3")

    assert it.call("missing") == sorted(leaf_of(sent) for sent in sheets[1:3])
    it.serve()
    board = it.page(f"/rounds/{round_.code}/board/")
    for sent in sheets[1:3]:
        assert leaf_of(sent) in board
    assert leaf_of(sheets[0]) not in board
    # Who still has his sheet sends it again: it counts, and is missing no more.
    status, told = it.post("/cast/", sheets[1])
    assert (status, told["repeated"]) == (200, False)
    assert it.call("missing") == [leaf_of(sheets[2])]

    # The machine died within a line: the line is nobody's, and what comes after it is read.
    [journal] = (it.home / "ballots").iterdir()
    journal.write_bytes(journal.read_bytes()[:-40])
    assert it.post("/cast/", sheets[3])[0] == 200
    assert it.call("missing") == [leaf_of(sheets[2])]
    assert leaf_of(sheets[3]) in it.call("noted")


# --- two at once, on PostgreSQL; SQLite has one writer at a time ---

races = pytest.mark.postgres


@pytest.fixture
def held(transactional_db):
    """A closed round, its voters, and the tokens of the first three."""
    voters = the.people(6)
    round_ = the.publish(voters=voters)
    round_.voters = voters
    round_.tokens = [the.fetch(round_, the.as_voter(one))[0] for one in voters[:3]]
    return round_


def sum_of(round_: Round) -> tuple[int, int, int]:
    """Ballots, spent marks, tokens handed out."""
    round_.refresh_from_db()
    issued = sum(RosterLine.objects.filter(round=round_).values_list("tokens", flat=True))
    waiting = sum(round_.envelopes.values_list("count", flat=True))
    return Ballot.objects.filter(round=round_).count() + waiting, Spent.objects.filter(round=round_).count(), issued


def cast_all(round_: Round, *sheets: Any, and_: tuple[Any, ...] = ()) -> list[Any]:
    works = [lambda one=one: the.cast_sheet(sheet=one, now=DURING, today=TODAY) for one in sheets]
    return at_once(*works, *and_)


@races
def test_a_token_used_by_several_at_once_is_one_ballot(held):
    same = the.sheet(held, held.tokens[0])
    others = [the.sheet(held, held.tokens[1], {"overall": grade}) for grade in (1, 2, 3)]
    results = cast_all(held, same, same, same, *others)
    assert len({one.code for one in results[:3]}) == 1
    assert [one.repeated for one in results[:3]].count(False) == 1
    assert sum(isinstance(one, Receipt) for one in results[3:]) == 1
    assert sum(isinstance(one, errors.TokenUsed) for one in results[3:]) == 2
    assert sum_of(held) == (2, 2, 3)


@races
def test_one_who_fetches_twice_at_once_gets_one_token(held):
    actor = the.as_voter(held.voters[4])
    made = [the.blinded_for(held, actor) for _time in range(2)]
    asked = [{key: one.message for key, (_, one) in each.items()} for each in made]
    ask = lambda blinded: the.issue_tokens(actor=actor, round_=held, blinded=blinded, now=DURING, today=TODAY)  # noqa: E731
    results = at_once(*[lambda one=one: ask(one) for one in (asked[0], asked[1], asked[0], asked[1])])
    got = [one for one in results if isinstance(one, dict)]
    assert len({str(one) for one in got}) == 1
    assert sum(isinstance(one, errors.AlreadyFetched) for one in results) == 4 - len(got) == 2
    assert sum_of(held)[2] == 4


@races
@pytest.mark.parametrize("end", ["close", "void"])
def test_closing_and_voiding_while_ballots_come(held, end):
    def finish() -> None:
        if end == "close":
            closing.close_round(actor=the.organiser_of(held), round_=held, now=AFTER)
        else:
            closing.void_round(actor=the.organiser_of(held), round_=held, reason="名册用错了", now=DURING)

    results = cast_all(held, *[the.sheet(held, one) for one in held.tokens], and_=(finish, finish, finish))
    stored = [one for one in results[:3] if isinstance(one, Receipt)]
    assert all(isinstance(one, errors.NotOpen) for one in results[:3] if one not in stored)
    assert results[3:].count(None) == 1
    assert sum(isinstance(one, errors.AlreadyClosed) for one in results[3:]) == 2
    ballots, spent, issued = sum_of(held)
    told = held.statement
    assert ballots == spent == len(stored) == told["cast"]
    assert (told["issued"], told["unused"]) == (issued, issued - spent)
    kept = {receipt_code(leaf) for leaf in Ballot.objects.values_list("receipt", flat=True)}
    assert {one.code for one in stored} == kept
    assert publication.missing_receipts(held) == []


@races
def test_who_sends_again_while_the_urn_is_mixed_hears_that_it_is_there(held):
    for _time in range(3):
        sent = the.sheet(held, held.tokens.pop())
        the.cast_sheet(sheet=sent, now=DURING, today=TODAY)
        results = cast_all(held, sent, sent, and_=(lambda: urn.mix(held.pk), lambda: urn.mix(held.pk)))
        assert all(one.repeated for one in results[:2])
    assert sum_of(held) == (3, 3, 3)


def test_a_machine_without_threads_left_refuses_one_ballot_and_takes_the_next(monkeypatch):
    """What could not be handed over is not waited for, and does not stand in the way of others."""
    writer, begun = casting._Writer(), []

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    first = casting.Slip(round=1, paper=None, mark="a", now=None)
    with pytest.raises(RuntimeError):
        writer.store(first)
    monkeypatch.setattr(threading.Thread, "start", lambda self: begun.append(self))
    second = casting.Slip(round=1, paper=None, mark="b", now=None)
    second.done = type("Open", (), {"acquire": lambda self: True})()
    writer.store(second)
    assert (writer._waiting, len(begun)) == ([second], 1)
