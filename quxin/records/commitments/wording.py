"""Vague wording in promises: words that sound like a promise and bind nobody. It is flagged, the reviewer decides."""

import re
from dataclasses import dataclass

from quxin.packs.vocabulary import VAGUE_WORDS


@dataclass(frozen=True, slots=True)
class Vague:
    """A vague word and where it stands in the text."""

    word: str
    start: int
    end: int


def vague_words(text: str, more: tuple[str, ...] = ()) -> list[Vague]:
    """The vague words of `text`, in order, longest first where two begin at the same place."""
    words = sorted({*VAGUE_WORDS, *more}, key=len, reverse=True)
    if not words:
        return []
    pattern = re.compile("|".join(re.escape(word) for word in words))
    return [Vague(match[0], match.start(), match.end()) for match in pattern.finditer(text)]
