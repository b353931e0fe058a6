"""Lists of promises, filtered as people ask: for the public wall and for the desk.

Where a promise stands here is what is stored and what day it is; whether it is kept is a brief's to say.
"""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from quxin.access import Actor
from quxin.orgs.querysets import within
from quxin.records.commitments.models import Commitment, CommitmentEvent

SOON = timedelta(days=7)
State = Commitment.State

# Filter → Chinese msgid, in the order in which a list offers them.
STANDS = {
    "going": "践诺中",
    "soon": "七天内到期",
    "over": "已过期限",
    "kept": "已兑现",
    "unkept": "未兑现",
    "changed": "公开后改过",
}
STEPS_BEFORE = {"draft": "提诺", "submitted": "审诺中", "returned": "已退回", "withdrawn": "已撤回"}

# Sort key of an address → columns; a minus before the key turns it round.
ORDERS = {
    "due": ("due_on", "pk"),
    "published": ("published_at", "pk"),
    "organisation": ("organisation__sort_key", "due_on", "pk"),
    "text": ("text", "pk"),
    "kind": ("kind", "due_on", "pk"),
    "state": ("state", "due_on", "pk"),
}


def public_list(
    *, today: date, words: str = "", stands: str = "", kind: str = "", path: str = ""
) -> QuerySet[Commitment]:
    """What the public sees, the latest published first; `path` is an organisation with all below it."""
    return _chosen(Commitment.objects.public(), today, words, stands, kind, path).order_by("-published_at", "-pk")


def staff_list(
    actor: Actor,
    *,
    today: date,
    words: str = "",
    stands: str = "",
    kind: str = "",
    path: str = "",
    mine: bool = False,
    sort: str = "due",
) -> QuerySet[Commitment]:
    """What `actor` may see. `stands` is a key of STANDS or STEPS_BEFORE; `mine`: his own promises and those he made."""
    rows = Commitment.objects.visible_to(actor)
    if mine:
        rows = rows.filter(Q(person_id=actor.person or 0) | Q(made_by=actor.account or 0))
    return ordered(_chosen(rows, today, words, stands, kind, path), sort)


def to_review(actor: Actor, path: str = "") -> QuerySet[Commitment]:
    """Promises that wait for review among those the actor may see, the longest waiting first."""
    rows = Commitment.objects.visible_to(actor).filter(state=State.SUBMITTED)
    if path:
        rows = rows.filter(within((path,), "organisation__path"))
    return rows.order_by("submitted_at", "pk")


def due_for_settling(today: date) -> QuerySet[Commitment]:
    """Published promises whose due day is over."""
    return Commitment.objects.filter(state=State.PUBLISHED, due_on__lt=today).order_by("due_on", "pk")


def ordered(rows: QuerySet[Commitment], sort: str) -> QuerySet[Commitment]:
    """`rows` by a key of ORDERS, turned round by a minus before it; unknown keys sort by due day."""
    columns = ORDERS.get(sort.lstrip("-"), ORDERS["due"])
    return rows.order_by(*(f"-{column}" for column in columns) if sort.startswith("-") else columns)


def _chosen(
    rows: QuerySet[Commitment], today: date, words: str, stands: str, kind: str, path: str
) -> QuerySet[Commitment]:
    if path:
        rows = rows.filter(within((path,), "organisation__path"))
    if kind in Commitment.Kind.values:
        rows = rows.filter(kind=kind)
    rows = _standing(rows, stands, today)
    for word in words.split()[:8]:
        rows = rows.filter(
            Q(text__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(organisation__initials__startswith=word.lower())
            | Q(person__name__icontains=word)
            | Q(code=word.lower())
        )
    return rows


def _standing(rows: QuerySet[Commitment], stands: str, today: date) -> QuerySet[Commitment]:
    if stands in State.values and stands != State.PUBLISHED:
        return rows.filter(state=stands)
    if stands == "changed":
        kinds = [CommitmentEvent.Kind.CHANGED, CommitmentEvent.Kind.EXTENDED]
        return rows.filter(Exists(CommitmentEvent.objects.filter(commitment=OuterRef("pk"), kind__in=kinds)))
    running = rows.filter(state=State.PUBLISHED)
    if stands == "going":
        return running.filter(due_on__gte=today)
    if stands == "soon":
        return running.filter(due_on__gte=today, due_on__lte=today + SOON)
    if stands == "over":
        return running.filter(due_on__lt=today)
    return rows
