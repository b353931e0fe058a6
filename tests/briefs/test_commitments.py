"""Where a promise stands follows from facts alone, and a long list costs no more queries than a short one."""

from datetime import timedelta
from decimal import Decimal

import pytest

from quxin.access import SYSTEM
from quxin.briefs.commitments import (
    is_kept,
    promise_brief,
    promise_rows,
    promise_workings,
    public_changes,
    with_words,
)
from quxin.kernel.periods import Period
from quxin.kernel.scaled import scale
from quxin.measures.each import Request, measure_each
from quxin.measures.reading import measure
from quxin.measures.registry import find
from quxin.packs.builtin import BUILTIN
from quxin.records.activities.operations import Happening, record_activity
from quxin.records.commitments import operations as ops
from quxin.records.commitments.models import Commitment
from tests import cast
from tests.records.commitments.promises import DUE, made, moment, progress, published, said

pytestmark = pytest.mark.django_db
TODAY = cast.TODAY
DAY = timedelta(days=1)


@pytest.fixture
def tree():
    return cast.offices()


def row_of(promise, today=TODAY):
    (row,) = promise_rows(with_words(Commitment.objects.filter(pk=promise.pk)), today=today)
    return row


def lamp(promise, today):
    row = row_of(promise, today)
    return row.lamp, row.verdict


def session(organisation, on):
    day = max(on, TODAY)
    return record_activity(
        actor=SYSTEM,
        organisation=organisation,
        happening=Happening(kind="study", title="学习", held_on=on, audience=10),
        people=(),
        today=day,
        now=moment(day),
    )


def test_the_lamp_follows_the_number_and_the_day(tree):
    promise = published(tree.branch)
    assert row_of(promise).figure.is_missing
    assert lamp(promise, TODAY) == ("none", "")
    progress(promise, 39)
    assert lamp(promise, TODAY) == ("going", "")
    assert lamp(promise, DUE - 8 * DAY) == ("going", "")
    assert lamp(promise, DUE - 7 * DAY) == ("due", "")
    assert lamp(promise, DUE) == ("late", "unkept")
    assert lamp(promise, DUE + DAY) == ("late", "unkept")
    progress(promise, 1, on=DUE)
    assert lamp(promise, DUE) == ("kept", "kept")
    assert lamp(promise, DUE + DAY) == ("kept", "kept")
    assert lamp(promise, TODAY)[0] == "kept"


def test_the_words_of_a_row(tree):
    promise = published(tree.branch)
    progress(promise, 10)
    row = row_of(promise)
    assert (row.figure.text, row.target_text, row.share) == ("10家", "40家", Decimal("25.0"))
    assert (row.days_left, row.figure.address) == (40, f"commitments/{promise.code}/figure/")
    assert row.lamp_text == "践诺中"
    assert row_of(promise, DUE).lamp_text == "今天到期，尚未兑现"
    ops.explain_commitment(actor=SYSTEM, commitment=promise, explanation="汛期停工", now=cast.NOW)
    assert row_of(promise, DUE + DAY).lamp_text == "未兑现，已说明"


def test_what_is_done_after_the_due_day_does_not_count(tree):
    promise = published(tree.branch)
    progress(promise, 39)
    progress(promise, 1, on=DUE + DAY)
    assert lamp(promise, DUE + 2 * DAY) == ("late", "unkept")
    assert not is_kept(promise)


def test_what_was_taken_back_does_not_count_and_is_told(tree):
    promise = published(tree.branch)
    progress(promise, 40)
    twice = progress(promise, 5, note="第二批")
    ops.withdraw_commitment_progress(actor=SYSTEM, progress=twice, reason="记重了", now=cast.NOW)
    row = row_of(promise)
    assert (row.figure.value, row.figure.basis, row.figure.corrections) == (Decimal(40), 1, 1)
    workings = promise_workings(promise, today=TODAY)
    assert [(one.quantity, one.counts) for one in workings.entries] == [(Decimal(40), True), (Decimal(5), False)]
    assert workings.total == row.figure.value
    told = promise_brief(promise, today=TODAY, now=cast.NOW).history
    assert [(one.text, one.reason) for one in told if one.is_withdrawn] == [("第二批", "记重了")]


def test_a_measured_promise_reads_the_ledger_between_publication_and_due_day(tree):
    promise = published(tree.branch, measure="activities.sessions", target=scale(2), unit="场")
    session(tree.branch, TODAY - DAY)
    assert row_of(promise).figure.value == 0
    session(tree.branch, TODAY)
    session(tree.branch, DUE)
    session(tree.branch, DUE + DAY)
    row = row_of(promise, DUE)
    period = Period(TODAY, DUE)
    assert row.figure.value == measure("activities.sessions", path=tree.branch.path, period=period).value == 2
    assert (row.figure.text, row.measured_by, row.verdict) == ("2场", "活动场次", "kept")
    assert row.figure.address.startswith("figures/activities.sessions/?")


def test_a_rate_is_not_kept_before_the_day_comes(tree):
    published(tree.branch)
    promise = published(tree.branch, measure="commitments.kept_rate", target=scale(1), unit="%")
    other = published(tree.branch, due_on=TODAY)
    progress(other, 40)
    ops.settle_commitment(commitment=other, kept=is_kept(other), today=TODAY + DAY, now=cast.NOW)
    row = row_of(promise)
    assert row.reached
    assert (row.lamp, row.verdict) == ("going", "")
    assert row_of(promise, DUE).verdict == "kept"


def test_a_promise_by_a_measure_that_is_gone_says_so_and_is_not_kept(tree):
    promise = published(tree.branch, measure="no.such_measure")
    assert row_of(promise, DUE).verdict == "unkept"
    assert row_of(promise).figure.is_missing


def test_a_draft_has_no_lamp(tree):
    promise = made(tree.branch)
    assert lamp(promise, DUE + DAY) == ("none", "")


def test_a_settled_promise_stays_settled_and_a_later_correction_shows(tree):
    promise = published(tree.branch)
    entry = progress(promise, 40)
    ops.settle_commitment(commitment=promise, kept=is_kept(promise), today=DUE + DAY, now=moment(DUE + DAY))
    assert not promise_brief(promise, today=DUE + DAY, now=cast.NOW).contradicted
    ops.withdraw_commitment_progress(actor=SYSTEM, progress=entry, reason="查实没有走访", now=cast.NOW)
    brief = promise_brief(promise, today=DUE + DAY, now=cast.NOW)
    assert brief.row.verdict == "kept"
    assert brief.contradicted


def test_the_history_tells_each_change_in_words(tree):
    promise = published(tree.branch)
    ops.change_commitment(
        actor=SYSTEM, commitment=promise, promise=said(target=scale(30), measure="activities.sessions"),
        reason="与省局口径一致", today=TODAY, now=cast.NOW, version=promise.version,
    )  # fmt: skip
    brief = promise_brief(promise, today=TODAY, now=cast.NOW)
    change = brief.history[-1]
    assert [(one.title, one.before, one.after) for one in change.differences] == [
        ("衡量办法", "按进展逐笔累计", "活动场次"),
        ("目标", "40家", "30家"),
    ]
    assert [one.kind for one in brief.history] == ["published", "changed"]
    assert change.is_change
    assert brief.row.changes == 1
    staff = promise_brief(promise, today=TODAY, now=cast.NOW, public_only=False)
    assert [one.kind for one in staff.history] == ["made", "submitted", "published", "changed"]


def test_the_public_list_of_changes_has_published_promises_only(tree):
    promise = published(tree.branch)
    ops.extend_commitment(
        actor=SYSTEM, commitment=promise, due_on=DUE + DAY, reason="等审批", today=TODAY, now=cast.NOW,
        version=promise.version,
    )  # fmt: skip
    draft = made(tree.branch)
    ops.edit_commitment(
        actor=SYSTEM, commitment=draft, promise=said(target=scale(4)), today=TODAY, now=cast.NOW, version=1
    )
    (change,) = public_changes(Commitment.objects.public())
    assert (change.code, change.happening.reason) == (promise.code, "等审批")
    assert public_changes(Commitment.objects.none()) == []


def test_fifty_promises_cost_no_more_than_two(tree, django_assert_max_num_queries):
    homes = [tree.branch, tree.nanjing_branch, tree.zhejiang_branch, tree.jiangsu]
    for number in range(50):
        own = {} if number % 2 else {"measure": "activities.sessions", "unit": "场", "target": scale(2)}
        promise = published(homes[number % 4], due_on=DUE + number * DAY, **own)
        if not own:
            continue
    for promise in Commitment.objects.filter(measure="")[:10]:
        progress(promise, 3)
    session(tree.jiangsu, TODAY)
    with django_assert_max_num_queries(5):
        rows = promise_rows(with_words(Commitment.objects.public()), today=TODAY)
    assert len(rows) == 50
    single = {row.code: row_of(Commitment.objects.get(pk=row.key)) for row in rows[::7]}
    assert all(row == single[row.code] for row in rows if row.code in single)


def test_readings_put_together_are_the_single_readings(tree):
    session(tree.branch, TODAY)
    session(tree.nanjing, TODAY - 40 * DAY)
    published(tree.branch)
    cast.people(tree)
    paths = [tree.hq.path, tree.branch.path, tree.zhejiang.path]
    periods = [Period(TODAY - 60 * DAY, TODAY), Period(TODAY, TODAY), Period.parse("2010-11")]
    requests = [
        Request(find(measure_id), path, period) for measure_id in BUILTIN for path in paths for period in periods
    ]
    together = measure_each(requests)
    for request, answer in list(zip(requests, together, strict=True))[::5]:
        alone = measure(request.declared, path=request.path, period=request.period)
        assert (answer.value, answer.basis, answer.period) == (alone.value, alone.basis, alone.period)
