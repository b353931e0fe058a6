"""Where lists of campaigns, assignments and simple records start; `visible_to` fails closed."""

from django.db import models
from django.db.models import Q

from quxin.access import Action, Actor, scopes
from quxin.kernel.paths import ancestors
from quxin.orgs.querysets import within


class CampaignQuerySet(models.QuerySet):
    """Campaigns by visibility."""

    def visible_to(self, actor: Actor) -> "CampaignQuerySet":
        """Campaigns sponsored in the actor's scope or by an organisation above it (they reach down to him)."""
        paths = scopes(actor, Action.VIEW)
        if not paths:
            return self.none()
        if not all(paths):
            return self.all()  # the system's scope is everything, and has nothing above it
        above = {path for scope in paths for path in ancestors(scope)}
        return self.filter(within(paths, "sponsor__path") | Q(sponsor__path__in=above))


class AssignmentQuerySet(models.QuerySet):
    """Assignments by visibility."""

    def visible_to(self, actor: Actor) -> "AssignmentQuerySet":
        """Those of organisations whose pages the actor may see."""
        return self.filter(within(scopes(actor, Action.VIEW), "organisation__path"))


class ProgressQuerySet(models.QuerySet):
    """Simple records by visibility."""

    def visible_to(self, actor: Actor) -> "ProgressQuerySet":
        """Those of organisations whose pages the actor may see."""
        return self.filter(within(scopes(actor, Action.VIEW), "organisation__path"))

    def standing(self) -> "ProgressQuerySet":
        """Those that nobody withdrew."""
        return self.filter(withdrawn_at__isnull=True)
