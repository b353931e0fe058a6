"""Who gets what from every address: the permission table.

A row for each named route: the status that each of `PEOPLE` gets for GET and, where the route takes it, for POST (with
an empty form: those who may, get the form back with its errors; those who may not, learn nothing).
`test_routes.py` fails for a route without a row, a row without a route, and an answer that differs.

The people and the values of the addresses come from `tests/cast.py`:

    build() -> Cast
    Cast.people: dict[str, Account]     an account for each name in PEOPLE but "anyone"
    Cast.arguments: dict[str, str]      a value for each argument of a route: {"code": …, "org_code": …}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: "anyone" is not logged in; "stranger" is a secretary of an organisation outside everybody else's subtree.
PEOPLE = (
    "anyone",
    "member",
    "secretary",
    "organiser",
    "leader",
    "reviewer",
    "auditor",
    "system-admin",
    "security-admin",
    "audit-admin",
    "stranger",
)
Codes = Mapping[str, int]


@dataclass(frozen=True)
class Route:
    """The row of a route. `arguments` names what differs from the cast's own values; `query` is added to the address."""

    get: Codes
    post: Codes | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


def everyone(code: int = 200, **others: int) -> Codes:
    """The same code for all, but for those named (`system_admin=403`)."""
    named = {name.replace("_", "-"): value for name, value in others.items()}
    unknown = set(named) - set(PEOPLE)
    if unknown:
        raise ValueError(f"no such people: {sorted(unknown)}")
    return {person: named.get(person, code) for person in PEOPLE}


def staff(code: int = 200, *, anyone: int = 302, **others: int) -> Codes:
    """`code` for all who are logged in; the others are sent to the log-in page."""
    return everyone(code, anyone=anyone, **others)


def only(*people: str, code: int = 200, others: int = 404, anyone: int = 302) -> Codes:
    """`code` for those named; the rest get `others`, as if nothing were there."""
    unknown = set(people) - set(PEOPLE)
    if unknown:
        raise ValueError(f"no such people: {sorted(unknown)}")
    return {person: code if person in people else anyone if person == "anyone" else others for person in PEOPLE}


ROUTES: dict[str, Route] = {}
