"""Make evidence public, and take it from the public again: after a scan, in a stripped copy, never by who uploaded it.

Whether the record that it proves is public itself is told by the caller (see briefs.evidence): files know no records.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quxin.access import Action, Actor, Decision, Refused, require
from quxin.files.models import Blob, Evidence
from quxin.files.operations import place_of
from quxin.files.scanning import KINDS, Scan, scan
from quxin.files.stripping import stripped
from quxin.kernel.errors import QuxinError
from quxin.kernel.identifiers import find_personal_numbers
from quxin.ledger.operations import audit

SAME_PERSON = "自己上传的文件不能由自己公开，请另一位同志看过再公开"


class RecordNotPublic(QuxinError):
    """A file of something that the public does not see."""

    default_message = "这份文件所属的记录还没有公开，文件不能先公开。"
    default_hint = "承诺要先审核公开；已撤销的记录，文件不能公开。"


class NumbersInside(QuxinError):
    """Personal numbers in what would become public: there is no way around this."""

    default_message = "里面好像有个人号码：%(what)s，共 %(count)s 个，不能公开。"
    default_hint = "请删去号码，另存一份重新上传；写姓名和单位就够了。"


class NotLookedAt(QuxinError):
    """A file that a machine cannot read, and nobody said to have looked."""

    default_message = "机器读不出这份文件的全部内容，要有人从头到尾看过。"
    default_hint = "请先下载打开，看过以后勾选确认。"


class BytesMissing(QuxinError):
    """The bytes of a file are not in the store."""

    default_message = "这份文件的内容不在存储中。"
    default_hint = "请告诉系统管理员，用备份恢复以后再公开。"


class NoReason(QuxinError):
    """Taken from the public without a word."""

    default_message = "请写明理由，理由会公开。"
    default_hint = "一句话说清为什么撤下，例如“换成更清楚的扫描件”。不写人名和号码。"


class NotPublic(QuxinError):
    """The file is not public (any more)."""

    default_message = "这份文件现在没有公开。"
    default_hint = "请刷新页面，看它现在的状态。"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What making a file public would do: what the scan says, and the bytes that the public would get."""

    scan: Scan
    copy: bytes


def prepare(evidence: Evidence) -> Prepared:
    """Scan a file and make its public copy, in memory. Raises BytesMissing, Damaged."""
    place = place_of(evidence.blob.sha256)
    if not place.is_file():
        raise BytesMissing
    content = place.read_bytes()
    return Prepared(scan(content, evidence.blob.kind, evidence.filename), stripped(content, evidence.blob.kind))


def require_publisher(actor: Actor, evidence: Evidence) -> None:
    """Who organises or leads the organisation, and did not upload the file himself. Raises Refused."""
    require(actor, Action.PUBLISH_EVIDENCE, evidence.path)
    if actor.account is not None and actor.account == evidence.added_by:
        raise Refused(Decision(False, SAME_PERSON), Action.PUBLISH_EVIDENCE)


def publish_evidence(
    *, evidence: Evidence, record_is_public: bool, has_looked: bool, actor: Actor, now: datetime
) -> Evidence:
    """Show a file to the public, in a stripped copy; showing it twice is no error.

    `has_looked`: the actor says to have read it from beginning to end, which is needed and audited where a machine could
    not. Raises Refused, RecordNotPublic, NumbersInside, NotLookedAt, BytesMissing, Damaged.
    """
    require_publisher(actor, evidence)
    if not record_is_public or evidence.withdrawn_at is not None:
        raise RecordNotPublic
    prepared = prepare(evidence)
    if prepared.scan.total:
        _remember(evidence, prepared.scan)
        raise _numbers(prepared.scan)
    if prepared.scan.unread and not has_looked:
        raise NotLookedAt
    sha256 = _keep(prepared.copy)
    by_eye = bool(prepared.scan.unread)
    with transaction.atomic():
        copy, _ = Blob.objects.get_or_create(
            sha256=sha256, defaults={"size": len(prepared.copy), "kind": evidence.blob.kind, "stored_at": now}
        )
        shown = Evidence.objects.filter(pk=evidence.pk, is_public=False, withdrawn_at__isnull=True).update(
            is_public=True,
            personal_numbers=0,
            public_copy=copy,
            published_at=now,
            published_by=actor.account,
            seen_by_eye=by_eye,
            unpublished_at=None,
            unpublished_reason="",
        )
        if shown:
            audit(
                "evidence.publish",
                evidence.subject,
                actor=actor.account,
                now=now,
                path=evidence.path,
                code=evidence.code,
                sha256=sha256,
                looked=by_eye,
                unread=list(prepared.scan.unread),
            )
    evidence.refresh_from_db()
    return evidence


def unpublish_evidence(*, evidence: Evidence, reason: str, actor: Actor, now: datetime) -> None:
    """Take a file from the public, with a reason that the public reads; staff keep it.

    Anybody who may publish may, whoever uploaded it: taking down must be quick. Raises Refused, NoReason, NumbersInside,
    NotPublic.
    """
    require(actor, Action.PUBLISH_EVIDENCE, evidence.path)
    words = reason.strip()
    if not words:
        raise NoReason
    if found := find_personal_numbers(words):
        raise NumbersInside(what=KINDS[found[0].kind], count=len(found))
    with transaction.atomic():
        taken = Evidence.objects.filter(pk=evidence.pk, is_public=True).update(
            is_public=False, unpublished_at=now, unpublished_reason=words[:300]
        )
        if not taken:
            raise NotPublic
        audit(
            "evidence.unpublish",
            evidence.subject,
            actor=actor.account,
            now=now,
            path=evidence.path,
            code=evidence.code,
            reason=words[:300],
        )
    evidence.refresh_from_db()


def _numbers(found: Scan) -> NumbersInside:
    """Which kinds is told, the digits never are."""
    return NumbersInside(what="；".join(KINDS[kind] for kind, _count in found.numbers), count=found.total)


def _remember(evidence: Evidence, found: Scan) -> None:
    """What was found stays with the file, so that no list of public files can ever hold it."""
    Evidence.objects.filter(pk=evidence.pk).update(personal_numbers=found.total)
    evidence.personal_numbers = found.total


def _keep(content: bytes) -> str:
    """Write bytes under their hash, which is returned; a half-written file never gets the final name."""
    sha256 = hashlib.sha256(content).hexdigest()
    place = place_of(sha256)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(f".part-{id(content):x}")
        part.write_bytes(content)
        part.replace(place)
    return sha256
