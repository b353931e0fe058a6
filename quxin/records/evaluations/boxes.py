"""Tokens in the sealed pool: each lies in a box that only the code of a printed card opens, and is found by a hash of it.

The hash by which a box is found is another than the roster's hash of the same code: from the database alone nobody can tell
which line of the roster drew which token. Whoever sees the code itself can (the server, while it exchanges it).
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quxin.kernel.blind import MESSAGE_BYTES

# Each box has a key of its own that is used once: the nonce need not differ.
_NONCE = bytes(12)


def lookup_of(code: str, key_id: str) -> str:
    """By what the box of a card and a key is found, 64 hex digits."""
    return _derived(code, key_id, "lookup").hex()


def lock(code: str, key_id: str, token: bytes) -> bytes:
    """`token` (message and signature) encrypted under the card's code."""
    return AESGCM(_derived(code, key_id, "box")).encrypt(_NONCE, token, None)


def unlock(code: str, key_id: str, box: bytes) -> tuple[bytes, bytes]:
    """Message and signature of the token in a box. Raises ValueError when the code does not open it."""
    try:
        token = AESGCM(_derived(code, key_id, "box")).decrypt(_NONCE, bytes(box), None)
    except InvalidTag as error:
        raise ValueError("not the code of this box") from error
    return token[:MESSAGE_BYTES], token[MESSAGE_BYTES:]


def _derived(code: str, key_id: str, purpose: str) -> bytes:
    # A card's code has 80 random bits: no slow hash is needed to keep it from being guessed.
    return hmac.new(code.encode(), f"quxin pool {purpose} 1\n{key_id}".encode(), hashlib.sha256).digest()
