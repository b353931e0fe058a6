"""The worked examples of docs/reckoning/promises.md run as they stand; and what hangs on them."""

import doctest
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from quxin.access import SYSTEM
from quxin.briefs.commitments import is_kept, promise_brief, promise_rows, promise_workings, with_words
from quxin.kernel.scaled import scale
from quxin.records.commitments import operations as ops
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.rules import NoSingleEntries, TargetWrong
from tests import cast
from tests.records.commitments.promises import DUE, made, moment, progress, published, said

PAGE = Path(__file__).parents[2] / "docs" / "reckoning" / "promises.md"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    return cast.offices()


def promised(home, direction, target, entries, taken_back=()):
    """A public promise with its entries; those of `taken_back` are withdrawn again."""
    commitment = published(home, direction=direction, target=scale(target), unit="件")
    for quantity in entries:
        entry = progress(commitment, quantity)
        if quantity in taken_back:
            ops.withdraw_commitment_progress(actor=SYSTEM, progress=entry, reason="记错了", now=cast.NOW)
    return with_words(Commitment.objects.filter(pk=commitment.pk)).get()


def row_of(commitment, today):
    (row,) = promise_rows([commitment], today=today)
    return row


def test_the_examples_hold(tree):
    def kept(direction, target, entries, taken_back=()):
        commitment = promised(tree.branch, direction, target, entries, taken_back)
        row = row_of(commitment, DUE + timedelta(days=1))
        assert (row.verdict == "kept") == is_kept(commitment) == row.reached
        return (row.figure.value if isinstance(row.figure.value, Decimal) else None), row.reached

    def lamp(direction, target, entries, days_left):
        row = row_of(promised(tree.branch, direction, target, entries), DUE - timedelta(days=days_left))
        return row.lamp, row.lamp_text

    source = "\n".join(FENCE.findall(PAGE.read_text("utf-8")))
    examples = doctest.DocTestParser().get_doctest(
        source, {"kept": kept, "lamp": lamp, "Decimal": Decimal}, "p", "p", 0
    )
    outcome_said: list[str] = []
    outcome = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(examples, out=outcome_said.append)
    assert outcome.attempted >= 20
    assert outcome.failed == 0, "".join(outcome_said)


def test_late_entries_and_withdrawn_ones_leave_the_largest_alone(tree):
    commitment = promised(tree.branch, "each-at-most", 5, [3, 9], taken_back=[9])
    progress(commitment, 8, on=DUE + timedelta(days=1), today=DUE + timedelta(days=1))
    workings = promise_workings(commitment, today=DUE + timedelta(days=2))
    assert workings.total == workings.row.figure.value == 3
    assert workings.row.figure.corrections == 1
    assert [entry.counts for entry in workings.entries] == [True, False, False]


def test_an_entry_of_nought_stands_and_is_no_correction(tree):
    row = row_of(promised(tree.branch, "at-most", 3, [0, 0]), cast.TODAY)
    assert (row.figure.basis, row.figure.corrections, row.figure.value) == (2, 0, 0)


def test_a_number_to_be_reached_takes_no_entry_of_nought(tree):
    with pytest.raises(TargetWrong):
        progress(published(tree.branch), 0)
    with pytest.raises(TargetWrong):
        progress(promised(tree.branch, "at-most", 3, []), -1)


def test_a_measure_has_no_single_entries(tree):
    with pytest.raises(NoSingleEntries):
        made(tree.branch, direction="each-at-most", measure="activities.sessions")


def test_turning_a_promise_round_in_public_is_seen(tree):
    commitment = published(tree.branch)
    ops.change_commitment(
        actor=SYSTEM,
        commitment=commitment,
        promise=said(direction="at-most"),
        reason="原来写反了",
        today=cast.TODAY,
        now=moment(cast.TODAY),
        version=commitment.version,
    )
    brief = promise_brief(commitment, today=cast.TODAY, now=cast.NOW)
    (change,) = [one for one in brief.history if one.is_change]
    assert [(one.title, one.before, one.after) for one in change.differences] == [("目标的意思", "不少于", "不超过")]


def test_the_share_of_a_limit_of_nought(tree):
    assert row_of(promised(tree.branch, "at-most", 0, [0]), cast.TODAY).share == 0
    assert row_of(promised(tree.branch, "at-most", 0, [2]), cast.TODAY).share == 100
