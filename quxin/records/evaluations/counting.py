"""From the ballots of a closed round to its results: walk them once, count, hide what must stay hidden.

Only closing calls this. What comes out is what may be published; the counts themselves go nowhere else.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quxin.kernel.scaled import scale
from quxin.ledger.operations import Entry
from quxin.records.evaluations.facts import GRADE
from quxin.records.evaluations.models import Ballot, Round, RoundSubject
from quxin.records.evaluations.reckoning import hidden_because, tally
from quxin.records.evaluations.rules import last_day, subject_text


@dataclass(frozen=True, slots=True)
class Counted:
    """`results` as published on the board; `shown` are the grades of each subject (by key) whose result may be shown."""

    results: list[dict[str, Any]]
    shown: dict[int, dict[int, int]]


def count_round(round_: Round, subjects: Sequence[RoundSubject]) -> Counted:
    """Count a round whose urn is empty."""
    counts: dict[int, Counter[int]] = {subject.pk: Counter() for subject in subjects}
    ballots = Ballot.objects.filter(round=round_, set_aside=None).order_by()
    for key, answers in ballots.values_list("subject", "answers").iterator(chunk_size=5000):
        counts[key][answers["grade"]] += 1
    shown, results = {}, []
    for subject in subjects:
        hidden = hidden_because(counts[subject.pk], round_.minimum)
        if not hidden:
            shown[subject.pk] = dict(counts[subject.pk])
        results.append(_result(subject, counts[subject.pk], hidden, round_.minimum))
    return Counted(sorted(results, key=lambda one: str(one["subject"])), shown)


def entries_of(round_: Round, subjects: Sequence[RoundSubject], counted: Counted) -> list[Entry]:
    """A fact for each grade given to each subject whose result may be shown, dated the last day of voting."""
    return [
        Entry(
            GRADE.id,
            subject.organisation_id,
            subject.organisation.path,
            subject_text(subject),
            last_day(round_),
            quantity=scale(count),
            label=f"{round_.code}/{grade}",
            campaign=round_.campaign.key if round_.campaign else "",
        )
        for subject in subjects
        for grade, count in sorted(counted.shown.get(subject.pk, {}).items())
    ]


def _result(subject: RoundSubject, counts: Counter[int], hidden: str, minimum: int) -> dict[str, Any]:
    total = sum(counts.values())
    if hidden:
        return {"subject": subject.code, "ballots": total if total >= minimum else None, "hidden": hidden}
    told = tally(counts)
    return {
        "subject": subject.code,
        "ballots": total,
        "hidden": "",
        "satisfied": str(told.satisfied),
        "grades": {str(one.grade): one.count for one in told.grades},
    }
