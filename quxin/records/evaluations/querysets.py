"""Where lists of rounds start."""

from django.db import models

from quxin.access import Action, Actor, scopes
from quxin.orgs.querysets import within


class RoundQuerySet(models.QuerySet):
    """Rounds by visibility."""

    def visible_to(self, actor: Actor) -> "RoundQuerySet":
        """Those organised in the actor's scope, and those that judge somebody in it (the set-up, never the ballots)."""
        paths = scopes(actor, Action.VIEW)
        return self.filter(within(paths, "organiser__path") | within(paths, "subjects__organisation__path")).distinct()

    def public(self) -> "RoundQuerySet":
        """Those that the public may see: open, closed or voided."""
        return self.exclude(state="draft")
