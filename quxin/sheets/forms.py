"""The hidden sheet by which we know our own forms again: which form, which version, which column is which.

It comes back from strangers, so it only ever saves guessing: a column it names must exist, and nothing in it is run,
shown as markup or trusted as a permission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from quxin.sheets.cells import show
from quxin.sheets.workbook import Cells, Sheet

FORM_SHEET = "_quxin"
_MARK = "quxin-form"
_LAYOUT = "1"
_MOST_ROWS = 1_000

ExampleKey = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Form:
    """What the hidden sheet says. ``headers``: column id -> header text; ``examples``: the example rows."""

    template: str
    version: str
    title: str = ""
    sheet: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    examples: frozenset[ExampleKey] = frozenset()


def example_key(keys: Iterable[tuple[str, int]], cells: Cells) -> ExampleKey:
    """The filled cells of a row by column id: equal for an example row wherever its columns were moved."""
    width = len(cells)
    return frozenset((key, show(cells[i])) for key, i in keys if i < width and cells[i] != "")


def form_rows(form: Form, examples: Sequence[Mapping[str, str]] = ()) -> list[list[str]]:
    """The rows of the hidden sheet."""
    rows = [[_MARK, _LAYOUT], ["template", form.template, form.version, form.title], ["sheet", form.sheet]]
    rows += [["column", key, text] for key, text in form.headers.items()]
    for one in examples:
        rows.append(["example", *(part for key, text in one.items() if text for part in (key, show(text)))])
    return rows


def read_form(sheet: Sheet) -> Form | None:
    """The form that the hidden sheet describes; None when it is not ours or has been spoilt."""
    rows = [[str(cell) for cell in row] for row in islice(sheet.rows(), _MOST_ROWS)]
    if len(rows) < 3 or rows[0][:2] != [_MARK, _LAYOUT] or rows[1][:1] != ["template"] or len(rows[1]) < 3:
        return None
    headers = {row[1]: row[2] for row in rows if row[0] == "column" and len(row) >= 3 and row[2]}
    examples = [row[1:] for row in rows if row[0] == "example"]
    return Form(
        template=rows[1][1],
        version=rows[1][2],
        title=rows[1][3] if len(rows[1]) > 3 else "",
        sheet=rows[2][1] if rows[2][0] == "sheet" else "",
        headers=headers,
        examples=frozenset(frozenset(zip(row[::2], row[1::2], strict=False)) - {("", "")} for row in examples),
    )
