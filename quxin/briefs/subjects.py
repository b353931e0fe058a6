"""From the subject of a fact ("activity:12") to the record that it is about: title, kind and code, many in few queries.

Faces turn kind and code into an address; a subject whose record no longer tells its title keeps a plain one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from quxin.orgs.models import Organisation
from quxin.records.activities.models import Activity
from quxin.records.campaigns.models import Aspect, Assignment, Campaign, ChecklistItem, ProgressRecord, Task
from quxin.records.commitments.models import Commitment


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fact is about. `kind` names the page that shows it ("" when there is none), `code` its address."""

    title: str
    kind: str = ""
    code: str = ""
    name: str = ""


def subjects(names: Iterable[str]) -> dict[str, Subject]:
    """Resolve subjects in at most one query for each kind of record."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for name in set(names):
        wanted[name.split(":", 1)[0]].append(name)
    found: dict[str, Subject] = {}
    for thing, group in wanted.items():
        found |= _RESOLVERS.get(thing, _unresolved)(group)
    return found


def _ids(group: list[str]) -> dict[str, int]:
    """Subject → the number after the colon; what stands after a slash is a part of that record."""
    ids = {}
    for name in group:
        digits = name.split(":", 1)[1].split("/", 1)[0]
        if digits.isdigit():
            ids[name] = int(digits)
    return ids


def _activities(group: list[str]) -> dict[str, Subject]:
    ids = _ids(group)
    rows = {row.pk: row for row in Activity.objects.filter(pk__in=ids.values()).only("pk", "title", "code")}
    return {name: Subject(rows[pk].title, "activity", rows[pk].code) for name, pk in ids.items() if pk in rows}


def _progress(group: list[str]) -> dict[str, Subject]:
    ids = _ids(group)
    rows = {row.pk: row for row in ProgressRecord.objects.filter(pk__in=ids.values())}
    return {
        name: Subject(rows[pk].title, "progress", rows[pk].code, rows[pk].partner or rows[pk].place)
        for name, pk in ids.items()
        if pk in rows
    }


def _commitments(group: list[str]) -> dict[str, Subject]:
    ids = _ids(group)
    rows = {row.pk: row for row in Commitment.objects.filter(pk__in=ids.values()).only("pk", "text", "code")}
    return {name: Subject(rows[pk].text, "commitment", rows[pk].code) for name, pk in ids.items() if pk in rows}


def _assignments(group: list[str]) -> dict[str, Subject]:
    ids = _ids(group)
    rows = Assignment.objects.filter(pk__in=ids.values()).select_related("task")
    by_id = {row.pk: row for row in rows}
    return {
        name: Subject(by_id[pk].task.title, "assignment", by_id[pk].code) for name, pk in ids.items() if pk in by_id
    }


def _tasks(group: list[str]) -> dict[str, Subject]:
    """Subjects "task:<campaign>/<key>"."""
    pairs = {name: name.split(":", 1)[1].split("/", 1) for name in group if "/" in name}
    rows = Task.objects.filter(
        campaign__key__in={pair[0] for pair in pairs.values()}, key__in={pair[1] for pair in pairs.values()}
    ).select_related("campaign")
    by_key = {(row.campaign.key, row.key): row for row in rows}
    return {
        name: Subject(by_key[pair[0], pair[1]].title, "task", by_key[pair[0], pair[1]].code)
        for name, pair in pairs.items()
        if (pair[0], pair[1]) in by_key
    }


def _campaigns(group: list[str]) -> dict[str, Subject]:
    ids = _ids(group)
    rows = {row.pk: row for row in Campaign.objects.filter(pk__in=ids.values()).only("pk", "title", "code")}
    return {name: Subject(rows[pk].title, "campaign", rows[pk].code) for name, pk in ids.items() if pk in rows}


def _parts_of_campaign(group: list[str]) -> dict[str, Subject]:
    """Subjects "aspect:<campaign>/<key>" and "item:<campaign>/<list>/<key>": they lead to the campaign."""
    keys = {name: name.split(":", 1)[1].split("/") for name in group}
    campaigns = Campaign.objects.filter(key__in={parts[0] for parts in keys.values()})
    rows = {row.key: row for row in campaigns.prefetch_related("aspects", "checklist_items")}
    found = {}
    for name, parts in keys.items():
        campaign = rows.get(parts[0])
        if campaign is None:
            continue
        things: list[Aspect | ChecklistItem] = [*campaign.aspects.all(), *campaign.checklist_items.all()]
        title = next((thing.title for thing in things if thing.key == parts[-1]), campaign.title)
        found[name] = Subject(title, "campaign", campaign.code)
    return found


def _organisations(group: list[str]) -> dict[str, Subject]:
    ids = _ids(group)
    rows = {row.pk: row for row in Organisation.objects.filter(pk__in=ids.values()).only("pk", "name", "code")}
    return {name: Subject(rows[pk].name, "organisation", rows[pk].code) for name, pk in ids.items() if pk in rows}


def _people(group: list[str]) -> dict[str, Subject]:
    """Memberships and posts: that somebody is counted may be shown, who it is stands in the member's file only."""
    return {name: Subject("在册一人") for name in group}


def _unresolved(group: list[str]) -> dict[str, Subject]:
    return {name: Subject(name) for name in group}


_RESOLVERS: dict[str, Callable[[list[str]], dict[str, Subject]]] = {
    "activity": _activities,
    "progress": _progress,
    "commitment": _commitments,
    "assignment": _assignments,
    "task": _tasks,
    "campaign": _campaigns,
    "aspect": _parts_of_campaign,
    "item": _parts_of_campaign,
    "organisation": _organisations,
    "membership": _people,
    "post": _people,
}
