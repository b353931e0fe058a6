"""Where lists of rounds start."""

from django.db import models

from quxin.access import Action, Actor, scopes
from quxin.orgs.querysets import within


class RoundQuerySet(models.QuerySet):
    """Rounds by visibility."""

    def visible_to(self, actor: Actor) -> "RoundQuerySet":
        """Those organised in the actor's scope (their set-up, never their ballots)."""
        return self.filter(within(scopes(actor, Action.VIEW), "organiser__path"))

    def public(self) -> "RoundQuerySet":
        """Those that the public may see: open, closed or voided."""
        return self.exclude(state="draft")
