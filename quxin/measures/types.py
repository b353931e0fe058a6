"""What a reading of the ledger gives: a value (or Missing) with everything needed to say where it comes from.

Must not read the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from quxin.kernel.missing import Missing
from quxin.kernel.periods import Period
from quxin.packs.measure_types import Fold, MeasureSpec

Placement = Literal["then", "now"]
Value = Decimal | date | Missing


@dataclass(frozen=True, slots=True)
class Declared:
    """A measure with its address: `id` is the built-in id, or `<pack>.<id>` for a pack's; `pack` is "" if built in.

    `ratio` holds the two declared parts of a ratio and is empty otherwise.
    """

    id: str
    spec: MeasureSpec
    fold: Fold
    pack: str = ""
    ratio: tuple[Declared, ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """The facts under a value: `gross` were recorded; `net` is that less the reversing ones.

    `corrections` are the reversals that took a fact back on its own day. A state that ended later (a member left) is
    reversed too, yet nobody had been wrong.
    """

    gross: int = 0
    net: int = 0
    corrections: int = 0

    def __add__(self, other: Basis) -> Basis:
        return Basis(self.gross + other.gross, self.net + other.net, self.corrections + other.corrections)


@dataclass(frozen=True, slots=True)
class Measured:
    """One value: of which measure, for which subtree and period, on what basis, as known when (None: now).

    `value` is a Decimal in `unit`, a date (form `first`) or Missing. `parts` are numerator and denominator of a ratio.
    """

    id: str
    spec: MeasureSpec
    value: Value
    unit: str
    basis: Basis
    path: str
    period: Period
    as_of: datetime | None = None
    placement: Placement = "then"
    campaign: str = ""
    parts: tuple[Measured, ...] = ()

    @property
    def corrections(self) -> int:
        """How many of the facts under the value were corrected."""
        return self.basis.corrections
