"""Close a campaign on a day, with words on how it went, and open it again with a reason. It never closes by itself."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from quxin.access import Action, Actor, require
from quxin.kernel.errors import QuxinError
from quxin.ledger.operations import audit
from quxin.records.campaigns.models import Campaign
from quxin.records.campaigns.operations import ReasonMissing
from quxin.records.campaigns.progress import require_day, require_short


class NotRunning(QuxinError):
    """Only a campaign that runs can be closed."""

    default_message = "“%(title)s”不在进行中，不能结束。"
    default_hint = "请刷新页面，看看是不是别人已经办了。"


class NotClosed(QuxinError):
    """Only a closed campaign can be opened again."""

    default_message = "“%(title)s”没有结束，不需要重新打开。"


class ClosedTooEarly(QuxinError):
    """A closing day before the campaign began."""

    default_message = "结束日期 %(on)s 早于活动开始的 %(starts_on)s。"
    default_hint = "请核对年份和月份。"


class WordsMissing(QuxinError):
    """A campaign is closed with a word on how it went."""

    default_message = "请写一两句话：活动办得怎样，为什么现在结束。"
    default_hint = "这段话会写在活动的页面上，并留在经过里。"


def close_campaign(*, actor: Actor, campaign: Campaign, on: date, words: str, today: date, now: datetime) -> None:
    """Close a campaign on the day `on`; from then its lamps stand still, and it takes late records only.

    Raises Refused, NotRunning, ClosedTooEarly, InTheFuture, WordsMissing, TooLong.
    """
    sponsor = campaign.sponsor
    require(actor, Action.DEPLOY_CAMPAIGN, sponsor.path)
    require_day(on, today)
    if on < campaign.starts_on:
        raise ClosedTooEarly(on=on, starts_on=campaign.starts_on)
    if not words.strip():
        raise WordsMissing
    changes = {"closed_on": on, "closed_at": now, "closed_by": actor.account, "closing_words": words.strip()}
    require_short(Campaign, changes)
    running = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.DEPLOYED)
    with transaction.atomic():
        if not running.update(state=Campaign.State.CLOSED, version=F("version") + 1, **changes):
            raise NotRunning(title=campaign.title)
        audit(
            "campaign.close",
            f"campaign:{campaign.pk}",
            actor=actor.account,
            now=now,
            path=sponsor.path,
            on=on.isoformat(),
            reason=words.strip(),
        )


def reopen_campaign(*, actor: Actor, campaign: Campaign, reason: str, now: datetime) -> None:
    """Undo the closing, with a reason. Raises Refused, ReasonMissing, NotClosed."""
    sponsor = campaign.sponsor
    require(actor, Action.DEPLOY_CAMPAIGN, sponsor.path)
    if not reason.strip():
        raise ReasonMissing
    closed = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.CLOSED)
    with transaction.atomic():
        if not closed.update(
            state=Campaign.State.DEPLOYED,
            closed_on=None,
            closed_at=None,
            closed_by=None,
            closing_words="",
            version=F("version") + 1,
        ):
            raise NotClosed(title=campaign.title)
        audit(
            "campaign.reopen",
            f"campaign:{campaign.pk}",
            actor=actor.account,
            now=now,
            path=sponsor.path,
            before=str(campaign.closed_on),
            reason=reason.strip(),
        )
