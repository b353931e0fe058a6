"""Reading runs. A person sees those he asked for; a system administrator those in his scope."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from quxin.access import Action, Actor, scopes
from quxin.kernel.errors import say
from quxin.orgs.querysets import within
from quxin.runs.models import RefusedRow, Run


def runs_visible_to(actor: Actor) -> QuerySet[Run]:
    """Runs that `actor` may see: his own, and those in organisations where he may install packs; fails closed."""
    if not actor.is_known:
        return Run.objects.none()
    own = Q(requested_by=actor.account) if actor.account else Q(pk__in=[])
    return Run.objects.filter(own | within(scopes(actor, Action.INSTALL_PACK)))


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A refused row in the words of one language."""

    file: str
    row: int
    column: str
    value: str
    reason: str
    hint: str


def told_row(one: RefusedRow, translate: Callable[[str], str]) -> ToldRow:
    """A refused row for a reader, after `translate` (gettext in a face) turned its msgids."""
    reason, hint = (say(words, one.params, translate) for words in (one.reason, one.hint))
    return ToldRow(one.file, one.row, one.column, one.value, reason, hint)
