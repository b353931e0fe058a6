"""Read worked examples out of a page of docs/reckoning: headings, and the tables below them as rows of words."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from quxin.kernel.periods import Period
from quxin.kernel.scaled import ONE, scale
from quxin.ledger.models import Fact
from quxin.ledger.operations import end, reverse
from quxin.orgs.models import Organisation
from quxin.packs.types import MeasureSpec

from .world import entry, later, record

FOLDER = Path(__file__).parents[2] / "docs/reckoning"
Rows = list[dict[str, str]]


@dataclass
class Example:
    """One heading with its tables, told apart by their first column."""

    title: str
    tables: dict[str, Rows] = field(default_factory=dict)


def examples(page: str) -> list[Example]:
    """The examples of a page, in order."""
    found: list[Example] = []
    header: list[str] | None = None
    for line in (FOLDER / page).read_text("utf-8").splitlines():
        if line.startswith("## "):
            found.append(Example(line[3:]))
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if header is None:
            header = cells
            found[-1].tables[header[0]] = []
        elif set("".join(cells)) - set("- "):
            found[-1].tables[header[0]].append(dict(zip(header, cells, strict=True)))
    return found


def play(rows: Rows) -> None:
    """Record the rows, a day after each other."""
    for number, row in enumerate(rows, 1):
        what, now = row["kind"], later(number)
        if what[:2] in ("R ", "E "):
            subject = next(each["subject"] for each in rows if each["row"] == what[2:])
            kind = next(each["kind"] for each in rows if each["row"] == what[2:])
            if what[0] == "R":
                reverse(subject, actor=None, now=now, kinds=[kind])
            else:
                end([subject], on=date.fromisoformat(row["on"]), actor=None, now=now, kinds=[kind])
            continue
        record(
            entry(
                kind=what, label=row["label"], path=row["path"], subject=row["subject"], on=row["on"],
                quantity=scale(row["quantity"]) if row.get("quantity") else ONE, unit=int(row.get("unit") or 1),
                person=row.get("person", ""), campaign=row.get("campaign", ""),
            ),
            now=now,
        )  # fmt: skip


def place(rows: Rows) -> None:
    """Put organisations where they stand today."""
    for row in rows:
        Organisation.objects.create(
            pk=int(row["unit"]), name=f"单位{row['unit']}", kind="agency", path=row["path today"]
        )


def wanted(words: str) -> str | MeasureSpec:
    """A measure by id, or declared in place."""
    if not words.startswith("{"):
        return words
    return MeasureSpec.model_validate({"id": "here", "label": "此处", "unit": "", **json.loads(words)})


def how(row: dict[str, str]) -> dict:
    """The arguments that a row of expectations names."""
    arguments = {"path": row["path"], "period": Period.parse(row["period"]), "campaign": row.get("campaign", "")}
    if row.get("as of"):
        arguments["as_of"] = later(int(row["as of"].removeprefix("after row "))) + timedelta(seconds=1)
    if row.get("placement"):
        arguments["placement"] = row["placement"]
    return arguments


def value(words: str) -> Decimal | date | None:
    """An expected value; None is Missing."""
    if words == "missing":
        return None
    return date.fromisoformat(words) if words.count("-") == 2 else Decimal(words)


def held(rows: Rows) -> list[dict[str, str]]:
    """What the ledger holds, in the columns of the expectation."""
    return [
        {
            "seq": str(fact.seq),
            "quantity": str(Decimal(fact.quantity) / ONE),
            "sign": str(fact.sign),
            "reverses": str(fact.reverses or ""),
        }
        for fact in Fact.objects.order_by("seq")
    ]
