"""The facts under a figure are those that it counts, page by page; sums about one subject."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from quxin.kernel.missing import is_missing
from quxin.kernel.periods import Period
from quxin.ledger import queries
from quxin.ledger.models import Fact
from quxin.ledger.operations import end, reverse
from quxin.measures.facts import facts_of, page_of, subject_counts, subject_sum, subject_sums, subjects_of
from quxin.measures.reading import measure
from quxin.packs.types import MeasureSpec

from .test_against_plain import SPECS, periods, play, steps
from .world import entry, later, record

YEAR = Period.parse("2010")
LECTURES = MeasureSpec(id="t.l", label="讲", unit="期", count="activity", where={"activity": "lecture"})


class Facts(TestCase):
    @settings(max_examples=12)
    @given(story=steps, period=periods)
    def test_they_are_those_that_the_measure_counts(self, story, period):
        play(story)
        for spec in SPECS:
            how = {"path": "0000", "period": period, "campaign": "c1"}
            basis = measure(spec, **how).basis
            facts = list(facts_of(spec, **how))
            assert sum(fact.sign for fact in facts) == basis.net
            assert sum(fact.sign > 0 for fact in facts) == basis.gross
            assert queries.corrections(facts_of(spec, **how)) == basis.corrections
            walked, after = [], ""
            while True:
                page = page_of(spec, **how, after=after, size=2)
                walked += page.rows
                after = page.next
                if not after:
                    break
            assert [(row.on, row.seq) for row in walked] == [(fact.on, fact.seq) for fact in facts]


@pytest.mark.django_db
def test_a_page_says_what_was_reversed_and_by_what():
    record(entry(subject="activity:1"), entry(subject="activity:2", on="2010-05-01", quantity=2500))
    reverse("activity:1", actor=1, now=later(1))
    end(["activity:2"], on=entry(on="2010-06-30").on, actor=1, now=later(2))
    rows = page_of(LECTURES, path="0000", period=YEAR).rows
    assert [(row.seq, row.reverses, row.reversed_by, row.stands) for row in rows] == [
        (4, 2, None, False), (2, None, 4, False), (3, 1, None, False), (1, None, 3, False),
    ]  # fmt: skip
    assert rows[1].quantity == Decimal("2.5")
    assert rows[1].reversed_on == entry(on="2010-06-30").on
    assert measure(LECTURES, path="0000", period=YEAR).corrections == 1  # the ending was none
    assert not queries.standing(Fact.objects.all()).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "after", ["x", "2010-01-01", "2010-13-01.1.1", "2010-01-01.a.1", "2010-01-01.1.1.1", "..", "٢"]
)
def test_a_place_that_nobody_gave_out_is_refused(after):
    with pytest.raises(queries.BadPlace):
        page_of(LECTURES, path="0000", period=YEAR, after=after)


@pytest.mark.django_db
def test_a_ratio_shows_the_facts_of_both_parts():
    record(
        entry(kind="member.counted", label="full", person="anna", subject="membership:1", on="2009-01-01"),
        entry(kind="staff.counted", label="", person="anna", subject="post:1", on="2009-01-01"),
        entry(),
    )
    assert facts_of("members.ratio", path="0000", period=YEAR).count() == 2


@pytest.mark.django_db
def test_a_promise_counts_its_own_progress():
    record(
        entry(kind="commitment.progress", label="deed", subject="commitment:1", quantity=30_000),
        entry(kind="commitment.progress", label="deed", subject="commitment:1", quantity=12_500),
        entry(kind="commitment.made", label="deed", subject="commitment:1"),
        entry(kind="commitment.progress", label="deed", subject="commitment:2", quantity=1000),
    )
    reverse("commitment:2", actor=1, now=later(1))
    assert subject_sum("commitment:1", "commitment.progress") == Decimal("42.5")
    assert is_missing(subject_sum("commitment:3", "commitment.progress"))
    assert subject_sums(["commitment:2", "commitment:9"], "commitment.progress")["commitment:2"] == 0
    counts = subject_counts(["commitment:1", "commitment:2"], ["commitment.progress", "commitment.made"])
    assert counts["commitment:1", "commitment.progress"] == 2
    assert counts["commitment:2", "commitment.made"] == 0


@pytest.mark.django_db
def test_which_things_a_figure_counts():
    record(entry(subject="activity:1", quantity=3000), entry(subject="activity:2"), entry(subject="activity:3"))
    reverse("activity:3", actor=1, now=later(1))
    assert subjects_of(LECTURES, path="0000", period=YEAR) == {"activity:1": (1, 3), "activity:2": (1, 1)}
