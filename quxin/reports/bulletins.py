"""Where the Word file of a bulletin lies. The work itself is a worker's."""

from pathlib import Path

from django.conf import settings

from quxin.runs.models import Run

KIND = "reports.bulletin"


def bulletin_file(run: Run) -> Path:
    """The Word file of a run; it is there once the run is done, and goes after a month."""
    return Path(settings.QUXIN_HOME) / "exports" / f"{run.code}.docx"
