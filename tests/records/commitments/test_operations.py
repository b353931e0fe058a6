"""A promise from its making to its settling, and what is refused on the way."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from quxin.access import SYSTEM, Refused, Role
from quxin.kernel.errors import Stale
from quxin.kernel.scaled import ONE, scale
from quxin.ledger.models import Fact
from quxin.records.commitments import operations as ops
from quxin.records.commitments import rules
from quxin.records.commitments.models import Commitment, CommitmentEvent, CommitmentProgress
from tests import cast
from tests.records.commitments.promises import (
    DUE,
    made,
    moment,
    organiser,
    progress,
    published,
    said,
    secretary,
)

pytestmark = pytest.mark.django_db
TODAY, NOW = cast.TODAY, cast.NOW


@pytest.fixture
def tree():
    return cast.offices()


def kinds(commitment):
    return list(commitment.events.order_by("number").values_list("kind", flat=True))


def facts(commitment, kind):
    return sum(Fact.objects.filter(subject=f"commitment:{commitment.pk}", kind=kind).values_list("sign", flat=True))


def change(commitment, actor, **changes):
    today = changes.pop("today", TODAY)
    version = changes.pop("version", commitment.version)
    reason = changes.pop("reason", "与省局口径一致")
    return ops.change_commitment(
        actor=actor, commitment=commitment, promise=said(**changes), reason=reason, today=today, now=moment(today),
        version=version,
    )  # fmt: skip


def test_the_whole_way_to_kept(tree):
    maker, reviewer = secretary(tree.branch), organiser(tree.hq)
    promise = made(tree.branch, actor=maker, text="尽快走访企业")
    ops.submit_commitment(actor=maker, commitment=promise, now=NOW)
    ops.return_commitment(actor=reviewer, commitment=promise, reason="“尽快”说不清到哪天", now=NOW)
    ops.edit_commitment(actor=maker, commitment=promise, promise=said(), today=TODAY, now=NOW, version=promise.version)
    ops.submit_commitment(actor=maker, commitment=promise, now=NOW)
    ops.publish_commitment(actor=reviewer, commitment=promise, today=TODAY, now=NOW)
    ops.report_commitment_progress(
        actor=maker, commitment=promise, on=TODAY, quantity=scale(40), note="四十家", today=TODAY, now=NOW
    )
    ops.settle_commitment(commitment=promise, kept=True, today=DUE + timedelta(days=1), now=NOW)
    assert promise.state == Commitment.State.KEPT
    assert kinds(promise) == ["made", "submitted", "returned", "edited", "submitted", "published", "kept"]
    assert [facts(promise, f"commitment.{kind}") for kind in ("made", "published", "kept")] == [1, 1, 1]
    own = Fact.objects.get(kind="commitment.progress")
    assert (own.subject, own.quantity, own.label) == (
        f"commitment:{promise.pk}/progress:1".replace("progress:1", f"progress:{promise.progress.get().pk}"),
        40 * ONE,
        "deed",
    )


def test_a_promise_must_be_countable_in_time_and_without_numbers_of_people(tree):
    with pytest.raises(rules.TargetWrong):
        made(tree.branch, target=0)
    with pytest.raises(rules.DueTooEarly):
        made(tree.branch, due_on=TODAY - timedelta(days=1))
    with pytest.raises(rules.PersonalNumbers):
        made(tree.branch, text="有事请打13800138000找我")
    assert not Commitment.objects.exists()


def test_the_same_row_is_one_promise(tree):
    first = made(tree.branch, row_key="form:1")
    assert made(tree.branch, row_key="form:1").pk == first.pk
    assert Fact.objects.filter(kind="commitment.made").count() == 1


def test_who_made_or_handed_in_does_not_review(tree):
    both, other = organiser(tree.hq, account=1), organiser(tree.hq, account=2)
    promise = made(tree.branch, actor=both)
    ops.submit_commitment(actor=other, commitment=promise, now=NOW)
    for actor in (both, other):
        with pytest.raises(Refused):
            ops.publish_commitment(actor=actor, commitment=promise, today=TODAY, now=NOW)
        with pytest.raises(Refused):
            ops.return_commitment(actor=actor, commitment=promise, reason="不清楚", now=NOW)
    ops.publish_commitment(actor=organiser(tree.hq, account=3), commitment=promise, today=TODAY, now=NOW)
    assert promise.state == Commitment.State.PUBLISHED


@pytest.mark.parametrize("role", [Role.MEMBER, Role.LEADER, Role.AUDITOR, Role.SYSTEM_ADMIN, Role.REVIEWER])
def test_who_may_not_promise_for_an_organisation(tree, role):
    with pytest.raises(Refused):
        made(tree.branch, actor=cast.actor(role, tree.hq))


def test_a_member_promises_for_himself_only(tree):
    person, other = cast.people(tree)[:2]
    member = cast.actor(Role.MEMBER, tree.branch, person=person.pk)
    own = made(tree.branch, actor=member, person=person)
    ops.submit_commitment(actor=member, commitment=own, now=NOW)
    with pytest.raises(Refused):
        made(tree.branch, actor=member, person=other)
    with pytest.raises(Refused):
        made(tree.branch, actor=member)


def test_another_organisation_may_not_touch_it(tree):
    promise = published(tree.branch)
    stranger = secretary(tree.zhejiang_branch)
    with pytest.raises(Refused):
        change(promise, stranger, target=scale(4))
    with pytest.raises(Refused):
        ops.explain_commitment(actor=stranger, commitment=promise, explanation="我们来说明", now=NOW)
    assert promise not in Commitment.objects.visible_to(stranger)
    assert promise in Commitment.objects.visible_to(secretary(tree.branch))


def test_a_step_is_taken_once(tree):
    promise = made(tree.branch)
    again = Commitment.objects.get(pk=promise.pk)
    ops.submit_commitment(actor=SYSTEM, commitment=promise, now=NOW)
    with pytest.raises(rules.WrongStep):
        ops.submit_commitment(actor=SYSTEM, commitment=again, now=NOW)
    assert kinds(promise).count("submitted") == 1


def test_a_late_review_does_not_publish_what_is_past(tree):
    promise = made(tree.branch)
    ops.submit_commitment(actor=SYSTEM, commitment=promise, now=NOW)
    late = DUE + timedelta(days=1)
    with pytest.raises(rules.DueTooEarly):
        ops.publish_commitment(actor=SYSTEM, commitment=promise, today=late, now=moment(late))


def test_a_change_in_public_is_told_with_its_reason(tree):
    promise = published(tree.branch)
    event = change(promise, secretary(tree.branch), target=scale(30))
    assert (event.before, event.after) == ({"target": 40000}, {"target": 30000})
    assert event.is_public
    assert event.reason
    assert promise.target == 30000
    with pytest.raises(rules.ReasonMissing):
        change(promise, SYSTEM, target=scale(20), reason=" ")
    with pytest.raises(ops.NothingChanged):
        change(promise, SYSTEM, target=scale(30))
    assert facts(promise, "commitment.changed") == 1


def test_extending_is_a_change_of_its_own_and_counts_when_other_things_change_too(tree):
    promise = published(tree.branch)
    assert change(promise, SYSTEM, due_on=DUE + timedelta(days=9)).kind == "extended"
    change(promise, SYSTEM, due_on=DUE + timedelta(days=30), target=scale(50))
    assert (facts(promise, "commitment.extended"), facts(promise, "commitment.changed")) == (2, 1)
    with pytest.raises(ops.NotLater):
        ops.extend_commitment(
            actor=SYSTEM, commitment=promise, due_on=DUE, reason="再短些", today=TODAY, now=NOW,
            version=promise.version,
        )  # fmt: skip


def test_after_the_due_day_nothing_is_made_easier(tree):
    promise = published(tree.branch)
    late = DUE + timedelta(days=1)
    with pytest.raises(rules.AfterDue):
        change(promise, SYSTEM, target=scale(1), due_on=DUE + timedelta(days=90), today=late)
    with pytest.raises(rules.AfterDue):
        ops.extend_commitment(
            actor=SYSTEM, commitment=promise, due_on=DUE + timedelta(days=90), reason="再给些时间", today=late,
            now=moment(late), version=promise.version,
        )  # fmt: skip
    assert Commitment.objects.get(pk=promise.pk).due_on == DUE


def test_a_stale_form_changes_nothing_and_shows_both(tree):
    promise = published(tree.branch)
    opened = promise.version
    change(promise, SYSTEM, target=scale(30))
    with pytest.raises(Stale) as caught:
        change(promise, SYSTEM, target=scale(35), version=opened)
    assert (caught.value.current, caught.value.attempted) == ({"target": 30000}, {"target": 35000})
    assert Commitment.objects.get(pk=promise.pk).target == 30000


def test_progress_is_past_positive_and_recorded_once(tree):
    promise = published(tree.branch)
    with pytest.raises(ops.InTheFuture):
        progress(promise, 1, on=TODAY + timedelta(days=1), today=TODAY)
    with pytest.raises(rules.TargetWrong):
        progress(promise, 0)
    for _ in range(2):
        ops.report_commitment_progress(
            actor=SYSTEM, commitment=promise, on=TODAY, quantity=ONE, note="", today=TODAY, now=NOW, row_key="form:7"
        )
    assert promise.progress.count() == 1
    measured = published(tree.branch, measure="activities.sessions")
    with pytest.raises(ops.CountedElsewhere):
        progress(measured, 1)


def test_progress_taken_back_is_reversed_once(tree):
    promise = published(tree.branch)
    entry = progress(promise, 3)
    for _ in range(2):
        ops.withdraw_commitment_progress(actor=SYSTEM, progress=entry, reason="记重了", now=NOW)
    rows = Fact.objects.filter(kind="commitment.progress").order_by("seq").values_list("quantity", flat=True)
    assert list(rows) == [3000, -3000]
    assert CommitmentProgress.objects.get().withdrawn_reason == "记重了"


def test_settling_waits_for_the_end_of_the_due_day_and_happens_once(tree):
    promise = published(tree.branch)
    with pytest.raises(ops.NotDueYet):
        ops.settle_commitment(commitment=promise, kept=False, today=DUE, now=NOW)
    late = DUE + timedelta(days=1)
    ops.settle_commitment(commitment=promise, kept=False, today=late, now=moment(late))
    with pytest.raises(rules.WrongStep):
        ops.settle_commitment(commitment=promise, kept=True, today=late, now=moment(late))
    assert Fact.objects.get(kind="commitment.unkept").on == DUE
    ops.explain_commitment(actor=SYSTEM, commitment=promise, explanation="因汛期停工十天，少走访六家。", now=NOW)
    with pytest.raises(ops.NothingChanged):
        ops.explain_commitment(actor=SYSTEM, commitment=promise, explanation="因汛期停工十天，少走访六家。", now=NOW)
    event = promise.events.last()
    assert (event.kind, event.is_public) == ("explained", True)
    assert event.after == {"explanation": "因汛期停工十天，少走访六家。"}


def test_what_was_public_cannot_vanish(tree):
    promise = published(tree.branch)
    with pytest.raises(rules.WrongStep):
        ops.withdraw_commitment(actor=SYSTEM, commitment=promise, reason="不想做了", now=NOW)
    draft = made(tree.branch)
    ops.withdraw_commitment(actor=SYSTEM, commitment=draft, reason="提重了", now=NOW)
    assert facts(draft, "commitment.made") == 0
    assert list(Commitment.objects.public()) == [promise]


def test_the_history_cannot_be_rewritten(tree):
    promise = published(tree.branch)
    with pytest.raises(DatabaseError), transaction.atomic():
        CommitmentEvent.objects.filter(commitment=promise).update(reason="别的理由")
    with pytest.raises(DatabaseError), transaction.atomic():
        promise.events.all().delete()
