"""The keys of a board: those that signed its tokens and those of its witnesses. Never raises for what a file holds."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from quxin.kernel import blind, signing


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key of the round: its right id, the group whose tokens it signs, and its SPKI (None: no key that can sign)."""

    id: str
    group: str
    public: bytes | None

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed the message (RFC 9474, RSABSSA-SHA384-PSS-Randomized)."""
        if self.public is None:
            return False
        try:
            blind.verify(self.public, message, signature)
        except blind.BadToken:
            return False
        return True


def token_key(spki: bytes, group: str) -> TokenKey | None:
    """The RSA key in `spki`; None unless it has 2048 to 4096 bits, the exponent 65537 and the one right spelling."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, RSAPublicKey) or key.public_numbers().e != blind.EXPONENT:
        return None
    if not blind.SMALLEST_KEY <= key.key_size <= blind.LARGEST_KEY:
        return None
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        return None
    return TokenKey(blind.key_id(spki), group, spki)


def witness_signed(algorithm: str, public: str, message: bytes, signature: str) -> bool:
    """Whether the witness with this public key (base64) signed; by an algorithm that we do not know: no."""
    try:
        signing.verify(public, message, signature, algorithm=algorithm)
    except (signing.BadSignature, signing.UnknownAlgorithm):
        return False
    return True
