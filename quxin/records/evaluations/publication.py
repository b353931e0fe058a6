"""The public board of a round, from what is stored: while it runs, how many; once closed, everything that anybody can check."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from quxin.records.evaluations import journal
from quxin.records.evaluations.board import pieces
from quxin.records.evaluations.closing import voided_of
from quxin.records.evaluations.errors import NotClosedYet
from quxin.records.evaluations.models import Ballot, RosterLine, Round, Spent
from quxin.records.evaluations.witnesses import signatures_of


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many may vote, have fetched a token, have voted. `cast` is None while it is under the minimum."""

    roster: int
    issued: int
    cast: int | None
    minimum: int
    by_pool: int = 0
    cancelled: int = 0

    @property
    def unused(self) -> int | None:
        """Tokens that were fetched and not used yet."""
        return None if self.cast is None else self.issued - self.cast

    @property
    def rate(self) -> int | None:
        """Tokens fetched of those on the roster, in per cent; None without a roster."""
        return round(100 * self.issued / self.roster) if self.roster else None


def turnout(round_: Round) -> Turnout:
    """The numbers that anybody may see while a round runs; answers are none of them."""
    lines = RosterLine.objects.filter(round=round_)
    issued = lines.aggregate(total=Sum("tokens"))["total"] or 0
    spent = Spent.objects.filter(round=round_).count()
    each = (round_.opening or {}).get("roster", {}).get("tokens_each", 0)
    return Turnout(
        roster=lines.count() * max(1, each),
        issued=issued if round_.access == Round.Access.ROSTER else spent,
        cast=spent if spent >= round_.minimum or round_.state == Round.State.CLOSED else None,
        minimum=round_.minimum,
        by_pool=lines.filter(way=RosterLine.Way.POOL).count(),
        cancelled=lines.filter(way=RosterLine.Way.CANCELLED).count(),
    )


def board_of(round_: Round) -> Iterator[bytes]:
    """The board file of a closed or void round, piece by piece (docs/reference/board.md). Raises NotClosedYet."""
    if round_.statement is None or round_.opening is None:
        raise NotClosedYet
    return pieces(
        round_part=round_.opening,
        tokens=_tokens(round_),
        receipts=_receipts(round_),
        voided=voided_of(round_),
        results=round_.results or [],
        statement_part=round_.statement,
        signatures=signatures_of(round_),
    )


def missing_receipts(round_: Round) -> list[str]:
    """Receipts that were acknowledged and are no longer there: the database was put back from a backup, or tampered with."""
    if round_.statement is not None:
        return list(round_.statement.get("missing", ()))
    return journal.missing(round_.pk)


def _tokens(round_: Round) -> Iterator[list[str]]:
    if round_.access == Round.Access.OPEN:
        return
    spent = Spent.objects.filter(round=round_).order_by("mark").values_list("key", "message", "signature")
    for key, message, signature in spent.iterator(chunk_size=5000):
        yield [key, bytes(message or b"").hex(), base64.b64encode(bytes(signature or b"")).decode()]


def _receipts(round_: Round) -> Iterator[Any]:
    return Ballot.objects.filter(round=round_).order_by("receipt").values_list("receipt", flat=True).iterator()
