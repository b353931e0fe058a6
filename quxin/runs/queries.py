"""Reading runs. A person sees those he asked for; a system administrator those in his scope."""

from django.db.models import Q, QuerySet

from quxin.access import Action, Actor, scopes
from quxin.orgs.querysets import within
from quxin.runs.models import Run


def runs_visible_to(actor: Actor) -> QuerySet[Run]:
    """Runs that `actor` may see: his own, and those in organisations where he may install packs; fails closed."""
    if not actor.is_known:
        return Run.objects.none()
    own = Q(requested_by=actor.account) if actor.account else Q(pk__in=[])
    return Run.objects.filter(own | within(scopes(actor, Action.INSTALL_PACK)))
