"""The worker's part of a bulletin: the numbers of the board at this moment, on paper and as a Word file.

Interrupted, it begins again: it costs seconds, and its numbers are those of the moment.
"""

import time
from collections.abc import Iterable
from typing import Any

from quxin.access import Action, require
from quxin.briefs.bulletins import bulletin_brief
from quxin.jobs.batches import KEPT_SECONDS, NothingToWrite
from quxin.jobs.worker import handles
from quxin.kernel import clock
from quxin.orgs.models import Account, Organisation
from quxin.orgs.operations import build_actor
from quxin.records.campaigns.models import Campaign
from quxin.reports.bulletins import KIND, bulletin_file
from quxin.reports.compose import compose
from quxin.reports.files import write_report
from quxin.reports.paper import html
from quxin.reports.remarks import remarks
from quxin.runs.models import Run
from quxin.runs.operations import Progress, Refusal


@handles(KIND)
def write_bulletin(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """Write the bulletin that a run asks for; whoever asked must still be allowed to. Raises Refused, NothingToWrite."""
    given, now = run.parameters, clock.now()
    today = clock.local_date(now)
    campaign = Campaign.objects.select_related("sponsor", "pack_version").filter(code=given["campaign"]).first()
    organisation = Organisation.objects.filter(code=given["organisation"]).first()
    if campaign is None or organisation is None:
        raise NothingToWrite
    actor = build_actor(Account.objects.filter(pk=run.requested_by or 0).first(), today)
    require(actor, Action.WRITE_REPORT, organisation.path)
    progress.start(2)
    brief = bulletin_brief(actor=actor, campaign=campaign, organisation=organisation, today=today)
    progress.step()
    document = compose(brief, on=today, site=given["site"])
    place = bulletin_file(run)
    place.parent.mkdir(parents=True, exist_ok=True)
    for old in place.parent.glob("*.docx"):
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            old.unlink(missing_ok=True)
    part = place.with_suffix(".part")
    part.write_bytes(write_report(brief, document, ".docx"))
    part.replace(place)
    progress.step()
    said = [{"where": one.where, "text": one.text(), "hint": one.hint_text()} for one in remarks(document)]
    told = {"title": brief.title, "paper": str(html(document)), "remarks": said, "numbers": len(brief.figures())}
    return told, ()
