"""Verification of the ledger as long work: progress by facts, and a result that names what is wrong."""

from collections.abc import Iterable
from typing import Any

from quxin.jobs.worker import handles
from quxin.ledger.models import Book
from quxin.ledger.verification import verify
from quxin.runs.models import Run
from quxin.runs.operations import Progress, Refusal

MOST_SHOWN = 200


@handles("ledger.verify")
def verify_ledger(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """Recompute every fact and seal; the result holds the counts and the first problems."""
    heads = dict(Book.objects.values_list("key", "head_seq"))
    progress.start(sum(heads.values()))
    done: dict[str, int] = {}

    def seen(book: str, facts: int, _total: int) -> None:
        # Facts that came after the count are checked too, and must not carry the bar beyond its end.
        facts = min(facts, heads.get(book, 0))
        progress.step(facts - done.get(book, 0))
        done[book] = facts

    outcome = verify(progress=seen)
    problems = [{"book": one.book, "seq": one.seq, "what": one.what} for one in outcome.problems[:MOST_SHOWN]]
    return {
        "ok": outcome.ok,
        "facts": outcome.facts,
        "seals": outcome.seals,
        "problems": problems,
        "unguarded": list(outcome.unguarded),
        "more": max(0, len(outcome.problems) - MOST_SHOWN),
    }, ()
