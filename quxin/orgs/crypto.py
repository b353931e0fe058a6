"""Personal numbers at rest: encrypted with AES-256-GCM, and found again by a keyed hash.

The keys come from settings.FIELD_KEY and never stand in the database, so a stolen copy of it shows no number. Not for
passwords (Django hashes those) and not for signatures.
"""

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from quxin.kernel.errors import QuxinError

VERSION = b"\x01"
_NONCE = 12


class CannotDecrypt(QuxinError):
    """The stored bytes do not open with the installation's key, or belong to another person or field."""

    default_message = "加密的号码打不开"
    default_hint = "请核对密钥文件 secrets/field_key 是否与数据库来自同一套系统，再从备份恢复。"


def encrypt(text: str, *, context: str) -> bytes:
    """`text` encrypted; `context` (field and owner) is bound to it, so that one row's bytes do not open in another."""
    nonce = os.urandom(_NONCE)
    return VERSION + nonce + _cipher(settings.FIELD_KEY).encrypt(nonce, text.encode(), context.encode())


def decrypt(stored: bytes, *, context: str) -> str:
    """The inverse of `encrypt` with the same `context`. Raises CannotDecrypt."""
    stored = bytes(stored)
    if stored[:1] != VERSION:
        raise CannotDecrypt()
    nonce, sealed = stored[1 : 1 + _NONCE], stored[1 + _NONCE :]
    try:
        return _cipher(settings.FIELD_KEY).decrypt(nonce, sealed, context.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise CannotDecrypt() from error


def blind_hash(text: str, *, context: str) -> str:
    """A keyed hash (64 hex digits), equal for equal texts of one `context`: for "is this number here already"."""
    key = _derived(settings.FIELD_KEY, "blind")
    return hmac.new(key, f"{context}\0{text}".encode(), hashlib.sha256).hexdigest()


def _derived(secret: str, purpose: str) -> bytes:
    # One secret, one key for each purpose: what the hash gives away must say nothing about the cipher.
    return hmac.new(secret.encode(), f"quxin/{purpose}/1".encode(), hashlib.sha256).digest()


@lru_cache(maxsize=2)
def _cipher(secret: str) -> AESGCM:
    return AESGCM(_derived(secret, "field"))
