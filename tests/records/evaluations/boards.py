"""Boards for tests: made with keys and signatures that are real, small, and the same on every run of a process."""

import base64
import functools
import hashlib
import itertools

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quxin.kernel.blind import key_id
from quxin.records.evaluations import board

PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
NOTHING = hashlib.sha256(b"").hexdigest()
WITNESSES = (("王芳", "机关纪委"), ("李强", "群众代表"), ("赵敏", "人大代表"))


@functools.cache
def token_key(number: int = 0) -> rsa.RSAPrivateKey:
    """A key that signs tokens."""
    return rsa.generate_private_key(65537, 2048)


def witness_key(number: int) -> Ed25519PrivateKey:
    """The key of a witness."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"witness %d" % number).digest())


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def spki(number: int = 0) -> bytes:
    return (
        token_key(number)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def bytes_for(*words, length=32) -> bytes:
    """Bytes that look random and are the same each time."""
    return hashlib.shake_256(repr(words).encode()).digest(length)


def round_part(groups=(("people", 8), ("inspectors", 4)), *, closed=True, **more):
    """What a round says of itself before opening; each group has a key of its own."""
    groups = groups if closed else ()
    entries = [bytes_for("entry", n).hex() for n in range(sum(count for _, count in groups))]
    told = {
        "code": "R7K2M9",
        "title": "2026年民主评议行风",
        "organiser": "省局机关党委",
        "kind": "conduct",
        "opens_at": "2026-11-02T09:00+08:00",
        "closes_at": "2026-11-21T18:00+08:00",
        "minimum": 5,
        "questionnaire_sha256": hashlib.sha256(b"questionnaire").hexdigest(),
        "roster": {
            "count": len(entries),
            "tokens_each": 1,
            "root": board.root_of(sorted(entries)),
            "groups": [
                {"id": name, "title": name.title(), "count": count, "weight": 1000 // len(groups)}
                for name, count in groups
            ],
        },
        "pool": {"count": 0, "root": NOTHING},
        "keys": [
            {"id": key_id(spki(n)), "group": name, "subject": "", "spki": b64(spki(n))}
            for n, (name, _) in enumerate(groups)
        ],
        "witnesses": [
            {"name": name, "role": role, "algorithm": "ed25519",
             "public_key": b64(witness_key(n).public_key().public_bytes_raw())}
            for n, (name, role) in enumerate(WITNESSES)
        ],
    }  # fmt: skip
    return {**told, **more}


def token(number: int, key: int = 0):
    """A spent token, signed."""
    message = bytes_for("token", number, length=64)
    return [key_id(spki(key)), message.hex(), b64(token_key(key).sign(message, PSS, hashes.SHA384()))]


def sheet(number: int, code: str = "R7K2M9", key: str = ""):
    """A ballot as in a file of ballots."""
    grade = 1 + number % 5
    return {
        "answers": {"grade": grade},
        "key": key,
        "nonce": bytes_for("nonce", number, length=16).hex(),
        "subject": "",
    }


def leaf(one, code="R7K2M9"):
    return board.ballot_leaf(
        round_code=code, answers=one["answers"], nonce=one["nonce"], key=one["key"], subject=one["subject"]
    )


def sign(made, *witnesses):
    """Let these witnesses sign a board as it stands."""
    message = board.signed_bytes(made["statement"])
    made["signatures"] = [
        {
            "witness": n,
            "algorithm": "ed25519",
            "signature": b64(witness_key(n).sign(message)),
            "signed_on": "2026-11-22",
        }
        for n in witnesses
    ]
    return made


def good(ballots=5, *, voided=1, issued=None, signed=(0, 1), closed=True, **more):
    """A good board: `ballots` cast by turns in the groups, the first `voided` of them set aside."""
    told = round_part(closed=closed, **more)
    turns = itertools.cycle(range(len(told["keys"]))) if closed else ()
    tokens = [token(n, key) for n, key in zip(range(ballots), turns, strict=False)]
    receipts = sorted(leaf(sheet(n)) for n in range(ballots))
    aside = [{"receipt": receipt, "reason": "投票终端故障，当场作废"} for receipt in receipts[:voided]]
    issued = (ballots + 2 if closed else ballots) if issued is None else issued
    counts = board.Counts(issued=issued, cast=ballots - voided, unused=issued - ballots, void=voided)
    made = board.build(
        told,
        counts=counts,
        closed_on="2026-11-22",
        tokens=tokens,
        receipts=receipts,
        voided=aside,
        results=[{"subject": "", "question": "grade", "counts": {"满意": ballots - voided}}],
    )
    return sign(made, *signed)
