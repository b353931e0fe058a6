"""Name people at activities that are recorded already. The heads do not grow when they were counted before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel.paths import common_path
from quxin.ledger.operations import append, audit, reverse
from quxin.orgs.models import Person
from quxin.orgs.operations import person_keys
from quxin.records.activities import facts
from quxin.records.activities.models import Activity, Attendance
from quxin.records.activities.operations import attendances_of, people_of, subject_of
from quxin.records.campaigns.progress import AlreadyWithdrawn


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody who was at an activity; `counted` when the heads told at its recording include him."""

    activity: Activity
    person: Person
    counted: bool = True


def name_people(*, actor: Actor, present: Sequence[Presence], now: datetime) -> int:
    """Name people at their activities; whoever is named already is passed over. Returns how many are new.

    A counted one moves from the audience to the names, so that nobody is counted twice. Raises Refused, AlreadyWithdrawn.
    """
    for path in {one.activity.organisation.path for one in present}:
        require(actor, Action.RECORD_ACTIVITY, path)
    by_activity: dict[int, dict[int, Presence]] = {}
    for one in present:
        by_activity.setdefault(one.activity.pk, {}).setdefault(one.person.pk, one)
    with transaction.atomic():
        named = sum(_name_at(pk, wanted, actor, now) for pk, wanted in sorted(by_activity.items()))
        if named:
            paths = {one.activity.organisation.path for one in present}
            subject = subject_of(present[0].activity)
            path = common_path(paths)
            audit("activity.name", subject, actor=actor.account, now=now, path=path, count=named)
    return named


def _name_at(pk: int, wanted: dict[int, Presence], actor: Actor, now: datetime) -> int:
    """Name people at one activity, under the lock of its row."""
    activity = Activity.objects.select_for_update(of=("self",)).select_related("organisation", "campaign").get(pk=pk)
    if activity.withdrawn_at:
        raise AlreadyWithdrawn
    there = set(Attendance.objects.filter(activity=activity, person__in=wanted).values_list("person_id", flat=True))
    new = {person: one for person, one in wanted.items() if person not in there}
    if not new:
        return 0
    before = activity.attendances.count() + activity.audience
    counted = sum(1 for one in new.values() if one.counted)
    activity.audience = max(0, activity.audience - counted)
    activity.version += 1
    activity.save(update_fields=["audience", "version"])
    Attendance.objects.bulk_create(Attendance(activity=activity, person_id=person) for person in new)
    keys = person_keys(new)
    entries = people_of(activity, [keys[person] for person in new])
    heads = activity.attendances.count() + activity.audience
    if heads != before:
        if before:
            reverse(subject_of(activity), actor=actor.account, now=now, kinds=[facts.ATTENDANCES.id])
        entries += attendances_of(activity, heads)
    append(entries, actor=actor.account, now=now)
    return len(new)
