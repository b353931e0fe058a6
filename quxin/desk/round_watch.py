"""What the organiser sees of a round: who has fetched a token, how many have voted, who has signed. Never an answer.

Numbers of `publication.turnout`, those of the groups, and the state of the cards; nothing here reads a ballot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse

from quxin.desk.round_rosters import groups_of
from quxin.kernel.clock import local_date
from quxin.records.evaluations.models import CardSheet, Decision, Pulse, RosterLine, Round
from quxin.records.evaluations.publication import Turnout, turnout
from quxin.records.evaluations.rules import last_day
from quxin.records.evaluations.witnesses import signatures_of

Way = RosterLine.Way


@dataclass(frozen=True, slots=True)
class GroupWatch:
    """One group: how many are on the roster, have fetched, hold cards, and how many cards were cancelled."""

    title: str
    weight: str
    count: int
    fetched: int
    cards: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A witness, and the day on which he signed; None while he has not."""

    name: str
    role: str
    signed_on: str


@dataclass(frozen=True, slots=True)
class Watch:
    """A published round as its organiser watches it.

    `days_left` counts today; 0 when it is over, None before it begins. `bursts` are days on which ballots came in a rush.
    """

    turnout: Turnout
    groups: tuple[GroupWatch, ...]
    by_roster: bool
    days_left: int | None
    starts_in: int
    cards: int
    has_sheet: bool
    witnesses: tuple[Witnessed, ...]
    bursts: tuple[tuple[date, int], ...]
    vote_href: str
    board_href: str
    sign_href: str
    decided: bool

    @property
    def signed(self) -> int:
        """How many witnesses have signed."""
        return sum(1 for one in self.witnesses if one.signed_on)


def watch(round_: Round, *, today: date) -> Watch:
    """All of it; about eight queries."""
    by_roster = round_.access == Round.Access.ROSTER
    first, last = local_date(round_.opens_at), last_day(round_)
    lines = RosterLine.objects.filter(round=round_)
    bursts = Pulse.objects.filter(subject__round=round_, is_burst=True).order_by("on").values_list("on", "count")
    return Watch(
        turnout=turnout(round_),
        groups=_groups(round_) if by_roster else (),
        by_roster=by_roster,
        days_left=max(0, (last - today).days + 1) if today >= first else None,
        starts_in=max(0, (first - today).days),
        cards=lines.filter(person=None).count() if by_roster else 0,
        has_sheet=by_roster and CardSheet.objects.filter(round=round_).exists(),
        witnesses=_witnesses(round_),
        bursts=tuple(bursts),
        vote_href=vote_path(round_.code) if by_roster else "",
        board_href=path_of("portal:board", round_.code),
        sign_href=path_of("portal:board_sign", round_.code),
        decided=round_.kind == Round.Kind.MEMBERS and Decision.objects.filter(subject__round=round_).exists(),
    )


def vote_path(code: str) -> str:
    """The voter's page of a round by roster, without the name of the site."""
    return path_of("portal:vote", code)


def path_of(name: str, *codes: str) -> str:
    """The address of a public page; "" on an installation that serves none (`portal` may be left out)."""
    try:
        return reverse(name, args=codes)
    except NoReverseMatch:
        return ""


def _groups(round_: Round) -> tuple[GroupWatch, ...]:
    fetched = ~Q(way__in=[Way.NONE, Way.CANCELLED])
    counted = {
        row["group"]: row
        for row in RosterLine.objects.filter(round=round_)
        .values("group")
        .annotate(
            n=Count("pk"),
            fetched=Count("pk", filter=fetched),
            cards=Count("pk", filter=Q(person=None)),
            cancelled=Count("pk", filter=Q(way=Way.CANCELLED)),
        )
        .order_by()
    }
    none: dict[str, Any] = {"n": 0, "fetched": 0, "cards": 0, "cancelled": 0}
    return tuple(
        GroupWatch(group["title"], group["weight"], row["n"], row["fetched"], row["cards"], row["cancelled"])
        for group in groups_of(round_)
        if (row := counted.get(group["id"], none))
    )


def _witnesses(round_: Round) -> tuple[Witnessed, ...]:
    signed: Sequence[dict[str, Any]] = signatures_of(round_) if round_.witnesses else []
    on = {one["witness"]: str(one["signed_on"]) for one in signed}
    return tuple(Witnessed(one["name"], one["role"], on.get(place, "")) for place, one in enumerate(round_.witnesses))
