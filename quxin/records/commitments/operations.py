"""A promise from its making to its settling: 提诺 → 审诺 → 亮诺 → 践诺 → 评诺.

What was published is never changed silently: every later change is an event that the public sees, with its reason.
Whether a promise was kept is not typed: whoever settles it passes what the measures say (see briefs.commitments).
"""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from quxin.access import SYSTEM, Action, Actor, require
from quxin.kernel.errors import QuxinError, Stale
from quxin.kernel.scaled import ONE
from quxin.ledger.operations import Entry, append, audit, reverse
from quxin.orgs.models import Organisation, Person
from quxin.records.campaigns.models import Campaign
from quxin.records.commitments import facts
from quxin.records.commitments.models import Commitment, CommitmentEvent, CommitmentProgress
from quxin.records.commitments.rules import (
    STEPS,
    DueTooEarly,
    Promise,
    WrongStep,
    check_promise,
    require_anonymous,
    require_maker,
    require_open,
    require_quantity,
    require_reason,
    require_reviewer,
    require_step,
)

State, Happened = Commitment.State, CommitmentEvent.Kind


class NothingChanged(QuxinError):
    """A change that changes nothing."""

    default_message = "内容没有变化，不需要改动。"


class NotLater(QuxinError):
    """An extension to a day that is no later."""

    default_message = "延期后的期限必须晚于原来的 %(due_on)s。"


class CountedElsewhere(QuxinError):
    """Progress typed in for a promise that a measure counts."""

    default_message = "这项承诺按指标自动计数，不用另报进展。"
    default_hint = "请把做过的事记进台账，数字会自己变。"


class InTheFuture(QuxinError):
    """The day has not come yet."""

    default_message = "日期 %(on)s 还没有到。"
    default_hint = "只记已经做了的事。"


class NotDueYet(QuxinError):
    """Settling before the due day."""

    default_message = "期限 %(due_on)s 还没有到，到期当天由系统按数结算。"


def make_commitment(
    *,
    actor: Actor,
    organisation: Organisation,
    promise: Promise,
    today: date,
    now: datetime,
    person: Person | None = None,
    campaign: Campaign | None = None,
    verifier_organisation: Organisation | None = None,
    row_key: str | None = None,
    is_sample: bool = False,
) -> Commitment:
    """提诺: make a promise of `organisation`, or of `person` in it. The same `row_key` again gives the promise made before.

    Raises TargetWrong, DueTooEarly, PersonalNumbers, Refused.
    """
    require_maker(actor, organisation, person)
    check_promise(promise, today)
    if row_key and (made := Commitment.objects.filter(row_key=row_key).first()):
        return made
    with transaction.atomic():
        commitment = Commitment.objects.create(
            organisation=organisation,
            person=person,
            campaign=campaign,
            verifier_organisation=verifier_organisation,
            made_at=now,
            made_by=actor.account,
            row_key=row_key,
            is_sample=is_sample,
            **asdict(promise),
        )
        _note(commitment, Happened.MADE, actor, now, after=_plain(asdict(promise)))
        _append(commitment, facts.MADE.id, today, actor, now)
    return commitment


def edit_commitment(
    *, actor: Actor, commitment: Commitment, promise: Promise, today: date, now: datetime, version: int
) -> None:
    """Change a promise before it is public. Raises WrongStep, Stale, TargetWrong, DueTooEarly, PersonalNumbers."""
    require_maker(actor, commitment.organisation, commitment.person)
    require_step(commitment, "edit")
    check_promise(promise, today)
    with transaction.atomic():
        before, after = _save_fields(commitment, promise, version)
        if before:
            _note(commitment, Happened.EDITED, actor, now, before=before, after=after)


def submit_commitment(*, actor: Actor, commitment: Commitment, now: datetime) -> None:
    """Hand a promise in for review. Raises WrongStep, Refused."""
    require_maker(actor, commitment.organisation, commitment.person)
    with transaction.atomic():
        _step(commitment, "submit", State.SUBMITTED, submitted_at=now)
        _note(commitment, Happened.SUBMITTED, actor, now)


def return_commitment(*, actor: Actor, commitment: Commitment, reason: str, now: datetime) -> None:
    """审诺: send a promise back, with the reason. Raises ReasonMissing, WrongStep, Refused."""
    require_reviewer(actor, commitment)
    require_reason(reason)
    with transaction.atomic():
        _step(commitment, "review", State.RETURNED, reviewed_at=now)
        _note(commitment, Happened.RETURNED, actor, now, reason=reason, public=True)


def publish_commitment(*, actor: Actor, commitment: Commitment, today: date, now: datetime) -> None:
    """亮诺: pass a promise in review and show it to the public. Raises WrongStep, DueTooEarly, Refused."""
    require_reviewer(actor, commitment)
    if commitment.due_on < today:
        raise DueTooEarly(due_on=commitment.due_on)
    with transaction.atomic():
        _step(commitment, "review", State.PUBLISHED, reviewed_at=now, published_at=now)
        _note(commitment, Happened.PUBLISHED, actor, now, after=_plain(_fields(commitment)), public=True)
        _append(commitment, facts.PUBLISHED.id, today, actor, now)


def change_commitment(
    *,
    actor: Actor,
    commitment: Commitment,
    promise: Promise,
    reason: str,
    today: date,
    now: datetime,
    version: int,
) -> CommitmentEvent:
    """Change a published promise: the public sees before, after and reason. A later due day also counts as an extension.

    Raises ReasonMissing, NothingChanged, AfterDue, DueTooEarly, TargetWrong, Stale, WrongStep, Refused.
    """
    require_open(actor, commitment, today)
    require_reason(reason)
    check_promise(promise, today)
    if promise.due_on > commitment.due_on and _only_due_differs(commitment, promise):
        return extend_commitment(
            actor=actor,
            commitment=commitment,
            due_on=promise.due_on,
            reason=reason,
            today=today,
            now=now,
            version=version,
        )
    with transaction.atomic():
        before, after = _save_fields(commitment, promise, version)
        if not before:
            raise NothingChanged
        event = _note(commitment, Happened.CHANGED, actor, now, before=before, after=after, reason=reason, public=True)
        _append(commitment, facts.CHANGED.id, today, actor, now)
        if after.get("due_on", "") > before.get("due_on", ""):
            _append(commitment, facts.EXTENDED.id, today, actor, now)
    return event


def extend_commitment(
    *, actor: Actor, commitment: Commitment, due_on: date, reason: str, today: date, now: datetime, version: int
) -> CommitmentEvent:
    """Extend a published promise, with a reason that is public. Raises ReasonMissing, NotLater, AfterDue, Stale, WrongStep."""
    require_open(actor, commitment, today)
    require_reason(reason)
    if due_on <= commitment.due_on:
        raise NotLater(due_on=commitment.due_on)
    before = {"due_on": str(commitment.due_on)}
    with transaction.atomic():
        _update(commitment, version, {"due_on": due_on})
        event = _note(
            commitment,
            Happened.EXTENDED,
            actor,
            now,
            before=before,
            after={"due_on": str(due_on)},
            reason=reason,
            public=True,
        )
        _append(commitment, facts.EXTENDED.id, today, actor, now)
    return event


def report_commitment_progress(
    *,
    actor: Actor,
    commitment: Commitment,
    on: date,
    quantity: int,
    note: str,
    today: date,
    now: datetime,
    row_key: str | None = None,
) -> CommitmentProgress:
    """践诺: record progress on the promise's own count (`quantity` scaled). The same `row_key` again records nothing new.

    Raises WrongStep, TargetWrong, InTheFuture, CountedElsewhere, PersonalNumbers, Refused.
    """
    require_maker(actor, commitment.organisation, commitment.person)
    require_step(commitment, "progress")
    if commitment.measure:
        raise CountedElsewhere
    require_quantity(quantity, commitment.direction)
    if on > today:
        raise InTheFuture(on=on)
    require_anonymous(note)
    if row_key and (recorded := CommitmentProgress.objects.filter(row_key=row_key).first()):
        return recorded
    try:
        return _record_progress(actor, commitment, on, quantity, note, now, row_key)
    except IntegrityError:
        # The same form arrived twice at once; what the other one recorded stands for both.
        recorded = CommitmentProgress.objects.filter(row_key=row_key).first() if row_key else None
        if recorded is None:
            raise
        return recorded


def _record_progress(
    actor: Actor, commitment: Commitment, on: date, quantity: int, note: str, now: datetime, row_key: str | None
) -> CommitmentProgress:
    with transaction.atomic():
        progress = CommitmentProgress.objects.create(
            commitment=commitment,
            occurred_on=on,
            quantity=quantity,
            note=note,
            recorded_at=now,
            recorded_by=actor.account,
            row_key=row_key,
        )
        _append(commitment, facts.PROGRESS.id, on, actor, now, quantity=quantity, subject=progress_subject(progress))
        audit("commitment.progress", subject_of(commitment), actor=actor.account, now=now, path=_path(commitment))
    return progress


def withdraw_commitment_progress(*, actor: Actor, progress: CommitmentProgress, reason: str, now: datetime) -> None:
    """Take back a progress entry, with a reason; its fact is reversed. Taking it back twice is no error."""
    commitment = progress.commitment
    require_maker(actor, commitment.organisation, commitment.person)
    require_reason(reason)
    with transaction.atomic():
        standing = CommitmentProgress.objects.filter(pk=progress.pk, withdrawn_at__isnull=True)
        if standing.update(withdrawn_at=now, withdrawn_reason=reason.strip()):
            reverse(progress_subject(progress), actor=actor.account, now=now)
            audit(
                "commitment.progress.withdraw",
                subject_of(commitment),
                actor=actor.account,
                now=now,
                path=_path(commitment),
            )


def settle_commitment(*, commitment: Commitment, kept: bool, today: date, now: datetime) -> None:
    """Settle a due promise by the figures: the system's step, once, on or after the due day. Raises NotDueYet, WrongStep."""
    if today <= commitment.due_on:
        raise NotDueYet(due_on=commitment.due_on)
    state, happened, kind = (
        (State.KEPT, Happened.KEPT, facts.KEPT) if kept else (State.UNKEPT, Happened.UNKEPT, facts.UNKEPT)
    )
    with transaction.atomic():
        _step(commitment, "settle", state, settled_at=now)
        _note(commitment, happened, SYSTEM, now, public=True)
        _append(commitment, kind.id, commitment.due_on, SYSTEM, now)


def explain_commitment(*, actor: Actor, commitment: Commitment, explanation: str, now: datetime) -> None:
    """Explain in public why a promise was not (or may not be) kept; an earlier explanation stays in the history.

    Raises ReasonMissing, NothingChanged, PersonalNumbers, WrongStep, Refused.
    """
    require(actor, Action.PUBLISH_COMMITMENT, commitment.organisation.path)
    require_step(commitment, "explain")
    require_reason(explanation)
    words = explanation.strip()
    with transaction.atomic():
        before = Commitment.objects.select_for_update().get(pk=commitment.pk).explanation
        if before == words:
            raise NothingChanged
        Commitment.objects.filter(pk=commitment.pk).update(explanation=words)
        commitment.refresh_from_db()
        _note(
            commitment,
            Happened.EXPLAINED,
            actor,
            now,
            before={"explanation": before},
            after={"explanation": words},
            public=True,
        )


def withdraw_commitment(*, actor: Actor, commitment: Commitment, reason: str, now: datetime) -> None:
    """Withdraw a promise that was never public, with a reason; a public one cannot vanish."""
    require_maker(actor, commitment.organisation, commitment.person)
    require_reason(reason)
    with transaction.atomic():
        _step(commitment, "withdraw", State.WITHDRAWN)
        _note(commitment, Happened.WITHDRAWN, actor, now, reason=reason)
        reverse(subject_of(commitment), actor=actor.account, now=now)


def subject_of(commitment: Commitment) -> str:
    """The subject of a promise's facts."""
    return f"commitment:{commitment.pk}"


def progress_subject(progress: CommitmentProgress) -> str:
    """The subject of a progress entry's fact: below the promise's, so that one entry can be reversed alone."""
    return f"commitment:{progress.commitment_id}/progress:{progress.pk}"


def _path(commitment: Commitment) -> str:
    return commitment.organisation.path


def _step(commitment: Commitment, step: str, state: str, **moments: datetime) -> None:
    """Take a step if the promise still stands where the step begins: two clicks, one step."""
    taken = Commitment.objects.filter(pk=commitment.pk, state__in=STEPS[step]).update(state=state, **moments)
    if not taken:
        current = Commitment.objects.get(pk=commitment.pk)
        raise WrongStep(state=State(current.state).label)
    commitment.refresh_from_db()


def _fields(commitment: Commitment) -> dict[str, Any]:
    return {name: getattr(commitment, name) for name in Promise.__slots__}


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields as JSON can hold them."""
    return {name: str(value) if isinstance(value, date) else value for name, value in fields.items()}


def _only_due_differs(commitment: Commitment, promise: Promise) -> bool:
    wanted, present = asdict(promise), _fields(commitment)
    return all(wanted[name] == present[name] for name in wanted if name != "due_on")


def _save_fields(commitment: Commitment, promise: Promise, version: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Save what differs; returns before and after of just the changed fields (JSON values)."""
    wanted, present = asdict(promise), _fields(commitment)
    changed = {name: value for name, value in wanted.items() if present[name] != value}
    if changed:
        _update(commitment, version, changed)
    before = {name: present[name] for name in changed}
    return _plain(before), _plain(changed)


def _update(commitment: Commitment, version: int, changed: dict[str, Any]) -> None:
    saved = Commitment.objects.filter(pk=commitment.pk, version=version).update(**changed, version=version + 1)
    if not saved:
        current = Commitment.objects.get(pk=commitment.pk)
        raise Stale(current={name: getattr(current, name) for name in changed}, attempted=changed)
    commitment.refresh_from_db()


def _note(
    commitment: Commitment,
    kind: str,
    actor: Actor,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    public: bool = False,
) -> CommitmentEvent:
    """Write the event into the promise's history, and into the audit."""
    last = commitment.events.aggregate(last=Max("number"))["last"] or 0
    event = CommitmentEvent.objects.create(
        commitment=commitment,
        number=last + 1,
        kind=kind,
        at=now,
        by=actor.account,
        before=before or {},
        after=after or {},
        reason=reason.strip(),
        is_public=public,
    )
    audit(f"commitment.{kind}", subject_of(commitment), actor=actor.account, now=now, path=_path(commitment))
    return event


def _append(
    commitment: Commitment,
    kind: str,
    on: date,
    actor: Actor,
    now: datetime,
    *,
    quantity: int = ONE,
    subject: str = "",
) -> None:
    organisation = commitment.organisation
    entry = Entry(
        kind,
        organisation.pk,
        organisation.path,
        subject or subject_of(commitment),
        on,
        label=commitment.kind,
        campaign=commitment.campaign.key if commitment.campaign else "",
        quantity=quantity,
    )
    append([entry], actor=actor.account, now=now)
