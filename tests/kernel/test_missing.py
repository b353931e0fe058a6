import operator

import pytest

from quxin.kernel.missing import MISSING, Missing, is_missing


def test_missing_is_known_and_tells_why():
    assert is_missing(MISSING)
    assert is_missing(Missing("保密"))
    assert str(Missing("保密")) == "保密"
    assert not any(is_missing(x) for x in (0, None, "", False))


def test_missing_is_false_but_not_zero():
    assert not MISSING
    assert MISSING != 0
    assert Missing("别的原因") != MISSING


@pytest.mark.parametrize(
    "reckon", [operator.add, operator.sub, operator.mul, operator.truediv, operator.lt, operator.ge, operator.mod]
)
def test_reckoning_with_missing_fails_on_either_side(reckon):
    with pytest.raises(TypeError, match="is_missing"):
        reckon(MISSING, 1)
    with pytest.raises(TypeError, match="is_missing"):
        reckon(1, MISSING)


def test_missing_never_gets_into_a_sum_or_a_format():
    with pytest.raises(TypeError):
        sum([1, MISSING])
    for convert in (int, float, abs, round):
        with pytest.raises(TypeError):
            convert(MISSING)
