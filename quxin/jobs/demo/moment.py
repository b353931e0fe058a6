"""What the steps of the demonstration hand on to one another."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.conf import settings

from quxin.kernel import clock
from quxin.orgs.models import Organisation, Person
from quxin.records.campaigns.models import Campaign

CST = ZoneInfo("Asia/Shanghai")


@dataclass
class Moment:
    """Now, and what was made so far."""

    now: datetime
    today: date
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    people: dict[int, list[Person]] = field(default_factory=dict)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    # What a newcomer may try without an account: cards of an open round, the key of a witness who has not signed.
    trials: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def at(cls, now: datetime) -> "Moment":
        """The demonstration as of `now`."""
        return cls(now=now, today=clock.local_date(now))


def noon(day: date) -> datetime:
    """Noon of a day in China: when the demonstration's records of the past were entered."""
    return datetime.combine(day, time(12), CST)


def read(name: str) -> Any:
    """A YAML file of the demonstration's data."""
    return yaml.safe_load((folder() / name).read_text(encoding="utf-8"))


def folder() -> Path:
    """Where the demonstration's data lie."""
    return Path(settings.BASE_DIR) / "demo"


@lru_cache(maxsize=256)
def at(official_code: str) -> Organisation:
    """The organisation with that official code."""
    return Organisation.objects.get(official_code=official_code)
