"""Where lists of rounds start."""

from django.db import models
from django.db.models import Q

from quxin.access import Action, Actor, scopes
from quxin.orgs.querysets import within


class RoundQuerySet(models.QuerySet):
    """Rounds by visibility."""

    def visible_to(self, actor: Actor) -> "RoundQuerySet":
        """Those organised in the actor's scope, and those that judge somebody in it (the set-up, never the ballots)."""
        return self.touching(*scopes(actor, Action.VIEW))

    def touching(self, *paths: str) -> "RoundQuerySet":
        """Those organised within one of the subtrees `paths`, or judging somebody there; nothing when there are none, and never
        the shadow round of the canaries.
        """
        judging = self.model._default_manager.filter(within(paths, "subjects__organisation__path")).values("pk")
        return self.filter(within(paths, "organiser__path") | Q(pk__in=judging)).exclude(is_shadow=True)

    def public(self) -> "RoundQuerySet":
        """Those that the public may see: open, closed or voided; never the shadow round of the canaries."""
        return self.exclude(state="draft").exclude(is_shadow=True)


class RemarkQuerySet(models.QuerySet):
    """Leaders' remarks by visibility."""

    def visible_to(self, actor: Actor) -> "RemarkQuerySet":
        """Those on organisations in the actor's scope; nothing when there is none."""
        return self.filter(within(scopes(actor, Action.VIEW), "organisation__path"))
