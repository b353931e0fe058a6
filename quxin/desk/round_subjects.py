"""What the forms of a round offer to be judged: promises that the public reads, organisations, members of a branch."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q

from quxin.access import Action, Actor, scopes
from quxin.orgs.models import Membership, Organisation, OrganisationKind, Person
from quxin.orgs.queries import roll, search_organisations
from quxin.orgs.querysets import within
from quxin.records.commitments.models import Commitment

OFFERED = 30  # promises and organisations that a form shows without a search
MOST_CHOSEN = 200


def promises(actor: Actor, path: str, text: str, codes: Sequence[str]) -> list[Commitment]:
    """The chosen promises first, then some that fit the search (or were published last); with their organisations."""
    allowed = (
        Commitment.objects.public()
        .filter(within((path,), "organisation__path"))
        .filter(within(scopes(actor, Action.OPEN_ROUND), "organisation__path"))
        .select_related("organisation")
    )
    chosen = list(allowed.filter(code__in=codes[:MOST_CHOSEN])) if codes else []
    offered = allowed.exclude(code__in=codes[:MOST_CHOSEN])
    if text := text.strip():
        offered = offered.filter(Q(text__contains=text) | Q(organisation__name__contains=text))
    return chosen + list(offered.order_by("-published_at", "pk")[:OFFERED])


def organisations(
    actor: Actor, home: Organisation, text: str, codes: Sequence[str], *, today: date
) -> list[Organisation]:
    """The chosen organisations first, then those that fit the search (or `home` and those right below it)."""
    allowed = Organisation.objects.within(home.path).filter(within(scopes(actor, Action.OPEN_ROUND))).open_on(today)
    chosen = list(allowed.filter(code__in=codes[:MOST_CHOSEN]).order_by("path")) if codes else []
    if text.strip():
        found = search_organisations(actor, text, on=today, limit=OFFERED)
        offered = list(allowed.filter(pk__in=[one.pk for one in found]).order_by("path"))
    else:
        near = Q(pk=home.pk) | Q(parent=home)
        offered = list(allowed.filter(near).order_by("depth", "sort_key", "pk")[:OFFERED])
    return chosen + [one for one in offered if one.code not in codes]


def branches(actor: Actor, home: Organisation, text: str, code: str, *, today: date) -> list[Organisation]:
    """Party organisations with members, who may judge one another: the chosen one first, then those near `home` or found."""
    allowed = (
        Organisation.objects.within(home.path)
        .filter(within(scopes(actor, Action.OPEN_ROUND)), kind=OrganisationKind.PARTY)
        .filter(Exists(Membership.objects.on(today).filter(organisation=OuterRef("pk"))))
        .open_on(today)
    )
    chosen = list(allowed.filter(code=code)) if code else []
    if text.strip():
        allowed = allowed.filter(name__contains=text.strip())
    near = allowed.exclude(code=code).order_by("depth", "sort_key", "pk")
    return chosen + list(near[:OFFERED])


def members(actor: Actor, branch: Organisation, *, today: date) -> list[tuple[str, str]]:
    """(code, name) of the members of a branch, in Chinese order; empty for who may not see its files."""
    return [(row.person_code, row.name) for row in roll(actor, branch, on=today)]


def persons(actor: Actor, codes: Collection[str]) -> list[Person]:
    """The people of these codes whose files the actor may see."""
    return list(Person.objects.visible_to(actor).filter(code__in=codes, erased_at__isnull=True)) if codes else []
