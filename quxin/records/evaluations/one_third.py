"""民主评议党员: what the ballots propose under the rule that 优秀 are at most a third, and what a body decides.

Pure. The count proposes and a body decides: never by votes alone, and never without a reason where it departs from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from quxin.kernel.errors import QuxinError

EXCELLENT, QUALIFIED, BARELY, UNQUALIFIED = 4, 3, 2, 1
GRADES = (EXCELLENT, QUALIFIED, BARELY, UNQUALIFIED)


class TooManyExcellent(QuxinError):
    """More 优秀 than the rule allows."""

    default_message = "评为优秀的有 %(count)s 人，最多 %(most)s 人（%(judged)s 人的 %(share)s）。"
    default_hint = "请减少到规定人数以内。"


class NotDecided(QuxinError):
    """A decision that leaves out somebody judged, names somebody who was not, or gives no grade of the scale."""

    default_message = "决定与评议的党员不一致：%(members)s。"
    default_hint = "请给每一名参加评议的党员定一个等次：优秀、合格、基本合格或不合格。"


class DepartureUnexplained(QuxinError):
    """The body departs from the count and does not say why."""

    default_message = "决定与得票不一致，还没有写理由：%(members)s。"
    default_hint = "由集体决定，可以不同于得票，但要逐人写明理由。"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the ballots say of one member.

    ``grades`` are what the body may decide without giving a reason: one, or several where the ballots tie. ``over`` marks
    whoever the ballots call 优秀 but the limit leaves out.
    """

    member: str
    votes: Mapping[int, int]
    grades: tuple[int, ...]
    over: bool = False

    @property
    def tied(self) -> bool:
        """Whether the count leaves the choice open."""
        return len(self.grades) > 1


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the count proposes: at most ``most`` 优秀, and each member in the order of codes."""

    most: int
    judged: int
    share: str
    members: tuple[Proposed, ...]

    @property
    def over(self) -> tuple[str, ...]:
        """Who would be 优秀 by the count but for the limit (those tied at the limit are not among them: they are open)."""
        return tuple(one.member for one in self.members if one.over)

    @property
    def tied(self) -> tuple[str, ...]:
        """Whom the count leaves open."""
        return tuple(one.member for one in self.members if one.tied)


@dataclass(frozen=True, slots=True)
class Decided:
    """One member's grade as the body decided it; ``departs`` when the count says otherwise, and then there is a reason."""

    member: str
    grade: int
    departs: bool
    tied: bool
    reason: str


def most_excellent(judged: int, share: str = "1/3") -> int:
    """How many of those judged may be 优秀 at most: the share, rounded down ("一般不超过三分之一")."""
    part, _, whole = share.partition("/")
    return judged * int(part) // int(whole)


def propose(votes: Mapping[str, Mapping[int, int]], share: str = "1/3") -> Proposal:
    """What the ballots propose: member → grade → votes in, each member's grade out.

    A member's grade by the count is the one with the most votes. Those whose grade is 优秀 are ranked by their share of
    优秀 votes, then by their share of 不合格 and 基本合格 (fewer first); the limit is drawn in that order. Whoever stands
    equal across the limit is left open, all of them: no order of names decides. A member without a vote is open altogether.
    """
    most = most_excellent(len(votes), share)
    grades = {member: _most_voted(given) for member, given in votes.items()}
    sure = [member for member, found in grades.items() if found == (EXCELLENT,)]
    ranked = sorted(sure, key=lambda member: _standing(votes[member]))
    inside, outside = ranked[:most], ranked[most:]
    open_ = _across(votes, inside, outside)
    members = []
    for member in sorted(votes):
        found, over = grades[member], False
        if member in open_:
            found = (EXCELLENT, QUALIFIED)
        elif member in outside:
            found, over = (QUALIFIED,), True
        elif member not in inside and len(sure) >= most:
            found = _without_excellent(found)  # a tie for 优秀 when others have filled the places
        members.append(Proposed(member, dict(votes[member]), found, over))
    return Proposal(most, len(votes), share, tuple(members))


def decide(proposal: Proposal, decision: Mapping[str, int], reasons: Mapping[str, str]) -> list[Decided]:
    """The body's decision, checked: member → grade, and a reason for each who departs from the count.

    Raises NotDecided, TooManyExcellent, DepartureUnexplained; each names the members.
    """
    by_member = {one.member: one for one in proposal.members}
    wrong = sorted(by_member.keys() ^ decision.keys())
    wrong += sorted(member for member in by_member.keys() & decision.keys() if not _is_grade(decision[member]))
    if wrong:
        raise NotDecided(members="、".join(wrong))
    excellent = sum(grade == EXCELLENT for grade in decision.values())
    if excellent > proposal.most:
        raise TooManyExcellent(count=excellent, most=proposal.most, judged=proposal.judged, share=proposal.share)
    decided = [
        Decided(
            one.member,
            decision[one.member],
            decision[one.member] not in one.grades,
            one.tied,
            reasons.get(one.member, "").strip(),
        )
        for one in proposal.members
    ]
    silent = [one.member for one in decided if one.departs and not one.reason]
    if silent:
        raise DepartureUnexplained(members="、".join(silent))
    return decided


def _is_grade(value: object) -> bool:
    return type(value) is int and value in GRADES


def _most_voted(votes: Mapping[int, int]) -> tuple[int, ...]:
    best = max(votes.get(grade, 0) for grade in GRADES)
    return tuple(grade for grade in GRADES if votes.get(grade, 0) == best)


def _standing(votes: Mapping[int, int]) -> tuple[Fraction, Fraction, Fraction]:
    """What ranks those called 优秀, the best smallest: shares, because not every sheet judges everybody."""
    total = sum(votes.get(grade, 0) for grade in GRADES)
    shares = (votes.get(EXCELLENT, 0), votes.get(UNQUALIFIED, 0), votes.get(BARELY, 0))
    praise, worst, bad = (Fraction(count, total) for count in shares)
    return -praise, worst, bad


def _across(votes: Mapping[str, Mapping[int, int]], inside: list[str], outside: list[str]) -> set[str]:
    """Those of equal standing on both sides of the limit."""
    if not inside or not outside or _standing(votes[inside[-1]]) != _standing(votes[outside[0]]):
        return set()
    edge = _standing(votes[outside[0]])
    return {member for member in (*inside, *outside) if _standing(votes[member]) == edge}


def _without_excellent(grades: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(grade for grade in grades if grade != EXCELLENT) or (QUALIFIED,)
