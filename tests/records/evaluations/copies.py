"""What somebody with copies of an installation may hold: every table as it lies on disk, the raw file, journals, logs.

And a story to copy: closed rounds and an open one, with voters whose answers are known to the test and to nobody else.
"""

import base64
import json
import logging
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from quxin.access import ANYONE, SYSTEM
from quxin.kernel import clock
from quxin.records.evaluations import closing, urn
from quxin.records.evaluations.board import ballot_leaf, token_mark
from quxin.records.evaluations.limits import forget_old_marks
from quxin.records.evaluations.models import RosterLine, Round
from quxin.records.evaluations.operations import cast_ballot
from quxin.records.evaluations.tokens import Token, line_of
from tests import cast
from tests.portal import voting
from tests.records.evaluations import closed as the
from tests.records.evaluations import scene
from tests.records.evaluations.closed import AFTER, OPENS

DAY = timedelta(days=1)


@dataclass
class Copy:
    """A copy of everything but the key file, at one moment. `tables`: rows in physical order, with `_place` and `_when`."""

    when: str
    tables: dict[str, list[dict[str, Any]]]
    raw: bytes
    journals: dict[str, bytes]


@dataclass
class Voter:
    """The truth about one voter of a closed round."""

    round: int
    line: int
    person: Any = None
    card: str = ""
    pool: bool = False
    leaf: str = ""
    mark: str = ""
    nonce: str = ""
    words: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    fetched: int = -1  # the how-manieth fetch of its round
    cast: int = -1
    cast_on: Any = None


@dataclass
class Story:
    """What happened, and what an attacker may have of it. `main` is the key of the round held through HTTP."""

    voters: list[Voter]
    copies: list[Copy]
    logs: list[str]
    main: int
    opened: int
    addresses: list[str]
    devices: list[str]
    field_key: str = field(repr=False)

    def of(self, round_key: int) -> list[Voter]:
        return [voter for voter in self.voters if voter.round == round_key]

    def copy(self, when: str) -> Copy:
        return next(copy for copy in self.copies if copy.when == when)


def copied(when: str) -> Copy:
    """Copy the database as it is now, and the journals."""
    names = sorted(connection.introspection.table_names())
    with connection.cursor() as cursor:
        tables = {name: _rows(cursor, name) for name in names}
    folder = Path(settings.QUXIN_HOME) / "ballots"
    journals = {path.name: path.read_bytes() for path in folder.glob("*")} if folder.exists() else {}
    return Copy(when, tables, _raw(), journals)


def _rows(cursor: Any, name: str) -> list[dict[str, Any]]:
    if connection.vendor == "sqlite":
        cursor.execute(f'SELECT rowid AS _place, 0 AS _when, * FROM "{name}" ORDER BY rowid')
    else:
        hidden = "ctid::text AS _place, xmin::text::bigint AS _when"
        cursor.execute(f'SELECT {hidden}, * FROM "{name}" ORDER BY tableoid, ctid')
    columns = [column[0] for column in cursor.description]
    plain = [[bytes(value) if isinstance(value, memoryview) else value for value in row] for row in cursor.fetchall()]
    return [dict(zip(columns, row, strict=True)) | {"_place": place} for place, row in enumerate(plain)]


def _raw() -> bytes:
    """SQLite: the bytes of the file with its free pages; PostgreSQL: what pg_dump writes."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return connection.connection.serialize()
    if shutil.which("pg_dump") is None:
        return b""
    given = connection.get_connection_params()
    names = (("host", "host"), ("port", "port"), ("username", "user"))
    options = [f"--{option}={given[name]}" for option, name in names if given.get(name)]
    return subprocess.run(["pg_dump", *options, given["dbname"]], capture_output=True, check=True).stdout


class _Listening(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line as the console would print it."""
        self.lines.append(self.format(record))


@contextmanager
def listening() -> Iterator[list[str]]:
    """Everything that any logger says, at DEBUG."""
    root, handler = logging.getLogger(), _Listening()
    loggers = [root, logging.getLogger("django.request")]
    before = [one.level for one in loggers]
    root.addHandler(handler)
    for one in loggers:
        one.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.removeHandler(handler)
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)


@contextmanager
def the_time(monkeypatch: Any) -> Iterator[list[datetime]]:
    """The clock of the faces: a list with one moment, to be changed."""
    moment = [OPENS]
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: moment[0])
        patched.setattr(clock, "today", lambda: clock.local_date(moment[0]))
        yield moment


def plan(voters: int, seed: int) -> list[tuple[str, int]]:
    """Who does what, in order: half cast as soon as they have fetched, the others a little later, as people do."""
    chance = random.Random(seed)
    moments = []
    for place in range(voters):
        later = 0.5 if place % 2 else chance.uniform(1, voters / 4)
        moments += [(float(place), "fetch", place), (place + later, "cast", place)]
    return [(what, place) for _, what, place in sorted(moments)]


def happen(monkeypatch: Any) -> Story:
    """Hold the rounds and copy along the way."""
    with the_time(monkeypatch) as moment, listening() as logs:
        tree = cast.offices()
        persons = the.people(16)
        main = the.publish(voters=persons, cards=28, tree=tree)
        others = [the.publish(cards=24, tree=tree) for _ in range(4)]
        opened = scene.open_on(cast.actor("organiser", tree.hq), tree.hq, organisations=[tree.jiangsu])
        clients = {one.pk: voting.logged_in(one, tree) for one in persons}
        voters = _voters(main, persons)
        copies = [copied("before")]
        story = Story(voters, copies, logs, main.pk, opened.pk, [], [], settings.FIELD_KEY)
        for step, (what, place) in enumerate(plan(len(voters), 1)):
            moment[0] = OPENS + DAY * (step // 22) + timedelta(hours=1, minutes=step)
            (_fetch if what == "fetch" else _cast)(main, voters[place], step, clients, moment[0])
            if step == 44:
                _vote_in_the_open(opened, story, moment[0])
                copies.append(copied("during"))
            elif step % 22 == 0:
                urn.mix_all()
                urn.mix_overnight()
        urn.mix_overnight()
        copies.append(copied("mixed"))
        for number, one in enumerate(others):
            story.voters += _directly(one, number + 2)
        moment[0] = AFTER
        for one in [main, *others, opened]:
            closing.close_round(actor=SYSTEM, round_=one, now=AFTER)
        copies.append(copied("closed"))
        forget_old_marks(today=clock.local_date(AFTER) + DAY)
        copies.append(copied("later"))
        return story


def _voters(main: Round, persons: list[Any]) -> list[Voter]:
    """In the order in which they fetch: people and cards by turns, every third card without script."""
    lines = dict(RosterLine.objects.filter(round=main).exclude(person=None).values_list("person", "pk"))
    found = [Voter(main.pk, lines[one.pk], person=one) for one in persons]
    found += [
        Voter(main.pk, line_of(main, card=code).pk, card=code, pool=place % 3 == 0)
        for place, code in enumerate(the.codes(main))
    ]
    random.Random(7).shuffle(found)
    for place, voter in enumerate(found):
        voter.fetched, voter.words = place, f"wishes{random.Random(place).getrandbits(64):016x}" * (1 + place % 9)
        voter.answers = {"overall": 1 + place % 5, "words": voter.words}
    return found


_held: dict[int, Any] = {}


def _fetch(main: Round, voter: Voter, step: int, clients: dict[int, Client], now: datetime) -> None:
    client = clients[voter.person.pk] if voter.person else Client(enforce_csrf_checks=True)
    if voter.pool:
        _held[voter.line] = (client, voting.drawn(client, main, voter.card)[1])
    else:
        _held[voter.line] = (client, voting.fetched(client, main, voter.card)[0])


def _cast(main: Round, voter: Voter, step: int, clients: dict[int, Client], now: datetime) -> None:
    client, token = _held.pop(voter.line)
    voter.cast, voter.cast_on = step, clock.local_date(now)
    subject = main.subjects.get().code
    if voter.pool:
        key, message, _, voter.nonce = token[0].split(".")
        sent = {"token": token, f"{subject}.overall": str(voter.answers["overall"]), f"{subject}.words": voter.words}
        response = client.post(voting.at("vote_sheet", main), sent)
    else:
        voter.nonce = f"{random.getrandbits(128):032x}"
        key, message, subject = token["key"], token["message"], token["subject"]
        sent = voting.ballot(main, token, voter.answers, nonce=voter.nonce)
        response = Client().post(reverse("portal:cast"), json.dumps(sent), content_type="application/json")
    assert response.status_code == 200, response.content.decode()
    # What is refused is what gets logged: a ballot that says something else, and one that nobody can read.
    assert (
        Client().post(reverse("portal:cast"), json.dumps(sent | {"nonce": "?"}), "application/json").status_code == 400
    )
    _note(voter, main, key, bytes.fromhex(message), subject)


def _note(voter: Voter, round_: Round, key: str, message: bytes, subject: str) -> None:
    voter.mark = token_mark(key, message)
    voter.leaf = ballot_leaf(round_code=round_.code, subject=subject, key=key, answers=voter.answers, nonce=voter.nonce)


def _directly(round_: Round, seed: int) -> list[Voter]:
    """A closed round held by the operations themselves; all of its voters have cards."""
    cards = the.codes(round_)
    random.Random(seed).shuffle(cards)
    subject = round_.subjects.get().code
    voters, tokens = [], dict[int, Token]()
    for step, (what, place) in enumerate(plan(len(cards), seed)):
        if what == "fetch":
            line = line_of(round_, card=cards[place])
            tokens[place] = the.fetch(round_, card=cards[place])[0]
            answers = {"overall": 1 + place % 5}
            voters.append(Voter(round_.pk, line.pk, card=cards[place], fetched=place, answers=answers))
        else:
            voter = voters[place]
            voter.nonce, voter.cast = f"{random.getrandbits(128):032x}", step
            the.vote(round_, tokens[place], voter.answers, nonce=voter.nonce)
            _note(voter, round_, tokens[place].key, tokens[place].message, subject)
            voter.cast_on = clock.local_date(the.DURING)
    return voters


def _vote_in_the_open(round_: Round, story: Story, now: datetime) -> None:
    subject = round_.subjects.get()
    for place in range(12):
        story.addresses.append(f"203.0.113.{place + 17}")
        story.devices.append(base64.b32encode(bytes([place] * 20)).decode().lower())
        vote = scene.vote(subject, 1 + place % 5, device=story.devices[-1], address=story.addresses[-1])
        cast_ballot(actor=ANYONE, vote=vote, now=now, today=clock.local_date(now))
