"""What piles up is set apart from the collector's rounds, and given back to it at the end."""

import gc
import weakref

import pytest

from quxin.kernel.memory import piling_up


class Ring:
    """Circular garbage, once nobody holds it."""

    def __init__(self):
        self.me = self


def test_what_lives_is_set_apart_and_given_back():
    with piling_up() as keep:
        kept = weakref.ref(Ring())
        keep()
        assert gc.get_freeze_count() > 0
        gc.collect()
        assert kept() is not None
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert kept() is None


def _fails():
    with piling_up() as keep:
        keep()
        raise LookupError("on purpose")


def test_it_is_given_back_after_an_error():
    with pytest.raises(LookupError, match="on purpose"):
        _fails()
    assert gc.get_freeze_count() == 0
