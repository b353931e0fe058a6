"""民主评议党员: the count proposes, a body decides, and gives its reason where it departs from the count.

At most a third are 优秀. The decision is made once, after closing, and changes nothing of what was counted.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.ledger.operations import audit
from quxin.records.evaluations.errors import NothingToDecide
from quxin.records.evaluations.models import Decision, Round, RoundSubject
from quxin.records.evaluations.one_third import Proposal, Proposed, decide


def plain_proposal(proposal: Proposal) -> dict[str, Any]:
    """A proposal as the round keeps it: grades and no counts, which may have to stay hidden."""
    return {
        "most": proposal.most,
        "share": proposal.share,
        "members": {one.member: {"grades": list(one.grades), "over": one.over} for one in proposal.members},
    }


def read_proposal(plain: Mapping[str, Any]) -> Proposal:
    """The proposal that a round keeps; its members carry no votes."""
    members = tuple(
        Proposed(code, {}, tuple(one["grades"]), one["over"]) for code, one in sorted(plain["members"].items())
    )
    return Proposal(plain["most"], len(members), plain["share"], members)


def decide_members(
    *,
    actor: Actor,
    round_: Round,
    body: str,
    grades: Mapping[str, int],
    reasons: Mapping[str, str],
    today: date,
    now: datetime,
) -> list[Decision]:
    """Record what `body` decided: subject code → grade (4 优秀 … 1 不合格), and a reason for whoever departs from the count.

    Raises NothingToDecide, NotDecided, TooManyExcellent, DepartureUnexplained, Refused.
    """
    require(actor, Action.DECIDE, round_.organiser.path)
    with transaction.atomic():
        held = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        subjects = {one.code: one for one in RoundSubject.objects.filter(round=held)}
        if held.proposal is None or Decision.objects.filter(subject__round=held).exists():
            raise NothingToDecide
        decided = decide(read_proposal(held.proposal), grades, reasons)
        made = Decision.objects.bulk_create(
            [
                Decision(
                    subject=subjects[one.member],
                    grade=one.grade,
                    departs=one.departs,
                    reason=one.reason[:300],
                    body=body.strip()[:120],
                    decided_on=today,
                    decided_by=actor.account,
                )
                for one in decided
            ]
        )
        audit("round.decide", f"round:{held.pk}", actor=actor.account, now=now, path=round_.organiser.path)
    return made
