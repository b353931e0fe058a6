"""One view of a workbook, whether it came as .xlsx or .csv: sheets that stream rows of plain Python values.

Only ``guard.open_workbook`` makes these: it has checked the bytes first. A cell is "", str, float, bool or a
date type of ``datetime``; formulas are never reckoned, only the value that was saved with them is seen.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from python_calamine import CalamineSheet

Cells = Sequence[Any]
Merge = tuple[tuple[int, int], tuple[int, int]]
"""((first row, first column), (last row, last column)), 0-based and inclusive."""


class Sheet(Protocol):
    """Rows of one sheet. ``offset`` is the 0-based column of the first cell in every row; rows begin at row
    1."""

    name: str
    offset: int

    def rows(self) -> Iterator[Cells]:
        """Every row from the first, blank ones as well, so that counting gives Excel's row numbers."""

    def merges(self) -> Sequence[Merge]:
        """The merged ranges, in the sheet's own columns (``offset`` not taken off)."""


class ExcelSheet:
    """A sheet that calamine has parsed; rows become Python objects one at a time."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self.name = sheet.name
        self._sheet = sheet
        self.offset = sheet.start[1] if sheet.start else 0

    def rows(self) -> Iterator[Cells]:
        """See ``Sheet.rows``."""
        return iter(self._sheet.iter_rows()) if self._sheet.start else iter(())

    def merges(self) -> Sequence[Merge]:
        """See ``Sheet.merges``."""
        return self._sheet.merged_cell_ranges or []


class CsvSheet:
    """A text file with separators; a record counts as one row even when a quoted cell runs over several
    lines."""

    offset = 0

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
        self._separator = _separator(text)

    def rows(self) -> Iterator[Cells]:
        """See ``Sheet.rows``; every cell is a string."""
        return csv.reader(io.StringIO(self._text, newline=""), delimiter=self._separator)

    def merges(self) -> Sequence[Merge]:
        """None: a text file cannot merge cells."""
        return ()


def _separator(text: str) -> str:
    head = text[:20_000].splitlines()[:20]
    counts = {mark: sum(line.count(mark) for line in head) for mark in (",", "\t", ";")}
    return max(counts, key=lambda mark: counts[mark])


class Workbook:
    """A checked workbook: the names of its visible and hidden sheets, and the sheets, parsed when asked
    for."""

    def __init__(
        self, sheets: Sequence[str], hidden: Sequence[str], load: Callable[[str], Sheet], max_rows: int
    ) -> None:
        self.sheets = tuple(sheets)
        self.hidden = tuple(hidden)
        self.max_rows = max_rows
        self._load = load

    def sheet(self, name: str) -> Sheet:
        """Parse one sheet. Parsing is not cached: keep the sheet as long as you need it."""
        return self._load(name)

    @staticmethod
    def head(sheet: Sheet, count: int) -> list[Cells]:
        """The first ``count`` rows of a sheet."""
        return list(islice(sheet.rows(), count))
