"""Record an activity once, with who took part; correct it by reversing, withdraw it with a reason, restore it.

One record serves every task that asks for it: nothing here knows of tasks. Not for lists of names alone (see `attendance`)
and not for reading (see `queries`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError, Stale
from quxin.kernel.paths import common_path
from quxin.kernel.scaled import ONE
from quxin.ledger.bulk import insert_many
from quxin.ledger.models import Fact
from quxin.ledger.operations import Entry, append, audit, reverse
from quxin.orgs.models import Organisation, Person, PersonKey
from quxin.orgs.operations import person_keys
from quxin.packs.queries import all_current
from quxin.packs.types import series_label
from quxin.packs.vocabulary import ACTIVITY_KINDS
from quxin.records.activities import facts
from quxin.records.activities.models import Activity, Attendance
from quxin.records.campaigns.closing import late_entry
from quxin.records.campaigns.models import Campaign
from quxin.records.campaigns.operations import ReasonMissing
from quxin.records.campaigns.progress import AlreadyWithdrawn, NotWithdrawn, require_day, require_short

COMPETITIONS = frozenset({"contest", "essay"})
"""Kinds at which people compete, so that contestants can be counted."""

MOST_PEOPLE = 10_000_000
"""More heads than any one activity has: a slip of the keyboard."""


_SHORT_ENOUGH = 60
"""The least that any column of words holds: what is no longer fits everywhere."""


class UnknownKind(QuxinError):
    """A kind of activity that is not in the vocabulary."""

    default_message = "没有“%(kind)s”这类活动。"
    default_hint = "请从列表中选择活动种类。"


class UnknownSeries(QuxinError):
    """A series that no installed pack has."""

    default_message = "没有“%(series)s”这个系列。"
    default_hint = "请从列表中选择系列；不属于任何系列的，不必填。"


class SeriesOfOtherKind(QuxinError):
    """A series of another kind of activity."""

    default_message = "“%(series)s”是“%(wanted)s”的系列，这次活动填的是“%(kind)s”。"
    default_hint = "请改选种类，或不填系列。"


class TitleMissing(QuxinError):
    """An activity without a title."""

    default_message = "请填写活动的名称或主题。"


class CountWrong(QuxinError):
    """A count of heads below zero or beyond reason."""

    default_message = "%(what)s填的是 %(count)s，应当是 0 到 1000 万之间的整数。"
    default_hint = "没有就填 0 或留空。"


class NoContest(QuxinError):
    """Contestants at an activity that is no competition."""

    default_message = "“%(kind)s”没有参赛人数。"
    default_hint = "参赛人数只在演讲比赛和征文中填写；到场的人请填到“其他到场人数”。"


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened. `series` is "<pack>.<series>" or empty; `audience` counts heads beside the people named."""

    kind: str
    title: str
    held_on: date
    series: str = ""
    starts_at: time | None = None
    place: str = ""
    host: str = ""
    speaker: str = ""
    agenda: str = ""
    minutes: str = ""
    audience: int = 0
    contestants: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity about to be recorded: whose it is, what happened, and the people named as present."""

    organisation: Organisation
    happening: Happening
    people: tuple[Person, ...] = ()
    campaign: Campaign | None = None
    row_key: str | None = None
    is_sample: bool = False


def record_activity(
    *,
    actor: Actor,
    organisation: Organisation,
    happening: Happening,
    people: Iterable[Person],
    today: date,
    now: datetime,
    campaign: Campaign | None = None,
    row_key: str | None = None,
    is_sample: bool = False,
) -> Activity:
    """Record an activity of `organisation` with the people named; somebody named twice counts once (see `named_twice`).

    Raises Refused, UnknownKind, UnknownSeries, SeriesOfOtherKind, TitleMissing, InTheFuture, TooLongAgo, TooLong, CountWrong,
    NoContest.
    """
    draft = Draft(organisation, happening, tuple(people), campaign, row_key, is_sample)
    (pk,) = record_activities(actor=actor, drafts=[draft], today=today, now=now)
    return Activity.objects.select_related("organisation", "campaign").get(pk=pk)


def record_activities(*, actor: Actor, drafts: Sequence[Draft], today: date, now: datetime) -> list[int]:
    """Record many activities in one go: all or none, with one append to the ledger and one entry in the audit.

    Raises as `record_activity`. Returns their keys in order.
    """
    if not drafts:
        return []
    paths = {draft.organisation.path for draft in drafts}
    for path in paths:
        require(actor, Action.RECORD_ACTIVITY, path)
    series = series_kinds() if any(draft.happening.series for draft in drafts) else {}
    for draft in drafts:
        check_happening(draft.happening, today, series)
        late_entry(draft.campaign, draft.happening.held_on)
    with transaction.atomic():
        pks = insert_many(Activity, _COLUMNS, _rows(drafts, actor, now))
        present = [
            list(dict.fromkeys(person.pk for person in draft.people)) if draft.people else [] for draft in drafts
        ]
        _name(zip(pks, present, strict=True))
        keys = person_keys(pk for people in present for pk in people)
        entries = [
            entry
            for pk, draft, people in zip(pks, drafts, present, strict=True)
            for entry in _entries(pk, draft, draft.happening, [keys[person] for person in people])
        ]
        append(entries, actor=actor.account, now=now)
        audit(
            "activity.record",
            f"activity:{pks[0]}",
            actor=actor.account,
            now=now,
            path=common_path(paths),
            **_extent(pks, drafts, present),
        )
    return pks


def correct_activity(
    *,
    actor: Actor,
    activity: Activity,
    happening: Happening,
    people: Iterable[Person],
    reason: str,
    today: date,
    now: datetime,
    version: int,
    campaign: Campaign | None = None,
) -> None:
    """Change an activity and who was there: its old facts are reversed and new ones appended.

    `campaign` is the one it belongs to from now on. Raises as `record_activity`, and ReasonMissing, Stale,
    AlreadyWithdrawn.
    """
    require(actor, Action.RECORD_ACTIVITY, activity.organisation.path)
    check_happening(happening, today, series_kinds() if happening.series else {})
    late_entry(campaign, happening.held_on, reason)
    if not reason.strip():
        raise ReasonMissing
    if activity.withdrawn_at:
        raise AlreadyWithdrawn
    wanted = asdict(happening) | {"campaign_id": campaign.pk if campaign else None}
    before = {name: getattr(activity, name) for name in wanted}
    with transaction.atomic():
        late = is_late(happening.held_on, local_date(activity.recorded_at))
        standing = Activity.objects.filter(pk=activity.pk, version=version, withdrawn_at__isnull=True)
        if not standing.update(**wanted, is_late_entry=late, version=version + 1):
            current = Activity.objects.get(pk=activity.pk)
            raise Stale(current={name: getattr(current, name) for name in wanted}, attempted=wanted)
        activity.refresh_from_db()
        named = _rename(activity, people)
        reverse(subject_of(activity), actor=actor.account, now=now)
        append(entries_of(activity, _keys(activity)), actor=actor.account, now=now)
        changed = sorted(name for name in wanted if before[name] != wanted[name])
        audit(
            "activity.correct",
            subject_of(activity),
            actor=actor.account,
            now=now,
            path=activity.organisation.path,
            fields=changed + (["people"] if named else []),
            reason=reason.strip(),
        )


def withdraw_activity(*, actor: Actor, activity: Activity, reason: str, now: datetime) -> None:
    """Withdraw an activity with a reason; it stays to be seen and its facts are reversed."""
    require(actor, Action.RECORD_ACTIVITY, activity.organisation.path)
    if not reason.strip():
        raise ReasonMissing
    standing = Activity.objects.filter(pk=activity.pk, withdrawn_at__isnull=True)
    with transaction.atomic():
        if not standing.update(withdrawn_at=now, withdrawn_reason=reason.strip()):
            raise AlreadyWithdrawn
        reverse(subject_of(activity), actor=actor.account, now=now)
        audit("activity.withdraw", subject_of(activity), actor=actor.account, now=now, path=activity.organisation.path)
        activity.refresh_from_db()


def restore_activity(*, actor: Actor, activity: Activity, now: datetime) -> None:
    """Undo a withdrawal: the activity stands again and its facts are appended anew. Raises NotWithdrawn."""
    require(actor, Action.RECORD_ACTIVITY, activity.organisation.path)
    withdrawn = Activity.objects.filter(pk=activity.pk, withdrawn_at__isnull=False)
    with transaction.atomic():
        if not withdrawn.update(withdrawn_at=None, withdrawn_reason=""):
            raise NotWithdrawn
        activity.refresh_from_db()
        append(entries_of(activity, _keys(activity)), actor=actor.account, now=now)
        audit("activity.restore", subject_of(activity), actor=actor.account, now=now, path=activity.organisation.path)


def subject_of(activity: Activity) -> str:
    """The subject of an activity's facts."""
    return f"activity:{activity.pk}"


def label_of(kind: str, series: str) -> str:
    """The label of an activity's facts: `lecture`, or `lecture/aqsiq-2010.quality-forum` when it has a series."""
    pack, _, name = series.partition(".")
    return series_label(pack, name, kind) if series else kind


def entries_of(activity: Activity, keys: Sequence[str]) -> list[Entry]:
    """The facts of an activity; `keys` are the opaque keys of the people named."""
    return _entries(activity.pk, activity, activity, keys)


def attendances_of(activity: Activity, heads: int) -> list[Entry]:
    """The fact of `heads` people at an activity; none when nobody was counted."""
    about = _about(activity.pk, activity, activity)
    return [Entry(facts.ATTENDANCES.id, *about[:4], heads * ONE, *about[4:])] if heads else []


def people_of(activity: Activity, keys: Sequence[str]) -> list[Entry]:
    """The facts of people at an activity, by their opaque keys."""
    about = _about(activity.pk, activity, activity)
    return [Entry(facts.PERSON.id, *about[:4], ONE, *about[4:], key) for key in keys]


def series_kinds() -> dict[str, str]:
    """Every series of the installed packs for which activities can be held: "<pack>.<series>" → kind of activity."""
    return {
        f"{pack.pack}.{series.id}": series.kind
        for pack in all_current()
        for series in pack.series.values()
        if series.kind in ACTIVITY_KINDS
    }


def check_happening(happening: Happening, today: date, series: dict[str, str]) -> None:
    """Raises what is wrong with what is said; `series` are those of `series_kinds()`."""
    kind = happening.kind
    if kind not in ACTIVITY_KINDS:
        raise UnknownKind(kind=kind[:40])
    if not happening.title.strip():
        raise TitleMissing
    if happening.series:
        wanted = series.get(happening.series)
        if wanted is None:
            raise UnknownSeries(series=happening.series[:80])
        if wanted != kind:
            words = {"wanted": ACTIVITY_KINDS[wanted].zh, "kind": ACTIVITY_KINDS[kind].zh}
            raise SeriesOfOtherKind(series=happening.series, **words)
    require_day(happening.held_on, today)
    longest = max(len(happening.title), len(happening.place), len(happening.host), len(happening.speaker))
    if longest > _SHORT_ENOUGH:
        words = {name: getattr(happening, name) for name in ("title", "place", "host", "speaker")}
        require_short(Activity, words)
    if not 0 <= happening.audience <= MOST_PEOPLE:
        raise CountWrong(what="其他到场人数", count=happening.audience)
    if not 0 <= happening.contestants <= MOST_PEOPLE:
        raise CountWrong(what="参赛人数", count=happening.contestants)
    if happening.contestants and kind not in COMPETITIONS:
        raise NoContest(kind=ACTIVITY_KINDS[kind].zh)


def named_twice(people: Iterable[Person]) -> list[Person]:
    """Those who are named more than once, each once, for a face to say that they count once."""
    seen: dict[int, int] = {}
    found = []
    for person in people:
        seen[person.pk] = seen.get(person.pk, 0) + 1
        if seen[person.pk] == 2:
            found.append(person)
    return found


def is_late(held_on: date, recorded_on: date) -> bool:
    """Whether an entry came so late that it is marked as such (30 days unless QUXIN_LATE_ENTRY_DAYS says otherwise)."""
    return held_on < late_before(recorded_on)


def late_before(recorded_on: date) -> date:
    """The first day that is in time for an entry of the day `recorded_on`."""
    return recorded_on - timedelta(days=settings.LATE_ENTRY_DAYS)


def _entries(pk: int, whose: Activity | Draft, said: Activity | Happening, keys: Sequence[str]) -> list[Entry]:
    """The facts of the activity `pk`: it was held, so many came, these by name."""
    unit, path, subject, on, label, campaign = _about(pk, whose, said)
    entries = [Entry(facts.HELD.id, unit, path, subject, on, ONE, label, campaign)]
    heads = len(keys) + said.audience
    if heads:
        entries.append(Entry(facts.ATTENDANCES.id, unit, path, subject, on, heads * ONE, label, campaign))
    if said.contestants:
        entries.append(Entry(facts.CONTESTANTS.id, unit, path, subject, on, said.contestants * ONE, label, campaign))
    for key in keys:
        entries.append(Entry(facts.PERSON.id, unit, path, subject, on, ONE, label, campaign, key))
    return entries


def _about(pk: int, whose: Activity | Draft, said: Activity | Happening) -> tuple[int, str, str, date, str, str]:
    """What all facts of an activity have in common: unit, path, subject, on; label, campaign."""
    organisation, campaign = whose.organisation, whose.campaign
    label = label_of(said.kind, said.series) if said.series else said.kind
    return (
        organisation.id, organisation.path, f"activity:{pk}", said.held_on, label, campaign.key if campaign else "",
    )  # fmt: skip


_SAID = tuple(Happening.__slots__)
_COLUMNS = (
    "organisation_id", "campaign_id", "recorded_at", "recorded_by", "is_late_entry", "row_key", "is_sample", *_SAID,
)  # fmt: skip


def _rows(drafts: Sequence[Draft], actor: Actor, now: datetime) -> list[tuple[Any, ...]]:
    """The rows of activities about to be recorded, in the order of _COLUMNS."""
    said, on_time = attrgetter(*_SAID), late_before(local_date(now))
    return [
        (
            draft.organisation.id,
            draft.campaign.id if draft.campaign else None,
            now,
            actor.account,
            draft.happening.held_on < on_time,
            draft.row_key,
            draft.is_sample,
            *said(draft.happening),
        )
        for draft in drafts
    ]


def _name(present: Iterable[tuple[int, Iterable[int]]]) -> None:
    """Name people at activities: (key of the activity, keys of people)."""
    insert_many(Attendance, ("activity_id", "person_id"), [(pk, one) for pk, people in present for one in people])


def _rename(activity: Activity, people: Iterable[Person]) -> bool:
    """Make the people named those given; whether anything changed."""
    wanted = {person.pk for person in people}
    there = set(activity.attendances.values_list("person_id", flat=True))
    activity.attendances.filter(person_id__in=there - wanted).delete()
    _name([(activity.pk, sorted(wanted - there))])
    return wanted != there


def _keys(activity: Activity) -> list[str]:
    """The opaque keys of those named now, for facts.

    Who was erased has no key any more and must not get a new one: his old key still stands in the facts, and goes on
    standing for nobody.
    """
    people = list(activity.attendances.order_by("pk").values_list("person_id", "person__erased_at"))
    living = person_keys(pk for pk, erased in people if erased is None)
    erased = len(people) - len(living)
    return [*living.values(), *(_orphans(activity)[:erased] if erased else [])]


def _orphans(activity: Activity) -> list[str]:
    """Keys in the facts of the activity that belong to nobody any more, in the order of the facts."""
    told = Fact.objects.filter(subject=subject_of(activity), kind=facts.PERSON.id, sign=1).order_by("seq")
    keys = list(dict.fromkeys(told.values_list("person", flat=True)))
    known = set(PersonKey.objects.filter(key__in=keys).values_list("key", flat=True))
    return [key for key in keys if key not in known]


def _extent(pks: Sequence[int], drafts: Sequence[Draft], present: Sequence[list[int]]) -> dict[str, int]:
    """Codes and numbers for the audit: how many, the last one, people who were named twice."""
    details = {"count": len(pks), "last": pks[-1]} if len(pks) > 1 else {}
    repeated = sum(len(draft.people) for draft in drafts) - sum(map(len, present))
    return details | ({"named_twice": repeated} if repeated else {})
