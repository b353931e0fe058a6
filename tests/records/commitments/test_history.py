"""Whatever is done to a published promise, its public history alone tells what it says now and what it said before."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from quxin.access import SYSTEM
from quxin.kernel.errors import QuxinError
from quxin.kernel.scaled import ONE
from quxin.records.commitments import operations as ops
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.rules import Promise
from tests import cast
from tests.records.commitments.promises import DUE, moment, published

DAYS = st.integers(-3, 60).map(lambda days: DUE + timedelta(days=days))
SAYINGS = st.builds(
    Promise,
    kind=st.sampled_from(["common", "post", "deed", "service"]),
    text=st.sampled_from(["走访40家企业", "每季开放一次实验室", "5个工作日出具报告"]),
    target=st.integers(1, 50).map(lambda number: number * ONE),
    unit=st.sampled_from(["家", "次"]),
    due_on=DAYS,
    measure=st.sampled_from(["", "activities.sessions"]),
    verifier=st.sampled_from(["", "省局质量处"]),
)
REASONS = st.sampled_from(["与省局口径一致", "", "任务加重"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), SAYINGS, REASONS, st.integers(0, 1)),
        st.tuples(st.just("extend"), DAYS, REASONS, st.integers(0, 1)),
        st.tuples(st.just("explain"), st.sampled_from(["进度滞后", "另有安排"])),
        st.tuples(st.just("withdraw")),
        st.tuples(st.just("settle"), st.booleans(), st.integers(-2, 70)),
    ),
    max_size=8,
)


def take(promise: Commitment, step: tuple) -> None:
    """Take one step; what the product refuses is part of the story."""
    what, *rest = step
    common = {"actor": SYSTEM, "commitment": promise, "now": cast.NOW}
    if what == "change":
        said, reason, behind = rest
        version = promise.version - behind
        ops.change_commitment(promise=said, reason=reason, today=cast.TODAY, version=version, **common)
    elif what == "extend":
        day, reason, behind = rest
        ops.extend_commitment(due_on=day, reason=reason, today=cast.TODAY, version=promise.version - behind, **common)
    elif what == "explain":
        ops.explain_commitment(explanation=rest[0], **common)
    elif what == "withdraw":
        ops.withdraw_commitment(reason="算了", **common)
    else:
        day = DUE + timedelta(days=rest[1])
        ops.settle_commitment(commitment=promise, kept=rest[0], today=day, now=moment(day))


@pytest.fixture(scope="module")
def branch(django_db_setup, django_db_blocker):
    """One branch for all examples, rolled back at the end of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield cast.offices().branch
        transaction.set_rollback(True)


@settings(max_examples=40)
@given(steps=STEPS)
def test_replaying_the_public_events_gives_the_promise_as_it_stands(branch, steps):
    promise = published(branch)
    for step in steps:
        try:
            take(promise, step)
        except QuxinError:
            pass
        promise.refresh_from_db()
    said: dict = {}
    for event in promise.events.filter(is_public=True).order_by("number"):
        known = {name: said[name] for name in event.before if name in said}
        assert known == {name: value for name, value in event.before.items() if name in said}
        said |= event.after
        if event.kind in ("changed", "extended"):
            assert event.reason
    explanation = said.pop("explanation", "")
    now = {name: getattr(promise, name) for name in said}
    assert {name: str(value) if isinstance(value, date) else value for name, value in now.items()} == said
    assert set(said) == set(Promise.__slots__)
    assert explanation == promise.explanation
    assert promise.state in ("published", "kept", "unkept")
    numbers = list(promise.events.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
