"""Move deadlines, close tasks and what organisations owe of them, undo it. Deploying, closing a campaign and sharing out
targets have modules of their own, which are named here too.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.files.queries import evidence_of
from quxin.kernel.errors import QuxinError, Stale
from quxin.ledger.operations import Entry, append, audit, reverse
from quxin.records.campaigns.closing import late_entry, require_open
from quxin.records.campaigns.deploying import (
    AlreadyDeployed,
    ApprovalMissing,
    KeyWrong,
    NotAllowedToRun,
    NothingToDeploy,
    Seat,
    SizesMissing,
)
from quxin.records.campaigns.facts import ASSIGNMENT_DONE, TASK_DONE, task_subject
from quxin.records.campaigns.models import Assignment, Task
from quxin.records.campaigns.operations_deploy import deploy_campaign, deploy_in_steps

__all__ = [
    "AlreadyDeployed",
    "AlreadyDone",
    "ApprovalMissing",
    "EvidenceMissing",
    "KeyWrong",
    "NotAllowedToRun",
    "NotDone",
    "NothingToDeploy",
    "ReasonMissing",
    "Seat",
    "SizesMissing",
    "assignment_subject",
    "close_assignment",
    "close_assignments",
    "close_task",
    "deploy_campaign",
    "deploy_in_steps",
    "extend_assignment",
    "reopen_assignment",
    "reopen_task",
    "task_subject",
]


class AlreadyDone(QuxinError):
    """The task is closed."""

    default_message = "这项任务已经办结。"
    default_hint = "如有差错，请先撤销办结。"


class NotDone(QuxinError):
    """The task is not closed, so that it cannot be reopened."""

    default_message = "这项任务还没有办结。"


class EvidenceMissing(QuxinError):
    """The task asks for evidence and there is none."""

    default_message = "这项任务要求佐证材料，现在一份也没有。"
    default_hint = "请先在本页上传文件，再办结。"


class ReasonMissing(QuxinError):
    """A reason is needed and none was given."""

    default_message = "请写明理由。"
    default_hint = "一句话即可；理由会和这次改动一起留在经过里。"


def extend_assignment(
    *, actor: Actor, assignment: Assignment, due_on: date, reason: str, now: datetime, version: int
) -> None:
    """Move the deadline of one organisation's task, with a reason. Raises ReasonMissing, ClosedForChanges, Stale, Refused."""
    require(actor, Action.DEPLOY_CAMPAIGN, assignment.organisation.path)
    require_open(assignment.task.campaign)
    if not reason.strip():
        raise ReasonMissing
    rows = Assignment.objects.filter(pk=assignment.pk, version=version)
    with transaction.atomic():
        if not rows.update(due_on=due_on, extended_reason=reason.strip(), version=version + 1):
            current = Assignment.objects.get(pk=assignment.pk)
            raise Stale(current={"due_on": current.due_on}, attempted={"due_on": due_on})
        audit(
            "assignment.extend",
            f"assignment:{assignment.pk}",
            actor=actor.account,
            now=now,
            path=assignment.organisation.path,
            before=str(assignment.due_on),
            after=str(due_on),
            reason=reason.strip(),
        )


def close_assignment(*, actor: Actor, assignment: Assignment, on: date, now: datetime, note: str = "") -> None:
    """Close an organisation's task; evidence must be there if the task asks for it.

    Raises AlreadyDone, EvidenceMissing, Refused.
    """
    if not close_assignments(actor=actor, assignments=[assignment], on=on, now=now, note=note):
        raise AlreadyDone


def close_assignments(
    *, actor: Actor, assignments: Iterable[Assignment], on: date, now: datetime, note: str = ""
) -> list[Assignment]:
    """Close many organisations' tasks at once: all or none, with one append. Returns those that were still open.

    `assignments` come with task, campaign and organisation. Raises EvidenceMissing, CampaignClosed (after the closing
    `note` must say why), Refused.
    """
    wanted = list(assignments)
    late: dict[str, object] = {}
    for assignment in wanted:
        late |= late_entry(assignment.task.campaign, on, note)
    for path in {assignment.organisation.path for assignment in wanted}:
        require(actor, Action.REPORT_PROGRESS, path)
    for assignment in wanted:
        if assignment.task.evidence != Task.Evidence.NONE and not evidence_of(assignment_subject(assignment)).exists():
            raise EvidenceMissing
    with transaction.atomic():
        closing = []
        for batch in _batches(wanted, 500):
            ids = [assignment.pk for assignment in batch]
            open_ids = set(
                Assignment.objects.select_for_update()
                .filter(pk__in=ids, done_on__isnull=True)
                .values_list("pk", flat=True)
            )
            Assignment.objects.filter(pk__in=open_ids).update(done_on=on, done_note=note)
            closing += [assignment for assignment in batch if assignment.pk in open_ids]
        append((_done_entry(assignment, on) for assignment in closing), actor=actor.account, now=now)
        if closing:
            first = closing[0]
            audit(
                "assignment.close",
                assignment_subject(first),
                actor=actor.account,
                now=now,
                path=first.organisation.path,
                count=len(closing),
                **late,
            )
    return closing


def assignment_subject(assignment: Assignment) -> str:
    """The subject under which facts and evidence speak of an organisation's task."""
    return f"assignment:{assignment.pk}"


def _done_entry(assignment: Assignment, on: date) -> Entry:
    organisation, task = assignment.organisation, assignment.task
    return Entry(
        ASSIGNMENT_DONE.id,
        organisation.pk,
        organisation.path,
        assignment_subject(assignment),
        on,
        label=task.key,
        campaign=task.campaign.key,
    )


def _batches(rows: list[Assignment], size: int) -> Iterator[list[Assignment]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def reopen_assignment(*, actor: Actor, assignment: Assignment, reason: str, now: datetime) -> None:
    """Undo the closing of an organisation's task, with a reason; the fact is reversed. Raises NotDone, ReasonMissing."""
    require(actor, Action.REPORT_PROGRESS, assignment.organisation.path)
    if not reason.strip():
        raise ReasonMissing
    subject = f"assignment:{assignment.pk}"
    with transaction.atomic():
        if not Assignment.objects.filter(pk=assignment.pk, done_on__isnull=False).update(done_on=None, done_note=""):
            raise NotDone
        reverse(subject, actor=actor.account, now=now, kinds=[ASSIGNMENT_DONE.id])
        path = assignment.organisation.path
        audit("assignment.reopen", subject, actor=actor.account, now=now, path=path, reason=reason.strip())


def close_task(*, actor: Actor, task: Task, on: date, now: datetime, note: str = "") -> None:
    """The sponsor closes a task as a whole; after the closing of the campaign `note` must say why.

    Raises AlreadyDone, CampaignClosed, Refused.
    """
    sponsor = task.campaign.sponsor
    require(actor, Action.CLOSE_TASK, sponsor.path)
    late = late_entry(task.campaign, on, note)
    with transaction.atomic():
        if not Task.objects.filter(pk=task.pk, done_on__isnull=True).update(done_on=on):
            raise AlreadyDone
        entry = Entry(
            TASK_DONE.id,
            sponsor.pk,
            sponsor.path,
            task_subject(task),
            on,
            label=task.key,
            campaign=task.campaign.key,
        )
        append([entry], actor=actor.account, now=now)
        audit("task.close", task_subject(task), actor=actor.account, now=now, path=sponsor.path, **late)


def reopen_task(*, actor: Actor, task: Task, reason: str, now: datetime) -> None:
    """Undo the closing of a task, with a reason. Raises NotDone, ReasonMissing, Refused."""
    sponsor = task.campaign.sponsor
    require(actor, Action.CLOSE_TASK, sponsor.path)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        if not Task.objects.filter(pk=task.pk, done_on__isnull=False).update(done_on=None):
            raise NotDone
        reverse(task_subject(task), actor=actor.account, now=now, kinds=[TASK_DONE.id])
        subject = task_subject(task)
        audit("task.reopen", subject, actor=actor.account, now=now, path=sponsor.path, reason=reason.strip())
