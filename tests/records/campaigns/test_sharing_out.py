"""Sharing a target out: the shares that each way leaves, what is refused, and what the audit says."""

import pytest

from quxin.access import Refused, Role
from quxin.kernel.errors import Stale
from quxin.ledger.models import AuditEntry
from quxin.records.campaigns.operations_share import (
    NothingToShare,
    ShareNegative,
    SharesTooLarge,
    SharesTooSmall,
    share_out,
)
from tests import cast

TOTAL = 2_000_000


@pytest.fixture
def tree(db):
    return cast.offices()


@pytest.fixture
def task(tree):
    return cast.campaign(tree).tasks.select_related("campaign__sponsor").get(key="foundation.contest")


def share(tree, task, way, shares=(), *, actor=None, version=None):
    owing = list(task.assignments.order_by("organisation__path").values_list("organisation", flat=True))
    share_out(
        actor=actor or cast.actor(Role.ORGANISER, tree.hq),
        task=task,
        way=way,
        shares=dict(zip(owing, shares, strict=False)),
        now=cast.NOW,
        version=task.version if version is None else version,
    )
    task.refresh_from_db()


def targets(task):
    return list(task.assignments.order_by("organisation__path").values_list("target", flat=True))


def test_each_way_leaves_its_shares(tree, task):
    share(tree, task, "each")
    assert (task.share, targets(task)) == ("each", [TOTAL] * 4)
    share(tree, task, "equal", [500_000] * 4)
    assert targets(task) == [500_000] * 4
    share(tree, task, "hand", [0, 1_000_000, 999_000, 1000])
    assert (task.share, targets(task)) == ("hand", [0, 1_000_000, 999_000, 1000])
    share(tree, task, "")
    assert (task.share, targets(task)) == ("", [None] * 4)


@pytest.mark.parametrize(
    ("shares", "error", "words"),
    [
        ([500_000] * 3 + [499_000], SharesTooSmall, "还差 1"),
        ([500_000] * 3 + [501_000], SharesTooLarge, "多了 1"),
        ([-1000, 1_000_000, 1_000_000, 1000], ShareNegative, "不小于零"),
        ([1_000_000, 1_000_000], ShareNegative, "不小于零"),
    ],
)
def test_what_does_not_sum_changes_nothing(tree, task, shares, error, words):
    with pytest.raises(error, match=words):
        share(tree, task, "hand", shares)
    task.refresh_from_db()
    assert (task.share, task.version, targets(task)) == ("", 1, [None] * 4)


def test_who_may_not_and_who_comes_late(tree, task):
    with pytest.raises(Refused):
        share(tree, task, "each", actor=cast.actor(Role.SECRETARY, tree.hq))
    share(tree, task, "each")
    with pytest.raises(Stale):
        share(tree, task, "", version=1)
    unmeasured = task.campaign.tasks.get(key="foundation.discipline-month")
    with pytest.raises(NothingToShare):
        share(tree, unmeasured, "each")


def test_the_audit_names_what_each_had_and_has(tree, task):
    share(tree, task, "equal", [500_000] * 4)
    said = AuditEntry.objects.filter(action="task.share").latest("pk").details
    assert (said["before"], said["after"], said["changed"]) == ("", "equal", 4)
    assert set(map(tuple, said["shares"].values())) == {(None, 500_000)}
    assert set(said["shares"]) == set(task.assignments.values_list("code", flat=True))
