"""Materialised paths: the place of a node in a tree as a string that sorts, four base-36 characters a level.

The whole subtree of a node is one range of an ordinary byte-order index. A path is a place and no name: it
changes when a node moves, so addresses carry codes instead. The empty path is no node: nothing is within it,
and it has no range (a grant whose path got lost must open nothing).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

STEP = 4
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
CAPACITY = 36**STEP
"""How many children a node can have: 1,679,616."""

_PATH = re.compile(r"(?:[0-9a-z]{4})+")
_AFTER_ALL = "~"  # sorts after every base-36 character in byte order


class PathError(ValueError):
    """A string that is no path, or a number beyond four base-36 characters: a mistake in code or data, not a
    user's.
    """


def is_path(text: str) -> bool:
    """Whether ``text`` is a path of at least one level."""
    return _PATH.fullmatch(text) is not None


def encode(n: int) -> str:
    """The step of the ``n``-th child (0-based): ``encode(37) == "0011"``. Raises PathError beyond
    CAPACITY.
    """
    if not 0 <= n < CAPACITY:
        raise PathError(f"{n} does not fit {STEP} base-36 characters")
    step = ""
    for _ in range(STEP):
        n, digit = divmod(n, 36)
        step = DIGITS[digit] + step
    return step


def decode(step: str) -> int:
    """The number of one step, or of the last step of a longer path; the inverse of ``encode``."""
    return int(_checked(step)[-STEP:], 36)


def child_path(parent: str, n: int) -> str:
    """The path of the ``n``-th child of ``parent``; ``""`` as parent makes a root."""
    return (_checked(parent) if parent else "") + encode(n)


def parent_path(path: str) -> str:
    """The path one level up; ``""`` for a root."""
    return _checked(path)[:-STEP]


def ancestors(path: str, include_self: bool = False) -> list[str]:
    """The paths above ``path``, root first; with ``include_self`` also ``path`` at the end."""
    end = len(_checked(path)) + (1 if include_self else 0)
    return [path[:i] for i in range(STEP, end, STEP)]


def common_path(paths: Iterable[str]) -> str:
    """The deepest path within which all of ``paths`` lie; ``""`` when there is none, or no path."""
    listed = list(paths)
    if not listed:
        return ""
    # Paths sort so that what the least and the greatest have in common, all have.
    low, high = min(listed), max(listed)
    return next((path for path in reversed(ancestors(low, include_self=True)) if is_within(high, path)), "")


def depth(path: str) -> int:
    """How many levels ``path`` has: 1 for a root, 0 for the empty path."""
    return len(_checked(path)) // STEP if path else 0


def is_within(path: str, root: str) -> bool:
    """Whether ``path`` is ``root`` or below it. False for an empty or broken root, whatever ``path`` is."""
    return bool(root) and len(root) % STEP == 0 and len(path) % STEP == 0 and path.startswith(root)


def subtree_range(path: str) -> tuple[str, str]:
    """``(lo, hi)``: in byte order, ``lo <= p < hi`` holds for exactly the node and its descendants."""
    return _checked(path), path + _AFTER_ALL


def _checked(path: str) -> str:
    if not is_path(path):
        raise PathError(f"{path!r} is no path of {STEP}-character steps")
    return path
