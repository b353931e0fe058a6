"""What the tests of the portal share: a clock that can be set, a browser, a running closed round."""

import pytest
from django.test import Client

from quxin.kernel import clock
from tests import cast
from tests.records.evaluations import closed as the
from tests.records.evaluations.closed import DURING


@pytest.fixture
def now(monkeypatch):
    """The clock of the faces, which a test may set: now(AFTER)."""
    moment = [DURING]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(clock, "today", lambda: clock.local_date(moment[0]))
    return lambda at: moment.__setitem__(0, at)


@pytest.fixture
def tree(now):
    return cast.offices()


@pytest.fixture
def voter():
    """A browser of nobody in particular, which has to bring what a real one has to."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def round_(tree):
    return the.publish(cards=6, tree=tree)
