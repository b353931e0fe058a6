"""Where lists of promises start. The public sees published ones only; staff see those of their scope."""

from django.db import models
from django.db.models import Q

from quxin.access import Action, Actor, scopes
from quxin.orgs.querysets import within

PUBLIC_STATES = ("published", "kept", "unkept")


class CommitmentQuerySet(models.QuerySet):
    """Promises by visibility."""

    def public(self) -> "CommitmentQuerySet":
        """Those that were published and stand."""
        return self.filter(state__in=PUBLIC_STATES)

    def visible_to(self, actor: Actor) -> "CommitmentQuerySet":
        """Those of organisations in the actor's scope, and his own."""
        own = Q(person_id=actor.person) if actor.person else Q(pk__in=[])
        return self.filter(within(scopes(actor, Action.VIEW), "organisation__path") | own)
