"""Checks that need no database and no trust in us: published seals, and the proof that one fact is under a seal.

Everything here works on plain JSON data, as the portal publishes it (docs/ledger.md). Must not import Django, so that
anyone may run it beside a saved copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from quxin.kernel.hashes import ALGORITHMS, Field, canonical, digest, verify_proof

FORMAT = "quxin-ledger-1"
GENESIS = bytes(32)
"""What stands before the first fact and before the first seal of a book."""

NAMES = (
    "book", "seq", "kind", "label", "unit", "path", "subject", "on", "quantity", "sign", "campaign", "person",
    "actor", "recorded_at", "reverses",
)  # fmt: skip
"""The hashed fields of a fact, in order."""


def chained(
    previous: bytes, book: str, number: int, first_seq: int, last_seq: int, root: bytes, algorithm: str
) -> bytes:
    """The hash of a seal: it covers the seal before it, so no old seal can be replaced alone."""
    return digest(canonical((previous, book, number, first_seq, last_seq, root)), algorithm)


def check_seals(seals: Sequence[dict[str, Any]]) -> list[str]:
    """Reckon the chain of one book's seals, complete from number 1; what is wrong, in Chinese, or nothing."""
    problems: list[str] = []
    previous, expected_first = GENESIS, 1
    for number, seal in enumerate(seals, 1):
        name = f"封存第{number}号"
        try:
            root = bytes.fromhex(seal["root"])
            if seal["number"] != number:
                problems.append(f"{name}：编号不连续")
            if seal["first_seq"] != expected_first or seal["last_seq"] < seal["first_seq"]:
                problems.append(f"{name}：起止序号不连续")
            reckoned = chained(
                previous, seal["book"], number, seal["first_seq"], seal["last_seq"], root, seal["algorithm"]
            )
            if reckoned.hex() != seal["chained"]:
                problems.append(f"{name}：与前一号封存对不上")
            previous, expected_first = bytes.fromhex(seal["chained"]), seal["last_seq"] + 1
        except (KeyError, TypeError, ValueError):
            return [*problems, f"{name}：内容残缺"]
    return problems


def check_proof(proof: dict[str, Any], seals: Sequence[dict[str, Any]] = ()) -> list[str]:
    """Check that a fact is what was sealed; with `seals` (a saved copy) also that the seal is the published one.

    Returns what is wrong, in Chinese; nothing when all is well.
    """
    try:
        return _check_proof(proof, seals)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ["证明内容残缺，无法核对"]


def _check_proof(proof: dict[str, Any], seals: Sequence[dict[str, Any]]) -> list[str]:
    if proof["format"] != FORMAT or proof["algorithm"] not in ALGORITHMS:
        return ["格式或算法不认识"]
    problems = []
    algorithm, fact, seal = proof["algorithm"], proof["fact"], proof["seal"]
    hashed = digest(bytes.fromhex(proof["previous"]) + canonical(_fields(fact)), algorithm)
    if hashed.hex() != proof["hash"]:
        problems.append("事实的内容与它的哈希不符")
    index, size = fact["seq"] - seal["first_seq"], seal["last_seq"] - seal["first_seq"] + 1
    root = bytes.fromhex(seal["root"])
    siblings = [bytes.fromhex(sibling) for sibling in proof["siblings"]]
    if not verify_proof(bytes.fromhex(proof["hash"]), index, size, siblings, root, algorithm):
        problems.append("哈希不在封存的根之下")
    reckoned = chained(
        bytes.fromhex(proof["previous_seal"]), fact["book"], seal["number"], seal["first_seq"], seal["last_seq"],
        root, algorithm,
    )  # fmt: skip
    if reckoned.hex() != seal["chained"]:
        problems.append("封存的链值不符")
    if seals:
        published = [each for each in seals if (each["book"], each["number"]) == (fact["book"], seal["number"])]
        if not published or published[0]["chained"] != seal["chained"]:
            problems.append("与已公开的封存不一致")
    return problems


def _fields(fact: dict[str, Any]) -> tuple[Field, ...]:
    values = [fact[name] for name in NAMES]
    values[NAMES.index("on")] = date.fromisoformat(fact["on"])
    return tuple(values)
