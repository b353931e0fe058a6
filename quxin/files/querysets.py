"""Where lists of evidence start. Both fail closed: no actor, no rows; no stripped copy, nothing public."""

from django.db import models

from quxin.access import Action, Actor, scopes
from quxin.orgs.querysets import within


class EvidenceQuerySet(models.QuerySet):
    """Evidence by visibility."""

    def standing(self) -> "EvidenceQuerySet":
        """What was not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def public(self) -> "EvidenceQuerySet":
        """What was made public and stands. Whether its record is still public is asked in `briefs.evidence`."""
        return self.standing().filter(
            is_public=True, personal_numbers=0, public_copy__isnull=False, unpublished_at__isnull=True
        )

    def visible_to(self, actor: Actor) -> "EvidenceQuerySet":
        """What belongs to organisations in the actor's scope; one's own promises are asked for by who shows them."""
        return self.standing().filter(within(scopes(actor, Action.VIEW)))
