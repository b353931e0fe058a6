"""What happened to a promise, told so that the public can check it: each step with its day, reason, before and after.

Words only; the number of a promise is in `briefs.commitments`. Must not leave a public event out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from quxin.briefs.figures import plain_quantity
from quxin.kernel.clock import local_date
from quxin.kernel.periods import zh_date
from quxin.packs.builtin import BUILTIN
from quxin.records.commitments.models import Commitment, CommitmentEvent

Happened = CommitmentEvent.Kind

# Chinese msgids of the fields of a promise, in the order in which a form asks for them.
FIELDS = {
    "kind": "类别",
    "text": "承诺内容",
    "measure": "衡量办法",
    "direction": "目标的意思",
    "target": "目标",
    "unit": "单位",
    "due_on": "兑现期限",
    "verifier": "由谁核验",
    "explanation": "公开说明",
}
OWN_COUNT = "按进展逐笔累计"
LARGEST = "每一笔进展都算，取最大的一笔"
CHANGES = (Happened.CHANGED, Happened.EXTENDED)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, in words; `title` is a Chinese msgid, `same` is for a preview that lists all fields."""

    title: str
    before: str
    after: str
    same: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the history, public or not. `title` is a Chinese msgid; `quantity` is printed progress ("3家")."""

    number: int
    on: date
    kind: str
    title: str
    reason: str = ""
    text: str = ""
    quantity: str = ""
    differences: tuple[Difference, ...] = ()
    is_public: bool = True
    is_withdrawn: bool = False

    @property
    def is_change(self) -> bool:
        """Whether something published was changed."""
        return self.kind in CHANGES


def happenings(
    events: Iterable[CommitmentEvent],
    *,
    unit: str,
    public_only: bool = True,
    measure_titles: dict[str, str] | None = None,
) -> tuple[Happening, ...]:
    """The events of one promise in words, oldest first; `unit` is the promise's now."""
    shown = [event for event in events if event.is_public or not public_only]
    return tuple(_told(event, unit, measure_titles or {}) for event in shown)


def differences(
    before: dict[str, Any], after: dict[str, Any], *, unit: str, measure_titles: dict[str, str] | None = None
) -> tuple[Difference, ...]:
    """Field by field, in the order of FIELDS, where the two differ; targets with the unit that each side has."""
    titles = measure_titles or {}
    units = before.get("unit", unit), after.get("unit", unit)
    return tuple(
        Difference(
            title,
            in_words(name, before.get(name), units[0], titles),
            in_words(name, after.get(name), units[1], titles),
        )
        for name, title in FIELDS.items()
        if name in after and before.get(name) != after.get(name)
    )


def in_words(name: str, value: Any, unit: str, measure_titles: dict[str, str]) -> str:
    """A field of a promise as people read it."""
    if value is None or (value == "" and name != "measure"):
        return ""
    if name == "kind":
        return str(Commitment.Kind(value).label) if value in Commitment.Kind.values else str(value)
    if name == "direction":
        return str(Commitment.Direction(value).label) if value in Commitment.Direction.values else str(value)
    if name == "target":
        return plain_quantity(int(value), unit)
    if name == "due_on":
        return zh_date(value if isinstance(value, date) else date.fromisoformat(value))
    if name == "measure":
        return measure_title(value, measure_titles)
    return str(value)


def measure_title(measure: str, known: dict[str, str]) -> str:
    """How a promise is measured: a measure's label, or the promise's own count."""
    if not measure:
        return OWN_COUNT
    if measure in known:
        return known[measure]
    return BUILTIN[measure].label if measure in BUILTIN else measure


def _told(event: CommitmentEvent, unit: str, titles: dict[str, str]) -> Happening:
    told_whole = event.kind in (Happened.MADE, Happened.PUBLISHED, Happened.EXPLAINED)
    changed = () if told_whole else differences(event.before, event.after, unit=unit, measure_titles=titles)
    return Happening(
        number=event.number,
        on=local_date(event.at),
        kind=event.kind,
        title=str(Happened(event.kind).label),
        reason=event.reason,
        text=event.after.get("explanation", ""),
        differences=changed,
        is_public=event.is_public,
    )
