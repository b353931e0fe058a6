"""Fingerprints: digests, one unambiguous encoding of a row of values, and Merkle trees as RFC 6962 builds
them.

SHA-256 by default, SM3 by setting. Not for passwords (those need a slow hash) and not for secret keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from cryptography.hazmat.primitives import hashes as _primitives

ALGORITHMS = ("sha256", "sm3")
Field = str | int | bytes | date | datetime | None

_LEAF = b"\x00"  # leaves and nodes hash apart, or a node could be passed off as a leaf
_NODE = b"\x01"


def _sm3_by_cryptography(data: bytes) -> bytes:
    context = _primitives.Hash(_primitives.SM3())
    context.update(data)
    return context.finalize()


def _sm3_by_hashlib(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# hashlib has SM3 only where the system's OpenSSL does; cryptography brings its own.
_sm3 = _sm3_by_hashlib if "sm3" in hashlib.algorithms_available else _sm3_by_cryptography
_DIGESTS: dict[str, Callable[[bytes], bytes]] = {"sha256": _sha256, "sm3": _sm3}


def digest(data: bytes, algorithm: str = "sha256") -> bytes:
    """The 32 bytes of SHA-256 or SM3 of ``data``. Raises ValueError for another algorithm."""
    return digester(algorithm)(data)


def digester(algorithm: str) -> Callable[[bytes], bytes]:
    """The function that ``digest`` uses, for who needs it a million times."""
    try:
        return _DIGESTS[algorithm]
    except KeyError:
        raise ValueError(f"unknown algorithm {algorithm!r}: use one of {ALGORITHMS}") from None


# --- one encoding of a row ---


def _moment(value: datetime) -> bytes:
    if value.utcoffset() is None:
        raise ValueError("a naive datetime is no moment: give it a time zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds").encode()


_ENCODERS: dict[type, tuple[bytes, Callable[..., bytes]]] = {
    str: (b"s", str.encode),
    int: (b"i", lambda value: b"%d" % value),
    bytes: (b"b", bytes),
    date: (b"d", lambda value: value.isoformat().encode()),
    datetime: (b"t", _moment),
    type(None): (b"n", lambda _: b""),
}


_SHORT = 256
_WORDS = tuple(b"s" + size.to_bytes(4) for size in range(_SHORT))


def _encoded(field: Field) -> bytes:
    """One field: a type letter, a length of four bytes, its content. Raises TypeError."""
    try:
        letter, encode = _ENCODERS[type(field)]
    except KeyError:
        raise TypeError(f"{type(field).__name__} has no canonical form") from None
    content = encode(field)
    return letter + len(content).to_bytes(4) + content


@lru_cache(maxsize=4096)
def _day(field: date) -> bytes:
    return _encoded(field)


def canonical(fields: tuple[Field, ...]) -> bytes:
    """``fields`` as bytes: the count, then each as a type letter, a length of four bytes and its content.

    Different tuples never encode alike: ``("ab", "c")`` differs from ``("a", "bc")``, ``1`` from ``"1"``,
    None from "". Aware moments are written in UTC. Raises TypeError for other types (booleans and subclasses
    among them).
    """
    pieces = [len(fields).to_bytes(4)]
    for field in fields:
        kind = type(field)
        # An import encodes a million fields, nearly all of them short words, whole numbers and the same days.
        if kind is str:
            content = field.encode()  # type: ignore[union-attr]
            size = len(content)
            pieces.append((_WORDS[size] if size < _SHORT else b"s" + size.to_bytes(4)) + content)
        elif kind is date:
            pieces.append(_day(field))
        else:
            pieces.append(_encoded(field))
    return b"".join(pieces)


# --- Merkle trees ---


class MerkleAccumulator:
    """The root of any number of leaves in the memory of one path, fed leaf by leaf.

    ``peaks`` are the roots of the full subtrees, greatest first. ``size`` and ``peaks`` are all the state
    there is: keep them, and a later accumulator goes on where this one stopped.
    """

    def __init__(self, algorithm: str = "sha256", *, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self._hash = digester(algorithm)
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"{size} leaves have {size.bit_count()} peaks, not {len(self.peaks)}")

    def add(self, leaf: bytes) -> None:
        """Append one leaf (its content, not its hash)."""
        node, full = self._hash(_LEAF + leaf), self.size
        while full & 1:
            node = self._hash(_NODE + self.peaks.pop() + node)
            full >>= 1
        self.peaks.append(node)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append many leaves."""
        for leaf in leaves:
            self.add(leaf)

    def root(self) -> bytes:
        """The root over the leaves so far; of none, the digest of nothing. Leaves may still be added."""
        if not self.peaks:
            return self._hash(b"")
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = self._hash(_NODE + peak + node)
        return node


def merkle_root(leaves: Iterable[bytes], algorithm: str = "sha256") -> bytes:
    """The RFC 6962 root over ``leaves`` (contents, not hashes)."""
    accumulator = MerkleAccumulator(algorithm)
    accumulator.extend(leaves)
    return accumulator.root()


def merkle_proof(leaves: Sequence[bytes], i: int, algorithm: str = "sha256") -> list[bytes]:
    """The sibling hashes from leaf ``i`` up to the root, for ``verify_proof``. Raises IndexError."""
    if not 0 <= i < len(leaves):
        raise IndexError(f"no leaf {i} among {len(leaves)}")
    hash_ = digester(algorithm)
    level, proof = [hash_(_LEAF + leaf) for leaf in leaves], []
    while len(level) > 1:
        sibling = i ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        # A lone last node rises unchanged: that is the split "largest power of two below n".
        lone = level[-1:] if len(level) % 2 else []
        level = [hash_(_NODE + a + b) for a, b in zip(level[::2], level[1::2], strict=False)] + lone
        i //= 2
    return proof


def verify_proof(
    leaf: bytes, i: int, size: int, proof: Sequence[bytes], root: bytes, algorithm: str = "sha256"
) -> bool:
    """Whether ``proof`` shows that ``leaf`` is number ``i`` of the ``size`` leaves under ``root`` (RFC 9162
    2.1.3.2).
    """
    hash_ = digester(algorithm)
    if not 0 <= i < size:
        return False
    node, last = hash_(_LEAF + leaf), size - 1
    for sibling in proof:
        if last == 0:
            return False
        if i & 1 or i == last:
            node = hash_(_NODE + sibling + node)
            while not i & 1 and i:
                i, last = i >> 1, last >> 1
        else:
            node = hash_(_NODE + node + sibling)
        i, last = i >> 1, last >> 1
    return last == 0 and node == root
