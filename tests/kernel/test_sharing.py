"""Shares are whole, not negative, and sum to what is shared, whatever it is shared by."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.sharing import share_by, share_equally

TOTALS = st.integers(min_value=0, max_value=10**13)
SIZES = st.lists(st.decimals(min_value=0, max_value=10**7, places=2), min_size=1, max_size=60).filter(any)


@given(TOTALS, SIZES)
def test_shares_sum_to_the_total_and_none_is_negative(total, sizes):
    shares = share_by(total, sizes)
    assert sum(shares) == total
    assert len(shares) == len(sizes)
    assert all(share >= 0 for share in shares)


@given(TOTALS, SIZES)
def test_each_share_is_less_than_one_away_from_the_exact_one(total, sizes):
    for share, size in zip(share_by(total, sizes), sizes, strict=True):
        # In whole numbers: |share × sum − size × total| < sum, all times a hundred.
        whole = int(sum(sizes) * 100)
        assert abs(share * whole - int(size * 100) * total) < whole


@given(TOTALS, st.integers(min_value=1, max_value=500))
def test_equal_shares_differ_by_one_at_most_the_larger_ones_first(total, count):
    shares = share_equally(total, count)
    assert sum(shares) == total
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= 1


def test_who_has_nothing_gets_nothing():
    assert share_by(7, [Decimal(0), Decimal(1), Decimal(2)]) == [0, 2, 5]


@pytest.mark.parametrize(("total", "sizes"), [(-1, [1]), (5, []), (5, [0, 0]), (5, [3, -1])])
def test_nothing_to_go_by_is_refused(total, sizes):
    with pytest.raises(ValueError, match="cannot be shared out"):
        share_by(total, [Decimal(size) for size in sizes])
