"""Where the title of an official document breaks.

The standard asks that a title of several lines keep its words whole and stand balanced (a trapezoid or a
lozenge). Not for headings inside the text: those run on and wrap.
"""

from __future__ import annotations

import itertools
import unicodedata

import rjieba

from quxin.reports.layout import TITLE_CHARACTERS

_OPENING = "“‘《〈(（〔【「『"
_CLOSING = "”’》〉)）〕】」』"
_NOT_FIRST = "、,。;:!?，；：！？…·的地得和与及了" + _CLOSING
_NOT_LAST = "关于和与及、为在对向" + _OPENING


def width(text: str) -> float:
    """Width in Chinese characters: Latin letters and digits are half of one."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text)


def title_lines(title: str, limit: int = TITLE_CHARACTERS) -> list[str]:
    """``title`` in as few lines of at most ``limit`` characters as it takes; a line feed in it is obeyed.

    Breaks stand between words, outside quotation marks and book titles where that is possible.
    """
    if "\n" in title.strip():
        return [part.strip() for part in title.split("\n") if part.strip()]
    title = " ".join(title.split())
    if width(title) <= limit:
        return [title]
    words = rjieba.cut(title)
    count = int(-(-width(title) // limit))
    for lines in (count, count + 1):
        found = _best(words, lines, limit)
        if found:
            return found
    return _by_force(title, limit)


def _best(words: list[str], lines: int, limit: int) -> list[str]:
    """The division of ``words`` into ``lines`` lines with the smallest cost; empty when none fits."""
    ends = list(itertools.accumulate(len(word) for word in words))[:-1]
    text = "".join(words)
    if len(ends) > 60 or lines > 4:  # not a title any more: don't try millions of divisions
        return []
    best: tuple[float, list[str]] = (float("inf"), [])
    for cuts in itertools.combinations(ends, lines - 1):
        edges = (0, *cuts, len(text))
        parts = [text[a:b].strip() for a, b in itertools.pairwise(edges)]
        widths = [width(part) for part in parts]
        if max(widths) > limit or not all(parts):
            continue
        cost = max(widths) - min(widths) + sum(_cost(text, cut) for cut in cuts)
        best = min(best, (cost, parts), key=lambda pair: pair[0])
    return best[1]


def _cost(text: str, cut: int) -> float:
    """What a break before ``text[cut]`` costs, in characters of imbalance that one would rather bear."""
    before, after = text[cut - 1], text[cut]
    cost = 0.0
    if after in _NOT_FIRST or before in _NOT_LAST:
        cost += 40
    if before in _CLOSING:  # “…”活动: the name belongs to the noun after it
        cost += 5
    depth = sum(text.count(c, 0, cut) for c in _OPENING) - sum(text.count(c, 0, cut) for c in _CLOSING)
    return cost + (20 if depth > 0 else 0)


def _by_force(title: str, limit: int) -> list[str]:
    """Lines of full width, for a title that no division fits."""
    lines, line = [], ""
    for char in title:
        if width(line + char) > limit:
            lines.append(line)
            line = ""
        line += char
    return [*lines, line]
