"""Search over everything a person may see: organisations, people, activities, promises, tasks, campaigns, records.

Names, titles, codes; names of organisations and people also by pinyin initials. Each group costs one query. Must not write.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from quxin.access import Action, Actor, scopes
from quxin.kernel.characters import narrow_characters
from quxin.orgs.models import Organisation, Person
from quxin.orgs.queries import search_organisations, search_people
from quxin.orgs.querysets import within
from quxin.records.activities.models import Activity
from quxin.records.campaigns.models import Assignment, Campaign, ProgressRecord, Task
from quxin.records.commitments.models import Commitment

FEW, PAGE, MOST = 6, 50, 500
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: `kind` and `code` name its page, `note` tells it from others of the same title."""

    kind: str
    code: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind; `more` says that there is more than is shown."""

    kind: str
    hits: tuple[Hit, ...]
    more: bool


def search(actor: Actor, text: str, *, only: str = "", page: int = 1) -> list[Group]:
    """Hits for `text` by group, a few of each; or a page of one group when `only` names it. Nothing for no text."""
    words = _tidy(text)
    if not words or not actor.is_known:
        return []
    if only in GROUPS:
        last = min(page * PAGE, MOST)
        found = GROUPS[only](actor, words, last + 1)
        return [Group(only, tuple(found[last - PAGE : last]), len(found) > last and last < MOST)]
    groups = []
    for kind, look in GROUPS.items():
        hits = look(actor, words, FEW + 1)
        if hits:
            groups.append(Group(kind, tuple(hits[:FEW]), len(hits) > FEW))
    return groups


def _tidy(text: str) -> str:
    """Full-width letters narrowed, unprintable characters dropped, one blank between words."""
    shown = "".join(char if char.isprintable() else " " for char in text[: LONGEST * 2])
    return " ".join(narrow_characters(shown).split())[:LONGEST]


def _organisations(actor: Actor, words: str, most: int) -> list[Hit]:
    return [_organisation(row) for row in search_organisations(actor, words, limit=most)]


def _organisation(row: Organisation) -> Hit:
    parts = [row.official_code or "", row.short_name, "" if row.closed_on is None else "已撤销"]
    return Hit("organisation", row.code, row.name, " · ".join(part for part in parts if part))


def _people(actor: Actor, words: str, most: int) -> list[Hit]:
    return [_person(row) for row in search_people(actor, words, limit=most)]


def _person(row: Person) -> Hit:
    return Hit("person", row.code, row.name, row.staff_number or "")


def _campaigns(actor: Actor, words: str, most: int) -> list[Hit]:
    rows = Campaign.objects.visible_to(actor).exclude(state=Campaign.State.DRAFT).select_related("sponsor")
    found = rows.filter(_all(words, "title", "theme", "key", "approval_number"))
    return [Hit("campaign", row.code, row.title, row.sponsor.name) for row in found[:most]]


def _tasks(actor: Actor, words: str, most: int) -> list[Hit]:
    """Tasks that somebody in the actor's scope owes, or of campaigns that he runs."""
    paths = scopes(actor, Action.VIEW)
    owed = Assignment.objects.filter(within(paths, "organisation__path"), task=OuterRef("pk"))
    rows = Task.objects.filter(_all(words, "title", "key", "standard"), retired=False)
    rows = rows.filter(within(paths, "campaign__sponsor__path") | Exists(owed)).select_related("campaign")
    return [
        Hit("task", row.code, row.title, row.campaign.title) for row in rows.order_by("-campaign", "ordinal")[:most]
    ]


def _commitments(actor: Actor, words: str, most: int) -> list[Hit]:
    rows = Commitment.objects.visible_to(actor).filter(_all(words, "text")).select_related("organisation")
    found = rows.order_by("-due_on", "-pk")[:most]
    return [Hit("commitment", row.code, row.text, f"{row.organisation.name} · {row.due_on}") for row in found]


def _activities(actor: Actor, words: str, most: int) -> list[Hit]:
    rows: QuerySet[Activity] = Activity.objects.visible_to(actor).standing()
    found = rows.filter(_all(words, "title", "speaker", "place")).select_related("organisation")
    return [
        Hit("activity", row.code, row.title, f"{row.organisation.name} · {row.held_on}")
        for row in found.order_by("-held_on", "-pk")[:most]
    ]


def _records(actor: Actor, words: str, most: int) -> list[Hit]:
    rows = ProgressRecord.objects.visible_to(actor).standing()
    found = rows.filter(_all(words, "title", "partner", "place")).select_related("organisation")
    return [
        Hit("progress", row.code, row.title, f"{row.organisation.name} · {row.occurred_on}")
        for row in found.order_by("-occurred_on", "-pk")[:most]
    ]


def _all(words: str, *fields: str) -> Q:
    """Every word stands in one of the fields."""
    condition = Q()
    for word in words.split()[:6]:
        one = Q()
        for field in fields:
            one |= Q(**{f"{field}__icontains": word})
        condition &= one
    return condition


GROUPS: dict[str, Callable[[Actor, str, int], list[Hit]]] = {
    "organisation": _organisations,
    "person": _people,
    "campaign": _campaigns,
    "task": _tasks,
    "commitment": _commitments,
    "activity": _activities,
    "progress": _records,
}
"""The groups in the order in which they are shown."""
