"""Every reading, folded or not, against the plainest reckoning of the same facts."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quxin.kernel.missing import is_missing
from quxin.kernel.periods import Period
from quxin.ledger.models import Fact
from quxin.ledger.operations import end, open_book, reverse
from quxin.measures.folding import check, fold, rebuild
from quxin.measures.reading import measure, measure_many
from quxin.packs.types import MeasureSpec

from .world import entry, later, plain, record

PATHS = ["0000", "00000000", "00000001", "000000010000", "000000010001", "0001", "00010000"]
LABELS = ["", "lecture", "lecture/p.forum", "lecture-x", "lecture0", "contest"]
SPECS = [
    MeasureSpec(id="t.count", label="数", unit="场", count="activity"),
    MeasureSpec(id="t.lectures", label="数", unit="场", count="activity", where={"activity": "lecture"}),
    MeasureSpec(id="t.sum", label="和", unit="人次", sum="activity.attendances"),
    MeasureSpec(id="t.campaign", label="和", unit="人次", sum="activity.attendances", scope="campaign"),
    MeasureSpec(id="t.people", label="人", unit="人", distinct="activity.person"),
    MeasureSpec(id="t.subjects", label="件", unit="件", distinct="activity", where={"label": "lecture/p.forum"}),
    MeasureSpec(id="t.stock", label="存", unit="名", stock="member"),
    MeasureSpec(id="t.first", label="首", unit="", first="activity"),
    MeasureSpec(id="t.none", label="无", unit="项", count="promise"),
]
KINDS = ["activity.held", "activity.attendances", "activity.person", "member.counted"]
DAYS = st.dates(date(2010, 1, 1), date(2010, 12, 31))

facts = st.builds(
    entry,
    path=st.sampled_from(PATHS),
    on=DAYS,
    kind=st.sampled_from(KINDS),
    label=st.sampled_from(LABELS),
    subject=st.sampled_from([f"activity:{n}" for n in range(6)]),
    person=st.sampled_from(["", "anna", "bo", "chen"]),
    campaign=st.sampled_from(["", "c1", "c2"]),
    quantity=st.integers(1, 10**7),
)
steps = st.lists(
    st.one_of(
        st.lists(facts, min_size=1, max_size=6),
        st.tuples(st.just("reverse"), st.integers(0, 5)),
        st.tuples(st.just("end"), st.integers(0, 5), st.integers(0, 90)),
        st.just("fold"),
        st.just("fold one"),
    ),
    min_size=1,
    max_size=10,
)
periods = st.one_of(
    st.sampled_from(["2010", "2010-04", "2010-04..2010-11", "2010-02-28..2010-04-01"]).map(Period.parse),
    st.tuples(DAYS, DAYS).map(lambda days: Period(min(days), max(days))),
)


def play(story):
    """Do what the story says, a day later each time."""
    for number, step in enumerate(story):
        if isinstance(step, list):
            record(*step, now=later(number))
        elif step == "fold":
            fold()
        elif step == "fold one":
            fold(max_facts=1)
        else:
            subject = f"activity:{step[1]}"
            standing = Fact.objects.filter(subject=subject, sign=1).exclude(
                seq__in=Fact.objects.filter(sign=-1).values("reverses")
            )
            if step[0] == "reverse" and standing.exists():
                reverse(subject, actor=None, now=later(number))
            elif step[0] == "end" and standing.exists():
                last = max(fact.on for fact in standing)
                end([subject], on=last + timedelta(days=step[2]), actor=None, now=later(number))


def same(measured, spec, path, period, **how):
    """Assert that a Measured says what the plain reckoning says."""
    value, net, gross = plain(
        spec.form, spec.fact_kind, spec.where.model_dump(exclude_none=True).popitem()[1] if spec.where else "",
        path, period, by=spec.by, **how,
    )  # fmt: skip
    if value is None:
        assert is_missing(measured.value), (spec.id, path, str(period), measured)
    else:
        assert measured.value == value, (spec.id, path, str(period), measured)
    assert (measured.basis.net, measured.basis.gross) == (net, gross), (spec.id, path, str(period), measured)


class AgainstPlain(TestCase):
    @settings(max_examples=25)
    @given(story=steps, period=periods, moment=st.integers(0, 10))
    def test_every_reading_is_the_plain_one(self, story, period, moment):
        play(story)
        for as_of in (None, later(moment)):
            answers = measure_many(SPECS, PATHS, period, as_of=as_of, campaign="c1")
            for spec in SPECS:
                for path in PATHS:
                    scope = {"campaign": "c1"} if spec.scope == "campaign" else {}
                    same(answers[spec.id, path], spec, path, period, as_of=as_of, **scope)
        assert check() == []

    @settings(max_examples=10)
    @given(story=steps, period=periods)
    def test_folding_and_rebuilding_change_nothing(self, story, period):
        open_book(key="part", title="分账", path="0001")
        play(story)
        before = measure_many(SPECS, PATHS, period, campaign="c1")
        fold()
        assert measure_many(SPECS, PATHS, period, campaign="c1") == before
        rebuild()
        assert measure_many(SPECS, PATHS, period, campaign="c1") == before
        assert check() == []


@pytest.mark.django_db
def test_a_board_needs_four_queries(django_assert_max_num_queries):
    paths = [f"0000{n:04d}" for n in range(50)]
    record(*(entry(path=path, subject=f"activity:{n}") for n, path in enumerate(paths)))
    twelve = [spec.model_copy(update={"id": f"{spec.id}{n}"}) for n in (1, 2) for spec in SPECS[:6]]
    twelve = [*twelve[:10], SPECS[6], SPECS[7]]
    for _ in range(2):
        with django_assert_max_num_queries(4):
            answers = measure_many(twelve, paths, Period.parse("2010"), campaign="c1")
        assert len(answers) == 600
        assert answers["t.count1", paths[7]].value == 1
        fold()


@pytest.mark.django_db
def test_one_measure_needs_two_queries(django_assert_num_queries):
    record(entry())
    with django_assert_num_queries(2):
        assert measure(SPECS[0], path="0000", period=Period.parse("2010")).value == 1
