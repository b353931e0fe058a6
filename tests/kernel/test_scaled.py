from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.scaled import LIMIT, ONE, SCALE, ScaledError, plain, scale, unscale

scaled = st.integers(-LIMIT, LIMIT)


@pytest.mark.parametrize(
    ("value", "thousandths"),
    [
        (1, ONE),
        (0, 0),
        ("87.5", 87_500),
        ("-0.125", -125),
        ("1,960", 1_960_000),
        ("１２．５", 12_500),
        (" 7 ", 7 * SCALE),
        (Decimal("1.500000"), 1500),
        (Decimal("1E+3"), 1_000_000),
    ],
)
def test_scale(value, thousandths):
    assert scale(value) == thousandths


@pytest.mark.parametrize(
    "value",
    [
        *(0.1, 1.0, True, None, "", "七", "1e3", "1,96", "1.2.3", "0.0001", "9" * 70, LIMIT, "9223372036854775.808"),
        *map(Decimal, ("0.0005", "NaN", "Infinity", "1E+999999999", "1E-999999999")),
    ],
)
def test_what_is_no_quantity_is_refused_with_a_hint(value):
    with pytest.raises(ScaledError) as caught:
        scale(value)
    assert caught.value.hint_text()


def test_a_number_too_long_to_print_is_refused_all_the_same():
    with pytest.raises(ScaledError, match="太大"):
        scale(10**10_000)


def test_plain():
    assert [plain(n) for n in (1_960_000, 87_500, 0, -500, 1)] == ["1960", "87.5", "0", "-0.5", "0.001"]
    assert plain(1_960_500, group=True) == "1,960.5"


@given(scaled)
def test_every_scaled_number_comes_back(n):
    assert scale(unscale(n)) == scale(plain(n)) == scale(plain(n, group=True)) == n


@given(scaled)
def test_unscaled_numbers_print_without_exponent_or_trailing_zeros(n):
    text = str(unscale(n))
    assert text == plain(n)
    assert "E" not in text


@given(st.lists(st.decimals(-1000, 1000, places=3), max_size=20))
def test_sums_are_exact(values):
    assert unscale(sum(map(scale, values))) == sum(values, Decimal(0))
