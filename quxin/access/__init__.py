"""Who may do what where: `may(actor, action, path) -> Decision(reason)`. Pure: no tables, no database, no clock.

Not for filtering lists: those start from a queryset's `visible_to(actor)`, which asks `scopes()` here.
"""

from quxin.access.policy import (
    ANYONE,
    SYSTEM,
    Action,
    Actor,
    Decision,
    Grant,
    Refused,
    Role,
    may,
    require,
    scopes,
)

__all__ = [
    "ANYONE",
    "SYSTEM",
    "Action",
    "Actor",
    "Decision",
    "Grant",
    "Refused",
    "Role",
    "may",
    "require",
    "scopes",
]
