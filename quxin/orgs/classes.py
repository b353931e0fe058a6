"""Classes of organisation by which tasks and checklists are assigned: a code of a pack -> the organisations it means.

The codes are those of the packs' vocabulary and stand in packs for ever; a test holds the two lists together.
"""

from datetime import date

from django.db.models import Q

from quxin.kernel.errors import QuxinError
from quxin.orgs.models import Level, Organisation, OrganisationKind, PartyType
from quxin.orgs.querysets import OrganisationQuerySet

_AGENCY = Q(kind=OrganisationKind.AGENCY)

CLASSES: dict[str, Q] = {
    "hq": _AGENCY & Q(level=Level.NATION),
    "province": _AGENCY & Q(level=Level.PROVINCE),
    "prefecture": _AGENCY & Q(level=Level.PREFECTURE),
    "county": _AGENCY & Q(level=Level.COUNTY),
    "every-agency": _AGENCY,
    "department": Q(kind=OrganisationKind.DEPARTMENT),
    "affiliated": Q(kind=OrganisationKind.AFFILIATED),
    "party-committee": Q(party_type__in=[PartyType.COMMITTEE, PartyType.AGENCY_COMMITTEE]),
    "general-branch": Q(party_type=PartyType.GENERAL_BRANCH),
    "branch": Q(party_type__in=[PartyType.BRANCH, PartyType.TEMPORARY_BRANCH, PartyType.JOINT_BRANCH]),
    "every-party-organisation": Q(kind=OrganisationKind.PARTY),
    "every-organisation": Q(),
}
SPONSOR = "sponsor"


class UnknownClass(QuxinError):
    """A class of organisation that nobody declared."""

    default_message = "没有“%(klass)s”这一类机构"
    default_hint = "可用的有：%(known)s。"


def of_class(klass: str, *, root: str, on: date) -> OrganisationQuerySet:
    """The organisations of class `klass` at and below the path `root` that exist on `on`, by path.

    "sponsor" is the organisation at `root` itself. Raises UnknownClass. Not filtered by who asks: a campaign reaches
    organisations that its reader may not see.
    """
    if klass == SPONSOR:
        return Organisation.objects.filter(path=root).open_on(on)
    if klass not in CLASSES:
        raise UnknownClass(klass=klass, known="、".join([*CLASSES, SPONSOR]))
    return Organisation.objects.within(root).filter(CLASSES[klass]).open_on(on).order_by("path")


def classes_of(organisation: Organisation) -> frozenset[str]:
    """The classes to which an organisation belongs (never "sponsor"), without a query."""
    agency = organisation.kind == OrganisationKind.AGENCY
    found = {"every-organisation"}
    if agency:
        found.add("every-agency")
        level = "hq" if organisation.level == Level.NATION else organisation.level
        found |= {level} & {"hq", "province", "prefecture", "county"}
    elif organisation.kind == OrganisationKind.PARTY:
        found.add("every-party-organisation")
        found |= {_PARTY_CLASS.get(organisation.party_type, "every-party-organisation")}
    else:
        found.add(organisation.kind)
    return frozenset(found)


_PARTY_CLASS: dict[str, str] = {
    PartyType.COMMITTEE: "party-committee",
    PartyType.AGENCY_COMMITTEE: "party-committee",
    PartyType.GENERAL_BRANCH: "general-branch",
    PartyType.BRANCH: "branch",
    PartyType.TEMPORARY_BRANCH: "branch",
    PartyType.JOINT_BRANCH: "branch",
}
