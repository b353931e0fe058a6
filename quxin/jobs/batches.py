"""The same report for many organisations as long work: one Word file each, in one archive.

A batch that was interrupted begins again: its files are made anew from the ledger and cost seconds.
"""

import time
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from quxin.access import Action, Actor, may
from quxin.briefs.reports import ReportBrief, report_brief
from quxin.jobs.worker import handles
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.kernel.periods import Period
from quxin.orgs.models import Account, Organisation
from quxin.orgs.operations import build_actor
from quxin.packs.queries import pack_of
from quxin.records.campaigns.models import Campaign
from quxin.reports.batches import KIND, batch_file, entry_name
from quxin.reports.compose import compose
from quxin.reports.files import write_report
from quxin.runs.models import Run
from quxin.runs.operations import Progress, Refusal

KEPT_SECONDS = 30 * 24 * 3600


class NothingToWrite(QuxinError):
    """The campaign is gone, or whoever asked sees none of the organisations any more."""

    default_message = "没有可以写的报告"
    default_hint = "请核对活动和单位，确认您现在仍有写报告的权限。"


@handles(KIND)
def write_batch(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """Write the reports of a run; organisations that whoever asked may not write for any more are refused."""
    given, now = run.parameters, clock.now()
    campaign = Campaign.objects.select_related("sponsor", "pack_version").filter(code=given["campaign"]).first()
    if campaign is None:
        raise NothingToWrite()
    actor = build_actor(Account.objects.filter(pk=run.requested_by or 0).first(), clock.local_date(now))
    found = {one.code: one for one in Organisation.objects.filter(code__in=given["organisations"])}
    progress.start(len(given["organisations"]))
    place = batch_file(run)
    place.parent.mkdir(parents=True, exist_ok=True)
    _clear(place.parent)
    part = place.with_suffix(".part")
    refused: list[Refusal] = []
    written = 0
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, code in enumerate(given["organisations"], start=1):
            organisation = found.get(code)
            reason = _refuses(actor, organisation)
            if organisation is None or reason:
                refused.append(Refusal(number, "", code, reason))
            else:
                brief = _brief(campaign, organisation, given)
                archive.writestr(entry_name(number, brief.issuer), _word(brief, now, given["site"]))
                written += 1
            progress.step()
    part.replace(place)
    return {"written": written, "bytes": place.stat().st_size}, refused


def _refuses(actor: Actor, organisation: Organisation | None) -> str:
    if organisation is None:
        return "单位不存在"
    decision = may(actor, Action.WRITE_REPORT, organisation.path)
    return "" if decision else decision.reason


def _brief(campaign: Campaign, organisation: Organisation, given: dict[str, Any]) -> ReportBrief:
    return report_brief(
        pack=pack_of(campaign.pack_version),
        campaign=campaign,
        organisation=organisation,
        period=Period.parse(given["period"]),
        report_id=given["outline"],
    )


def _word(brief: ReportBrief, now: datetime, site: str) -> bytes:
    return write_report(brief, compose(brief, on=clock.local_date(now), site=site), ".docx")


def _clear(folder: Path) -> None:
    """Archives older than a month go: they can be made again."""
    for old in folder.glob("*.zip"):
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            old.unlink(missing_ok=True)
