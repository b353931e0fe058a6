"""The bench of ballots: how many a second are accepted through HTTP, each durable before it is acknowledged.

Held against a plain Django view that stores one row with the ORM, under the same server, workers and clients, in the same run;
first with few ballots stored, then with many. Tokens are signed plainly under PSS, which gives the signatures that the blind
way gives, only faster. Must never run on a database that holds anything.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

# Ballots stored before the first and the second measurement; ballots sent in each; clients that send at once.
SIZES = {"small": (10_000, 200_000, 3_000), "full": (10_000, 5_000_000, 8_000)}
CLIENTS = 64
TURNS = 3
THREADS = 32
TARGETS = {"postgresql": 3.0, "sqlite": 1.5}
FLAT = 0.8

SERVER = """
import multiprocessing, sys
from granian.constants import Interfaces
from granian.server import Server
if __name__ == "__main__":
    multiprocessing.set_start_method("spawn", force=True)
    Server(sys.argv[1], address="127.0.0.1", port=int(sys.argv[2]), interface=Interfaces.WSGI, workers=1,
           blocking_threads=int(sys.argv[3]), log_enabled=False).serve()
"""


class Mint:
    """A published closed round, its key, and as many bodies of ballots as are asked for."""

    def __init__(self) -> None:
        from quxin.access import SYSTEM
        from quxin.kernel import clock
        from quxin.orgs.models import Person
        from quxin.orgs.operations import create_organisation
        from quxin.packs.evaluation_types import Evaluation
        from quxin.records.evaluations import drafting
        from quxin.records.evaluations.models import RoundKey
        from quxin.records.evaluations.questionnaire import snapshot
        from quxin.records.evaluations.rosters import private_of

        now = clock.now()
        home = create_organisation(actor=SYSTEM, name="测速局", kind="agency", parent=None, on=clock.today(), now=now)
        declared = {"id": "bench", "title": "群众测评", "by": "people", "of": ["organisation"], "access": "roster"}
        self.round = drafting.draft_round(
            actor=SYSTEM,
            organiser=home,
            title="测速",
            questionnaire=snapshot(Evaluation.model_validate(declared)),
            judged=drafting.Judged(organisations=[home]),
            now=now,
        )
        people = Person.objects.bulk_create([Person(name=f"测速{number}") for number in range(5)])
        voters = {"": drafting.Voters(people=people)}
        drafting.set_voters(actor=SYSTEM, round_=self.round, voters=voters)
        terms = drafting.Terms(opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=2))
        drafting.set_terms(actor=SYSTEM, round_=self.round, terms=terms, now=now)
        self.round = drafting.publish_round(actor=SYSTEM, round_=self.round, now=now)
        self._key = RoundKey.objects.select_related("subject").get(round=self.round)
        self._private = private_of(self._key)

    def bodies(self, count: int) -> list[bytes]:
        """Bodies of ballots, all different, as a voter's page sends them."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa
        from cryptography.hazmat.primitives.serialization import load_der_private_key

        key = load_der_private_key(self._private, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        digest, found = hashes.SHA384(), []
        subject = self._key.subject.code if self._key.subject else ""
        for number in range(count):
            message = secrets.token_bytes(64)
            signature = key.sign(message, padding.PSS(padding.MGF1(digest), 48), digest)
            told = {
                "round": self.round.code,
                "subject": subject,
                "key": self._key.key_id,
                "message": message.hex(),
                "signature": base64.b64encode(signature).decode(),
                "answers": {"overall": 1 + number % 5},
                "nonce": secrets.token_hex(16),
            }
            found.append(json.dumps(told).encode())
        return found


def measure(size: str) -> dict[str, Any]:
    """Figures of both measurements, and whether the rate stays flat."""
    from django.db import connection

    few, many, sent = SIZES[size]
    mint = Mint()
    figures, rates = [], []
    target = TARGETS[connection.vendor]
    for stored in (few, many):
        _fill(mint.round.pk, stored)
        plain, ours = _rates(mint, sent)
        rates.append(ours)
        ratio = ours / plain
        figures += [
            _figure(f"plain Django view, {stored:,} stored", plain, "ballots/s"),
            _figure(f"ballots accepted, {stored:,} stored", ours, "ballots/s"),
            _figure(f"ratio, {stored:,} stored", ratio, "", f"≥ {target}", ratio >= target),
        ]
    flat = rates[1] / rates[0]
    figures.append(_figure("ballots: rate with many stored / with few", flat, "", f"≥ {FLAT}", flat >= FLAT))
    return {
        "figures": figures,
        "notes": [f"{CLIENTS} clients, 1 worker of {THREADS} threads, {TURNS} turns of {sent:,}"],
    }


def _rates(mint: Mint, sent: int) -> tuple[float, float]:
    """Ballots a second of the plain view and of ours: the medians of turns that take their places by turns."""
    plain, ours = [], []
    for _ in range(TURNS):
        plain.append(_rate("quxin.jobs.bench_plain:application", mint, sent))
        ours.append(_rate("quxin.config.wsgi:application", mint, sent))
    return statistics.median(plain), statistics.median(ours)


def _rate(application: str, mint: Mint, sent: int) -> float:
    bodies = mint.bodies(sent + CLIENTS * 4)
    with _serving(application) as port:
        _send(port, bodies[sent:])  # connections opened, modules loaded
        begun = time.perf_counter()
        _send(port, bodies[:sent])
        return sent / (time.perf_counter() - begun)


@contextlib.contextmanager
def _serving(application: str) -> Iterator[int]:
    """The port of a server that runs while the block does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "QUXIN_CASTS_PER_MINUTE": "10000000"}
    folder = os.environ["QUXIN_HOME"]
    script = os.path.join(folder, "bench_server.py")
    with open(script, "w", encoding="utf-8") as file:
        file.write(SERVER)
    server = subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, script, application, str(port), str(THREADS)], env=environment
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


class _Client:
    """One connection with the requests that it still has to send, one after the other."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.wire = socket.create_connection(("127.0.0.1", port), 30)
        self.requests = requests
        self.told = b""

    def send(self) -> bool:
        """Send the next request; False when there is none."""
        if not self.requests:
            return False
        self.told = b""
        self.wire.sendall(self.requests.pop())
        return True

    def receive(self) -> bool:
        """Take what came; whether the answer is whole. Raises RuntimeError when the ballot was not accepted."""
        some = self.wire.recv(65536)
        if not some:
            raise RuntimeError("the server hung up")
        self.told += some
        head, found, rest = self.told.partition(b"\r\n\r\n")
        if not found:
            return False
        length = next(
            int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length")
        )
        if len(rest) < length:
            return False
        if b" 200 " not in head[:16]:
            raise RuntimeError(f"not accepted: {self.told[:600]!r}")
        return True


def _send(port: int, bodies: Sequence[bytes]) -> None:
    """Send all bodies from CLIENTS connections at once, in one thread that hardly costs the server its processor."""
    requests = [
        f"POST /cast/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies
    ]
    with selectors.DefaultSelector() as selector:
        clients = [_Client(port, requests[place::CLIENTS]) for place in range(CLIENTS)]
        for client in clients:
            if client.send():
                selector.register(client.wire, selectors.EVENT_READ, client)
        while selector.get_map():
            for key, _ in selector.select(30):
                if key.data.receive() and not key.data.send():
                    selector.unregister(key.data.wire)
        for client in clients:
            client.wire.close()


def _fill(round_key: int, wanted: int) -> None:
    """Put made-up ballots and spent marks into the tables until `wanted` of each are there."""
    from django.db import connection

    from quxin.records.evaluations.models import Ballot, Spent

    missing = wanted - Spent.objects.count()
    if missing <= 0:
        return
    with connection.cursor() as cursor:
        for sql in FILL[connection.vendor]:
            cursor.execute(sql, {"round": round_key, "count": missing})
    if Ballot.objects.count() < wanted:
        raise RuntimeError("the tables were not filled")


FILL = {
    "postgresql": (
        "INSERT INTO evaluations_spent (round_id, mark, key) SELECT %(round)s, "
        "md5(random()::text) || md5(random()::text), '' FROM generate_series(1, %(count)s)",
        "INSERT INTO evaluations_ballot (number, round_id, key, answers, nonce, cast_on, receipt) "
        "SELECT substr(md5(random()::text), 1, 20), %(round)s, '', '{\"overall\": 5}', '', current_date, "
        "md5(random()::text) || md5(random()::text) FROM generate_series(1, %(count)s)",
        "ANALYZE evaluations_spent",
        "ANALYZE evaluations_ballot",
    ),
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %(count)s) "
        "INSERT INTO evaluations_spent (round_id, mark, key) SELECT %(round)s, lower(hex(randomblob(32))), '' FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %(count)s) "
        "INSERT INTO evaluations_ballot (number, round_id, key, answers, nonce, cast_on, receipt) "
        "SELECT lower(hex(randomblob(10))), %(round)s, '', '{\"overall\": 5}', '', '2026-01-01', "
        "lower(hex(randomblob(32))) FROM n",
    ),
}


def _figure(name: str, value: float, unit: str, target: str = "", met: bool | None = None) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "unit": unit, "target": target, "met": met}


def main(size: str) -> None:
    """Migrate the scratch database, measure, print the outcome as one JSON object."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from quxin.ledger.models import Book

    call_command("migrate", verbosity=0, skip_checks=True)
    if Book.objects.exists():
        raise SystemExit("this database holds something: the bench runs on a scratch database only")
    print(json.dumps({"engine": connection.vendor, "size": size, **measure(size)}, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
