from datetime import UTC, date, datetime

import pytest

from quxin.kernel import clock


def test_the_date_is_that_of_shanghai():
    assert clock.local_date(datetime(2010, 4, 30, 15, 59, tzinfo=UTC)) == date(2010, 4, 30)
    assert clock.local_date(datetime(2010, 4, 30, 16, 0, tzinfo=UTC)) == date(2010, 5, 1)


def test_a_naive_moment_has_no_date():
    with pytest.raises(ValueError, match="naive"):
        clock.local_date(datetime(2010, 4, 30))


def test_now_is_aware_and_today_is_its_date():
    before, day, after = clock.now(), clock.today(), clock.now()
    assert before.utcoffset() is not None
    assert clock.local_date(before) <= day <= clock.local_date(after)
