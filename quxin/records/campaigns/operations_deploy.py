"""Deploy a campaign from its pack: all at once, or in steps that can be taken up where they stopped.

A campaign is a draft, which no page lists, until its last assignment is written. Steps may be repeated without harm:
what was written is found again by task and organisation.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from quxin.access import Actor
from quxin.kernel.periods import Period
from quxin.kernel.scaled import scale
from quxin.ledger.operations import Entry, append, audit
from quxin.orgs.models import Organisation
from quxin.packs import types as packs
from quxin.packs.models import PackVersion
from quxin.records.campaigns.burden import KnownField
from quxin.records.campaigns.deploying import (
    EACH,
    AlreadyDeployed,
    Order,
    Seat,
    Weigh,
    goes_on,
    require_deployable,
    shares_of,
)
from quxin.records.campaigns.facts import (
    ASPECT_DEPLOYED,
    CAMPAIGN_DEPLOYED,
    CHECKLIST_DEPLOYED,
    TASK_ASSIGNED,
    TASK_DEPLOYED,
    task_subject,
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
from quxin.runs.operations import Progress

AT_ONCE = 1000
"""So many assignments are written, with their facts, in one transaction."""

Owed = tuple[Task, Organisation, int | None]


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
    weigh: Weigh | None = None,
) -> Campaign:
    """Deploy the campaign of `pack` under `sponsor`, all or nothing; arguments as in `deploying.Order`.

    Raises Refused, NothingToDeploy, NotAllowedToRun, ApprovalMissing, BurdenRefused, KeyWrong, AlreadyDeployed,
    SizesMissing.
    """
    order = Order(
        version=version,
        pack=pack,
        sponsor=sponsor,
        organisations_for=organisations_for,
        key=key,
        approval_number=approval_number,
        seats=tuple(seats),
        reasons=reasons or {},
        level=level,
        addressed=addressed,
        weigh=weigh,
    )
    with transaction.atomic():
        return deploy_in_steps(actor=actor, order=order, now=now, progress=Progress(None, lambda: now))


def deploy_in_steps(*, actor: Actor, order: Order, now: datetime, progress: Progress) -> Campaign:
    """The same in steps, each a transaction of its own: the tasks, a thousand assignments at a time, the end.

    Done again after an interruption it goes on, and assigns nothing twice. Raises as `deploy_campaign`, and Cancelled.
    """
    plan, asked = require_deployable(actor, order)
    by_class = {code: list(order.organisations_for(code)) for code in dict.fromkeys(task.for_ for task in plan.tasks)}
    targets = {task.id: shares_of(task, by_class[task.for_], order.weigh) for task in plan.tasks}
    campaign = _begin(actor, order, plan, now)
    if campaign.state != Campaign.State.DRAFT:
        return campaign  # the work was done, and only the news of it was lost
    tasks = list(Task.objects.filter(campaign=campaign).select_related("aspect").order_by("ordinal", "pk"))
    progress.start(sum(len(by_class[task.for_class]) for task in tasks))
    owed = (
        (task, organisation, target)
        for task in tasks
        for organisation, target in zip(by_class[task.for_class], targets[task.key], strict=True)
    )
    for batch in _batches(owed):
        _assign(actor, campaign, batch, now)
        progress.step(len(batch))
    _set_shares_right(tasks, by_class, targets)
    return _finish(actor, campaign, tasks, asked, now)


def _begin(actor: Actor, order: Order, plan: packs.Campaign, now: datetime) -> Campaign:
    """The draft with its tasks and checklists: the one left by an earlier attempt, or a new one."""
    period = Period.parse(plan.period)
    with transaction.atomic():
        campaign, made = Campaign.objects.get_or_create(
            key=order.campaign_key,
            defaults={
                "pack_version": order.version,
                "title": order.pack.title.zh,
                "title_en": order.pack.title.en,
                "theme": plan.theme.zh,
                "sponsor": order.sponsor,
                "starts_on": period.start,
                "ends_on": period.end,
                "authority_level": order.level.strip() or plan.authority.level,
                "authority_object": order.addressed.strip() or plan.authority.object,
                "approval_number": order.approval_number,
                "deployment": order.token,
                "deployed_by": actor.account,
            },
        )
        if made:
            _write_phases(campaign, plan)
            _write_leaders(campaign, plan, order.seats)
            _write_tasks(campaign, plan)
            _write_checklists(campaign, plan, order.pack)
            audit(
                "campaign.begin",
                f"campaign:{campaign.pk}",
                actor=actor.account,
                now=now,
                path=order.sponsor.path,
                key=campaign.key,
            )
        elif not goes_on(campaign, order):
            raise AlreadyDeployed(title=str(order.pack.title))
    return campaign


def _batches(owed: Iterable[Owed]) -> Iterator[list[Owed]]:
    batch: list[Owed] = []
    for one in owed:
        batch.append(one)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _assign(actor: Actor, campaign: Campaign, batch: Sequence[Owed], now: datetime) -> None:
    """Write those of the batch that are not there, and their facts. The lock keeps two who do the same apart."""
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        there = set(
            Assignment.objects.filter(
                task__in={task.pk for task, _, _ in batch},
                organisation__in={organisation.pk for _, organisation, _ in batch},
            ).values_list("task", "organisation")
        )
        rows = Assignment.objects.bulk_create(
            Assignment(task=task, organisation=organisation, target=target, due_on=task.due_on)
            for task, organisation, target in batch
            if (task.pk, organisation.pk) not in there
        )
        append((_assigned(campaign, row) for row in rows), actor=actor.account, now=now)


def _assigned(campaign: Campaign, row: Assignment) -> Entry:
    organisation = row.organisation
    return Entry(
        TASK_ASSIGNED.id,
        organisation.pk,
        organisation.path,
        f"assignment:{row.pk}",
        campaign.starts_on,
        label=row.task.key,
        campaign=campaign.key,
    )


def _set_shares_right(
    tasks: Sequence[Task], by_class: Mapping[str, list[Organisation]], targets: Mapping[str, list[int | None]]
) -> None:
    """Sizes may have changed while the work lay still: shares of two attempts need not sum to the target."""
    for task in tasks:
        owed = Assignment.objects.filter(task=task)
        if task.share in ("", EACH) or not by_class[task.for_class]:
            continue
        if owed.aggregate(total=Sum("target"))["total"] == task.target:
            continue
        shares = {one.pk: share for one, share in zip(by_class[task.for_class], targets[task.key], strict=True)}
        rows = list(owed)
        for row in rows:
            row.target = shares[row.organisation_id]
        Assignment.objects.bulk_update(rows, ["target"], batch_size=500)


def _finish(actor: Actor, campaign: Campaign, tasks: list[Task], asked: list[KnownField], now: datetime) -> Campaign:
    """The facts of what was deployed, and the draft becomes a campaign; once."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if campaign.state != Campaign.State.DRAFT:
            return campaign
        items = list(campaign.checklist_items.all())
        append(_deployment_facts(campaign, tasks, items), actor=actor.account, now=now)
        campaign.state = Campaign.State.DEPLOYED
        campaign.deployed_at = now
        campaign.version += 1
        campaign.save(update_fields=["state", "deployed_at", "version"])
        audit(
            "campaign.deploy",
            f"campaign:{campaign.pk}",
            actor=actor.account,
            now=now,
            path=campaign.sponsor.path,
            key=campaign.key,
            asked={field.key: field.reason for field in asked},
        )
    return campaign


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
        share=item.share or "",
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
                    times=item.times,
                    starts_on=period.start,
                    ends_on=period.end,
                    ordinal=ordinal,
                )
            )
    return ChecklistItem.objects.bulk_create(items)


def _deployment_facts(campaign: Campaign, tasks: list[Task], items: list[ChecklistItem]) -> Iterator[Entry]:
    """What was deployed, all dated on the first day of the campaign's period."""
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
