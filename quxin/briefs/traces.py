"""What happened to a record, in words: who did what when, from the audit. For the 经过 of a record's page.

Not for searching the audit: that belongs to auditors, who see more than one record.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quxin.ledger.models import AuditEntry
from quxin.orgs.models import Account

ACTIONS = {
    "record": "登记",
    "correct": "更正",
    "withdraw": "撤销",
    "restore": "恢复",
    "name": "补记参加人员",
    "attach": "上传佐证",
    "publish": "公开佐证",
    "unpublish": "从公开页撤下佐证",
    "deploy": "部署",
    "extend": "延期",
    "close": "办结",
    "reopen": "撤销办结",
    "campaign.begin": "开始部署",
    "campaign.close": "结束活动",
    "campaign.reopen": "重新打开",
    "task.share": "分解目标",
}
"""An action's name, or the last part of it → a Chinese msgid."""

FIELDS = {
    "kind": "种类",
    "series": "系列",
    "title": "名称",
    "held_on": "日期",
    "occurred_on": "日期",
    "starts_at": "开始时间",
    "place": "地点",
    "host": "主持人",
    "speaker": "主讲人",
    "agenda": "议程",
    "minutes": "会议记录",
    "audience": "其他到场人数",
    "contestants": "参赛人数",
    "campaign_id": "主题活动",
    "people": "参加人员",
    "quantity": "数量",
    "unit": "计量单位",
    "partner": "对象",
    "note": "备注",
    "organisation": "机构",
}
"""Fields that a correction may name → a Chinese msgid."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of a record's history. `action` and `fields` are Chinese msgids; `by` is empty for the system."""

    at: datetime
    by: str
    action: str
    fields: tuple[str, ...]
    reason: str
    details: dict[str, Any]


def traces_of(subject: str) -> list[Trace]:
    """The history of `subject` ("activity:12"), the newest first; two queries. Who asks must be allowed to see the record."""
    entries = list(AuditEntry.objects.filter(subject=subject).order_by("-at", "-pk"))
    accounts = Account.objects.filter(pk__in={entry.actor for entry in entries if entry.actor})
    names = {account.pk: str(account) for account in accounts}
    return [_trace(entry, names) for entry in entries]


def _trace(entry: AuditEntry, names: dict[int, str]) -> Trace:
    action = entry.action.rpartition(".")[2]
    if entry.action == "evidence.withdraw":
        action = "evidence"
    return Trace(
        at=entry.at,
        by=names.get(entry.actor or 0, ""),
        action=ACTIONS.get(entry.action) or {"evidence": "撤下佐证", **ACTIONS}.get(action, entry.action),
        fields=tuple(FIELDS.get(name, name) for name in entry.details.get("fields", ())),
        reason=str(entry.details.get("reason", "")),
        details=entry.details,
    )
