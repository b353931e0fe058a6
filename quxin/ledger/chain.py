"""How a fact is hashed. The encoding is part of the published format: change it only with a new algorithm name."""

from datetime import UTC

from quxin.kernel.hashes import canonical
from quxin.ledger.models import Fact


def fact_bytes(book_key: str, fact: Fact) -> bytes:
    """The canonical bytes of a fact, everything but its hash; equal for equal facts on every engine."""
    return canonical(
        (
            book_key,
            fact.seq,
            fact.kind,
            fact.label,
            fact.unit,
            fact.path,
            fact.subject,
            fact.on,
            fact.quantity,
            fact.sign,
            fact.campaign,
            fact.person,
            fact.actor,
            fact.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            fact.reverses,
        )
    )
