"""Finding the header of a table among titles, unit lines and merged cells, and matching its texts with columns.

Works on the first rows only and on texts only. Every match says how sure it is; whether a guess may be used without
asking a person is for the caller to decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from quxin.kernel import text as kernel_text
from quxin.sheets.cells import ASCII_MARKS, BLANKS
from quxin.sheets.columns import Column, index_of
from quxin.sheets.workbook import Cells, Merge

How = Literal["exact", "alias", "guess", "given", "form"]

HEAD_ROWS = 30
"""So many rows from the top we look for the header."""

MARK_TITLES = ("标记", "退回原因", "Why it was returned")
"""Titles of the columns that our own forms and refusals put in front, in each language: never data."""

_GUESS_FROM = 0.6
_LONGEST_HEADER = 60
# Words that make another column of the same noun: the code of the parent is not the code.
_QUALIFIERS = ("上级", "上一级", "父级", "主管", "原", "新", "旧", "曾用", "其中", "对方", "配偶")
_TAIL = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]$")
_DECORATION = re.compile(r"^[*★☆※#]+|[*★☆※#:]+$")


@dataclass(frozen=True, slots=True)
class Match:
    """Column ``column`` (its position among the columns) is read from cell ``index`` of each row."""

    column: int
    index: int
    how: How
    confidence: float


@dataclass(frozen=True, slots=True)
class Header:
    """A header found: 0-based first and last row, the text over each cell of a row, the matches."""

    first: int
    last: int
    texts: tuple[str, ...]
    matches: tuple[Match, ...]

    @property
    def score(self) -> float:
        """How much this looks like the header: sure matches count 1, guesses half their confidence."""
        return sum(m.confidence if m.how != "guess" else m.confidence / 2 for m in self.matches)

    @property
    def sure(self) -> int:
        """How many columns were matched without guessing."""
        return sum(1 for match in self.matches if match.how != "guess")


class Matcher:
    """Compares header texts with the titles and aliases of columns; remembers what it compared."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._names = [(plain(c.title), tuple(plain(alias) for alias in c.aliases)) for c in columns]
        self._seen: dict[tuple[int, str], tuple[float, How]] = {}

    def match(self, alternatives: Sequence[Sequence[str]]) -> tuple[Match, ...]:
        """The best assignment: the surest pairs first, no column and no cell twice.

        ``alternatives`` are, per cell, the texts by which it may be known (a two-line header has several).
        """
        pairs: list[tuple[float, int, int, How]] = []
        for index, texts in enumerate(alternatives):
            names = [text for text in texts if text]
            for column in range(len(self._columns)) if names else ():
                confidence, how = max(self.likeness(column, text) for text in names)
                if confidence >= _GUESS_FROM:
                    pairs.append((-confidence, index, column, how))
        used_columns: set[int] = set()
        used_cells: set[int] = set()
        matches = []
        for confidence, index, column, how in sorted(pairs):
            if column not in used_columns and index not in used_cells:
                used_columns.add(column)
                used_cells.add(index)
                matches.append(Match(column, index, how, -confidence))
        return tuple(sorted(matches, key=lambda one: one.column))

    def likeness(self, column: int, text: str) -> tuple[float, How]:
        """How sure it is, 0 to 1, that ``text`` (already ``plain``) is the header of ``column``, and why."""
        key = (column, text)
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._compare(column, text)
        return found

    def _compare(self, column: int, text: str) -> tuple[float, How]:
        title, aliases = self._names[column]
        if text == title:
            return 1.0, "exact"
        if text in aliases:
            return 0.95, "alias"
        bare = _bare(text)
        if bare and any(bare == _bare(name) and (bare in (text, name)) for name in (title, *aliases)):
            return 0.9, "alias"
        return max(_resemblance(bare, _bare(name)) for name in (title, *aliases)), "guess"


def plain(value: object) -> str:
    """A header text for comparing: half-width, lower case, no blanks, line breaks or required-stars."""
    if not isinstance(value, str) or len(value) > _LONGEST_HEADER * 2:
        return ""
    text = "".join(kernel_text.narrow(value).translate(ASCII_MARKS).strip(BLANKS).split()).lower()
    return _DECORATION.sub("", text)


def _bare(text: str) -> str:
    """Without what stands in brackets at the end: a unit, "required", an example."""
    return _TAIL.sub("", text)


def _resemblance(text: str, name: str) -> float:
    """0 to 0.89: like-sounding headers whose head noun (the last character) agrees."""
    if not text or not name or len(text) > _LONGEST_HEADER:
        return 0.0
    if 2 * min(len(text), len(name)) / (len(text) + len(name)) < _GUESS_FROM or not set(text) & set(name):
        return 0.0
    ratio = min(SequenceMatcher(None, text, name, autojunk=False).ratio(), 0.89)
    if any((word in text) != (word in name) for word in _QUALIFIERS):
        return ratio * 0.5
    return ratio if text[-1] == name[-1] else ratio * 0.7


def find_header(
    head: Sequence[Cells], merges: Sequence[Merge], columns: Sequence[Column], matcher: Matcher
) -> Header | None:
    """The row, or the two rows, among the first ones that look most like the header; None when none does.

    One sure match in a row of several texts is enough when there is nothing better: then it can be said what is missing.

    ``merges`` count columns as ``head`` does. A header of two lines must match more than either line alone.
    """
    best: Header | None = None
    fallback: Header | None = None
    above: Header | None = None
    for row, cells in enumerate(head[:HEAD_ROWS]):
        single = _single(row, cells, matcher)
        candidates = [single]
        if above is not None:
            double = _double(row - 1, head[row - 1], cells, merges, matcher)
            # A unit line over the header must not become half of it.
            if double.score > max(above.score, single.score) + 0.4:
                candidates.append(double)
        for candidate in candidates:
            if _enough(candidate, columns) and (best is None or candidate.score > best.score + 0.05):
                best = candidate
        if single.sure and sum(map(bool, single.texts)) > 1 and (fallback is None or single.score > fallback.score):
            fallback = single
        above = single
        if best is not None and row > best.last and best.score >= len(columns) * 0.94:
            break
    best = best or fallback
    return best and _below_merges(best, merges)


def given_header(
    head: Sequence[Cells], merges: Sequence[Merge], columns: Sequence[Column], mapping: Mapping[str, str], offset: int
) -> tuple[Header | None, list[str]]:
    """The header by a mapping that a person gave: column id -> header text, or letters ("C").

    Returns the header and the ids whose header text stands nowhere. Columns not in ``mapping`` are left out.
    """
    wanted = {plain(text) for text in mapping.values()}
    best, hits = 0, -1
    doubles: dict[int, list[tuple[str, ...]]] = {}
    for row, cells in enumerate(head[:HEAD_ROWS]):
        below = head[row + 1] if row + 1 < len(head) else ()
        doubles[row] = _alternatives(row, cells, below, merges)
        count = len(wanted & {plain(cell) for cell in cells})
        if count > hits:
            best, hits = row, count
        both = len(wanted & {text for texts in doubles[row] for text in texts})
        if both > hits:
            best, hits = row, both
    if not head:
        return None, list(mapping)
    single = [(plain(cell),) for cell in head[best]]
    is_double = hits > len(wanted & {plain(cell) for cell in head[best]})
    known = doubles[best] if is_double else single
    matches, missing = [], []
    for position, column in enumerate(columns):
        if column.id not in mapping:
            continue
        index = _index(mapping[column.id], known, offset)
        if index is None:
            missing.append(column.id)
        else:
            matches.append(Match(position, index, "given", 1.0))
    below = head[best + 1] if best + 1 < len(head) else ()
    texts = _double_texts(best, head[best], below, merges) if is_double else tuple(map(_shown, head[best]))
    return _below_merges(Header(best, best + is_double, texts, tuple(matches)), merges), missing


def _index(wanted: str, known: Sequence[tuple[str, ...]], offset: int) -> int | None:
    text = plain(wanted)
    for index, texts in enumerate(known):
        if text and text in texts:
            return index
    if re.fullmatch(r"[A-Za-z]{1,2}", wanted.strip()):
        index = index_of(wanted.strip()) - offset
        return index if 0 <= index < len(known) else None
    return None


def _enough(header: Header, columns: Sequence[Column]) -> bool:
    return header.sure >= 1 if len(columns) == 1 else len(header.matches) >= 2


def _single(row: int, cells: Cells, matcher: Matcher) -> Header:
    return Header(row, row, tuple(map(_shown, cells)), matcher.match([(plain(cell),) for cell in cells]))


def _double(row: int, cells: Cells, below: Cells, merges: Sequence[Merge], matcher: Matcher) -> Header:
    matches = matcher.match(_alternatives(row, cells, below, merges))
    return Header(row, row + 1, _double_texts(row, cells, below, merges), matches)


def _parents(row: int, cells: Cells, below: Cells, merges: Sequence[Merge]) -> list[str]:
    """The upper line with each text spread over the cells it covers."""
    texts = [_shown(cell) for cell in cells]
    spans = [(left, right) for (top, left), (_, right) in merges if top == row and right > left]
    for left, right in spans:
        for index in range(max(left, 0), min(right + 1, len(texts))):
            texts[index] = texts[max(left, 0)]
    if not merges:
        for index in range(1, min(len(texts), len(below))):
            if not texts[index] and _shown(below[index]):
                texts[index] = texts[index - 1]
    return texts


def _alternatives(row: int, cells: Cells, below: Cells, merges: Sequence[Merge]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for index, parent in enumerate(_parents(row, cells, below, merges)):
        upper, lower = plain(parent), plain(below[index]) if index < len(below) else ""
        found.append((upper + lower, lower) if lower else (upper,))
    return found


def _double_texts(row: int, cells: Cells, below: Cells, merges: Sequence[Merge]) -> tuple[str, ...]:
    texts = []
    for index, parent in enumerate(_parents(row, cells, below, merges)):
        lower = _shown(below[index]) if index < len(below) else ""
        texts.append(f"{parent}/{lower}" if parent and lower and parent != lower else parent or lower)
    return tuple(texts)


def _below_merges(header: Header, merges: Sequence[Merge]) -> Header:
    """Header cells merged downwards belong to the header: data begin below them."""
    last = header.last
    for (top, left), (bottom, right) in merges:
        if header.first <= top <= header.last and left == right and bottom <= header.first + 2:
            last = max(last, bottom)
    return Header(header.first, last, header.texts, header.matches)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return " ".join(text.strip(BLANKS).split())[:100]
