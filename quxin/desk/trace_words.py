"""A record's history and two versions of it, in the words of the reader's language, for the components."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from quxin.briefs.traces import FIELDS, Trace
from quxin.kernel.errors import Stale
from quxin.kernel.scaled import plain
from quxin.packs.vocabulary import ACTIVITY_KINDS
from quxin.records.campaigns.models import Campaign
from quxin.ui.words import spoken


def timeline(traces: Iterable[Trace]) -> list[dict[str, Any]]:
    """The history as <c-timeline> takes it."""
    return [
        {
            "on": trace.at,
            "strong": pgettext("history", trace.action),
            "text": _said(trace),
            "changed": trace.action in ("更正", "撤销"),
        }
        for trace in traces
    ]


def changes_of(stale: Stale) -> list[dict[str, Any]]:
    """Somebody else's version beside mine, as <c-diff> takes it: only the fields that differ."""
    return [
        {
            "title": _(FIELDS.get(name, name)),
            "before": _shown(name, theirs),
            "after": _shown(name, stale.attempted[name]),
        }
        for name, theirs in stale.current.items()
        if theirs != stale.attempted.get(name)
    ]


def _said(trace: Trace) -> str:
    parts = [trace.by] if trace.by else []
    if trace.fields:
        parts.append(_("改了：%(fields)s") % {"fields": _("、").join(_(one) for one in trace.fields)})
    if trace.reason:
        parts.append(_("理由：%(reason)s") % {"reason": trace.reason})
    return "".join(f" · {part}" for part in parts)


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if name == "quantity":
        return plain(value)
    if name == "kind" and value in ACTIVITY_KINDS:
        return spoken(ACTIVITY_KINDS[value])
    if name == "campaign_id":
        return str(Campaign.objects.filter(pk=value).first() or "")
    if isinstance(value, date):
        return value.isoformat()
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)
