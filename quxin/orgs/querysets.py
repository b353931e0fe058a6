"""Where every list of organisations and people starts. `visible_to` fails closed: no actor, no rows."""

from datetime import date

from django.db import models
from django.db.models import Q

from quxin.access import Action, Actor, scopes
from quxin.kernel.paths import subtree_range


def within(paths: tuple[str, ...] | list[str], field: str = "path") -> Q:
    """Rows whose `field` lies in one of the subtrees `paths`; nothing when there are none."""
    if not paths:
        return Q(pk__in=[])
    condition = Q()
    for path in paths:
        if path == "":
            return Q()
        low, high = subtree_range(path)
        condition |= Q(**{f"{field}__gte": low, f"{field}__lt": high})
    return condition


class OrganisationQuerySet(models.QuerySet):
    """Organisations by subtree, visibility and day."""

    def within(self, path: str) -> "OrganisationQuerySet":
        """The organisation at `path` and all below it."""
        return self.filter(within((path,)))

    def visible_to(self, actor: Actor) -> "OrganisationQuerySet":
        """Those whose staff pages `actor` may see."""
        return self.filter(within(scopes(actor, Action.VIEW)))

    def open_on(self, day: date) -> "OrganisationQuerySet":
        """Those that exist on `day`."""
        return self.filter(Q(opened_on__isnull=True) | Q(opened_on__lte=day)).filter(
            Q(closed_on__isnull=True) | Q(closed_on__gt=day)
        )


class PersonQuerySet(models.QuerySet):
    """People by visibility."""

    def visible_to(self, actor: Actor) -> "PersonQuerySet":
        """Those with a membership or post where `actor` may see member files, and himself."""
        if not actor.is_known:
            return self.none()
        paths = scopes(actor, Action.VIEW_MEMBER_FILE)
        own = Q(pk=actor.person) if actor.person else Q(pk__in=[])
        if not paths:
            return self.filter(own)
        return self.filter(
            own | within(paths, "memberships__organisation__path") | within(paths, "posts__organisation__path")
        ).distinct()


class MembershipQuerySet(models.QuerySet):
    """Memberships by day."""

    def on(self, day: date) -> "MembershipQuerySet":
        """Those that hold on `day`."""
        return self.filter(from_on__lte=day).filter(Q(until_on__isnull=True) | Q(until_on__gt=day))
