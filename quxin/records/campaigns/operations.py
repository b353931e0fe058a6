"""Deploy a campaign from its pack, move deadlines, close tasks, end the campaign."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.files.queries import evidence_of
from quxin.kernel.errors import QuxinError, Stale
from quxin.kernel.periods import Period
from quxin.kernel.scaled import scale
from quxin.ledger.operations import Entry, append, audit, reverse
from quxin.orgs.models import Level, Organisation, OrganisationKind, Person
from quxin.packs import types as packs
from quxin.packs.models import PackVersion
from quxin.records.campaigns.burden import require_light
from quxin.records.campaigns.facts import (
    ASPECT_DEPLOYED,
    ASSIGNMENT_DONE,
    CAMPAIGN_DEPLOYED,
    CHECKLIST_DEPLOYED,
    TASK_ASSIGNED,
    TASK_DEPLOYED,
    TASK_DONE,
)
from quxin.records.campaigns.models import (
    Aspect,
    Assignment,
    Campaign,
    ChecklistItem,
    Leader,
    Phase,
    Task,
)

LOWER_LEVELS = {Level.PREFECTURE, Level.COUNTY}
KEY = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")


class NotAllowedToRun(QuxinError):
    """The sponsor may not run such a campaign (减负: who may run what)."""

    default_message = "%(sponsor)s 不能举办这项活动：%(reason)s"
    default_hint = "市、县的内设机构不得自行开展创建示范活动；请由本级机关报批后举办。"


class ApprovalMissing(QuxinError):
    """The pack asks for an approval number and none was given."""

    default_message = "这项活动须经批准，还没有填批准文号。"
    default_hint = "请填写批准机关的文号，例如“国质检党〔2010〕121号”。"


class AlreadyDeployed(QuxinError):
    """The same pack already runs under this key."""

    default_message = "“%(title)s”已经部署过。"
    default_hint = "再办一次请换一个活动代号，例如在后面加上年份。"


class KeyWrong(QuxinError):
    """A campaign's key that would not stand in the ledger's subjects."""

    default_message = "“%(key)s”不能作为活动代号。"
    default_hint = "请用小写字母和数字，中间可以加点或短横，例如 aqsiq-2010-b，不超过 56 个字符。"


class NothingToDeploy(QuxinError):
    """The pack has no campaign in it."""

    default_message = "这个包里没有主题活动。"
    default_hint = "请选择含有 campaign 一节的包。"


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


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat in the leading group, its office or a task force."""

    body: str
    position: str
    person: Person | None = None
    duty: str = ""


def deploy_campaign(
    *,
    actor: Actor,
    version: PackVersion,
    pack: packs.Pack,
    sponsor: Organisation,
    organisations_for: Callable[[str], Iterable[Organisation]],
    now: datetime,
    key: str = "",
    approval_number: str = "",
    seats: Iterable[Seat] = (),
    reasons: Mapping[str, str] | None = None,
    level: str = "",
    addressed: str = "",
) -> Campaign:
    """Deploy the campaign of `pack` under `sponsor`: aspects, tasks, assignments, checklists and their facts, in one go.

    `organisations_for(class code)` gives the organisations of a class under the sponsor. `reasons` say why a number that
    the ledger knows is asked for all the same (keys of `burden.KnownField`). `level` and `addressed` (the object) are the
    pack's unless given. Raises NothingToDeploy, NotAllowedToRun,
    ApprovalMissing, BurdenRefused, KeyWrong, AlreadyDeployed, Refused.
    """
    require(actor, Action.DEPLOY_CAMPAIGN, sponsor.path)
    plan = _plan_of(pack, sponsor, approval_number)
    asked = require_light(pack, reasons)
    key = key or pack.pack
    if not KEY.fullmatch(key) or len(key) > 56:
        raise KeyWrong(key=key[:60])
    if Campaign.objects.filter(key=key).exists():
        raise AlreadyDeployed(title=str(pack.title))
    period = Period.parse(plan.period)
    with transaction.atomic():
        campaign = Campaign.objects.create(
            key=key,
            pack_version=version,
            title=pack.title.zh,
            title_en=pack.title.en,
            theme=plan.theme.zh,
            sponsor=sponsor,
            starts_on=period.start,
            ends_on=period.end,
            state=Campaign.State.DEPLOYED,
            authority_level=level.strip() or plan.authority.level,
            authority_object=addressed.strip() or plan.authority.object,
            approval_number=approval_number,
            deployed_at=now,
            deployed_by=actor.account,
        )
        _write_phases(campaign, plan)
        _write_leaders(campaign, plan, seats)
        tasks = _write_tasks(campaign, plan)
        items = _write_checklists(campaign, plan, pack)
        assignments = _write_assignments(tasks, organisations_for)
        append(_deployment_facts(campaign, tasks, items, assignments), actor=actor.account, now=now)
        audit(
            "campaign.deploy",
            f"campaign:{campaign.pk}",
            actor=actor.account,
            now=now,
            path=sponsor.path,
            key=key,
            asked={field.key: field.reason for field in asked},
        )
    return campaign


def extend_assignment(
    *, actor: Actor, assignment: Assignment, due_on: date, reason: str, now: datetime, version: int
) -> None:
    """Move the deadline of one organisation's task, with a reason; raises ReasonMissing, Stale, Refused."""
    require(actor, Action.DEPLOY_CAMPAIGN, assignment.organisation.path)
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

    `assignments` come with task, campaign and organisation. Raises EvidenceMissing, Refused.
    """
    wanted = list(assignments)
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


def close_task(*, actor: Actor, task: Task, on: date, now: datetime) -> None:
    """The sponsor closes a task as a whole. Raises AlreadyDone, Refused."""
    sponsor = task.campaign.sponsor
    require(actor, Action.CLOSE_TASK, sponsor.path)
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
        audit("task.close", task_subject(task), actor=actor.account, now=now, path=sponsor.path)


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


def task_subject(task: Task) -> str:
    """The subject under which facts speak of a task as a whole."""
    return f"task:{task.campaign.key}/{task.key}"


def _plan_of(pack: packs.Pack, sponsor: Organisation, approval_number: str) -> packs.Campaign:
    """The pack's campaign, after asking whether this sponsor may run it."""
    plan = pack.campaign
    if plan is None:
        raise NothingToDeploy
    if sponsor.kind == OrganisationKind.DEPARTMENT and sponsor.level in LOWER_LEVELS:
        raise NotAllowedToRun(sponsor=sponsor.name, reason="它是市、县机关的内设机构")
    if plan.authority.approval == "required" and not approval_number.strip():
        raise ApprovalMissing
    return plan


def _write_phases(campaign: Campaign, plan: packs.Campaign) -> None:
    periods = [(phase, Period.parse(phase.period)) for phase in plan.phases]
    Phase.objects.bulk_create(
        Phase(campaign=campaign, key=phase.id, title=phase.title.zh, starts_on=period.start, ends_on=period.end)
        for phase, period in periods
    )


def _write_leaders(campaign: Campaign, plan: packs.Campaign, seats: Iterable[Seat]) -> None:
    """The seats given, and those that the pack names: chair, office, task forces."""
    rows = [
        Leader(campaign=campaign, body=seat.body, position=seat.position, person=seat.person, duty=seat.duty)
        for seat in seats
    ]
    if plan.leading_group:
        named = (
            (Leader.Body.GROUP, plan.leading_group.chair and f"组长：{plan.leading_group.chair}"),
            (Leader.Body.OFFICE, plan.leading_group.office),
        )
        rows += [Leader(campaign=campaign, body=body, position=text[:60]) for body, text in named if text]
    rows += [
        Leader(campaign=campaign, body=Leader.Body.TASK_FORCE, position=force.title.zh[:60])
        for force in plan.task_forces
    ]
    for ordinal, row in enumerate(rows):
        row.ordinal = ordinal
    Leader.objects.bulk_create(rows)


def _write_tasks(campaign: Campaign, plan: packs.Campaign) -> list[Task]:
    tasks: list[Task] = []
    for number, aspect_plan in enumerate(plan.aspects):
        aspect = Aspect.objects.create(
            campaign=campaign, key=aspect_plan.id, title=aspect_plan.title.zh, ordinal=number
        )
        for item in aspect_plan.tasks:
            tasks.append(_task(campaign, aspect, item, len(tasks)))
    return Task.objects.bulk_create(tasks)


def _task(campaign: Campaign, aspect: Aspect, item: packs.Task, ordinal: int) -> Task:
    return Task(
        campaign=campaign,
        aspect=aspect,
        key=item.id,
        title=item.title.zh,
        ordinal=ordinal,
        for_class=item.for_,
        measure=item.measure or "",
        target=None if item.target is None else scale(item.target),
        unit=item.unit,
        due_on=item.by or campaign.ends_on,
        standard=item.standard,
        evidence=item.evidence,
        owner=item.owner,
        minutes=item.minutes,
        is_our_wording=item.ours,
    )


def _write_checklists(campaign: Campaign, plan: packs.Campaign, pack: packs.Pack) -> list[ChecklistItem]:
    items = []
    for checklist in plan.checklists.values():
        period = Period.parse(checklist.period)
        for ordinal, item in enumerate(checklist.items):
            items.append(
                ChecklistItem(
                    campaign=campaign,
                    checklist=checklist.id,
                    checklist_title=checklist.title.zh,
                    key=item.id,
                    title=item.title.zh,
                    for_class=checklist.for_,
                    kind="progress.recorded" if item.satisfied_by.record else "activity.held",
                    label=pack.label(item.satisfied_by),
                    starts_on=period.start,
                    ends_on=period.end,
                    ordinal=ordinal,
                )
            )
    return ChecklistItem.objects.bulk_create(items)


def _write_assignments(
    tasks: list[Task], organisations_for: Callable[[str], Iterable[Organisation]]
) -> list[Assignment]:
    """Every task × every organisation of its class. The organisations of a class are read once.

    A target is that of the whole task: who owes it alone owes the target, many owe what they can (docs/reckoning/progress.md).
    """
    by_class = {code: list(organisations_for(code)) for code in {task.for_class for task in tasks}}
    alone = {code for code, organisations in by_class.items() if len(organisations) == 1}
    rows = [
        Assignment(
            task=task,
            organisation=organisation,
            target=task.target if task.for_class in alone else None,
            due_on=task.due_on,
        )
        for task in tasks
        for organisation in by_class[task.for_class]
    ]
    return Assignment.objects.bulk_create(rows, batch_size=2000)


def _deployment_facts(
    campaign: Campaign, tasks: list[Task], items: list[ChecklistItem], assignments: list[Assignment]
) -> Iterator[Entry]:
    """The facts of a deployment, all dated on the first day of the campaign's period."""
    sponsor, on, key = campaign.sponsor, campaign.starts_on, campaign.key

    def of_sponsor(kind: str, subject: str, label: str = "") -> Entry:
        return Entry(kind, sponsor.pk, sponsor.path, subject, on, label=label, campaign=key)

    yield of_sponsor(CAMPAIGN_DEPLOYED.id, f"campaign:{campaign.pk}")
    for aspect in sorted({task.aspect for task in tasks}, key=lambda aspect: aspect.ordinal):
        yield of_sponsor(ASPECT_DEPLOYED.id, f"aspect:{key}/{aspect.key}", aspect.key)
    for task in tasks:
        yield of_sponsor(TASK_DEPLOYED.id, task_subject(task), task.key)
    for item in items:
        subject = f"item:{key}/{item.checklist}/{item.key}"
        yield of_sponsor(CHECKLIST_DEPLOYED.id, subject, f"{item.checklist}/{item.key}")
    for assignment in assignments:
        organisation = assignment.organisation
        yield Entry(
            TASK_ASSIGNED.id,
            organisation.pk,
            organisation.path,
            f"assignment:{assignment.pk}",
            on,
            label=assignment.task.key,
            campaign=key,
        )
