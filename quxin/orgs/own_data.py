"""What the house holds about a person, given to that person and to nobody else.

Numbers stand in full here, so every handing out is in the audit. Not for showing files to others: `queries.member_file`.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from quxin.access import Action, Actor, Decision, Refused
from quxin.ledger.operations import audit
from quxin.orgs import people
from quxin.orgs.models import Person


def own_data(person: Person, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything of this package about `person` as plain data, for the person alone. Raises Refused."""
    if actor.person is None or actor.person != person.pk:
        raise Refused(Decision(False, "个人信息只能由本人导出"), Action.VIEW_MEMBER_FILE)
    with transaction.atomic():
        path = next(iter(people.paths_of(person)), "")
        audit("person.exported", f"person:{person.pk}", actor=actor.account, now=now, path=path)
    return {
        "name": person.name,
        "staff_number": person.staff_number or "",
        "identity_number": people.in_full(person, "identity"),
        "phone": people.in_full(person, "phone"),
        "retired": person.retired,
        "memberships": [
            {
                "organisation": row.organisation.name,
                "status": row.get_status_display(),
                "joined_on": row.joined_on.isoformat() if row.joined_on else None,
                "from": row.from_on.isoformat(),
                "until": row.until_on.isoformat() if row.until_on else None,
            }
            for row in person.memberships.select_related("organisation").order_by("from_on", "pk")
        ],
        "posts": [
            {
                "organisation": row.organisation.name,
                "title": row.title,
                "from": row.from_on.isoformat(),
                "until": row.until_on.isoformat() if row.until_on else None,
            }
            for row in person.posts.select_related("organisation").order_by("from_on", "pk")
        ],
    }
