"""The built-in measures as a page of the reference, written from their declarations.

    python -m quxin.measures.reference         writes docs/reference/measures.md

Not for reckoning, and not for measures of packs: those stand in the packs themselves.
"""

from pathlib import Path

from quxin.packs.builtin import BUILTIN
from quxin.packs.measure_types import MeasureSpec

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "measures.md"

HEAD = """# Built-in measures

<!-- Written by `python -m quxin.measures.reference`; do not edit. -->

Every installation has these, whatever its packs; a pack adds its own as `<pack>.<id>` ([pack reference](pack.md)). A measure
is a reading of the ledger's facts: nobody types one. `count` counts facts (a reversal takes one away), `sum` adds their
quantities, `distinct` counts people or subjects once, `ratio` divides two measures, `stock` adds up since ever, `first` is
the date of the earliest. Where nobody has recorded anything the value is missing, which is not zero.
"""


def page() -> str:
    """The page, as Markdown: a table for each group of measures."""
    groups: dict[str, list[MeasureSpec]] = {}
    for spec in BUILTIN.values():
        groups.setdefault(spec.id.partition(".")[0], []).append(spec)
    return "\n".join([HEAD, *(_group(name, specs) for name, specs in groups.items())])


def _group(name: str, specs: list[MeasureSpec]) -> str:
    rows = "".join(f"{_row(spec)}\n" for spec in specs)
    return f"## {name}\n\n| measure | label | unit | how | about |\n| --- | --- | --- | --- | --- |\n{rows}"


def _row(spec: MeasureSpec) -> str:
    cells = (f"`{spec.id}`", f"{spec.label} · {spec.label_en}", spec.unit, _how(spec), _about(spec))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _how(spec: MeasureSpec) -> str:
    """The form and the facts, with what narrows them."""
    of = getattr(spec, spec.form)
    said = f"{spec.form} of {' ÷ '.join(f'`{part}`' for part in of) if spec.form == 'ratio' else f'`{of}`'}"
    if spec.where is not None:
        narrowed = spec.where.model_dump(exclude_none=True, exclude_defaults=True, mode="json")
        said += " where " + ", ".join(f"{key} = {value}" for key, value in narrowed.items())
    return said


def _about(spec: MeasureSpec) -> str:
    marks = [
        word
        for word, holds in (("of one campaign", spec.scope == "campaign"), ("not public", not spec.public))
        if holds
    ]
    return " ".join([spec.description, spec.description_en, *(f"({mark})" for mark in marks)]).strip()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
