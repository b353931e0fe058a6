"""Sparing the collector of circular garbage what will live long: it looks through every object again and again otherwise.

For work that piles up hundreds of thousands of objects, such as the plan of an import. Not for what is small or short.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def piling_up() -> Iterator[Callable[[], None]]:
    """Within, calling what this yields says: whatever lives now goes on living, do not look through it. Undone at the end."""
    try:
        yield gc.freeze
    finally:
        gc.unfreeze()
