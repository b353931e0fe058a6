"""The audit for those who read it: who did what to what, when; filtered, page by page, within their subtree.

Entries hold codes and numbers; the names of accounts are looked up here. Writes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from quxin.access import Action, Actor, scopes
from quxin.ledger.models import AuditEntry
from quxin.orgs.models import Account, Organisation
from quxin.orgs.querysets import within

PAGE = 50
MOST_EXPORTED = 20_000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for: part of an action, an account's log-in name, a subject, days (both included)."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line: details are (name, value) in words."""

    at: datetime
    actor: str
    action: str
    subject: str
    organisation: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the audit."""

    rows: tuple[AuditLine, ...]
    total: int
    page: int
    pages: int


def visible_entries(actor: Actor) -> QuerySet[AuditEntry]:
    """Entries of the subtrees where the actor reads the audit; those without a place only for the whole tree.

    Whoever reads it for every root reads what belongs to no organisation too.
    """
    paths = scopes(actor, Action.VIEW_AUDIT)
    if not paths:
        return AuditEntry.objects.none()
    roots = set(Organisation.objects.filter(depth=1).values_list("path", flat=True))
    everywhere = "" in paths or roots <= set(paths)
    return AuditEntry.objects.filter(within(paths) | Q(path="") if everywhere else within(paths) & ~Q(path=""))


def audit_page(actor: Actor, wanted: AuditFilter, *, page: int = 1, size: int = PAGE) -> AuditPage:
    """A page of what `wanted` finds, the latest first."""
    chosen = _chosen(actor, wanted)
    total = chosen.count()
    start = (max(1, page) - 1) * size
    rows = _lines(list(chosen.order_by("-at", "-pk")[start : start + size]))
    return AuditPage(rows, total, max(1, page), max(1, -(-total // size)))


def audit_lines(actor: Actor, wanted: AuditFilter, *, most: int = MOST_EXPORTED) -> Iterator[AuditLine]:
    """Everything that `wanted` finds, the latest first, `most` lines at most: for a file."""
    chosen = _chosen(actor, wanted).order_by("-at", "-pk")
    for start in range(0, most, 1000):
        rows = list(chosen[start : min(start + 1000, most)])
        yield from _lines(rows)
        if len(rows) < 1000:
            return


def actions(actor: Actor) -> list[str]:
    """Which actions occur, for the filter."""
    return sorted(visible_entries(actor).order_by().values_list("action", flat=True).distinct())


def _chosen(actor: Actor, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    chosen = visible_entries(actor)
    if wanted.actor:
        found = Q(username=wanted.actor) | Q(display_name=wanted.actor)
        chosen = chosen.filter(actor__in=Account.objects.filter(found).values("pk"))
    if wanted.action:
        chosen = chosen.filter(Q(action=wanted.action) | Q(action__startswith=f"{wanted.action}."))
    if wanted.subject:
        chosen = chosen.filter(subject=wanted.subject)
    if wanted.since:
        chosen = chosen.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        chosen = chosen.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    return chosen


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _lines(rows: list[AuditEntry]) -> tuple[AuditLine, ...]:
    people = {
        account.pk: f"{account.display_name or account.username}（{account.username}）"
        for account in Account.objects.filter(pk__in={row.actor for row in rows if row.actor})
    }
    places = dict(Organisation.objects.filter(path__in={row.path for row in rows}).values_list("path", "name"))
    return tuple(
        AuditLine(
            at=row.at,
            actor=people.get(row.actor, "") if row.actor else "",
            action=row.action,
            subject=row.subject,
            organisation=places.get(row.path, ""),
            details=tuple((str(name), _words(value)) for name, value in row.details.items()),
        )
        for row in rows
    )


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return "" if value is None else str(value)
