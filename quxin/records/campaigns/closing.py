"""What a closed campaign takes and what it refuses, and the day on which its lamps stand still.

Nothing here writes: `operations_close` does.
"""

from datetime import date, timedelta
from typing import Any

from quxin.kernel.errors import QuxinError
from quxin.records.campaigns.models import Campaign


class CampaignClosed(QuxinError):
    """The campaign was closed before the day of what is to be entered."""

    default_message = "“%(title)s”已于 %(closed_on)s 结束，%(on)s的事项不能再记到它名下。"
    default_hint = "确需计入的，请写明理由；不属于这项活动的，不选这项活动即可。"


class ClosedForChanges(QuxinError):
    """The campaign is closed: nothing is assigned or moved any more."""

    default_message = "“%(title)s”已于 %(closed_on)s 结束，任务、期限和分解不能再改。"
    default_hint = "确需改动的，请主办单位先写明理由，重新打开活动。"


def require_open(campaign: Campaign) -> None:
    """Raise ClosedForChanges for what only a running campaign takes: assignments, deadlines, shares."""
    if campaign.closed_on is not None:
        raise ClosedForChanges(title=campaign.title, closed_on=campaign.closed_on)


def late_entry(campaign: Campaign | None, on: date, reason: str = "") -> dict[str, Any]:
    """What the audit notes of something entered by hand for a campaign, dated `on`.

    Nothing while it runs. Once it is closed, a day up to the closing is 补记 (`late`), one after it needs a reason. Raises
    CampaignClosed.
    """
    if campaign is None or campaign.closed_on is None:
        return {}
    if on <= campaign.closed_on:
        return {"late": True}
    if not reason.strip():
        raise CampaignClosed(title=campaign.title, closed_on=campaign.closed_on, on=on)
    return {"after_closing": True, "reason": reason.strip()}


def judged_on(campaign: Campaign, today: date) -> date:
    """The day on which lamps are read: today, or for ever the day after the closing, when its own day was over."""
    return campaign.closed_on + timedelta(days=1) if campaign.closed_on else today


def last_day(campaign: Campaign) -> date:
    """The last day that counts for its numbers."""
    return min(campaign.ends_on, campaign.closed_on) if campaign.closed_on else campaign.ends_on
