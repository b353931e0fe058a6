"""A second place where acknowledged ballots are noted: a file beside the database, so that a restored database shows its gaps.

A line is an envelope as it went into the urn, encrypted; without the key file it says nothing. The file is not a second
ballot box: nothing is counted from it. It is compared with the database, and what is missing there is told in public.
"""

import base64
import os
from pathlib import Path

from django.conf import settings

from quxin.orgs.crypto import CannotDecrypt
from quxin.records.evaluations import urn
from quxin.records.evaluations.models import Ballot, Envelope


def note(envelopes: list[Envelope]) -> None:
    """Append envelopes that are stored. One write for each, so that processes that write at once do not mix their lines; and
    each on a line of its own, even after one that was cut short.
    """
    for envelope in envelopes:
        line = f"\n{envelope.count} {base64.b64encode(bytes(envelope.box)).decode()}\n".encode()
        handle = os.open(_path(envelope.round_id), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)


def missing(round_key: int) -> list[str]:
    """Receipts that were acknowledged and are not in the database: sorted; empty when all is well."""
    noted = set(_leaves(round_key))
    if not noted:
        return []
    waiting = {paper.leaf for one in Envelope.objects.filter(round_id=round_key) for paper in urn.take_out(one)}
    stored = Ballot.objects.filter(round_id=round_key).values_list("receipt", flat=True)
    return sorted(noted - waiting - set(stored.iterator()))


def forget(round_key: int) -> None:
    """Throw the file of a closed round away: its receipts are under a root that witnesses sign."""
    _path(round_key).unlink(missing_ok=True)


def _leaves(round_key: int) -> list[str]:
    path = _path(round_key)
    if not path.exists():
        return []
    found = []
    for line in path.read_bytes().splitlines():
        try:
            box = base64.b64decode(line.partition(b" ")[2], validate=True)
            found += [paper.leaf for paper in urn.take_out(Envelope(round_id=round_key, count=0, box=box))]
        except (ValueError, CannotDecrypt):
            continue  # a line cut short by a crash: its ballots were never acknowledged, or stand in the database
    return found


def _path(round_key: int) -> Path:
    folder = Path(settings.QUXIN_HOME) / "ballots"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{round_key}.journal"
