"""Close a round, or void it in public: everything is counted once, the private keys are destroyed, and what the witnesses
sign is written down.

Nobody closes before the announced end, and nobody edits what was closed. A round that went wrong is voided with a reason.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum

from quxin.access import Action, Actor, require
from quxin.kernel.clock import TZ, local_date
from quxin.kernel.hashes import MerkleAccumulator
from quxin.kernel.identifiers import find_personal_numbers
from quxin.ledger.operations import append, audit
from quxin.records.evaluations import journal, urn
from quxin.records.evaluations.board import Counts, statement
from quxin.records.evaluations.errors import AlreadyClosed, NotOverYet, PersonalNumbers, ReasonMissing
from quxin.records.evaluations.models import (
    Ballot,
    CardSheet,
    Limit,
    Pulse,
    RosterLine,
    Round,
    RoundKey,
    RoundSubject,
    SetAside,
    Spent,
)
from quxin.records.evaluations.totals import count_round, entries_of


def close_round(*, actor: Actor, round_: Round, now: datetime) -> None:
    """Close a round after its announced end: mix what waits, count, seal the receipts, append what may be shown.

    Raises NotOverYet, AlreadyClosed, Refused.
    """
    require(actor, Action.CLOSE_ROUND, round_.organiser.path)
    with transaction.atomic():
        held = _hold(round_)
        if held.state != Round.State.OPEN:
            raise AlreadyClosed
        if now < held.closes_at:
            raise NotOverYet(closes_at=f"{held.closes_at.astimezone(TZ):%Y-%m-%d %H:%M}")
        gone = journal.missing(held.pk)
        urn.mix(held.pk)
        subjects = list(RoundSubject.objects.filter(round=held).select_related("organisation").order_by("pk"))
        counted = count_round(held, subjects)
        held.state, held.proposal = Round.State.CLOSED, counted.proposal
        _seal(held, actor=actor, now=now, results=counted.results, gone=gone)
        append(entries_of(held, subjects, counted), actor=actor.account, now=now)
        audit("round.close", f"round:{held.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def close_due_rounds(*, actor: Actor, now: datetime) -> int:
    """Close every round whose announced end has passed, so that nobody can sit on a result; how many there were."""
    closed = 0
    due = Round.objects.filter(state=Round.State.OPEN, closes_at__lte=now, is_shadow=False)
    for round_ in due.select_related("organiser"):
        try:
            close_round(actor=actor, round_=round_, now=now)
        except AlreadyClosed:
            continue  # somebody closed it by hand meanwhile
        closed += 1
    return closed


def void_round(*, actor: Actor, round_: Round, reason: str, now: datetime) -> None:
    """Void an open round in public, with a reason; its ballots are never counted. Raises ReasonMissing, AlreadyClosed."""
    require(actor, Action.CLOSE_ROUND, round_.organiser.path)
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    if find_personal_numbers(reason):
        raise PersonalNumbers("作废理由里好像有电话号码或身份证号。", hint="理由会公开，请删去号码再提交。")
    with transaction.atomic():
        held = _hold(round_)
        if held.state not in (Round.State.DRAFT, Round.State.OPEN):
            raise AlreadyClosed
        gone = journal.missing(held.pk)
        urn.mix(held.pk)
        held.state, held.void_reason = Round.State.VOID, reason[:300]
        _seal(held, actor=actor, now=now, results=[], gone=gone)
        audit("round.void", f"round:{held.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def _hold(round_: Round) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("campaign", "organiser").get(pk=round_.pk)


def _seal(held: Round, *, actor: Actor, now: datetime, results: list[Any], gone: list[str]) -> None:
    """Write down what closing found, and destroy what could still make a token or a mark."""
    root = _root(Ballot.objects.filter(round=held).order_by("receipt").values_list("receipt", flat=True))
    held.closed_at, held.closed_by, held.receipts_root = now, actor.account, root
    held.results = results
    if held.opening is not None:
        held.statement = statement(
            held.opening,
            counts=counts_of(held),
            receipts_root=root.hex(),
            tokens_root=_root(_marks(held)).hex(),
            voided=voided_of(held),
            results=results,
            closed_on=local_date(now).isoformat(),
            state=str(held.state),
            reason=held.void_reason,
        ) | ({"missing": gone} if gone else {})
    held.save()
    RoundKey.objects.filter(round=held).update(private=None)
    CardSheet.objects.filter(round=held).delete()
    RosterLine.objects.filter(round=held).update(label="")
    Limit.objects.filter(subject__round=held).delete()
    Pulse.objects.filter(subject__round=held, is_burst=False).delete()
    transaction.on_commit(lambda: journal.forget(held.pk))


def counts_of(round_: Round) -> Counts:
    """What was issued, cast, left unused and set aside, each counted where it happened."""
    stored = Ballot.objects.filter(round=round_).count()
    void = SetAside.objects.filter(ballot__round=round_).count()
    if round_.access == Round.Access.OPEN:
        return Counts(issued=stored, cast=stored - void, unused=0, void=void)
    issued = RosterLine.objects.filter(round=round_).aggregate(total=Sum("tokens"))["total"] or 0
    spent = Spent.objects.filter(round=round_).count()
    return Counts(issued=issued, cast=stored - void, unused=issued - spent, void=void)


def voided_of(round_: Round) -> list[dict[str, str]]:
    """Ballots set aside in public, each with its reason."""
    rows = SetAside.objects.filter(ballot__round=round_).order_by("ballot__receipt")
    return [{"receipt": receipt, "reason": reason} for receipt, reason in rows.values_list("ballot__receipt", "reason")]


def _marks(round_: Round) -> Iterator[str]:
    if round_.access == Round.Access.OPEN:
        return iter(())
    return Spent.objects.filter(round=round_).order_by("mark").values_list("mark", flat=True).iterator()


def _root(hexes: Iterable[str]) -> bytes:
    accumulator = MerkleAccumulator()
    for leaf in hexes:
        accumulator.add(bytes.fromhex(leaf))
    return accumulator.root()
