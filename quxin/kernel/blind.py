"""Blind signatures of RFC 9474: a signer signs a token that it never sees, and later anybody sees that it did.

The voter makes a token, blinds it and sends only the blinded form; the signer signs that; the voter unblinds the answer. The
signature that comes out fits the token, and nothing in it leads back to the blinded form: that is what keeps a ballot apart
from the name that asked for it. The product uses RSABSSA-SHA384-PSS-Randomized; the other variants are here for the test
vectors. The browser's half is quxin/ui/static/ui/blind.js.

Keys, encodings and the check of signatures are `cryptography`'s. Ours are only raw RSA, which it does not offer, and the
PSS encoding before it. The functions of the voter (`prepare`, `blind`, `finalize`) are not hardened against clocks: they
work once with values that are thrown away. `blind_sign` is.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from math import gcd

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .errors import QuxinError

EXPONENT = 65537
SMALLEST_KEY, LARGEST_KEY = 2048, 4096
"""Bits of the modulus: below is too weak, above costs more than any round needs."""
TOKEN_BYTES = 32
PREFIX_BYTES = 32
MESSAGE_BYTES = PREFIX_BYTES + TOKEN_BYTES
"""Of the product's tokens, prefix included. The functions here take messages of any length, as the RFC does."""
_HASH = hashlib.sha384
_HASH_BYTES = 48


@dataclass(frozen=True, slots=True)
class Variant:
    """A parameter set of RFC 9474, section 5: bytes of the PSS salt and of the random prefix of the message."""

    name: str
    salt_bytes: int
    prefix_bytes: int


RANDOMIZED = Variant("RSABSSA-SHA384-PSS-Randomized", _HASH_BYTES, PREFIX_BYTES)
VARIANTS = {
    variant.name: variant
    for variant in (
        RANDOMIZED,
        Variant("RSABSSA-SHA384-PSSZERO-Randomized", 0, PREFIX_BYTES),
        Variant("RSABSSA-SHA384-PSS-Deterministic", _HASH_BYTES, 0),
        Variant("RSABSSA-SHA384-PSSZERO-Deterministic", 0, 0),
    )
}


class BadToken(QuxinError):
    """A key, a blinded token, a signature or a token is malformed, out of range or does not fit the others."""

    default_message = "选票凭证无效：%(why)s"
    default_hint = "请回到领取凭证的页面重新领取；如果已经领过，请联系组织评议的单位。"


@dataclass(frozen=True, slots=True)
class Key:
    """A fresh key: PKCS8 DER (not encrypted: whoever keeps it encrypts it), SPKI DER and its id (16 hex digits)."""

    private: bytes = field(repr=False)
    public: bytes
    id: str


@dataclass(frozen=True, slots=True)
class Blinded:
    """`message` goes to the signer, `inverse` stays with the voter; both are as long as the modulus."""

    message: bytes
    inverse: bytes = field(repr=False)


# --- keys ---


def generate_key(bits: int = 2048) -> Key:
    """A new key for one round and group. Raises ValueError for a size outside 2048 to 4096."""
    if not SMALLEST_KEY <= bits <= LARGEST_KEY:
        raise ValueError(f"{bits} bits: use {SMALLEST_KEY} to {LARGEST_KEY}")
    made = rsa.generate_private_key(EXPONENT, bits)
    private = made.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = _spki(made.public_key())
    return Key(private, public, key_id(public))


def key_id(public: bytes) -> str:
    """The name of a public key: the first 16 hex digits of the SHA-256 of its SPKI DER."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_of(private: bytes) -> bytes:
    """The SPKI DER that belongs to a PKCS8 DER. Raises BadToken."""
    return _spki(rsa.RSAPublicNumbers(EXPONENT, _secret(private).n).public_key())


def _spki(key: rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True)
class _Public:
    key: rsa.RSAPublicKey
    n: int
    size: int  # bytes of the modulus


@dataclass(frozen=True, slots=True)
class _Secret:
    n: int
    size: int
    p: int
    q: int
    dp: int
    dq: int
    qi: int


def _check_numbers(numbers: rsa.RSAPublicNumbers) -> None:
    if numbers.e != EXPONENT or not SMALLEST_KEY <= numbers.n.bit_length() <= LARGEST_KEY:
        raise BadToken(why="密钥的参数不合要求")


@lru_cache(maxsize=256)
def _public(public: bytes) -> _Public:
    try:
        key = serialization.load_der_public_key(public)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadToken(why="公钥读不出来") from None
    # A second spelling of the same key would have a second id.
    if not isinstance(key, rsa.RSAPublicKey) or _spki(key) != public:
        raise BadToken(why="公钥读不出来")
    numbers = key.public_numbers()
    _check_numbers(numbers)
    return _Public(key, numbers.n, (key.key_size + 7) // 8)


def _secret(private: bytes) -> _Secret:
    """The numbers of a private key: not kept, so that a key deleted after closing is gone.

    The library's test of all numbers takes longer than the signature; `blind_sign` checks its result, which a wrong number
    spoils.
    """
    try:
        key = serialization.load_der_private_key(private, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadToken(why="私钥读不出来") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadToken(why="私钥读不出来")
    numbers = key.private_numbers()
    _check_numbers(numbers.public_numbers)
    if numbers.p * numbers.q != numbers.public_numbers.n:
        raise BadToken(why="密钥的参数不合要求")
    return _Secret(
        numbers.public_numbers.n, (key.key_size + 7) // 8,
        numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp,
    )  # fmt: skip


# --- the voter's side ---


def prepare(token: bytes | None = None, variant: Variant = RANDOMIZED) -> bytes:
    """The message to be signed: a random prefix and the token (32 new random bytes, unless given).

    The prefix keeps a signer who chose its key with malice from learning anything of a token that could be guessed.
    """
    return secrets.token_bytes(variant.prefix_bytes) + (secrets.token_bytes(TOKEN_BYTES) if token is None else token)


def blind(
    public: bytes,
    message: bytes,
    variant: Variant = RANDOMIZED,
    *,
    salt: bytes | None = None,
    inverse: bytes | None = None,
) -> Blinded:
    """Blind a prepared message for the signer of `public`; `salt` and `inverse` are random unless given (for tests).

    Raises BadToken.
    """
    key = _public(public)
    salt = secrets.token_bytes(variant.salt_bytes) if salt is None else salt
    if len(salt) != variant.salt_bytes:
        raise BadToken(why="长度不对")
    encoded = int.from_bytes(_pss_encode(_message(message, variant), salt, key.n.bit_length() - 1))
    unblinder = _random_unit(key.n) if inverse is None else _number(inverse, key)
    if gcd(encoded, key.n) != 1 or gcd(unblinder, key.n) != 1:
        raise BadToken(why="数值超出范围")
    blinded = encoded * pow(unblinder, -EXPONENT, key.n) % key.n
    return Blinded(blinded.to_bytes(key.size), unblinder.to_bytes(key.size))


def finalize(
    public: bytes, message: bytes, blind_signature: bytes, inverse: bytes, variant: Variant = RANDOMIZED
) -> bytes:
    """The signature under the message, from what the signer answered. Raises BadToken when it does not verify."""
    key = _public(public)
    signature = _number(blind_signature, key) * _number(inverse, key) % key.n
    finished = signature.to_bytes(key.size)
    verify(public, message, finished, variant)
    return finished


# --- the signer's side ---


def blind_sign(private: bytes, blinded: bytes) -> bytes:
    """Sign a blinded message with a PKCS8 DER. Raises BadToken for one of another length or out of range.

    The number that is raised to the secret power is the asker's times a random one, so that the time it takes tells nothing
    of the key; and a result that the public key does not turn back leaves no one's hands: one faulty half of the
    computation would give the key away.
    """
    key = _secret(private)
    asked = _number(blinded, key)
    factor = _random_unit(key.n)
    masked = asked * pow(factor, EXPONENT, key.n) % key.n
    half_p = pow(masked % key.p, key.dp, key.p)
    half_q = pow(masked % key.q, key.dq, key.q)
    signed = half_q + key.q * ((half_p - half_q) * key.qi % key.p)
    signature = signed * pow(factor, -1, key.n) % key.n
    if pow(signature, EXPONENT, key.n) != asked:
        raise BadToken(why="服务器签名时运算出错，没有发出签名")
    return signature.to_bytes(key.size)


# --- everybody's side ---


def verify(public: bytes, message: bytes, signature: bytes, variant: Variant = RANDOMIZED) -> None:
    """Return if `signature` (as long as the modulus) is the signature of `message` under `public`; raises BadToken.

    The parsed key is kept: one check costs about 20 µs, a million fit into half a minute.
    """
    key = _public(public)
    try:
        key.key.verify(signature, _message(message, variant), _PADDINGS[variant.salt_bytes], _DIGEST)
    except (InvalidSignature, TypeError):
        raise BadToken(why="签名与凭证不符") from None


_DIGEST = hashes.SHA384()
_PADDINGS = {length: padding.PSS(padding.MGF1(_DIGEST), length) for length in (0, _HASH_BYTES)}


# --- numbers and the encoding ---


def _message(message: bytes, variant: Variant) -> bytes:
    if not isinstance(message, bytes) or len(message) < variant.prefix_bytes:
        raise BadToken(why="长度不对")
    return message


def _number(octets: bytes, key: _Public | _Secret) -> int:
    """The number in `octets`, which must be as long as the modulus; 0, 1, n - 1 (signed by anybody) and more are refused."""
    if not isinstance(octets, bytes) or len(octets) != key.size:
        raise BadToken(why="长度不对")
    number = int.from_bytes(octets)
    if not 1 < number < key.n - 1:
        raise BadToken(why="数值超出范围")
    return number


def _random_unit(n: int) -> int:
    """A random number that has an inverse modulo `n`, all equally likely."""
    while True:
        number = secrets.randbelow(n - 3) + 2
        if gcd(number, n) == 1:
            return number


def _mask(seed: bytes, length: int) -> bytes:
    """MGF1 of RFC 8017, B.2.1."""
    blocks = (_HASH(seed + place.to_bytes(4)).digest() for place in range(-(-length // _HASH_BYTES)))
    return b"".join(blocks)[:length]


def _pss_encode(message: bytes, salt: bytes, bits: int) -> bytes:
    """EMSA-PSS-ENCODE of RFC 8017, 9.1.1, into a number below 2 to the power of `bits`."""
    length = (bits + 7) // 8
    digest = _HASH(bytes(8) + _HASH(message).digest() + salt).digest()
    data = bytes(length - len(salt) - _HASH_BYTES - 2) + b"\x01" + salt
    masked = int.from_bytes(data) ^ int.from_bytes(_mask(digest, len(data)))
    masked &= (1 << (bits - 8 * (_HASH_BYTES + 1))) - 1
    return masked.to_bytes(len(data)) + digest + b"\xbc"
