"""Evidence in public: which files the public may have, of which record, and what was taken down again and why.

A file is public when somebody made it so and its record still is: a withdrawn record takes its files with it. Fails
closed: a subject that is not understood is not public. Reads only.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet

from quxin.briefs.subjects import Subject, subjects
from quxin.files.models import Evidence
from quxin.files.queries import ever_public_of
from quxin.kernel.clock import local_date
from quxin.orgs.querysets import within
from quxin.records.activities.models import Activity
from quxin.records.campaigns.models import ProgressRecord
from quxin.records.commitments.models import Commitment, CommitmentProgress

BATCH = 60


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file as the public gets it. `sha256` and `size` (bytes) are those of the public copy; `of` is its record."""

    code: str
    filename: str
    sha256: str
    size: int
    on: date
    seen_by_eye: bool
    of: Subject

    @property
    def kind(self) -> str:
        """The ending of the name: pdf, docx."""
        return self.filename.rpartition(".")[2][:5].lower()


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A file that was public: when and why it was taken down. Its name is not told; it may be the reason."""

    on: date
    reason: str


def owner_of(subject: str) -> int | None:
    """The key of the person whose promise `subject` is, or is a part of; None for what belongs to an organisation."""
    thing, _colon, rest = subject.partition(":")
    key = rest.partition("/")[0]
    if thing != "commitment" or not key.isdigit():
        return None
    return Commitment.objects.filter(pk=int(key)).values_list("person_id", flat=True).first()


def may_be_public(subject: str) -> bool:
    """Whether the record named by `subject` is itself public, so that its files may be."""
    return subject in public_subjects([subject])


def public_subjects(names: Iterable[str]) -> set[str]:
    """Those of `names` ("activity:12", "commitment:3/progress:7") whose record is public; one query for each kind."""
    wanted: dict[str, dict[str, tuple[int, int | None]]] = defaultdict(dict)
    for name in set(names):
        thing, _colon, rest = name.partition(":")
        key, _slash, part = rest.partition("/progress:")
        if thing in _PUBLIC and key.isdigit() and (part.isdigit() or not part):
            wanted[thing][name] = (int(key), int(part) if part else None)
    found: set[str] = set()
    for thing, keys in wanted.items():
        there = _keys(_PUBLIC[thing](), {key for key, _part in keys.values()})
        parts = {part for _key, part in keys.values() if part is not None}
        # An entry that was taken back proves nothing any more.
        standing = _entries(parts) if parts and thing == "commitment" else set()
        found |= {
            name for name, (key, part) in keys.items() if key in there and (part is None or (key, part) in standing)
        }
    return found


def public_files(subject: str) -> tuple[tuple[PublicFile, ...], tuple[TakenDown, ...]]:
    """The public files of a record and of its parts, and those taken down again, oldest first.

    One query when there is none; none are public when the record is not.
    """
    rows = list(ever_public_of(subject))
    taken = tuple(
        TakenDown(local_date(row.unpublished_at), row.unpublished_reason)
        for row in rows
        if row.unpublished_at is not None
    )
    return _shown([row for row in rows if row.is_public]), taken


def latest_public_files(path: str, *, most: int = 12) -> tuple[PublicFile, ...]:
    """The files of an organisation with all below it that were made public last."""
    rows = Evidence.objects.public().filter(within((path,))).select_related("public_copy")
    rows = rows.order_by("-published_at", "-pk")
    found: list[PublicFile] = []
    for start in range(0, 10 * BATCH, BATCH):
        some = list(rows[start : start + BATCH])
        found += _shown(some)
        if len(found) >= most or len(some) < BATCH:
            break
    return tuple(found[:most])


def public_file(code: str) -> Evidence | None:
    """The file with that code if the public may have it; None for any other code, as if there were nothing."""
    found = Evidence.objects.public().select_related("public_copy").filter(code=code).first()
    return found if found is not None and may_be_public(found.subject) else None


def _shown(rows: Collection[Evidence]) -> tuple[PublicFile, ...]:
    names = public_subjects(row.subject for row in rows)
    titles = subjects(names)
    return tuple(_file(row, titles.get(row.subject, Subject(""))) for row in rows if row.subject in names)


def _file(row: Evidence, of: Subject) -> PublicFile:
    copy: Any = row.public_copy
    return PublicFile(
        code=row.code,
        filename=row.filename,
        sha256=copy.sha256,
        size=copy.size,
        on=local_date(row.published_at) if row.published_at else local_date(row.added_at),
        seen_by_eye=row.seen_by_eye,
        of=of,
    )


def _keys(rows: QuerySet[Any], keys: set[int]) -> set[int]:
    return set(rows.filter(pk__in=keys).values_list("pk", flat=True))


def _entries(keys: set[int]) -> set[tuple[int, int]]:
    rows = CommitmentProgress.objects.filter(pk__in=keys, withdrawn_at__isnull=True)
    return set(rows.values_list("commitment_id", "pk"))


def _standing(model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.filter(withdrawn_at__isnull=True)


_PUBLIC = {
    "commitment": lambda: Commitment.objects.public(),
    "activity": lambda: _standing(Activity),
    "progress": lambda: _standing(ProgressRecord),
}
