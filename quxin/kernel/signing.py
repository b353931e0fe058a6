"""Signatures of persons who vouch for something: witnesses who countersign the statement of a round.

Algorithms stand in a registry under the name that a board carries. `ed25519` is here; others (SM2, from a library or a device)
are registered at start from the setting QUXIN_SIGNATURES, a dotted path to an object with the methods of `Algorithm`.
A private key is PEM (PKCS8), encrypted with the witness's passphrase; public keys and signatures are base64 of the raw bytes.
Not for blind signatures (see `blind`) and not for secrets of the server.
"""

from __future__ import annotations

import base64
import binascii
import importlib
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from .errors import QuxinError

DEFAULT = "ed25519"
SHORTEST_PASSPHRASE = 12
"""Characters. PKCS8 as the library writes it stretches a passphrase little; its length has to make up for that."""


class BadSignature(QuxinError):
    """A key or a signature is malformed, or the signature does not fit key and data."""

    default_message = "签名无效：%(why)s"
    default_hint = "请核对签名文件和公钥属于同一个人，签的是同一份内容。"


class BadKeyFile(QuxinError):
    """A private key cannot be read: no key of this algorithm, or another passphrase."""

    default_message = "密钥文件打不开"
    default_hint = "请核对选的是自己的密钥文件，口令没有输错。"


class WeakPassphrase(QuxinError):
    """A passphrase that could be guessed once somebody has the file."""

    default_message = "口令太短"
    default_hint = "请用至少%(least)s个字符的口令，例如四个不相干的词。"


class UnknownAlgorithm(QuxinError):
    """No algorithm is registered under this name."""

    default_message = "这里不认识签名算法“%(name)s”"
    default_hint = "可用的算法：%(known)s。别的算法由管理员在设置 QUXIN_SIGNATURES 里加上。"


class Algorithm(Protocol):
    """What an implementation offers. Bytes in and out; `passphrase` None means that the PEM is not encrypted."""

    name: str

    def generate(self, passphrase: bytes | None) -> tuple[bytes, bytes]:
        """A new key: the private one as PEM, the public one raw."""

    def sign(self, pem: bytes, passphrase: bytes | None, data: bytes) -> bytes:
        """The raw signature over `data`. Raises ValueError when the PEM cannot be read."""

    def public_of(self, pem: bytes, passphrase: bytes | None) -> bytes:
        """The raw public key that belongs to a private one. Raises ValueError when the PEM cannot be read."""

    def verify(self, public: bytes, data: bytes, signature: bytes) -> bool:
        """Whether the signature fits; False for anything malformed, never an exception."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key of a witness: `pem` is his alone, `public` is published before the round opens."""

    algorithm: str
    pem: str = field(repr=False)
    public: str


class Ed25519:
    """RFC 8032 by `cryptography`; a public key has 32 bytes, a signature 64."""

    name = "ed25519"

    def generate(self, passphrase: bytes | None) -> tuple[bytes, bytes]:
        """See Algorithm: PKCS8 in PEM, 32 raw bytes."""
        key = ed25519.Ed25519PrivateKey.generate()
        how = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
        return pem, key.public_key().public_bytes_raw()

    def sign(self, pem: bytes, passphrase: bytes | None, data: bytes) -> bytes:
        """See Algorithm: 64 raw bytes."""
        return self._load(pem, passphrase).sign(data)

    def public_of(self, pem: bytes, passphrase: bytes | None) -> bytes:
        """See Algorithm: 32 raw bytes."""
        return self._load(pem, passphrase).public_key().public_bytes_raw()

    def verify(self, public: bytes, data: bytes, signature: bytes) -> bool:
        """See Algorithm: True or False for whatever is given."""
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _load(self, pem: bytes, passphrase: bytes | None) -> ed25519.Ed25519PrivateKey:
        try:
            key = serialization.load_pem_private_key(pem, passphrase)
        except (TypeError, UnsupportedAlgorithm) as error:  # TypeError: a passphrase too many, or one missing
            raise ValueError("unreadable key") from error
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise ValueError("a key of another algorithm")
        return key


_REGISTRY: dict[str, Algorithm] = {DEFAULT: Ed25519()}


def names() -> tuple[str, ...]:
    """The names of all registered algorithms, sorted."""
    return tuple(sorted(_REGISTRY))


def register(algorithm: Algorithm) -> None:
    """Add an algorithm under its name. Raises ValueError for a name that is taken by another."""
    taken = _REGISTRY.setdefault(algorithm.name, algorithm)
    if type(taken) is not type(algorithm):
        raise ValueError(f"{algorithm.name!r} is already {type(taken).__name__}")


def load(path: str) -> None:
    """Register what a dotted path names: an object with the methods of Algorithm, or a class of such.

    Raises ValueError when there is nothing of the kind.
    """
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    algorithm = found() if isinstance(found, type) else found
    lacking = [part for part in ("name", "generate", "sign", "public_of", "verify") if not hasattr(algorithm, part)]
    if lacking:
        raise ValueError(f"{path} has no {', '.join(lacking)}")
    register(algorithm)


def generate(passphrase: str, algorithm: str = DEFAULT) -> KeyPair:
    """A new key, its private half encrypted with the passphrase. Raises WeakPassphrase and UnknownAlgorithm."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise WeakPassphrase(least=SHORTEST_PASSPHRASE)
    pem, public = _named(algorithm).generate(passphrase.encode())
    return KeyPair(algorithm, pem.decode("ascii"), _text(public))


def sign(pem: str, data: bytes, *, passphrase: str = "", algorithm: str = DEFAULT) -> str:
    """The signature over `data` with a private key, base64. Raises BadKeyFile and UnknownAlgorithm."""
    chosen = _named(algorithm)
    try:
        return _text(chosen.sign(pem.encode(), passphrase.encode() or None, data))
    except ValueError:  # a UnicodeEncodeError too
        raise BadKeyFile from None


def public_of(pem: str, *, passphrase: str = "", algorithm: str = DEFAULT) -> str:
    """The public key of a private one, base64. Raises BadKeyFile and UnknownAlgorithm."""
    chosen = _named(algorithm)
    try:
        return _text(chosen.public_of(pem.encode(), passphrase.encode() or None))
    except ValueError:
        raise BadKeyFile from None


def verify(public: str, data: bytes, signature: str, *, algorithm: str = DEFAULT) -> None:
    """Return if the signature fits; raises BadSignature when not or malformed, and UnknownAlgorithm."""
    chosen = _named(algorithm)
    if not chosen.verify(_octets(public), data, _octets(signature)):
        raise BadSignature(why="与公钥或内容不符")


def _named(name: str) -> Algorithm:
    try:
        return _REGISTRY[name]
    except (KeyError, TypeError):
        raise UnknownAlgorithm(name=name, known="、".join(names())) from None


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _octets(text: str) -> bytes:
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise BadSignature(why="不是规范的 Base64") from None
    # Other spellings of the same bytes (loose bits at the end) would make two signatures of one.
    if _text(octets) != text:
        raise BadSignature(why="不是规范的 Base64")
    return octets
