"""Three campaigns, deployed from their packs; most of their tasks were closed in their days."""

from datetime import date
from functools import partial

from django.conf import settings

from quxin.access import SYSTEM
from quxin.jobs.demo.moment import Moment, at, noon
from quxin.orgs.models import Organisation
from quxin.orgs.queries import of_class
from quxin.packs.check import load_and_check
from quxin.packs.operations import install
from quxin.packs.queries import pack_of
from quxin.records.campaigns.models import Assignment, Campaign, Task
from quxin.records.campaigns.operations import close_assignments, close_task, deploy_campaign

DEPLOYED = (
    # pack, sponsor, deployed on, approval number (an example, marked as such)
    ("aqsiq-2010", "000000", date(2010, 4, 12), "示例〔2010〕1号"),
    ("jiangsu-2024", "320000", date(2023, 1, 9), "示例〔2023〕1号"),
    ("county-tiejun", "330523", date(2009, 1, 12), "示例〔2009〕1号"),
)

REPORTED = {"aqsiq-2010": date(2010, 11, 15)}


def make(moment: Moment) -> None:
    """Install the packs, deploy the campaigns, close what was done."""
    for pack_id, sponsor, on, approval in DEPLOYED:
        installed = install(actor=SYSTEM, loaded=load_and_check(settings.PACKS_DIR / pack_id), now=moment.now)
        root = at(sponsor)
        campaign = deploy_campaign(
            actor=SYSTEM,
            version=installed.version,
            pack=pack_of(installed.version),
            sponsor=root,
            organisations_for=partial(_organisations_for, root, on),
            now=noon(on),
            approval_number=approval,
        )
        moment.campaigns[pack_id] = campaign
        _close(campaign, moment)


def _organisations_for(root: Organisation, on: date, code: str) -> list[Organisation]:
    return list(of_class(code, root=root.path, on=on))


def _close(campaign: Campaign, moment: Moment) -> None:
    """Every task was done by its sponsor's account; of the other organisations' tasks about one in forty stayed open."""
    tasks = list(Task.objects.filter(campaign=campaign).select_related("campaign__sponsor"))
    for task in tasks:
        # The report of 2010 was written on 18 November and says that all tasks had been carried out.
        on = min(task.due_on, REPORTED.get(campaign.key, task.due_on))
        close_task(actor=SYSTEM, task=task, on=on, now=noon(on))
    owed = Assignment.objects.filter(task__campaign=campaign).exclude(task__evidence=Task.Evidence.DOCUMENT)
    for day in sorted({task.due_on for task in tasks}):
        rows = owed.filter(due_on=day).select_related("task__campaign", "organisation")
        done = [row for row in rows if row.organisation == campaign.sponsor or (row.organisation_id + row.task_id) % 41]
        close_assignments(actor=SYSTEM, assignments=done, on=day, now=noon(day))
