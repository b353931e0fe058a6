"""Whether a party organisation has the size that its type usually has. Warns and never blocks.

The numbers are those of the regulations on party organisations ("generally"); below them an organisation may be set up
with approval.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from quxin.orgs.models import Membership, MemberStatus, Organisation, OrganisationKind, PartyType, Post

BRANCH_MIN_FULL = 3
BRANCH_MAX = 50
COMMITTEE_FROM_FULL = 7
COMMITTEE_MEMBERS = (3, 7)
GENERAL_MIN, GENERAL_MAX = 50, 100
PARTY_COMMITTEE_MIN = 100

_BRANCHES = {PartyType.BRANCH, PartyType.TEMPORARY_BRANCH, PartyType.JOINT_BRANCH}
_COMMITTEES = {PartyType.COMMITTEE, PartyType.AGENCY_COMMITTEE}
_COMMITTEE_POSTS = Q(title__contains="书记") | Q(title__contains="委员")


@dataclass(frozen=True, slots=True)
class Warning:
    """Something to look at: a stable `code`, a Chinese msgid with placeholders for `params`, and what to do."""

    code: str
    message: str
    hint: str
    params: dict[str, int]

    def text(self) -> str:
        """The message with its values, untranslated."""
        return self.message % self.params


@dataclass(frozen=True, slots=True)
class Size:
    """Members of a party organisation and all below it, full ones among them, and holders of committee posts."""

    members: int
    full: int
    committee: int


def size_of(organisation: Organisation, *, on: date) -> Size:
    """Count members (正式 and 预备) and committee posts on the day `on`; two queries."""
    below = Organisation.objects.within(organisation.path).values("pk")
    counted = (
        Membership.objects.on(on)
        .filter(organisation__in=below)
        .aggregate(
            full=Count("pk", filter=Q(status=MemberStatus.FULL)),
            members=Count("pk", filter=Q(status__in=[MemberStatus.FULL, MemberStatus.PROBATIONARY])),
        )
    )
    posts = Post.objects.filter(_COMMITTEE_POSTS, organisation=organisation, from_on__lte=on).filter(
        Q(until_on__isnull=True) | Q(until_on__gt=on)
    )
    committee = posts.values("person").distinct().count()
    return Size(counted["members"], counted["full"], committee)


def committee_counts(organisations: Iterable[int], *, on: date) -> dict[int, int]:
    """How many people hold committee posts in each of the organisations (ids) on the day `on`, in one query."""
    posts = Post.objects.filter(_COMMITTEE_POSTS, organisation__in=list(organisations), from_on__lte=on).filter(
        Q(until_on__isnull=True) | Q(until_on__gt=on)
    )
    counted = posts.order_by().values_list("organisation").annotate(count=Count("person", distinct=True))
    return dict(counted)


def size_warnings(organisation: Organisation, *, on: date) -> list[Warning]:
    """What is unusual about the size of a party organisation on the day `on`; empty for other organisations."""
    if organisation.kind != OrganisationKind.PARTY:
        return []
    return judge_size(organisation.party_type, size_of(organisation, on=on))


def judge_size(party_type: str, size: Size) -> list[Warning]:
    """The rules alone: pure."""
    if party_type in _BRANCHES:
        return _judge_branch(size)
    if party_type == PartyType.GENERAL_BRANCH:
        return _judge_general(size)
    if party_type in _COMMITTEES and size.members < PARTY_COMMITTEE_MIN:
        return [
            _warning(
                "committee-small",
                "党员%(members)d名，党委一般应有%(limit)d名以上",
                "经上级批准可以设党委；请在备注里写明批准文号。",
                size.members,
                PARTY_COMMITTEE_MIN,
            )
        ]
    return []


def _judge_branch(size: Size) -> list[Warning]:
    found = []
    if size.full < BRANCH_MIN_FULL:
        found.append(
            _warning(
                "branch-small",
                "正式党员%(members)d名，党支部应有%(limit)d名以上",
                "可以与邻近单位成立联合党支部，或者经上级批准。",
                size.full,
                BRANCH_MIN_FULL,
            )
        )
    if size.members > BRANCH_MAX:
        found.append(
            _warning(
                "branch-large",
                "党员%(members)d名，党支部一般不超过%(limit)d名",
                "可以分设党支部，或者设党总支。",
                size.members,
                BRANCH_MAX,
            )
        )
    low, high = COMMITTEE_MEMBERS
    if size.full >= COMMITTEE_FROM_FULL and size.committee < low:
        found.append(
            _warning(
                "branch-needs-committee",
                "正式党员%(members)d名，应设支部委员会（一般3至5名委员，不超过7名），现登记%(limit)d名",
                "请选举支部委员会，并在任职里登记书记和委员。",
                size.full,
                size.committee,
            )
        )
    if size.committee > high:
        found.append(
            _warning(
                "branch-committee-large",
                "支部委员会登记了%(members)d人，最多%(limit)d人",
                "请核对书记、委员的任职是否有已经离任的。",
                size.committee,
                high,
            )
        )
    return found


def _judge_general(size: Size) -> list[Warning]:
    if size.members < GENERAL_MIN:
        return [
            _warning(
                "general-branch-small",
                "党员%(members)d名，党总支一般应有%(limit)d名以上",
                "经上级批准可以设党总支；请在备注里写明批准文号。",
                size.members,
                GENERAL_MIN,
            )
        ]
    if size.members >= GENERAL_MAX:
        return [
            _warning(
                "general-branch-large",
                "党员%(members)d名，达到%(limit)d名一般应设党委",
                "请报上级研究是否改设党委。",
                size.members,
                GENERAL_MAX,
            )
        ]
    return []


def _warning(code: str, message: str, hint: str, members: int, limit: int) -> Warning:
    return Warning(code, message, hint, {"members": members, "limit": limit})
