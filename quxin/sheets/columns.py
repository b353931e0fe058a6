"""What a caller tells about a column: the one description that reading, forms and lists share.

Not a place for rules about values that need a database or another cell: those belong to whoever knows the
row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "code", "integer", "decimal", "date", "month", "choice", "boolean", "identity", "phone"]

TEXT_KINDS: frozenset[str] = frozenset({"text", "code", "identity", "phone"})
"""Kinds whose cells must be formatted as text, or Excel eats leading zeros and rounds 18-digit numbers."""

PERSONAL_KINDS: frozenset[str] = frozenset({"identity", "phone"})
"""Kinds whose values are masked wherever a problem is shown."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    ``id`` is the key of the value in ``Row.values``. ``title`` is what we print; ``aliases`` are other
    titles that offices use. ``choices`` are strings, or pairs (value, label): either is accepted, the value
    is returned, the label is printed. ``width`` pads numeric codes with leading zeros to so many digits (0:
    never). ``hint`` and ``example`` go into forms.
    """

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    kind: Kind = "text"
    choices: tuple[str | tuple[str, str], ...] = ()
    hint: str = ""
    example: str = ""
    width: int = 0

    def options(self) -> tuple[tuple[str, str], ...]:
        """The choices as pairs (value, label)."""
        return tuple((one, one) if isinstance(one, str) else (one[0], one[1]) for one in self.choices)


def letter(index: int) -> str:
    """The letters over a column, for a 0-based index: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def index_of(letters: str) -> int:
    """The 0-based index of a column's letters: the inverse of ``letter``."""
    index = 0
    for char in letters.upper():
        index = index * 26 + ord(char) - 64
    return index - 1
