"""Readings with a subtree and a period each say what the same readings one by one say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quxin.kernel.periods import Period
from quxin.measures.each import Request, measure_each
from quxin.measures.reading import measure
from quxin.measures.registry import find

from .test_against_plain import PATHS, SPECS, periods, play, steps
from .world import entry, record

requests = st.lists(
    st.builds(
        Request,
        st.sampled_from([*(find(spec) for spec in SPECS), find("members.ratio"), find("activities.coverage")]),
        st.sampled_from(PATHS),
        periods,
        st.sampled_from(["", "c1"]),
    ),
    max_size=8,
)


class Each(TestCase):
    @settings(max_examples=15)
    @given(story=steps, asked=requests)
    def test_together_or_one_by_one(self, story, asked):
        play(story)
        alone = [measure(each.declared, path=each.path, period=each.period, campaign=each.campaign) for each in asked]
        assert measure_each(asked) == alone


@pytest.mark.django_db
def test_sixty_readings_need_four_queries(django_assert_max_num_queries):
    record(entry())
    asked = [
        Request(find(SPECS[n % len(SPECS)]), f"0000{n:04d}", Period.of_month(201001 + n % 12), "c1") for n in range(60)
    ]
    with django_assert_max_num_queries(4):
        assert len(measure_each(asked)) == 60
