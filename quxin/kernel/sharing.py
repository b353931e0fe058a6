"""Share a whole number out among many, so that the shares are whole, none is negative, and they sum to it exactly.

Worked examples: docs/reckoning/sharing.md. Must not know what is shared or among whom.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def share_equally(total: int, count: int) -> list[int]:
    """`total` (≥ 0) among `count` (≥ 1): two shares differ by one at most, the larger ones stand first."""
    return share_by(total, [Decimal(1)] * count)


def share_by(total: int, sizes: Sequence[Decimal]) -> list[int]:
    """`total` (≥ 0) in proportion to `sizes` (≥ 0, not all 0), by the method of the largest remainder.

    Each gets the whole part of his exact share; what is left over goes one by one to the largest remainders, of equal ones
    to the first. Raises ValueError for a negative number, and where there is nothing to go by.
    """
    whole = sum((Fraction(size) for size in sizes), Fraction(0))
    if total < 0 or any(size < 0 for size in sizes) or not whole:
        raise ValueError(f"{total} cannot be shared out by {sizes!r}")
    exact = [Fraction(size) * total / whole for size in sizes]
    shares = [int(share) for share in exact]
    order = sorted(range(len(sizes)), key=lambda place: shares[place] - exact[place])
    for place in order[: total - sum(shares)]:
        shares[place] += 1
    return shares
