"""点评: a leader says what he thinks of an organisation or a promise, under his name and on record (texts 001 and 003).

A remark is never edited: it is withdrawn with a reason, and both stay to be read.
"""

from datetime import date, datetime

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel.errors import QuxinError
from quxin.kernel.identifiers import find_personal_numbers
from quxin.ledger.operations import audit
from quxin.orgs.models import Organisation
from quxin.records.evaluations.errors import PersonalNumbers
from quxin.records.evaluations.models import Remark
from quxin.records.evaluations.operations import Promise
from quxin.records.evaluations.questionnaire import tidy

MOST_WORDS = 1000


class NothingSaid(QuxinError):
    """A remark, or the reason for withdrawing one, without words."""

    default_message = "还没有写内容。"
    default_hint = "请写清楚好在哪里、差在哪里、怎么改，署名后即成记录。"


class TooLong(QuxinError):
    """More words than a remark holds."""

    default_message = "点评最多 %(most)s 字，现在是 %(count)s 字。"
    default_hint = "请写短一些；已经写的还在。"


class Withdrawn(QuxinError):
    """The remark was withdrawn already."""

    default_message = "这条点评已经撤回。"


class NotYours(QuxinError):
    """Only who said it takes it back."""

    default_message = "只有点评人本人可以撤回点评。"


def remark(
    *,
    actor: Actor,
    organisation: Organisation,
    commitment: Promise | None = None,
    words: str,
    today: date,
    now: datetime,
) -> Remark:
    """Put a signed remark on record. Raises NothingSaid, TooLong, PersonalNumbers, Refused."""
    require(actor, Action.COMMENT, organisation.path)
    if actor.account is None:
        raise NotYours
    said = _checked(words)
    with transaction.atomic():
        made = Remark.objects.create(
            organisation=organisation,
            commitment_id=commitment.pk if commitment is not None else None,
            words=said,
            said_on=today,
            said_by=actor.account,
            speaker=actor.name,
        )
        audit("remark.make", f"remark:{made.pk}", actor=actor.account, now=now, path=organisation.path)
    return made


def withdraw_remark(*, actor: Actor, remark: Remark, reason: str, today: date, now: datetime) -> None:
    """Take one's own remark back, with a reason that stays beside it. Raises NotYours, Withdrawn, NothingSaid."""
    if actor.account is None or remark.said_by != actor.account:
        raise NotYours
    why = _checked(reason)[:300]
    with transaction.atomic():
        changed = Remark.objects.filter(pk=remark.pk, withdrawn_on=None).update(
            withdrawn_on=today, withdrawn_reason=why
        )
        if not changed:
            raise Withdrawn
        audit("remark.withdraw", f"remark:{remark.pk}", actor=actor.account, now=now, path=remark.organisation.path)


def _checked(words: str) -> str:
    said = tidy(words)
    if not said:
        raise NothingSaid
    if len(said) > MOST_WORDS:
        raise TooLong(most=MOST_WORDS, count=len(said))
    if find_personal_numbers(said):
        raise PersonalNumbers
    return said
