"""Carrying a plan out: in chunks, each a transaction of its own, so that a killed import goes on where it stopped.

What is written is the business of each form; here are only the order, the counting and the once-only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from quxin.access import Action, Actor, require, scopes
from quxin.kernel.errors import QuxinError
from quxin.kernel.memory import piling_up
from quxin.ledger.bulk import take_stock
from quxin.ledger.operations import audit
from quxin.orgs.refusals import CHUNK, Refusal, Refuser
from quxin.records.intake.plans import Already, FilePlan, Plan, Ready, refuse
from quxin.runs.operations import Progress

LARGE = 20 * CHUNK
"""From so many rows on an import is large."""


@dataclass(slots=True)
class Result:
    """What an import did: rows created, rows that were there already, rows refused (with their files)."""

    created: int = 0
    already: int = 0
    recorded: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    unreadable: list[FilePlan] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Rows that are recorded now."""
        return self.created + self.already

    @property
    def refused_rows(self) -> int:
        """How many rows were refused."""
        return len({(name, one.row) for name, one in self.refused})

    def as_json(self) -> dict[str, Any]:
        """For machine readers."""
        return {
            "accepted": self.accepted,
            "created": self.created,
            "already": self.already,
            "recorded_before": self.recorded,
            "refused": [{"file": name, **one.as_json()} for name, one in self.refused],
            "unreadable": [one.as_json() for one in self.unreadable],
        }


def apply_plan(*, plan: Plan, actor: Actor, now: datetime, progress: Progress) -> Result:
    """Record the new rows of `plan`; `progress` counts them and may raise Cancelled between two chunks.

    Every chunk stands by itself: what was written stays when the import is killed, and a second import of the same files
    finds it there. A row that an operation refuses is refused alone; `plan` learns of it. Raises Refused when the actor
    may import nowhere.
    """
    path = next(iter(scopes(actor, Action.IMPORT)), "")
    require(actor, Action.IMPORT, path)
    progress.start(plan.new)
    result = Result(already=plan.already, recorded=plan.recorded, unreadable=plan.unreadable)
    with piling_up() as keep:
        keep()
        for one in plan.files:
            _write_file(plan, one, result, actor, now, progress)
    audit(
        "records.import",
        f"form:{plan.form.id}",
        actor=actor.account,
        now=now,
        path=path,
        created=result.created,
        already=result.already,
        refused=result.refused_rows,
    )
    if result.created >= LARGE:
        take_stock()
    return result


def chunk_size(rows: int) -> int:
    """How many rows stand in one transaction: 500, and in a large import 10,000.

    Every commit waits for the disk, and writes each page of an index that the chunk touched: a large import would spend a
    third of its time there.
    """
    return CHUNK if rows < LARGE else 20 * CHUNK


def _write_file(plan: Plan, one: FilePlan, result: Result, actor: Actor, now: datetime, progress: Progress) -> None:
    refuser = Refuser(plan.form.columns, one.source)
    size = chunk_size(plan.new)
    for at in range(0, len(one.new), size):
        chunk = one.new[at : at + size]
        _write(plan, one, chunk, refuser, result, actor, now)
        progress.step(len(chunk))
    one.refused += refuser.refused
    result.refused += [(one.name, refusal) for refusal in one.refused]


def _write(
    plan: Plan,
    one: FilePlan,
    chunk: Sequence[Ready],
    refuser: Refuser,
    result: Result,
    actor: Actor,
    now: datetime,
) -> None:
    """Write a chunk; if an operation refuses something in it, row by row, so that only that row is refused."""
    try:
        _write_together(plan, one, chunk, result, actor, now)
    except QuxinError as error:
        if len(chunk) > 1:
            for row in chunk:
                _write(plan, one, [row], refuser, result, actor, now)
            return
        refuse(refuser, chunk[0].row, chunk[0].cells, plan.form.column_of(error), None, error)


def _write_together(
    plan: Plan, one: FilePlan, chunk: Sequence[Ready], result: Result, actor: Actor, now: datetime
) -> None:
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                # Asked again: somebody else may have entered the same rows since the plan was made.
                there = plan.rows.there({row.key: row.draft for row in chunk})
                fresh = {row.key: row.draft for row in chunk if row.key not in there}
                if fresh:
                    plan.rows.write(fresh, actor=actor, now=now)
            break
        except IntegrityError:
            # ... or is entering them at this moment: his row won, and is there at the second look.
            if attempt == 2:
                raise
    result.created += len(fresh)
    result.already += len(there)
    result.recorded += len(there)
    one.already += [Already(row.row) for row in chunk if row.key in there]
