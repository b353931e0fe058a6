"""Where the archive of a batch of reports lies, and how its files are called. The work itself is a worker's."""

from pathlib import Path

from django.conf import settings

from quxin.runs.models import Run

KIND = "reports.batch"


def batch_file(run: Run) -> Path:
    """The archive of a run; it is there once the run is done, and goes after a month."""
    return Path(settings.QUXIN_HOME) / "exports" / f"{run.code}.zip"


def entry_name(number: int, organisation: str) -> str:
    """The name of a report in the archive: numbered, without what file systems refuse."""
    safe = "".join("_" if one in '\\/:*?"<>|' or not one.isprintable() else one for one in organisation)
    return f"{number:03} {safe[:60]}.docx"
