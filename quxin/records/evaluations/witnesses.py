"""Witnesses named before opening sign what closing found, each with a key that only he has."""

import base64
from datetime import date, datetime

from django.db import transaction

from quxin.kernel import signing
from quxin.ledger.operations import audit
from quxin.records.evaluations.board import signed_bytes
from quxin.records.evaluations.errors import NotAWitness, NotClosedYet
from quxin.records.evaluations.models import Round, Signature


def countersign(*, round_: Round, signature: str, now: datetime, today: date) -> int:
    """Take a witness's signature (base64) over the round's closing statement; which witness it is, by its key.

    Nobody need log in: the signature itself says who made it, and it fits or it does not. Signing twice is signing once.
    Raises NotClosedYet, NotAWitness.
    """
    if round_.statement is None:
        raise NotClosedYet
    told = signed_bytes(round_.statement)
    place = next((place for place, one in enumerate(round_.witnesses) if _fits(one, told, signature)), None)
    if place is None:
        raise NotAWitness
    with transaction.atomic():
        _, made = Signature.objects.get_or_create(
            round=round_,
            witness=place,
            defaults={"signature": base64.b64decode(signature), "signed_on": today},
        )
        if made:
            audit("round.countersign", f"round:{round_.pk}", actor=None, now=now, witness=place)
    return place


def signatures_of(round_: Round) -> list[dict[str, object]]:
    """The signatures as the board lists them."""
    rows = Signature.objects.filter(round=round_).order_by("witness")
    return [
        {
            "witness": one.witness,
            "algorithm": round_.witnesses[one.witness]["algorithm"],
            "signature": base64.b64encode(bytes(one.signature)).decode(),
            "signed_on": one.signed_on.isoformat(),
        }
        for one in rows
    ]


def _fits(witness: dict[str, str], told: bytes, signature: str) -> bool:
    try:
        signing.verify(witness["public_key"], told, signature, algorithm=witness["algorithm"])
    except signing.BadSignature:
        return False
    return True
