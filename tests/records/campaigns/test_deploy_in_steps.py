"""Deploying in steps: what an interruption leaves is gone on with, nothing is assigned or counted twice."""

from collections import Counter
from decimal import Decimal

import pytest
from django.db.models import Sum

from quxin.access import Role
from quxin.ledger.models import AuditEntry, Fact
from quxin.packs.types import Pack, pack_content
from quxin.records.campaigns import operations_deploy
from quxin.records.campaigns.deploying import Order, SizesMissing
from quxin.records.campaigns.models import Assignment, Campaign
from quxin.records.campaigns.operations import AlreadyDeployed, deploy_campaign, deploy_in_steps
from quxin.runs.operations import Progress
from tests import cast


class Killed(BaseException):
    """As sudden as kill -9: nobody catches it."""


class Dying(Progress):
    """Progress that dies after so many batches."""

    def __init__(self, batches):
        super().__init__(None, lambda: cast.NOW)
        self.batches = batches

    def step(self, count=1):
        super().step(count)
        if count:
            self.batches -= 1
            if self.batches == 0:
                raise Killed


@pytest.fixture
def tree(db, monkeypatch):
    monkeypatch.setattr(operations_deploy, "AT_ONCE", 7)
    return cast.offices()


def order(tree, **more):
    version, content = cast.pack()
    given = {
        "version": version,
        "pack": content,
        "sponsor": tree.hq,
        "organisations_for": lambda code: cast.organisations_for(tree, code),
        "approval_number": cast.APPROVAL,
    }
    return Order(**given | more)


def deploy(tree, progress=None, **more):
    actor = cast.actor(Role.ORGANISER, tree.hq)
    progress = progress or Progress(None, lambda: cast.NOW)
    return deploy_in_steps(actor=actor, order=order(tree, **more), now=cast.NOW, progress=progress)


def facts():
    rows = Fact.objects.values_list("kind").annotate(n=Sum("sign"))
    return {kind: n for kind, n in rows if kind.split(".")[0] in ("campaign", "aspect", "task", "checklist")}


def pairs():
    return Counter(Assignment.objects.values_list("task__key", "organisation__name"))


@pytest.mark.parametrize("batches", [1, 2, 5])
def test_an_interrupted_deployment_goes_on_and_doubles_nothing(tree, batches):
    with pytest.raises(Killed):
        deploy(tree, Dying(batches), token="run-1")
    left = Campaign.objects.get()
    assert (left.state, Assignment.objects.count()) == ("draft", 7 * batches)
    campaign = deploy(tree, token="run-1")
    assert (campaign.pk, campaign.state) == (left.pk, "deployed")
    there, told = pairs(), facts()
    assert set(there.values()) == {1}
    assert told["task.assigned"] == len(there)
    Campaign.objects.update(key="other", deployment="")
    deploy(tree)
    whole = Counter(
        Assignment.objects.filter(task__campaign__key="aqsiq-2010").values_list("task__key", "organisation__name")
    )
    assert there == whole


def test_the_whole_done_again_by_its_own_run_changes_nothing(tree):
    campaign = deploy(tree, token="run-1")
    before = facts(), pairs(), AuditEntry.objects.count()
    assert deploy(tree, token="run-1").pk == campaign.pk
    assert (facts(), pairs(), AuditEntry.objects.count()) == before
    with pytest.raises(AlreadyDeployed):
        deploy(tree, token="run-2")
    with pytest.raises(AlreadyDeployed):
        deploy(tree)


def test_a_draft_is_gone_on_with_by_a_new_order_of_the_same_sponsor_only(tree):
    with pytest.raises(Killed):
        deploy(tree, Dying(2), token="run-1")
    actor = cast.actor(Role.ORGANISER, tree.jiangsu)
    other = order(tree, sponsor=tree.jiangsu)
    with pytest.raises(AlreadyDeployed):
        deploy_in_steps(actor=actor, order=other, now=cast.NOW, progress=Progress(None, lambda: cast.NOW))
    assert deploy(tree, token="run-2").state == "deployed"
    assert Campaign.objects.count() == 1


def test_two_who_deploy_the_same_at_once_assign_once(tree):
    """The second runs as a whole between two batches of the first."""

    class Meddled(Progress):
        meddled = False

        def step(self, count=1):
            super().step(count)
            if count and not self.meddled:
                self.meddled = True
                deploy(tree, token="run-1")

    deploy(tree, Meddled(None, lambda: cast.NOW), token="run-1")
    assert set(pairs().values()) == {1}
    assert facts()["task.assigned"] == Assignment.objects.count()
    assert facts()["campaign.deployed"] == 1


def test_all_or_nothing_where_it_is_not_done_in_steps(tree, monkeypatch):
    monkeypatch.setattr(operations_deploy, "_finish", lambda *_: (_ for _ in ()).throw(Killed))
    given = order(tree)
    with pytest.raises(Killed):
        deploy_campaign(
            actor=cast.actor(Role.ORGANISER, tree.hq),
            version=given.version,
            pack=given.pack,
            sponsor=tree.hq,
            organisations_for=given.organisations_for,
            now=cast.NOW,
            approval_number=cast.APPROVAL,
        )
    assert not Campaign.objects.exists()
    assert not Fact.objects.filter(kind="task.assigned").exists()


# --- shares declared by the pack ---


def shared(share):
    """The pack with its contest (2,000 contestants, owed by four agencies) shared out."""
    content = pack_content(cast.pack()[1])
    for aspect in content["campaign"]["aspects"]:
        for task in aspect["tasks"]:
            if task["id"] == "foundation.contest":
                task["share"] = share
    return Pack.model_validate(content)


def targets():
    rows = Assignment.objects.filter(task__key="foundation.contest").order_by("organisation__path")
    return list(rows.values_list("target", flat=True))


def test_a_target_is_owed_together_unless_the_pack_shares_it_out(tree):
    deploy(tree)
    assert targets() == [None] * 4


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ("each", [2_000_000] * 4),
        ("equal", [500_000] * 4),
        ("by:members.all", [0, 1_333_000, 0, 667_000]),
    ],
)
def test_shares_as_the_pack_declares_them(tree, share, expected):
    sizes = [Decimal(0), Decimal(2), Decimal(1), Decimal(0)]
    deploy(tree, pack=shared(share), weigh=lambda measure, rows: sizes)
    assert targets() == expected
    assert Campaign.objects.get().tasks.get(key="foundation.contest").share == share


def test_sizes_that_nobody_recorded_are_said_before_anything_is_written(tree):
    with pytest.raises(SizesMissing, match="大质检文化演讲比赛"):
        deploy(tree, pack=shared("by:members.all"), weigh=lambda measure, rows: [Decimal(0)] * len(rows))
    assert not Campaign.objects.exists()


def test_shares_of_two_attempts_with_other_sizes_still_sum_to_the_target(tree):
    content = shared("by:members.all")
    before, after = [Decimal(n) for n in (1, 1, 1, 1)], [Decimal(n) for n in (1, 2, 3, 1)]
    for batches in range(1, 20):
        with pytest.raises(Killed):
            deploy(tree, Dying(batches), pack=content, weigh=lambda measure, rows: before)
        if targets():
            break
    deploy(tree, pack=content, weigh=lambda measure, rows: after)
    assert sum(targets()) == 2_000_000
