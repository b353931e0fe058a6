"""Records that several tests of briefs and pages need, made as people make them."""

from collections.abc import Iterable
from datetime import date, datetime

from quxin.access import Actor
from quxin.orgs.models import Organisation, Person
from quxin.records.activities.models import Activity
from quxin.records.activities.operations import Happening, record_activity
from quxin.records.campaigns.models import Campaign
from tests.cast import NOW, TODAY

FORUM = "aqsiq-2010.quality-forum"


def theme_day(organisation: Organisation, actor: Actor, day: date, people: Iterable[Person]) -> Activity:
    """A theme day of a branch with people named."""
    return record_activity(
        actor=actor,
        organisation=organisation,
        happening=Happening("theme-day", "主题党日", day),
        people=people,
        today=TODAY,
        now=NOW,
    )


def lecture(
    organisation: Organisation,
    actor: Actor,
    day: date,
    audience: int,
    *,
    campaign: Campaign | None = None,
    now: datetime = NOW,
) -> Activity:
    """A lecture of the quality forum."""
    return record_activity(
        actor=actor,
        organisation=organisation,
        happening=Happening("lecture", "质检大讲堂", day, series=FORUM, audience=audience),
        people=(),
        campaign=campaign,
        today=TODAY,
        now=now,
    )
