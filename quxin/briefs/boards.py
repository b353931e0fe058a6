"""The public board of a round as a page: what was fixed before opening, the turnout while it runs, what closing found.

Nothing of an answer is here but the results; those are `round_results`'. Everything on this page is for anybody.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.cache import cache
from django.db.models import Count

from quxin.briefs.evaluations import subject_title
from quxin.kernel import signing
from quxin.kernel.clock import local_date
from quxin.records.evaluations import publication, queries
from quxin.records.evaluations.board import receipt_code, signed_bytes
from quxin.records.evaluations.models import Ballot, Pulse, RosterLine, Round
from quxin.records.evaluations.publication import Turnout
from quxin.records.evaluations.rules import last_day
from quxin.records.evaluations.weights import half_up
from quxin.records.evaluations.witnesses import signatures_of

ON_A_PAGE = 200
MOST_KEYS = 60
LOOKED_FOR = 600  # seconds


@dataclass(frozen=True, slots=True)
class GroupCount:
    """A group on the roster: its title ("" where all are one), how many, and its weight in per cent (None: not weighed)."""

    title: str
    count: int
    weight: Decimal | None


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key that signs tokens: its id, the group, and the code of the only subject that its tokens judge."""

    id: str
    group: str
    subject: str


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """A witness named before opening. `signed_on` None: not signed yet. `fits`: the stored signature verifies, asked anew."""

    place: int
    name: str
    role: str
    algorithm: str
    public_key: str
    signed_on: date | None
    signature: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """How many fetched their tokens on a day; a printed card that was exchanged counts as well."""

    on: date
    count: int


@dataclass(frozen=True, slots=True)
class Burst:
    """Very many ballots on one subject within ten minutes, on a day; shown to both sides, never dropped."""

    subject: str
    on: date
    count: int


@dataclass(frozen=True, slots=True)
class BoardBrief:
    """A round's board. `statement` is empty until it is closed or void; `can_verify`: there is a file to download."""

    code: str
    title: str
    kind: str
    organiser: str
    stage: str
    is_roster: bool
    from_on: date
    until: date
    minimum: int
    opening_hash: str
    opening: dict[str, Any]
    groups: tuple[GroupCount, ...]
    keys: tuple[KeyLine, ...]
    more_keys: int
    witnesses: tuple[WitnessLine, ...]
    turnout: Turnout
    days: tuple[Fetched, ...]
    bursts: tuple[Burst, ...]
    statement: dict[str, Any]
    voided: tuple[dict[str, str], ...]
    missing: tuple[str, ...]
    void_reason: str

    @property
    def is_weighed(self) -> bool:
        """Whether groups have weights."""
        return any(group.weight for group in self.groups)

    @property
    def signed(self) -> int:
        """How many witnesses signed, with signatures that fit."""
        return sum(one.fits for one in self.witnesses)

    @property
    def tokens_each(self) -> int:
        """How many tokens a voter gets at most: one for each subject where each ballot judges one."""
        return int(self.opening.get("roster", {}).get("tokens_each", 0))

    @property
    def panel(self) -> dict[str, Any]:
        """How the panel was drawn; empty without one."""
        return dict(self.opening.get("panel") or {})


@dataclass(frozen=True, slots=True)
class Receipts:
    """Some of the sealed receipts, sorted: (code as the voter reads it, whole leaf); `following` is where the next lot begins."""

    rows: tuple[tuple[str, str], ...]
    following: str
    is_first: bool


def board_brief(round_: Round, *, now: Any) -> BoardBrief:
    """The board of a round that was published; eleven queries at most, however many ballots there are."""
    opening = round_.opening or {}
    keys = opening.get("keys", [])
    titles = {group["id"]: group["title"] for group in opening.get("roster", {}).get("groups", [])}
    return BoardBrief(
        code=round_.code,
        title=round_.title,
        kind=str(Round.Kind(round_.kind).label),
        organiser=round_.organiser.name,
        stage=queries.stage_of(round_, now),
        is_roster=round_.access == Round.Access.ROSTER,
        from_on=local_date(round_.opens_at),
        until=last_day(round_),
        minimum=round_.minimum,
        opening_hash=round_.opening_hash,
        opening=opening,
        groups=tuple(_groups(round_, opening)),
        keys=tuple(KeyLine(key["id"], titles.get(key["group"], ""), key["subject"]) for key in keys[:MOST_KEYS]),
        more_keys=max(0, len(keys) - MOST_KEYS),
        witnesses=tuple(_witnesses(round_)),
        turnout=publication.turnout(round_),
        days=tuple(_fetched(round_)),
        bursts=bursts_of(round_),
        statement=dict(round_.statement or {}),
        voided=tuple(publication.voided_of(round_)) if round_.statement else (),
        missing=tuple(_missing(round_)),
        void_reason=round_.void_reason,
    )


def bursts_of(round_: Round) -> tuple[Burst, ...]:
    """The bursts of a round by day, for both sides: the organiser's desk and the public; one query.

    A burst that is still going on is told when its ten minutes are over.
    """
    rows = Pulse.objects.filter(subject__round=round_, is_burst=True)
    rows = rows.select_related("subject__organisation", "subject__commitment").order_by("on", "subject", "-count")
    return tuple(Burst(subject_title(row.subject), row.on, row.count) for row in rows)


def receipts_from(round_: Round, after: str) -> Receipts:
    """The next receipts after a leaf (hex; "" for the first); one query on the index, wherever in a million."""
    ballots = Ballot.objects.filter(round=round_, receipt__gt=after).order_by("receipt")
    leaves = list(ballots.values_list("receipt", flat=True)[: ON_A_PAGE + 1])
    following = leaves[ON_A_PAGE - 1] if len(leaves) > ON_A_PAGE else ""
    return Receipts(tuple((receipt_code(leaf), leaf) for leaf in leaves[:ON_A_PAGE]), following, not after)


def _groups(round_: Round, opening: dict[str, Any]) -> list[GroupCount]:
    weighed = any(group.get("weight") for group in round_.groups)
    return [
        GroupCount(one["title"], one["count"], half_up(Fraction(one["weight"], 10), 1) if weighed else None)
        for one in opening.get("roster", {}).get("groups", [])
    ]


def _witnesses(round_: Round) -> list[WitnessLine]:
    signed = {one["witness"]: one for one in signatures_of(round_)}
    return [
        WitnessLine(
            place=place,
            name=one["name"],
            role=one["role"],
            algorithm=one["algorithm"],
            public_key=one["public_key"],
            signed_on=date.fromisoformat(str(signed[place]["signed_on"])) if place in signed else None,
            signature=str(signed[place]["signature"]) if place in signed else "",
            fits=place in signed and _fits(round_, one, str(signed[place]["signature"])),
        )
        for place, one in enumerate(round_.witnesses)
    ]


def _fits(round_: Round, witness: dict[str, str], signature: str) -> bool:
    if round_.statement is None:
        return False
    try:
        told = signed_bytes(round_.statement)
        signing.verify(witness["public_key"], told, signature, algorithm=witness["algorithm"])
    except (signing.BadSignature, signing.UnknownAlgorithm):
        return False
    return True


def _fetched(round_: Round) -> list[Fetched]:
    lines = RosterLine.objects.filter(round=round_, fetched_on__isnull=False)
    by_day = lines.values("fetched_on").annotate(count=Count("pk")).order_by("fetched_on")
    return [Fetched(on, count) for on, count in by_day.values_list("fetched_on", "count") if on]


def _missing(round_: Round) -> list[str]:
    """Acknowledged receipts that are gone; while a round runs they are looked for every ten minutes at most, as that opens
    every envelope.
    """
    if round_.statement is not None:
        return publication.missing_receipts(round_)
    place = f"missing-receipts-{round_.code}"
    found: list[str] | None = cache.get(place)
    if found is None:
        found = publication.missing_receipts(round_)
        cache.set(place, found, LOOKED_FOR)
    return found
