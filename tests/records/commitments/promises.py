"""Promises that several tests need, made by the product's own operations."""

from datetime import date, datetime, timedelta
from typing import Any

from quxin.access import SYSTEM, Actor, Role
from quxin.kernel.scaled import scale
from quxin.orgs.models import Organisation
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.operations import (
    make_commitment,
    publish_commitment,
    report_commitment_progress,
    submit_commitment,
)
from quxin.records.commitments.rules import Promise
from tests import cast

DUE = cast.TODAY + timedelta(days=40)


def said(**changes: Any) -> Promise:
    """A promise to visit 40 enterprises."""
    fields: dict[str, Any] = {
        "kind": "deed",
        "text": "走访40家小微企业，问题件件有回音",
        "target": scale(40),
        "unit": "家",
        "due_on": DUE,
        "verifier": "省局质量处",
    }
    return Promise(**{**fields, **changes})


def made(organisation: Organisation, *, actor: Actor = SYSTEM, today: date = cast.TODAY, **changes: Any) -> Commitment:
    """A promise that was made and nothing more."""
    extra = {key: changes.pop(key) for key in ("person", "campaign", "row_key") if key in changes}
    return make_commitment(
        actor=actor, organisation=organisation, promise=said(**changes), today=today, now=moment(today), **extra
    )


def published(organisation: Organisation, *, today: date = cast.TODAY, **changes: Any) -> Commitment:
    """A promise that was made, handed in and passed on `today`."""
    commitment = made(organisation, today=today, **changes)
    submit_commitment(actor=SYSTEM, commitment=commitment, now=moment(today))
    publish_commitment(actor=SYSTEM, commitment=commitment, today=today, now=moment(today))
    return commitment


def progress(
    commitment: Commitment, quantity: int, *, on: date = cast.TODAY, today: date | None = None, note: str = ""
):
    """`quantity` more of what was promised."""
    day = today or max(on, cast.TODAY)
    return report_commitment_progress(
        actor=SYSTEM, commitment=commitment, on=on, quantity=scale(quantity), note=note, today=day, now=moment(day)
    )


def moment(day: date) -> datetime:
    """Ten in the morning of `day` in Shanghai."""
    return cast.NOW + (day - cast.TODAY)


def secretary(organisation: Organisation, account: int = 9101) -> Actor:
    """Who records and promises for `organisation`."""
    return cast.actor(Role.SECRETARY, organisation, account=account)


def organiser(organisation: Organisation, account: int = 9102) -> Actor:
    """Who reviews for `organisation` and all below."""
    return cast.actor(Role.ORGANISER, organisation, account=account)
