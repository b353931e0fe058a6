"""Where lists of activities start; `visible_to` fails closed."""

from django.db import models

from quxin.access import Action, Actor, scopes
from quxin.orgs.querysets import within


class ActivityQuerySet(models.QuerySet):
    """Activities by visibility."""

    def visible_to(self, actor: Actor) -> "ActivityQuerySet":
        """Those of organisations whose pages the actor may see."""
        return self.filter(within(scopes(actor, Action.VIEW), "organisation__path"))

    def standing(self) -> "ActivityQuerySet":
        """Those that nobody withdrew."""
        return self.filter(withdrawn_at__isnull=True)
