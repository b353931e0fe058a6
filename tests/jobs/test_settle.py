"""Promises settle by themselves when their day is over, once, and by the facts."""

import json
from datetime import timedelta

import pytest

from quxin.jobs.cli import main
from quxin.jobs.settle import settle_due
from quxin.kernel import clock
from quxin.ledger.models import Fact
from quxin.records.commitments.models import Commitment
from tests import cast
from tests.records.commitments.promises import DUE, moment, progress, published

pytestmark = pytest.mark.django_db
AFTER = DUE + timedelta(days=1)


@pytest.fixture
def three():
    tree = cast.offices()
    kept, unkept, running = (published(tree.branch, due_on=DUE + timedelta(days=days)) for days in (0, 0, 30))
    progress(kept, 40, on=DUE)
    progress(unkept, 39)
    progress(unkept, 5, on=DUE + timedelta(days=1), today=AFTER)
    return kept, unkept, running


def states(promises):
    return [Commitment.objects.get(pk=promise.pk).state for promise in promises]


def test_only_what_is_over_is_settled_and_once(three):
    nothing = settle_due(today=DUE, now=moment(DUE))
    assert (nothing.kept, nothing.unkept) == ([], [])
    settled = settle_due(today=AFTER, now=moment(AFTER))
    assert (settled.kept, settled.unkept) == ([three[0].code], [three[1].code])
    assert list(settled) == [three[0].code, three[1].code]
    assert states(three) == ["kept", "unkept", "published"]
    again = settle_due(today=AFTER, now=moment(AFTER))
    assert (again.kept, again.unkept) == ([], [])
    kinds = Fact.objects.filter(kind__in=["commitment.kept", "commitment.unkept"]).order_by("kind")
    assert list(kinds.values_list("kind", "on")) == [("commitment.kept", DUE), ("commitment.unkept", DUE)]


def test_the_command_says_what_it_settled(three, monkeypatch, capsys):
    monkeypatch.setattr(clock, "now", lambda: moment(AFTER))
    assert main(["promises", "settle", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["kept"], said["unkept"]) == ([three[0].code], [three[1].code])
