"""The public board of a round as a file: what is hashed and how, the statement that witnesses sign, writing and reading.

docs/reference/board.md is the public specification; this file and that page say the same. Pure: parts in, bytes out, no
database, no clock. Must not judge: whether a board keeps its laws is for verification.py.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quxin.kernel.hashes import merkle_root
from quxin.records.evaluations.streaming import LARGEST_INTEGER, Reader

FORMAT = "quxin-board/1"
STATEMENT_FORMAT = "quxin-statement/1"
NAMES = (
    "format", "round", "opening", "tokens", "receipts", "voided", "results", "statement", "signatures",
)  # fmt: skip
"""The members of a board, all of them, in the order in which we write them."""
STREAMED = frozenset({"tokens", "receipts"})

DEEPEST = 32
_STATEMENT_DOMAIN = b"quxin statement 1\n"
_BALLOT_DOMAIN = b"quxin ballot 1\n"
_TOKEN_DOMAIN = b"quxin token 1\n"
_AT_ONCE = 1000


class NotPlain(ValueError):
    """A value that has no canonical JSON: a float, a number too large, half a character, too deep."""


# --- canonical JSON and hashes ---


def canonical(value: Any) -> bytes:
    """`value` (str, int, bool, None, list, dict with str keys) as canonical JSON in UTF-8. Raises NotPlain.

    Names sorted by code point, no spaces, nothing escaped but `"`, `\\` and control characters.
    """
    _plain(value, 0)
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise NotPlain("half of a surrogate pair") from None


def _plain(value: Any, depth: int) -> None:
    """Raise NotPlain unless `value` is made of what canonical JSON has, and of no subclass of it."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        if abs(value) > LARGEST_INTEGER:
            raise NotPlain("an integer beyond 2**53 - 1")
        return
    if depth == DEEPEST:
        raise NotPlain(f"more than {DEEPEST} levels")
    if kind is list:
        for each in value:
            _plain(each, depth + 1)
    elif kind is dict:
        for name, each in value.items():
            if type(name) is not str:
                raise NotPlain("a name that is no text")
            _plain(each, depth + 1)
    else:
        raise NotPlain(f"{kind.__name__} has no canonical form")


def hash_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, 64 hex digits. Raises NotPlain."""
    return hashlib.sha256(canonical(value)).hexdigest()


def opening_hash(round_part: Mapping[str, Any]) -> str:
    """What is published before opening: the hash of everything that the round says of itself."""
    return hash_of(dict(round_part))


def root_of(hexes: Iterable[str]) -> str:
    """The Merkle root (RFC 6962, SHA-256) over marks, receipts or entries given as hex; hashed are their bytes."""
    return merkle_root(map(bytes.fromhex, hexes)).hex()


def token_mark(key: str, message: bytes) -> str:
    """What tells a spent token (`message` of 64 bytes under the key named `key`) from all others, 64 hex digits."""
    return hashlib.sha256(mark_prefix(key) + message).hexdigest()


def mark_prefix(key: str) -> bytes:
    """What stands before the message where a token's mark is hashed."""
    return _TOKEN_DOMAIN + key.encode("ascii") + b"\n"


def ballot_leaf(*, round_code: str, answers: Any, nonce: str, key: str = "", subject: str = "") -> str:
    """A ballot's receipt, 64 hex digits: it commits to the answers, and without the nonce says nothing of them.

    Raises NotPlain.
    """
    told = {"answers": answers, "key": key, "nonce": nonce, "round": round_code, "subject": subject}
    return hashlib.sha256(_BALLOT_DOMAIN + canonical(told)).hexdigest()


def receipt_code(leaf: str) -> str:
    """What the voter reads: the first 16 digits of his receipt in fours, `3F9A-0C27-B1D4-88E6`."""
    plain = leaf[:16].upper()
    return "-".join(plain[place : place + 4] for place in range(0, 16, 4))


# --- the statement ---


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted where it happened, not reckoned from the lists: so that a gap shows.

    `issued` tokens (in an open round: ballots taken), `cast` ballots that count, `unused` tokens, `void` ballots.
    """

    issued: int
    cast: int
    unused: int
    void: int


def statement(
    round_part: Mapping[str, Any],
    *,
    counts: Counts,
    receipts_root: str,
    tokens_root: str,
    voided: Sequence[Mapping[str, Any]],
    results: Sequence[Any],
    closed_on: str,
    state: str = "closed",
    reason: str = "",
) -> dict[str, Any]:
    """What witnesses sign. `closed_on` is an ISO date; `state` "closed" or "void", which needs a `reason`."""
    return {
        "format": STATEMENT_FORMAT,
        "round": round_part["code"],
        "opening": opening_hash(round_part),
        "roster": round_part["roster"]["count"],
        "issued": counts.issued,
        "cast": counts.cast,
        "unused": counts.unused,
        "void": counts.void,
        "receipts_root": receipts_root,
        "tokens_root": tokens_root,
        "voided": hash_of([dict(each) for each in voided]),
        "results": hash_of(list(results)),
        "closed_on": closed_on,
        "state": state,
        "reason": reason,
    }


def signed_bytes(statement_part: Mapping[str, Any]) -> bytes:
    """The bytes over which a witness signs. Raises NotPlain."""
    return _STATEMENT_DOMAIN + canonical(dict(statement_part))


# --- the file ---


def build(
    round_part: Mapping[str, Any],
    *,
    counts: Counts,
    closed_on: str,
    tokens: Iterable[Sequence[str]] = (),
    receipts: Iterable[str] = (),
    voided: Sequence[Mapping[str, Any]] = (),
    results: Sequence[Any] = (),
    state: str = "closed",
    reason: str = "",
) -> dict[str, Any]:
    """A whole board in memory, not yet signed: for small rounds. Sorts tokens and receipts; for many, see `pieces`.

    A token is (key id, message as 128 hex digits, signature in base64), a receipt 64 hex digits.
    """
    marked = sorted((token_mark(token[0], bytes.fromhex(token[1])), list(token)) for token in tokens)
    sealed = sorted(receipts)
    told = statement(
        round_part,
        counts=counts,
        receipts_root=root_of(sealed),
        tokens_root=root_of(mark for mark, _ in marked),
        voided=voided,
        results=results,
        closed_on=closed_on,
        state=state,
        reason=reason,
    )
    return {
        "format": FORMAT,
        "round": dict(round_part),
        "opening": told["opening"],
        "tokens": [token for _, token in marked],
        "receipts": sealed,
        "voided": [dict(each) for each in voided],
        "results": list(results),
        "statement": told,
        "signatures": [],
    }


def pieces(
    *,
    round_part: Mapping[str, Any],
    tokens: Iterable[Sequence[str]],
    receipts: Iterable[str],
    voided: Sequence[Mapping[str, Any]],
    results: Sequence[Any],
    statement_part: Mapping[str, Any],
    signatures: Sequence[Mapping[str, Any]] = (),
) -> Iterator[bytes]:
    """The file of a board piece by piece, in the memory of a thousand entries: for a file or a streaming answer.

    `tokens` sorted by mark and `receipts` sorted are walked once. A token or a receipt stands on a line of its own.
    """
    yield b'{"format":' + canonical(FORMAT)
    yield b',\n"round":' + canonical(dict(round_part))
    yield b',\n"opening":' + canonical(statement_part["opening"])
    yield b',\n"tokens":['
    yield from _lines(list(token) for token in tokens)
    yield b'],\n"receipts":['
    yield from _lines(receipts)
    yield b'],\n"voided":' + canonical([dict(each) for each in voided])
    yield b',\n"results":' + canonical(list(results))
    yield b',\n"statement":' + canonical(dict(statement_part))
    yield b',\n"signatures":' + canonical([dict(each) for each in signatures])
    yield b"}\n"


def _lines(entries: Iterable[Any]) -> Iterator[bytes]:
    """Entries a thousand at a time, each on its line, commas between."""
    batch: list[bytes] = []
    before = b"\n"
    for entry in entries:
        batch.append(json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode())
        if len(batch) == _AT_ONCE:
            yield before + b",\n".join(batch)
            batch, before = [], b",\n"
    if batch:
        yield before + b",\n".join(batch)


def write(path: Path, **parts: Any) -> None:
    """Write the board of `parts` (those of `pieces`) to `path`: whole or not at all. Raises OSError."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.writelines(pieces(**parts))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def parts_of(board: Mapping[str, Any]) -> dict[str, Any]:
    """A board in memory as the parts that `pieces` and `write` take."""
    return {
        "round_part": board["round"],
        "tokens": board["tokens"],
        "receipts": board["receipts"],
        "voided": board["voided"],
        "results": board["results"],
        "statement_part": board["statement"],
        "signatures": board["signatures"],
    }


def read(path: Path) -> dict[str, Any]:
    """A whole board in memory, as it stands in the file and not verified. Raises OSError, NotStrictJson."""
    with path.open("rb") as file:
        return {
            name: list(part) if isinstance(part, Iterator) else part for name, part in Reader(file).members(STREAMED)
        }
