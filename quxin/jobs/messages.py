"""Message catalogues: compiled from locale/*/LC_MESSAGES/django.po at set-up, so that no binary lies in the repository."""

import os
from pathlib import Path

import polib
from django.conf import settings


def compile_catalogues() -> list[Path]:
    """Compile every .po that is newer than its .mo; returns those written."""
    written = []
    for folder in settings.LOCALE_PATHS:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/django.po")):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                # Beside it and then in its place: a server or a test that starts meanwhile never reads half a file.
                part = target.with_suffix(f".{os.getpid()}.part")
                polib.pofile(str(source)).save_as_mofile(str(part))
                part.replace(target)
                written.append(target)
    return written
