"""Closing a campaign: who may, what it takes afterwards, what the audit says, and opening it again."""

from datetime import date, timedelta

import pytest

from quxin.access import Refused, Role
from quxin.ledger.models import AuditEntry
from quxin.records.activities.operations import Happening, record_activity
from quxin.records.campaigns.closing import CampaignClosed, ClosedForChanges, judged_on, last_day
from quxin.records.campaigns.models import Assignment
from quxin.records.campaigns.operations import (
    ReasonMissing,
    close_assignment,
    close_task,
    extend_assignment,
)
from quxin.records.campaigns.operations_close import (
    ClosedTooEarly,
    NotClosed,
    NotRunning,
    WordsMissing,
    close_campaign,
    reopen_campaign,
)
from quxin.records.campaigns.operations_share import share_out
from quxin.records.campaigns.progress import InTheFuture, Progress, TooLong, record_progress
from tests import cast

CLOSED_ON = date(2010, 11, 10)
DAY = timedelta(days=1)


@pytest.fixture
def tree(db):
    return cast.offices()


@pytest.fixture
def campaign(tree):
    return cast.campaign(tree)


@pytest.fixture
def organiser(tree):
    return cast.actor(Role.ORGANISER, tree.hq)


def close(campaign, actor, **more):
    given = {"on": CLOSED_ON, "words": "三个方面都已落实。", "today": cast.TODAY, "now": cast.NOW}
    close_campaign(actor=actor, campaign=campaign, **given | more)
    campaign.refresh_from_db()


def record(tree, campaign, on, **more):
    return record_progress(
        actor=cast.actor(Role.ORGANISER, tree.hq),
        organisation=tree.hq,
        progress=Progress("memorandum", "与江苏省签署", on),
        today=cast.TODAY,
        now=cast.NOW,
        campaign=campaign,
        **more,
    )


def details(action):
    return AuditEntry.objects.filter(action=action).latest("pk").details


def test_closing_is_kept_with_day_words_and_trace(campaign, organiser):
    version = campaign.version
    close(campaign, organiser)
    assert (campaign.state, campaign.closed_on, campaign.closed_by) == ("closed", CLOSED_ON, organiser.account)
    assert (campaign.closing_words, campaign.closed_at, campaign.version) == (
        "三个方面都已落实。",
        cast.NOW,
        version + 1,
    )
    assert details("campaign.close") == {"on": "2010-11-10", "reason": "三个方面都已落实。"}


def test_who_may_not_and_what_is_wrong_closes_nothing(tree, campaign, organiser):
    cases = [
        (cast.actor(Role.SECRETARY, tree.hq), {}, Refused),
        (cast.actor(Role.ORGANISER, tree.jiangsu), {}, Refused),
        (organiser, {"words": "  "}, WordsMissing),
        (organiser, {"words": "好" * 1001}, TooLong),
        (organiser, {"on": cast.TODAY + DAY}, InTheFuture),
        (organiser, {"on": campaign.starts_on - DAY}, ClosedTooEarly),
    ]
    for actor, more, error in cases:
        with pytest.raises(error):
            close(campaign, actor, **more)
    campaign.refresh_from_db()
    assert campaign.state == "deployed"
    assert not AuditEntry.objects.filter(action="campaign.close").exists()


def test_it_is_closed_once_and_opened_again_with_a_reason(campaign, organiser):
    with pytest.raises(NotClosed):
        reopen_campaign(actor=organiser, campaign=campaign, reason="还有任务", now=cast.NOW)
    close(campaign, organiser)
    with pytest.raises(NotRunning):
        close(campaign, organiser)
    with pytest.raises(ReasonMissing):
        reopen_campaign(actor=organiser, campaign=campaign, reason=" ", now=cast.NOW)
    reopen_campaign(actor=organiser, campaign=campaign, reason="还有任务", now=cast.NOW)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.closed_on, campaign.closing_words) == ("deployed", None, "")
    assert details("campaign.reopen") == {"before": "2010-11-10", "reason": "还有任务"}


def test_a_late_record_of_a_day_before_is_taken_as_such(tree, campaign, organiser):
    close(campaign, organiser)
    record(tree, campaign, CLOSED_ON)
    assert details("progress.record")["late"] is True
    record(tree, None, cast.TODAY)
    assert details("progress.record") == {}


def test_a_day_after_needs_a_reason_that_stays_in_the_audit(tree, campaign, organiser):
    close(campaign, organiser)
    with pytest.raises(CampaignClosed, match="2010-11-10"):
        record(tree, campaign, CLOSED_ON + DAY)
    record(tree, campaign, CLOSED_ON + DAY, reason="文本次日才到")
    assert details("progress.record") == {"after_closing": True, "reason": "文本次日才到"}
    happening = Happening("study", "集中学习", CLOSED_ON + DAY)
    given = {"organisation": tree.branch, "people": (), "today": cast.TODAY, "now": cast.NOW, "campaign": campaign}
    with pytest.raises(CampaignClosed):
        record_activity(actor=organiser, happening=happening, **given)


def test_nothing_is_assigned_or_moved_any_more_and_late_closings_say_why(tree, campaign, organiser):
    duty = Assignment.objects.select_related("task__campaign", "organisation").get(
        task__key="supervision.integrity", organisation=tree.nanjing
    )
    task = duty.task
    close(campaign, organiser)
    for one in (duty, task):
        one.refresh_from_db()
    task = campaign.tasks.select_related("campaign__sponsor").get(pk=task.pk)
    duty.task = task
    with pytest.raises(ClosedForChanges):
        extend_assignment(
            actor=organiser, assignment=duty, due_on=cast.TODAY, reason="延后", now=cast.NOW, version=duty.version
        )
    contest = campaign.tasks.select_related("campaign__sponsor").get(key="foundation.contest")
    with pytest.raises(ClosedForChanges):
        share_out(actor=organiser, task=contest, way="each", shares={}, now=cast.NOW, version=contest.version)
    with pytest.raises(CampaignClosed):
        close_assignment(actor=organiser, assignment=duty, on=cast.TODAY, now=cast.NOW)
    close_assignment(actor=organiser, assignment=duty, on=cast.TODAY, now=cast.NOW, note="材料后到")
    assert details("assignment.close")["reason"] == "材料后到"
    with pytest.raises(CampaignClosed):
        close_task(actor=organiser, task=task, on=cast.TODAY, now=cast.NOW)
    close_task(actor=organiser, task=task, on=CLOSED_ON, now=cast.NOW)
    assert details("task.close") == {"late": True}


def test_lamps_stand_still_from_the_day_after_the_closing(campaign, organiser):
    assert judged_on(campaign, cast.TODAY) == cast.TODAY
    close(campaign, organiser)
    for later in (cast.TODAY, date(2030, 1, 1)):
        assert judged_on(campaign, later) == CLOSED_ON + DAY
    assert last_day(campaign) == CLOSED_ON
