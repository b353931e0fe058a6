"""What the daily probes found, for the public: whether all five grades can be cast."""

from dataclasses import dataclass
from datetime import date

from quxin.records.evaluations import canaries
from quxin.records.evaluations.models import Grade


@dataclass(frozen=True, slots=True)
class Probes:
    """The probes of their latest day. `refused` are the grades (msgids) that were not taken, the best first."""

    on: date
    is_today: bool
    refused: tuple[str, ...]


def probes_brief(*, today: date) -> Probes | None:
    """The latest probes, None where there were none yet; two queries. A grade that was not probed counts as refused."""
    found = canaries.latest()
    if not found:
        return None
    taken = {one.grade for one in found if one.accepted}
    refused = tuple(str(grade.label) for grade in Grade if grade.value not in taken)
    return Probes(found[0].on, found[0].on == today, refused)
