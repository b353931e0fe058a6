"""Share the target of a task out among those who owe it: all of it to each, in parts that sum to it, or not at all."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel.errors import QuxinError, Stale
from quxin.kernel.scaled import plain
from quxin.ledger.operations import audit
from quxin.records.campaigns.closing import require_open
from quxin.records.campaigns.deploying import EACH, EQUAL, HAND
from quxin.records.campaigns.models import Assignment, Task

NOTED = 500
"""The audit names so many shares that changed; of more it gives the number."""


class NothingToShare(QuxinError):
    """A task without a target."""

    default_message = "这项任务没有定数量，没有可以分的。"


class SharesTooLarge(QuxinError):
    """Shares that sum to more than the target."""

    default_message = "各单位的数加起来是 %(sum)s，比目标 %(total)s 多了 %(gap)s。"
    default_hint = "请改到正好相等；不想分到单位的，选“共同完成”。"


class SharesTooSmall(QuxinError):
    """Shares that sum to less than the target."""

    default_message = "各单位的数加起来是 %(sum)s，离目标 %(total)s 还差 %(gap)s。"
    default_hint = "请改到正好相等；不想分到单位的，选“共同完成”。"


class ShareNegative(QuxinError):
    """A share below zero, or somebody who was left out."""

    default_message = "每个单位都要有一个不小于零的数。"
    default_hint = "不承担的单位填 0。"


def share_out(*, actor: Actor, task: Task, way: str, shares: Mapping[int, int], now: datetime, version: int) -> None:
    """Give each organisation (by id) its share of the target (scaled); `way` says how they were found.

    `way` is "" (together: nobody has a share), "each" (all of it to each), "equal", "hand" or `by:<measure>`; `shares` are
    needed for the last three. Raises Refused, ClosedForChanges, NothingToShare, ShareNegative, SharesTooLarge,
    SharesTooSmall, Stale.
    """
    campaign = task.campaign
    require(actor, Action.DEPLOY_CAMPAIGN, campaign.sponsor.path)
    require_open(campaign)
    if task.target is None:
        raise NothingToShare
    if way not in ("", EACH, EQUAL, HAND) and not way.startswith("by:"):
        raise ValueError(f"{way!r} is no way of sharing out")
    with transaction.atomic():
        if not Task.objects.filter(pk=task.pk, version=version).update(share=way, version=version + 1):
            current = Task.objects.get(pk=task.pk)
            raise Stale(current={"share": current.share}, attempted={"share": way})
        rows = list(Assignment.objects.select_for_update().filter(task=task).order_by("organisation__path"))
        wanted = _wanted(task, way, rows, shares)
        changed = [row for row in rows if row.target != wanted[row.organisation_id]]
        noted = {row.code: [row.target, wanted[row.organisation_id]] for row in changed[:NOTED]}
        for row in changed:
            row.target = wanted[row.organisation_id]
        Assignment.objects.bulk_update(changed, ["target"], batch_size=500)
        audit(
            "task.share",
            f"task:{campaign.key}/{task.key}",
            actor=actor.account,
            now=now,
            path=campaign.sponsor.path,
            before=task.share,
            after=way,
            changed=len(changed),
            shares=noted,
        )


def _wanted(task: Task, way: str, rows: list[Assignment], shares: Mapping[int, int]) -> dict[int, int | None]:
    """Organisation id → its target; who owes the task alone owes all of it."""
    if way == EACH or len(rows) == 1:
        return {row.organisation_id: task.target for row in rows}
    if not way:
        return {row.organisation_id: None for row in rows}
    found: dict[int, int | None] = {}
    total = 0
    for row in rows:
        share = shares.get(row.organisation_id, -1)
        if share < 0:
            raise ShareNegative
        found[row.organisation_id] = share
        total += share
    gap = total - (task.target or 0)
    if gap:
        wrong = SharesTooLarge if gap > 0 else SharesTooSmall
        said = {"sum": total, "total": task.target or 0, "gap": abs(gap)}
        raise wrong(**{name: plain(value, group=True) for name, value in said.items()})
    return found
