"""Where every list of organisations and people starts. `visible_to` fails closed: no actor, no rows."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from quxin.access import Action, Actor, scopes
from quxin.kernel.paths import STEP


def within(paths: tuple[str, ...] | list[str], field: str = "path") -> Q:
    """Rows whose `field`, a path, lies in one of the subtrees `paths`; nothing when there are none."""
    if not paths:
        return Q(pk__in=[])
    condition = Q()
    for path in paths:
        if path == "":
            return Q()
        condition |= Q(**{f"{field}__under": path})
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
        own = self.model._default_manager.filter(pk=actor.person or 0)
        if not paths:
            return self.filter(pk__in=own.values("pk"))
        from quxin.orgs.models import Membership, Post  # their module imports this one

        there = within(paths, "organisation__path")
        members, holders = Membership.objects.filter(there), Post.objects.filter(there)
        # No joins: with several memberships and posts a person would come several times, and nothing could stop early.
        if any(len(path) <= STEP for path in paths):
            # In a whole tree most people are inside: each that is found is asked.
            mine = Q(person=OuterRef("pk"))
            return self.filter(Exists(members.filter(mine)) | Exists(holders.filter(mine)) | Q(pk=actor.person or 0))
        return self.filter(pk__in=members.values("person").union(holders.values("person"), own.values("pk")))


class MembershipQuerySet(models.QuerySet):
    """Memberships by day."""

    def on(self, day: date) -> "MembershipQuerySet":
        """Those that hold on `day`."""
        return self.filter(from_on__lte=day).filter(Q(until_on__isnull=True) | Q(until_on__gt=day))
