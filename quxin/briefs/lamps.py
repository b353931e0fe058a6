"""When a duty is kept, under way, due, late or without data: one pure rule for every board, page and list.

A duty is a task as one organisation owes it. Its number comes from records; nothing here takes a percentage that
somebody typed. Worked examples: docs/reckoning/progress.md. Must not read the database or the clock.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from quxin.kernel.missing import Missing, is_missing

KEPT, GOING, DUE, LATE, NONE = "kept", "going", "due", "late", "none"
STATES = (KEPT, GOING, DUE, LATE, NONE)
WARNING_DAYS = 7
"""So many days before the deadline an open duty turns to ▲; the day itself still counts."""

Reading = Decimal | date | Missing | None


@dataclass(frozen=True, slots=True)
class Duty:
    """What decides a lamp. `value` is what the measure reads up to today; None where the task has no measure.

    `value_when_due` is what it read up to the deadline; only asked for when `value` reached the target.
    """

    due_on: date
    done_on: date | None = None
    target: Decimal | None = None
    value: Reading = None
    value_when_due: Reading = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Duties of many organisations added up. `has_data`: the measure reads something for the subtree as a whole."""

    total: int = 0
    kept: int = 0
    on_time: int = 0
    fallen: int = 0
    due: int = 0
    late: int = 0
    has_data: bool = False

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.total + other.total,
            self.kept + other.kept,
            self.on_time + other.on_time,
            self.fallen + other.fallen,
            self.due + other.due,
            self.late + other.late,
            self.has_data or other.has_data,
        )

    @property
    def rate(self) -> Decimal | None:
        """On-time rate in per cent to one decimal: on time ÷ fallen due; None while nothing has fallen due."""
        if not self.fallen:
            return None
        return (Decimal(self.on_time) * 100 / self.fallen).quantize(Decimal("0.1"))


def is_reached(value: Reading, target: Decimal | None) -> bool:
    """Whether a number reaches the target. No number, a date, or no target: never by itself."""
    return target is not None and isinstance(value, Decimal) and value >= target


def has_data(value: Reading) -> bool:
    """Whether the measure reads something. 0 is something: somebody counts, and found none."""
    return value is not None and not is_missing(value)


def is_kept(duty: Duty) -> bool:
    """Closed, or reached by its own number."""
    return duty.done_on is not None or is_reached(duty.value, duty.target)


def is_on_time(duty: Duty) -> bool:
    """Kept in time: closed on or before the deadline, or, if nobody closed it, reached by then."""
    if duty.done_on is not None:
        return duty.done_on <= duty.due_on
    return is_reached(duty.value, duty.target) and is_reached(duty.value_when_due, duty.target)


def lamp_of(duty: Duty, today: date) -> str:
    """The lamp of one duty: ● kept, ■ late, ▲ due in 7 days, ◐ under way, ○ no data; the first that holds."""
    if is_kept(duty):
        return KEPT
    if today > duty.due_on:
        return LATE
    if is_near(duty.due_on, today):
        return DUE
    return GOING if has_data(duty.value) else NONE


def tally_of(duty: Duty, today: date) -> Tally:
    """One duty, ready to be added to others."""
    kept = is_kept(duty)
    return Tally(
        total=1,
        kept=int(kept),
        on_time=int(is_on_time(duty)),
        fallen=int(kept or today > duty.due_on),
        due=int(not kept and is_near(duty.due_on, today)),
        late=int(not kept and today > duty.due_on),
        has_data=has_data(duty.value),
    )


def lamp_of_tally(tally: Tally) -> str:
    """The lamp of many duties: the worst of them that asks for something to be done; "" where nobody owes any."""
    if not tally.total:
        return ""
    if tally.kept == tally.total:
        return KEPT
    if tally.late:
        return LATE
    if tally.due:
        return DUE
    return GOING if tally.kept or tally.has_data else NONE


def is_near(due_on: date, today: date) -> bool:
    """Whether the deadline is today or within the next seven days."""
    return today <= due_on <= near_until(today)


def near_until(today: date) -> date:
    """The last deadline that counts as near."""
    return today + timedelta(days=WARNING_DAYS)
