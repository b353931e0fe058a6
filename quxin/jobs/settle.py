"""Settle promises whose due day is over: once each, by what the facts say. Runs nightly, and by `quxin promises settle`.

The pages do not wait for it: they reckon kept or not themselves. Settling writes it down as a fact.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from quxin.briefs.commitments import promise_rows, with_words
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.operations import settle_commitment
from quxin.records.commitments.queries import due_for_settling
from quxin.records.commitments.rules import WrongStep

AT_ONCE = 60


@dataclass
class Settled:
    """Codes of the promises that were settled, by verdict."""

    kept: list[str] = field(default_factory=list)
    unkept: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        """All codes, kept ones first."""
        return iter([*self.kept, *self.unkept])


def settle_due(*, today: date, now: datetime) -> Settled:
    """Settle every published promise whose due day is over; running twice, or twice at once, settles each once."""
    settled = Settled()
    keys = list(due_for_settling(today).values_list("pk", flat=True))
    for at in range(0, len(keys), AT_ONCE):
        some = {row.pk: row for row in with_words(Commitment.objects.filter(pk__in=keys[at : at + AT_ONCE]))}
        for row in promise_rows(some.values(), today=today):
            try:
                settle_commitment(commitment=some[row.key], kept=row.reached, today=today, now=now)
            except WrongStep:
                continue  # another process settled it meanwhile
            (settled.kept if row.reached else settled.unkept).append(row.code)
    return settled
