"""Simple records of progress: recorded once, corrected by reversing, withdrawn with a reason, restored."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache

from django.db import transaction
from django.db.models import CharField, Model

from quxin.access import Action, Actor, require
from quxin.kernel.errors import QuxinError, Stale
from quxin.kernel.paths import common_path
from quxin.kernel.scaled import ONE
from quxin.ledger.operations import Entry, append, audit, reverse
from quxin.orgs.models import Organisation
from quxin.records.campaigns.closing import late_entry
from quxin.records.campaigns.facts import PROGRESS
from quxin.records.campaigns.models import Campaign, ProgressRecord
from quxin.records.campaigns.operations import ReasonMissing

EARLIEST = date(1949, 10, 1)


class InTheFuture(QuxinError):
    """The day has not come yet."""

    default_message = "日期 %(on)s 还没有到。"
    default_hint = "台账只记已经发生的事；请核对年份和月份。"


class TooLongAgo(QuxinError):
    """A day before there was anything to record: a slip of the keyboard that no period would ever show."""

    default_message = "日期 %(on)s 太早了。"
    default_hint = "请核对年份；台账从 1949 年 10 月 1 日记起。"


class TooLong(QuxinError):
    """Words that are longer than the record keeps."""

    default_message = "“%(start)s…”太长：最多 %(most)s 字，现在是 %(count)s 字。"
    default_hint = "请删短一些；详细经过可以写进记录或说明。"


class QuantityWrong(QuxinError):
    """A quantity that is zero or negative."""

    default_message = "数量必须大于零。"
    default_hint = "记错了请用“更正”或“撤销”，不要记负数。"


class AlreadyWithdrawn(QuxinError):
    """The record was withdrawn before."""

    default_message = "这条记录已经撤销。"
    default_hint = "需要恢复时，请用“恢复”。"


class NotWithdrawn(QuxinError):
    """The record stands, so that there is nothing to restore."""

    default_message = "这条记录没有撤销过，不需要恢复。"


@dataclass(frozen=True, slots=True)
class Progress:
    """What a simple record says. `quantity` is scaled; `kind` is the record kind's id (its fact's label)."""

    kind: str
    title: str
    occurred_on: date
    quantity: int = ONE
    unit: str = ""
    partner: str = ""
    place: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A simple record about to be recorded: whose it is and what it says."""

    organisation: Organisation
    progress: Progress
    campaign: Campaign | None = None
    row_key: str | None = None
    is_sample: bool = False
    reason: str = ""
    """Why it is entered for a campaign that was closed before its day."""


def record_progress(
    *,
    actor: Actor,
    organisation: Organisation,
    progress: Progress,
    today: date,
    now: datetime,
    campaign: Campaign | None = None,
    row_key: str | None = None,
    is_sample: bool = False,
    reason: str = "",
) -> ProgressRecord:
    """Record progress of `organisation` and append its fact; `reason` as in `Draft`.

    Raises InTheFuture, QuantityWrong, CampaignClosed, Refused.
    """
    draft = Draft(organisation, progress, campaign, row_key, is_sample, reason)
    return record_many(actor=actor, drafts=[draft], today=today, now=now)[0]


def record_many(*, actor: Actor, drafts: Sequence[Draft], today: date, now: datetime) -> list[ProgressRecord]:
    """Record many simple records in one go: all or none, with one append to the ledger and one entry in the audit.

    Raises as `record_progress`. Returns them in order.
    """
    if not drafts:
        return []
    paths = {draft.organisation.path for draft in drafts}
    for path in paths:
        require(actor, Action.REPORT_PROGRESS, path)
    late: dict[str, object] = {}
    for draft in drafts:
        check_progress(draft.progress, today)
        late |= late_entry(draft.campaign, draft.progress.occurred_on, draft.reason)
    with transaction.atomic():
        rows = [
            ProgressRecord(
                organisation=draft.organisation,
                campaign=draft.campaign,
                recorded_at=now,
                recorded_by=actor.account,
                row_key=draft.row_key,
                is_sample=draft.is_sample,
                **{name: getattr(draft.progress, name) for name in Progress.__slots__},
            )
            for draft in drafts
        ]
        records = ProgressRecord.objects.bulk_create(rows)
        append([entry_of(record) for record in records], actor=actor.account, now=now)
        extent = {"count": len(records), "last": records[-1].pk} if len(records) > 1 else {}
        audit(
            "progress.record",
            subject_of(records[0]),
            actor=actor.account,
            now=now,
            path=common_path(paths),
            **extent,
            **late,
        )
    return records


def correct_progress(
    *, actor: Actor, record: ProgressRecord, progress: Progress, reason: str, today: date, now: datetime, version: int
) -> None:
    """Change a record: its old fact is reversed and a new one appended. Raises ReasonMissing, Stale, AlreadyWithdrawn."""
    require(actor, Action.REPORT_PROGRESS, record.organisation.path)
    check_progress(progress, today)
    late = late_entry(record.campaign, progress.occurred_on, reason)
    if not reason.strip():
        raise ReasonMissing
    if record.withdrawn_at:
        raise AlreadyWithdrawn
    fields = asdict(progress)
    before = {name: getattr(record, name) for name in fields}
    with transaction.atomic():
        if not ProgressRecord.objects.filter(pk=record.pk, version=version).update(**fields, version=version + 1):
            current = ProgressRecord.objects.get(pk=record.pk)
            raise Stale(current={name: getattr(current, name) for name in fields}, attempted=fields)
        record.refresh_from_db()
        reverse(subject_of(record), actor=actor.account, now=now)
        append([entry_of(record)], actor=actor.account, now=now)
        changed = sorted(name for name in fields if before[name] != fields[name])
        audit(
            "progress.correct",
            subject_of(record),
            actor=actor.account,
            now=now,
            path=record.organisation.path,
            fields=changed,
            **{"reason": reason.strip()} | late,
        )


def withdraw_progress(*, actor: Actor, record: ProgressRecord, reason: str, now: datetime) -> None:
    """Withdraw a record with a reason; it stays to be seen and its fact is reversed."""
    require(actor, Action.REPORT_PROGRESS, record.organisation.path)
    if not reason.strip():
        raise ReasonMissing
    standing = ProgressRecord.objects.filter(pk=record.pk, withdrawn_at__isnull=True)
    with transaction.atomic():
        if not standing.update(withdrawn_at=now, withdrawn_reason=reason.strip()):
            raise AlreadyWithdrawn
        reverse(subject_of(record), actor=actor.account, now=now)
        audit("progress.withdraw", subject_of(record), actor=actor.account, now=now, path=record.organisation.path)


def restore_progress(*, actor: Actor, record: ProgressRecord, now: datetime) -> None:
    """Undo a withdrawal: the record stands again and a new fact is appended. Raises NotWithdrawn."""
    require(actor, Action.REPORT_PROGRESS, record.organisation.path)
    withdrawn = ProgressRecord.objects.filter(pk=record.pk, withdrawn_at__isnull=False)
    with transaction.atomic():
        if not withdrawn.update(withdrawn_at=None, withdrawn_reason=""):
            raise NotWithdrawn
        record.refresh_from_db()
        append([entry_of(record)], actor=actor.account, now=now)
        audit("progress.restore", subject_of(record), actor=actor.account, now=now, path=record.organisation.path)


def subject_of(record: ProgressRecord) -> str:
    """The subject of the record's facts."""
    return f"progress:{record.pk}"


def entry_of(record: ProgressRecord) -> Entry:
    """The fact that a record appends."""
    return Entry(
        PROGRESS.id,
        record.organisation_id,
        record.organisation.path,
        subject_of(record),
        record.occurred_on,
        quantity=record.quantity,
        label=record.kind,
        campaign=record.campaign.key if record.campaign else "",
    )


def check_progress(progress: Progress, today: date) -> None:
    """Raises what is wrong with what a record says: InTheFuture, TooLongAgo, TooLong, QuantityWrong."""
    require_day(progress.occurred_on, today)
    require_short(ProgressRecord, asdict(progress))
    if progress.quantity <= 0:
        raise QuantityWrong


def require_day(on: date, today: date) -> None:
    """Raise InTheFuture or TooLongAgo for a day on which nothing can have happened."""
    if on > today:
        raise InTheFuture(on=on)
    if on < EARLIEST:
        raise TooLongAgo(on=on)


def require_short(model: type[Model], values: Mapping[str, object]) -> None:
    """Raise TooLong for text that its column would not hold (SQLite would take it, PostgreSQL would not)."""
    limits = _limits(model)
    for name, value in values.items():
        if isinstance(value, str) and len(value) > limits.get(name, len(value)):
            raise TooLong(start=value[:12], most=limits[name], count=len(value))


@cache
def _limits(model: type[Model]) -> dict[str, int]:
    fields = model._meta.concrete_fields
    return {field.attname: field.max_length for field in fields if isinstance(field, CharField) and field.max_length}
