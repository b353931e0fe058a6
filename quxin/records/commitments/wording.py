"""Vague wording in promises: words that sound like a promise and bind nobody. It is flagged, the reviewer decides.

Must not refuse anything: a vague word may be right where it stands.
"""

from dataclasses import dataclass

from quxin.packs.vocabulary import vague_spans

WHEN, EFFORT, SCOPE, DEGREE = (
    "说不清到哪天，请写日期或工作日",
    "只说尽力，没说做到什么程度",
    "说不清是哪些，请一一写明",
    "说不清做多少，请写数量或标准",
)
_REASONS = {
    WHEN: ("尽快", "尽早", "及时", "适时", "逐步"),
    EFFORT: ("尽量", "尽力", "尽可能", "争取", "力争", "努力做到", "积极", "认真", "带头", "争创"),
    SCOPE: ("有关", "相关", "若干", "一定"),
}
_BY_WORD = {word: reason for reason, words in _REASONS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Vague:
    """A vague word, where it stands in the text, and why it is flagged (a Chinese msgid)."""

    word: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; with a `reason` it is vague."""

    text: str
    reason: str = ""


def vague_words(text: str, more: tuple[str, ...] = ()) -> list[Vague]:
    """The vague words of `text`, in order, the longest where two begin at the same place; `more` come from a pack."""
    return [
        Vague(word, start, start + len(word), _BY_WORD.get(word, DEGREE)) for word, start in vague_spans(text, more)
    ]


def marked(text: str, more: tuple[str, ...] = ()) -> list[Piece]:
    """`text` in pieces, vague ones with their reason: joined together they are the text again."""
    pieces, at = [], 0
    for vague in vague_words(text, more):
        if vague.start > at:
            pieces.append(Piece(text[at : vague.start]))
        pieces.append(Piece(vague.word, vague.reason))
        at = vague.end
    return [*pieces, Piece(text[at:])] if text[at:] else pieces
