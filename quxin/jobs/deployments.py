"""The worker's part of deploying a campaign: the order of a run, carried out in steps with its progress.

A run that was killed is taken up again and goes on with the draft that it left; nothing is assigned twice.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count

from quxin.access import SYSTEM, Actor
from quxin.briefs.shares import weigh_with
from quxin.jobs.worker import handles
from quxin.kernel import clock
from quxin.orgs.models import Account
from quxin.orgs.operations import build_actor
from quxin.packs.queries import version
from quxin.records.campaigns.models import Assignment
from quxin.records.campaigns.operations import deploy_in_steps
from quxin.records.campaigns.ordering import DEPLOY, order_of
from quxin.runs.models import Run
from quxin.runs.operations import Progress, Refusal


@handles(DEPLOY)
def deploy(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """Deploy what the run orders; whoever asked for it must still be allowed to. Raises as `deploy_in_steps`."""
    given = run.parameters
    progress.start(None)
    pack = version(given["pack"], given["version"])
    order = order_of(given, token=run.code, weigh=weigh_with(pack, date.fromisoformat(given["on"])))
    campaign = deploy_in_steps(actor=_actor(run), order=order, now=clock.now(), progress=progress)
    written = Assignment.objects.filter(task__campaign=campaign).aggregate(
        duties=Count("pk"), organisations=Count("organisation", distinct=True)
    )
    told = {"campaign": campaign.code, "tasks": campaign.tasks.count(), **written}
    if run.attempts > 1:
        told["continued"] = True
    return told, ()


def _actor(run: Run) -> Actor:
    """Whoever asked for the run, with the rights he has now; the system when nobody did."""
    if run.requested_by is None:
        return SYSTEM
    return build_actor(Account.objects.filter(pk=run.requested_by).first(), clock.today())
