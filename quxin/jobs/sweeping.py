"""Sheets that were uploaded, looked at and never imported: after some days they go, with their previews. Runs nightly.

They may hold the numbers of people, and nobody waits for them. What was imported stays: its refused rows can be fetched again.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from quxin.files.operations import forget_sheet
from quxin.runs.models import Run, RunState
from quxin.runs.operations import forget_runs

PREVIEW, IMPORT = ".preview", ".import"
AT_WORK = (RunState.QUEUED, RunState.RUNNING)


def forget_previews(*, now: datetime) -> int:
    """Delete previews that nobody confirmed for QUXIN_PREVIEW_DAYS days, and their sheets; how many previews.

    A preview whose import was asked for stays, and so does a sheet that another run or a piece of evidence needs.
    """
    imported = Run.objects.filter(kind__endswith=IMPORT).values_list("parameters__preview", flat=True)
    old = Run.objects.filter(kind__endswith=PREVIEW, requested_at__lt=now - timedelta(days=settings.PREVIEW_DAYS))
    confirmed = {code for code in imported if code}
    going = [run for run in old.exclude(state__in=AT_WORK) if run.code not in confirmed]
    sheets = set(_sheets(going))
    forget_runs(going, now=now)
    about_sheets = Q(kind__endswith=PREVIEW) | Q(kind__endswith=IMPORT)
    # The rows go first: a preview without its sheet would be a trap, a sheet without its preview goes the next night.
    for sha256 in sheets - set(_sheets(Run.objects.filter(about_sheets).iterator())):
        forget_sheet(sha256)
    return len(going)


def _sheets(runs: Iterable[Run]) -> Iterator[str]:
    """The hashes of the sheets that runs read."""
    for run in runs:
        yield from (one["sha256"] for one in run.parameters.get("files", []) if "sha256" in one)
