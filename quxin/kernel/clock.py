"""The clock, read by faces and jobs only; everything deeper is handed ``now`` and so can be tested at any
time.

Moments are aware; dates are those of the office wall, Asia/Shanghai.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date in Asia/Shanghai, which between 16:00 and 24:00 UTC is already tomorrow's."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    """The date that an aware ``moment`` has in Asia/Shanghai. Raises ValueError for a naive one: it has no
    date.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a naive datetime is no moment: give it a time zone")
    return moment.astimezone(TZ).date()
