"""What an organisation was called on a day: papers about a year print the names of that year.

Must not be used for who may see what: rights hang on where an organisation stands today.
"""

from collections.abc import Iterable
from datetime import date

from quxin.orgs.models import Organisation, Placement


def name_on(organisation: Organisation, day: date) -> str:
    """The name of `organisation` on `day`; before its first day its first name, after its last the last."""
    return names_on([organisation], day)[organisation.pk]


def names_on(organisations: Iterable[Organisation], day: date) -> dict[int, str]:
    """`name_on` for many organisations in one query: id → name."""
    names = {organisation.pk: organisation.name for organisation in organisations}
    rows = Placement.objects.filter(organisation__in=names).order_by("from_on", "pk")
    first: set[int] = set()
    for organisation, name, from_on in rows.values_list("organisation", "name", "from_on"):
        # Rows come in order of time: what began by the day replaces what was before, later names do not.
        if organisation not in first or from_on <= day:
            names[organisation] = name
            first.add(organisation)
    return names
