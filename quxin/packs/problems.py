"""What is wrong with a pack, as values, and where in its files each thing stands.

Must not decide what is wrong: :mod:`load` and :mod:`check` do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from quxin.kernel.errors import say

Path = tuple[str | int, ...]
Level = Literal["error", "warning"]


class Place(NamedTuple):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong (``error``) or doubtful (``warning``), and what to do about it.

    ``message`` and ``hint`` are Chinese msgids with ``%(name)s`` placeholders for ``params``.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    level: Level = "error"

    def text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """The message with its values, in the language of ``translate``."""
        return say(self.message, self.params, translate)

    def hint_text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """What to do, with its values."""
        return say(self.hint, self.params, translate)

    def as_dict(self, translate: Callable[[str], str] = lambda msgid: msgid) -> dict[str, str | int]:
        """For machine-readable output."""
        return {
            "file": self.file, "line": self.line, "column": self.column, "level": self.level,
            "message": self.text(translate), "hint": self.hint_text(translate),
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}：{self.text()}。{self.hint_text()}"


class Stretch(NamedTuple):
    """Where a value stands: from ``place`` up to the character ``end`` of its file's text."""

    place: Place
    begin: int
    end: int


@dataclass
class Places:
    """Where each value and key of a loaded pack stands. Paths are keys and list indices from the top."""

    values: dict[Path, Stretch] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    first_file: str = ""

    def at(self, path: Path) -> Place:
        """The place of the value at ``path``, or of the nearest thing around it that stands in a file."""
        for length in range(len(path), 0, -1):
            stretch = self.values.get(path[:length])
            if stretch:
                return stretch.place
        return Place(self.first_file, 1, 1)

    def key(self, path: Path) -> Place:
        """The place of the key at ``path``."""
        return self.keys.get(path) or self.at(path)

    def inside(self, path: Path, words: str, occurrence: int = 0) -> Place:
        """The place of the n-th ``words`` within the text at ``path`` (folded or not)."""
        stretch = self.values.get(path)
        if stretch is None:
            return self.at(path)
        text = self.texts.get(stretch.place.file, "")
        found = stretch.begin - 1
        for _ in range(occurrence + 1):
            found = text.find(words, found + 1, stretch.end)
            if found < 0:
                return stretch.place
        begin_of_line = text.rfind("\n", 0, found) + 1
        return Place(stretch.place.file, text.count("\n", 0, found) + 1, found - begin_of_line + 1)
