"""The bench of boards: write one with really signed tokens, verify it offline, on one core and without a database.

The tokens are signed plainly under PSS by one key, which gives the same signatures as the blind way does, only faster; every
one of them differs. "small" signs 20,000 and extrapolates to a million; "full" signs, writes and verifies a million.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BALLOTS = {"small": 20_000, "full": 1_000_000}
MILLION = 1_000_000
MOST_SECONDS = 60.0
MOST_MEMORY = 600.0
_ALONE = 5_000
_EMPTY = hashlib.sha256(b"").hexdigest()


class Mint:
    """One key, the messages of all tokens sorted by mark, and the receipts; signatures are made as they are asked for."""

    def __init__(self, ballots: int) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        from quxin.kernel.blind import key_id
        from quxin.records.evaluations.board import mark_prefix

        self._key = rsa.generate_private_key(65537, 2048)
        self.spki = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.id = key_id(self.spki)
        prefix = mark_prefix(self.id)
        messages = (os.urandom(64) for _ in range(ballots))
        self._marked = sorted(hashlib.sha256(prefix + message).digest() + message for message in messages)
        self.receipts = sorted(os.urandom(32) for _ in range(ballots))

    def marks(self) -> Iterator[str]:
        """The marks in order, as hex."""
        return (marked[:32].hex() for marked in self._marked)

    def tokens(self) -> Iterator[list[str]]:
        """The tokens in order, signed now."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        digest = hashes.SHA384()
        pss = padding.PSS(padding.MGF1(digest), 48)
        for marked in self._marked:
            signature = self._key.sign(marked[32:], pss, digest)
            yield [self.id, marked[32:].hex(), base64.b64encode(signature).decode("ascii")]

    def round_part(self) -> dict[str, Any]:
        """A round whose roster is as large as the ballots are many."""
        count = len(self.receipts)
        return {
            "code": "bench", "title": "bench", "organiser": "bench", "kind": "bench",
            "opens_at": "2026-11-02T09:00+08:00", "closes_at": "2026-11-21T18:00+08:00", "minimum": 5,
            "questionnaire_sha256": _EMPTY,
            "roster": {
                "count": count, "tokens_each": 1, "root": _EMPTY,
                "groups": [{"id": "all", "title": "all", "count": count, "weight": 1000}],
            },
            "pool": {"count": 0, "root": _EMPTY},
            "keys": [{"id": self.id, "group": "all", "subject": "", "spki": base64.b64encode(self.spki).decode("ascii")}],
            "witnesses": [],
        }  # fmt: skip


def measure(size: str) -> dict[str, Any]:
    """Figures and notes of writing and verifying one board."""
    from quxin.records.evaluations.verification import verify_board

    ballots = BALLOTS[size]
    mint = Mint(ballots)
    path = Path(os.environ["QUXIN_HOME"]) / "board.json"
    _write(mint, path)
    alone = _checks_alone(mint)
    del mint
    written = _memory()
    started = time.process_time()
    found = verify_board(path)
    spent = time.process_time() - started
    if not found.ok or found.tokens != ballots:
        raise RuntimeError(f"the board does not verify: {found.to_json()}")
    million = spent * MILLION / ballots
    words = f"board of {ballots} ballots"
    extrapolated = "" if ballots == MILLION else ", extrapolated"
    memory = _memory()
    return {
        "figures": [
            _figure(f"{words}: file", path.stat().st_size / 1e6, "MB"),
            _figure(f"{words}: verified, CPU", spent, "s"),
            _figure(
                f"a million ballots: verified, CPU{extrapolated}", million, "s", f"≤ {MOST_SECONDS:.0f} s",
                million <= MOST_SECONDS,
            ),
            _figure("verification / its RSA checks alone", spent / (alone * ballots), ""),
            _figure(f"{words}: peak memory, written", written, "MB", f"≤ {MOST_MEMORY:.0f} MB", written <= MOST_MEMORY),
            _figure(f"{words}: peak memory, verified", memory, "MB", f"≤ {MOST_MEMORY:.0f} MB", memory <= MOST_MEMORY),
        ],
        "notes": ["tokens of the board are signed plainly under PSS, each anew; CPU seconds of one process, one core"],
    }  # fmt: skip


def _write(mint: Mint, path: Path) -> None:
    from quxin.records.evaluations import board

    count = len(mint.receipts)
    told = mint.round_part()
    stated = board.statement(
        told,
        counts=board.Counts(issued=count, cast=count, unused=0, void=0),
        receipts_root=board.root_of(receipt.hex() for receipt in mint.receipts),
        tokens_root=board.root_of(mint.marks()),
        voided=[],
        results=[],
        closed_on="2026-11-22",
    )
    receipts = (receipt.hex() for receipt in mint.receipts)
    board.write(
        path, round_part=told, tokens=mint.tokens(), receipts=receipts, voided=[], results=[], statement_part=stated
    )


def _checks_alone(mint: Mint) -> float:
    """CPU seconds of one RSA check, without file, marks and trees."""
    from itertools import islice

    from quxin.kernel import blind

    some = [(bytes.fromhex(one), base64.b64decode(two)) for _, one, two in islice(mint.tokens(), _ALONE)]
    started = time.process_time()
    for message, signature in some:
        blind.verify(mint.spki, message, signature)
    return (time.process_time() - started) / len(some)


def _figure(name: str, value: float, unit: str, target: str = "", met: bool | None = None) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": unit, "target": target, "met": met}


def _memory() -> float:
    """Peak megabytes of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps({"engine": "none", "size": sys.argv[1], **measure(sys.argv[1])}, ensure_ascii=False))
