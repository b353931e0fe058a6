"""Which steps of a promise its page offers: where it stands, and what the actor may do. The operations ask again."""

from dataclasses import dataclass
from datetime import date

from quxin.access import Action, Actor, may
from quxin.records.commitments.models import Commitment, CommitmentEvent
from quxin.records.commitments.rules import STEPS

OWN_STEPS = (CommitmentEvent.Kind.MADE, CommitmentEvent.Kind.EDITED, CommitmentEvent.Kind.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be offered."""

    edit: bool
    submit: bool
    review: bool
    change: bool
    progress: bool
    explain: bool
    withdraw: bool
    evidence: bool


def rights(actor: Actor, commitment: Commitment, today: date) -> Rights:
    """The steps that `actor` may take with `commitment` now."""
    where = commitment.organisation.path
    makes = bool(may(actor, Action.MAKE_COMMITMENT, where, person=commitment.person_id))
    publishes = bool(may(actor, Action.PUBLISH_COMMITMENT, where))
    stands = {step for step, states in STEPS.items() if commitment.state in states}
    return Rights(
        edit=makes and "edit" in stands,
        submit=makes and "submit" in stands,
        review="review" in stands and _may_review(actor, commitment),
        change=publishes and "change" in stands and today <= commitment.due_on,
        progress=makes and "progress" in stands and not commitment.measure,
        explain=publishes and "explain" in stands,
        withdraw=makes and "withdraw" in stands,
        evidence=makes,
    )


def _may_review(actor: Actor, commitment: Commitment) -> bool:
    where = commitment.organisation.path
    if not may(actor, Action.REVIEW_COMMITMENT, where, person=commitment.person_id):
        return False
    return not commitment.events.filter(kind__in=OWN_STEPS, by=actor.account or 0).exists()
