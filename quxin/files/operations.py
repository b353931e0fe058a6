"""Take evidence in and hand it out. Every upload is hostile until its bytes have been looked at."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from zipfile import BadZipFile, ZipFile

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.files.models import Blob, Evidence
from quxin.kernel.errors import QuxinError
from quxin.ledger.operations import audit

# Kind by the first bytes: the name and the browser's word for it prove nothing.
SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
)
OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
SUFFIXES = {
    "application/pdf": {".pdf"},
    "image/png": {".png"},
    "image/jpeg": {".jpg", ".jpeg"},
    OFFICE["word/document.xml"]: {".docx"},
    OFFICE["xl/workbook.xml"]: {".xlsx"},
    OFFICE["ppt/presentation.xml"]: {".pptx"},
}
# Names that a sheet to import may have; old and macro formats come in so that the guard can say what to do about them.
SHEETS = {".xlsx", ".csv", ".xls", ".xlsm"}
MOST_UNPACKED = 300 * 1024 * 1024


class WrongKind(QuxinError):
    """A file of a kind that is not taken, or whose name does not fit its content."""

    default_message = "“%(filename)s”不是可以上传的文件。"
    default_hint = "请上传 PDF、JPG、PNG、docx、xlsx 或 pptx；带宏的文件请另存为不带宏的格式。"


class TooLarge(QuxinError):
    """A file over the limit."""

    default_message = "“%(filename)s”有 %(size)s MB，超过上限 %(limit)s MB。"
    default_hint = "请压缩图片或拆分文件后再传；视频请只填地址。"


class StillPublic(QuxinError):
    """A public file cannot vanish without a word."""

    default_message = "这份文件正在公开页上，不能直接撤下。"
    default_hint = "请先“从公开页撤下”，写明理由；之后再撤下文件。"


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking at the bytes showed."""

    kind: str
    sha256: str
    size: int


def look_at(upload: UploadedFile) -> Looked:
    """Check size and kind of an upload by its bytes; raises TooLarge or WrongKind."""
    name, size = str(upload.name or ""), upload.size or 0
    if size > settings.UPLOAD_LIMIT:
        raise TooLarge(filename=name, size=f"{size / 1048576:.1f}", limit=settings.UPLOAD_LIMIT // 1048576)
    upload.seek(0)
    head = upload.read(16)
    kind = next((kind for signature, kind in SIGNATURES if head.startswith(signature)), "")
    if kind == "application/zip":
        kind = _office_kind(upload)
    if not kind or PurePath(name).suffix.lower() not in SUFFIXES.get(kind, set()):
        raise WrongKind(filename=name)
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    return Looked(kind, digest.hexdigest(), size)


def _office_kind(upload: UploadedFile) -> str:
    """The Office kind of a zip, or "" for any other zip, a macro file or a bomb."""
    try:
        upload.seek(0)
        with ZipFile(upload.file) as archive:  # type: ignore[arg-type]
            infos = archive.infolist()
            names = {info.filename for info in infos}
            if len(infos) > 5000 or sum(info.file_size for info in infos) > MOST_UNPACKED:
                return ""
    except (BadZipFile, OSError, ValueError):
        return ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    return next((kind for part, kind in OFFICE.items() if part in names), "")


def attach_evidence(
    *,
    upload: UploadedFile,
    subject: str,
    path: str,
    actor: Actor,
    action: Action,
    now: datetime,
    person: int | None = None,
) -> Evidence:
    """Attach an upload to `subject` ("activity:12") of the organisation at `path`; `action` is what the actor must be allowed.

    `person` is whose the subject is (a member's own promise). The same bytes are stored once. Raises Refused, TooLarge,
    WrongKind.
    """
    require(actor, action, path, person=person)
    looked = look_at(upload)
    _store(upload, looked)
    with transaction.atomic():
        blob, _ = Blob.objects.get_or_create(
            sha256=looked.sha256, defaults={"size": looked.size, "kind": looked.kind, "stored_at": now}
        )
        evidence = Evidence.objects.create(
            blob=blob,
            subject=subject,
            path=path,
            filename=PurePath(str(upload.name)).name[:200],
            added_at=now,
            added_by=actor.account,
        )
        audit("evidence.attach", subject, actor=actor.account, now=now, path=path, sha256=looked.sha256)
    return evidence


def keep_sheet(upload: UploadedFile) -> str:
    """Keep a sheet that somebody wants to import, under the hash of its bytes, which is returned (see `place_of`).

    Only size and name are judged here: what is in it is for `sheets.guard`, which alone opens it. Raises TooLarge, WrongKind.
    """
    name, size = str(upload.name or ""), upload.size or 0
    if size > settings.UPLOAD_LIMIT:
        raise TooLarge(filename=name, size=f"{size / 1048576:.1f}", limit=settings.UPLOAD_LIMIT // 1048576)
    if PurePath(name).suffix.lower() not in SHEETS:
        raise WrongKind(hint="请上传 xlsx 或 csv；旧的 xls 请先另存为 xlsx。", filename=name)
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    _store(upload, Looked("", digest.hexdigest(), size))
    return digest.hexdigest()


def forget_sheet(sha256: str) -> None:
    """Delete a sheet that was kept to be imported, unless the same bytes are evidence of something."""
    if not Blob.objects.filter(sha256=sha256).exists():
        place_of(sha256).unlink(missing_ok=True)


def withdraw_evidence(
    *, evidence: Evidence, actor: Actor, action: Action, now: datetime, person: int | None = None
) -> None:
    """Take evidence from view; its bytes and the audit stay. `person` as in `attach_evidence`. Raises Refused, StillPublic."""
    require(actor, action, evidence.path, person=person)
    with transaction.atomic():
        standing = Evidence.objects.filter(pk=evidence.pk, withdrawn_at__isnull=True)
        if standing.filter(is_public=True).exists():
            raise StillPublic
        if standing.filter(is_public=False).update(withdrawn_at=now):
            audit("evidence.withdraw", evidence.subject, actor=actor.account, now=now, path=evidence.path)


def place_of(sha256: str) -> Path:
    """Where the bytes of a hash lie."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256


def _store(upload: UploadedFile, looked: Looked) -> None:
    """Write the bytes under their hash; a half-written file never gets the final name."""
    place = place_of(looked.sha256)
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(f".part-{id(upload):x}")
    upload.seek(0)
    with part.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    part.replace(place)
