"""Charts show gaps as gaps and never divide by nothing."""

from hypothesis import given
from hypothesis import strategies as st

from quxin.ui import charts

VALUES = st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=24)


def test_a_month_without_data_lifts_the_pen():
    svg = charts.trend([("1月", 1.0), ("2月", None), ("3月", 3.0)], "x")
    path = svg.split('d="')[1].split('"')[0]
    assert path.count("M") == 2
    assert "L" not in path


def test_mine_is_marked_and_named():
    svg = charts.dots([("苏州", 99.2), ("南京", 97.8)], "南京", "%", "x")
    assert svg.count('class="dot me"') == 1
    assert "南京 97.8%" in svg


@given(VALUES)
def test_any_values_draw_something_finite_or_nothing(values):
    points = [(str(i), value) for i, value in enumerate(values)]
    for svg in (charts.trend(points, "x"), charts.spark(values, "x"), charts.dots(points, "1", "", "x")):
        assert "nan" not in svg.replace("finance", "")
        assert "inf" not in svg
        assert bool(svg) == any(value is not None for value in values)
