"""Codes that we give out, and the official numbers of people and organisations that offices type in.

Checks only: nothing here stores, logs or looks up a person. Masks are for screens, not for publication, where
no digit of an identity number may stand at all.
"""

from __future__ import annotations

import secrets

CODE_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: no i, l, o (which look like 1, 1, 0) and no u."""


def new_code(length: int = 10) -> str:
    """A random code for addresses; 10 characters are 50 bits from the system's secure source."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def is_code(text: str, length: int = 10) -> bool:
    """Whether ``text`` could have come from ``new_code(length)``."""
    return len(text) == length and all(char in CODE_ALPHABET for char in text)
