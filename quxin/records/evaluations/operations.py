"""Open a round, cast a ballot, close, void.

A ballot is cast from no session: it holds no user, no address and no time finer than the day. Nobody has a write path to
a ballot that was cast (triggers), and closing appends aggregates only, and only what may be shown: what must stay hidden
never enters the ledger, so no sum over it and no difference of sums can bring it out.

Locks: ballots, closing and voiding hold the row of the round. So a ballot is either counted or told that the round is over,
and the limiter counts one at a time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel.identifiers import find_personal_numbers
from quxin.ledger.operations import audit
from quxin.orgs.models import Organisation
from quxin.records.campaigns.models import Campaign
from quxin.records.evaluations.board import ballot_leaf, receipt_code
from quxin.records.evaluations.casting import Slip, store
from quxin.records.evaluations.errors import (
    BadDates,
    BadForm,
    BadMinimum,
    NoSuchGrade,
    NothingToJudge,
    NotOpen,
    NotPublic,
    PersonalNumbers,
    TooManyWords,
)
from quxin.records.evaluations.limits import claims_of
from quxin.records.evaluations.models import Grade, Round, RoundSubject
from quxin.records.evaluations.opening import freeze
from quxin.records.evaluations.questionnaire import check_sheet, tidy
from quxin.records.evaluations.reckoning import HIGHEST_MINIMUM, LOWEST_MINIMUM
from quxin.records.evaluations.rules import form_mark, form_nonce
from quxin.records.evaluations.simple import OVERALL, WORDS, questionnaire_of, simple_snapshot
from quxin.records.evaluations.urn import Paper

MOST_WORDS = 500
_SUBMISSION = re.compile(r"[0-9a-z]{24,64}")


@dataclass(frozen=True, slots=True)
class Vote:
    """What comes from the page. `submission` is the form's own random value: sending it twice is one ballot. `worked`: the page
    solved the proof of work of this very form (the face checks it); nothing of it is stored.
    """

    subject_code: str
    grade: int
    words: str
    submission: str
    device: str
    address: str
    worked: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the voter keeps. It proves that the ballot is there, not what it says.

    `repeated`: the form had come before, and what came first stands.
    """

    code: str
    round_code: str
    subject_code: str
    repeated: bool = field(default=False, compare=False)


class Promise(Protocol):
    """What a round needs to know of a promise: whose it is, what it says, and its table's `public()`."""

    pk: Any
    text: Any
    organisation: Any
    objects: Any


def open_round(
    *,
    actor: Actor,
    organiser: Organisation,
    title: str,
    commitments: Iterable[Promise] = (),
    organisations: Iterable[Organisation] = (),
    opens_at: datetime,
    closes_at: datetime,
    now: datetime,
    minimum: int = 5,
    asks_words: bool = True,
    question: str = "",
    campaign: Campaign | None = None,
) -> Round:
    """Open a round on published promises and on organisations within the actor's scope; naming one twice is once.

    `closes_at` is the first moment that takes no ballot. Raises NothingToJudge, NotPublic, BadDates, BadMinimum, Refused.
    """
    promises = list({promise.pk: promise for promise in commitments}.values())
    judged = list({organisation.pk: organisation for organisation in organisations}.values())
    require(actor, Action.OPEN_ROUND, organiser.path)
    for organisation in [*judged, *(promise.organisation for promise in promises)]:
        require(actor, Action.OPEN_ROUND, organisation.path)
    if not promises and not judged:
        raise NothingToJudge
    if closes_at <= opens_at or closes_at <= now:
        raise BadDates
    if not LOWEST_MINIMUM <= minimum <= HIGHEST_MINIMUM:
        raise BadMinimum(low=LOWEST_MINIMUM, high=HIGHEST_MINIMUM, minimum=minimum)
    with transaction.atomic():
        require_public(promises)
        round_ = Round.objects.create(
            organiser=organiser,
            campaign=campaign,
            title=title,
            question=question,
            minimum=minimum,
            asks_words=asks_words,
            questionnaire=simple_snapshot(question, asks_words=asks_words),
            opens_at=opens_at,
            closes_at=closes_at,
            state=Round.State.OPEN,
            made_at=now,
            made_by=actor.account,
        )
        RoundSubject.objects.bulk_create(
            [
                RoundSubject(round=round_, organisation=promise.organisation, commitment_id=promise.pk)
                for promise in promises
            ]
            + [RoundSubject(round=round_, organisation=organisation) for organisation in judged]
        )
        freeze(round_)
        round_.save(update_fields=["opening", "opening_hash"])
        audit("round.open", f"round:{round_.pk}", actor=actor.account, now=now, path=organiser.path)
    return round_


def cast_ballot(*, actor: Actor, vote: Vote, now: datetime, today: date) -> Receipt:
    """Take one ballot of an open round. Acknowledged means stored; sending the same form again, even after the end, gives the
    same receipt.

    `actor` is asked about and never stored: whoever organises, or writes for the judged, is refused. Raises NotOpen,
    BadForm, FormUsed, NoSuchGrade, TooManyWords, PersonalNumbers, AlreadyVoted, TooManyFromHere, TooManyPlain, Refused.
    """
    subjects = RoundSubject.objects.select_related("organisation", "round")
    subject = subjects.filter(code=vote.subject_code).first()
    if subject is None or subject.round.access != Round.Access.OPEN:
        raise NotOpen
    path = subject.organisation.path
    require(actor, Action.CAST_BALLOT, path, judged=[path])
    if not _SUBMISSION.fullmatch(vote.submission):
        raise BadForm
    answers, nonce = _checked_answers(vote, subject.round), form_nonce(vote.submission)
    leaf = ballot_leaf(round_code=subject.round.code, subject=subject.code, answers=answers, nonce=nonce)
    slip = Slip(
        round=subject.round_id,
        paper=Paper(subject.pk, "", answers, nonce, today, leaf),
        mark=form_mark(subject.code, vote.submission),
        now=now,
        claims=claims_of(subject.pk, vote.device, vote.address, today, worked=vote.worked),
    )
    repeated = store(slip)
    return Receipt(receipt_code(leaf), subject.round.code, subject.code, repeated)


def require_public(promises: list[Promise]) -> None:
    """What the public cannot read cannot be judged by it; asked of the table, since the caller's copy may be stale."""
    if not promises:
        return
    table = type(promises[0]).objects
    public = set(table.public().filter(pk__in=[p.pk for p in promises]).values_list("pk", flat=True))
    for promise in promises:
        if promise.pk not in public:
            raise NotPublic(text=promise.text)


def _checked_answers(vote: Vote, round_: Round) -> dict[str, Any]:
    """The answers of the one-question form as they are stored."""
    if vote.grade not in Grade.values:
        raise NoSuchGrade
    words = tidy(vote.words) if round_.asks_words else ""
    if len(words) > MOST_WORDS:
        raise TooManyWords(most=MOST_WORDS, count=len(words))
    if find_personal_numbers(words):
        raise PersonalNumbers
    return check_sheet(questionnaire_of(round_), {OVERALL: vote.grade} | ({WORDS: words} if words else {}))
