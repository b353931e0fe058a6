"""Open a round, cast a ballot, close, void.

A ballot is cast from no session: it holds no user, no address and no time finer than the day. Nobody has a write path to
a ballot that was cast (triggers), and closing appends aggregates only, and only above the minimum count.
"""

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from quxin.access import Action, Actor, require
from quxin.kernel.errors import QuxinError
from quxin.kernel.hashes import merkle_root
from quxin.kernel.identifiers import find_personal_numbers
from quxin.kernel.scaled import scale
from quxin.ledger.operations import Entry, append, audit
from quxin.orgs.models import Organisation
from quxin.records.campaigns.models import Campaign
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.querysets import PUBLIC_STATES
from quxin.records.evaluations.facts import GRADE
from quxin.records.evaluations.models import Ballot, DailyKey, Grade, Limit, Round, RoundSubject

# A phone votes once on a subject in a day; a household, a hall or an office behind one address may vote often.
DEVICE_LIMIT = 1
ADDRESS_LIMIT = 60
MOST_WORDS = 500


class NothingToJudge(QuxinError):
    """A round without subjects."""

    default_message = "还没有选定评议对象。"
    default_hint = "请至少选一项已公开的承诺，或一个单位。"


class NotPublic(QuxinError):
    """A promise that the public cannot read cannot be judged by it."""

    default_message = "“%(text)s”还没有公开，群众无从评议。"
    default_hint = "先审核公布，再列入评议。"


class BadDates(QuxinError):
    """A round that ends before it begins."""

    default_message = "结束时间必须晚于开始时间。"


class NotOpen(QuxinError):
    """The round has not begun, or is over."""

    default_message = "这轮评议现在不接受投票。"
    default_hint = "请看页面上的起止时间；已经封存的轮次不能再投。"


class NoSuchGrade(QuxinError):
    """A grade outside the scale."""

    default_message = "请在五个等级里选一个。"


class TooManyWords(QuxinError):
    """Words over the limit."""

    default_message = "意见最多 %(most)s 字，现在是 %(count)s 字。"
    default_hint = "请删短一些；您选的等级和写的话都还在。"


class PersonalNumbers(QuxinError):
    """Words that hold a phone or identity number."""

    default_message = "意见里好像有电话号码或身份证号。"
    default_hint = "为保护您的隐私请删去再提交；想让人联系您，请走投诉举报渠道。"


class AlreadyVoted(QuxinError):
    """This device has judged this subject today."""

    default_message = "这台设备今天已经评过这一项。"
    default_hint = "谢谢您。明天可以再评；刚才的一票没有重复计入。"


class TooManyFromHere(QuxinError):
    """Very many ballots from one address."""

    default_message = "同一网络今天提交得太多，暂时不能再投。"
    default_hint = "请换用手机流量，或明天再试。"


class NotOverYet(QuxinError):
    """Closing before the announced end would steer the result."""

    default_message = "公布的结束时间 %(closes_at)s 还没有到，不能提前封存。"
    default_hint = "提前结束会影响结果；如果确实办错了，请公开作废并写明理由。"


class AlreadyClosed(QuxinError):
    """The round is closed or void."""

    default_message = "这轮评议已经结束。"


class ReasonMissing(QuxinError):
    """Voiding needs a reason that the public reads."""

    default_message = "作废必须写明理由，理由会公开。"


@dataclass(frozen=True, slots=True)
class Vote:
    """What comes from the page. `submission` is the form's own random value: sending it twice is one ballot."""

    subject_code: str
    grade: int
    words: str
    submission: str
    device: str
    address: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the voter keeps. It proves that the ballot is there, not what it says."""

    code: str
    round_code: str
    subject_code: str


def open_round(
    *,
    actor: Actor,
    organiser: Organisation,
    title: str,
    commitments: Iterable[Commitment] = (),
    organisations: Iterable[Organisation] = (),
    opens_at: datetime,
    closes_at: datetime,
    now: datetime,
    minimum: int = 5,
    asks_words: bool = True,
    question: str = "",
    campaign: Campaign | None = None,
) -> Round:
    """Open a round on published promises and on organisations within the organiser's subtree.

    Raises NothingToJudge, NotPublic, BadDates, Refused.
    """
    promises, judged = list(commitments), list(organisations)
    require(actor, Action.OPEN_ROUND, organiser.path)
    for organisation in [*judged, *(promise.organisation for promise in promises)]:
        require(actor, Action.OPEN_ROUND, organisation.path)
    if not promises and not judged:
        raise NothingToJudge
    for promise in promises:
        if promise.state not in PUBLIC_STATES:
            raise NotPublic(text=promise.text)
    if closes_at <= opens_at:
        raise BadDates
    with transaction.atomic():
        round_ = Round.objects.create(
            organiser=organiser,
            campaign=campaign,
            title=title,
            question=question,
            minimum=minimum,
            asks_words=asks_words,
            opens_at=opens_at,
            closes_at=closes_at,
            state=Round.State.OPEN,
            made_at=now,
            made_by=actor.account,
        )
        RoundSubject.objects.bulk_create(
            [RoundSubject(round=round_, organisation=promise.organisation, commitment=promise) for promise in promises]
            + [RoundSubject(round=round_, organisation=organisation) for organisation in judged]
        )
        audit("round.open", f"round:{round_.pk}", actor=actor.account, now=now, path=organiser.path)
    return round_


def cast_ballot(*, vote: Vote, now: datetime, today: date) -> Receipt:
    """Take one ballot. Acknowledged means stored; sending the same form again gives the same receipt.

    Raises NotOpen, NoSuchGrade, TooManyWords, PersonalNumbers, AlreadyVoted, TooManyFromHere.
    """
    subject = RoundSubject.objects.select_related("round").filter(code=vote.subject_code).first()
    if subject is None or not is_open(subject.round, now):
        raise NotOpen
    words = _checked_words(vote, subject.round)
    receipt = receipt_code(vote.submission)
    submission = hashlib.sha256(vote.submission.encode()).hexdigest()
    if not Ballot.objects.filter(submission=submission).exists():
        try:
            with transaction.atomic():
                _count(subject, vote, today)
                Ballot.objects.create(
                    subject=subject,
                    grade=vote.grade,
                    words=words,
                    cast_on=today,
                    receipt=receipt_hash(receipt),
                    submission=submission,
                )
        except IntegrityError:
            # The same form arrived twice at once; the other one is stored, and its count stands for both.
            if not Ballot.objects.filter(submission=submission).exists():
                raise
    return Receipt(receipt, subject.round.code, subject.code)


def close_round(*, actor: Actor, round_: Round, now: datetime, today: date) -> None:
    """Close a round after its announced end: seal the receipts, append aggregates above the minimum, forget the marks.

    Raises NotOverYet, AlreadyClosed, Refused.
    """
    require(actor, Action.CLOSE_ROUND, round_.organiser.path)
    if now < round_.closes_at:
        raise NotOverYet(closes_at=round_.closes_at)
    with transaction.atomic():
        receipts = sorted(Ballot.objects.filter(subject__round=round_).values_list("receipt", flat=True))
        closed = Round.objects.filter(pk=round_.pk, state=Round.State.OPEN).update(
            state=Round.State.CLOSED,
            closed_at=now,
            closed_by=actor.account,
            receipts_root=merkle_root([bytes.fromhex(receipt) for receipt in receipts]),
        )
        if not closed:
            raise AlreadyClosed
        append(_aggregates(round_, today), actor=actor.account, now=now)
        Limit.objects.filter(subject__round=round_).delete()
        audit("round.close", f"round:{round_.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def void_round(*, actor: Actor, round_: Round, reason: str, now: datetime) -> None:
    """Void an open round in public, with a reason; its ballots are never counted. Raises ReasonMissing, AlreadyClosed."""
    require(actor, Action.CLOSE_ROUND, round_.organiser.path)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        voided = Round.objects.filter(pk=round_.pk, state__in=[Round.State.DRAFT, Round.State.OPEN]).update(
            state=Round.State.VOID, void_reason=reason.strip(), closed_at=now, closed_by=actor.account
        )
        if not voided:
            raise AlreadyClosed
        audit("round.void", f"round:{round_.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def forget_old_marks(*, today: date) -> int:
    """Throw away the keys and marks of days gone by; how many marks there were."""
    DailyKey.objects.filter(on__lt=today).delete()
    return Limit.objects.filter(on__lt=today).delete()[0]


def is_open(round_: Round, now: datetime) -> bool:
    """Whether a round takes ballots at `now`."""
    return round_.state == Round.State.OPEN and round_.opens_at <= now < round_.closes_at


def receipt_code(submission: str) -> str:
    """The voter's receipt, from the form's random value, so that a retry gives the same one; 16 characters in fours."""
    raw = hashlib.sha256(b"quxin receipt\x00" + submission.encode()).hexdigest()[:16].upper()
    return "-".join(raw[i : i + 4] for i in range(0, 16, 4))


def receipt_hash(code: str) -> str:
    """What is stored and sealed of a receipt."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _checked_words(vote: Vote, round_: Round) -> str:
    if vote.grade not in Grade.values:
        raise NoSuchGrade
    words = vote.words.strip() if round_.asks_words else ""
    if len(words) > MOST_WORDS:
        raise TooManyWords(most=MOST_WORDS, count=len(words))
    if find_personal_numbers(words):
        raise PersonalNumbers
    return words


def _count(subject: RoundSubject, vote: Vote, today: date) -> None:
    """Count this device and this address under today's key; neither is stored in clear."""
    key = _key_of(today)
    limits = (("device", vote.device, DEVICE_LIMIT, AlreadyVoted), ("address", vote.address, ADDRESS_LIMIT, TooManyFromHere))
    for kind, value, limit, error in limits:
        mark = hmac.new(key, f"{kind}\x00{subject.pk}\x00{value}".encode(), hashlib.sha256).hexdigest()
        row, _ = Limit.objects.select_for_update().get_or_create(subject=subject, kind=kind, mark=mark, on=today)
        if row.count >= limit:
            raise error
        Limit.objects.filter(pk=row.pk).update(count=F("count") + 1)


def _key_of(today: date) -> bytes:
    row, made = DailyKey.objects.get_or_create(on=today, defaults={"key": secrets.token_bytes(32)})
    if made:
        forget_old_marks(today=today)
    return bytes(row.key)


def _aggregates(round_: Round, today: date) -> list[Entry]:
    """A fact for each grade of each subject that reached the minimum, all grades, so that a share can be reckoned."""
    entries = []
    for subject in round_.subjects.select_related("organisation", "commitment"):
        counts = Counter(subject.ballots.values_list("grade", flat=True))
        if sum(counts.values()) < round_.minimum:
            continue
        judged = f"commitment:{subject.commitment_id}" if subject.commitment_id else f"organisation:{subject.organisation_id}"
        for grade, count in sorted(counts.items()):
            entries.append(
                Entry(
                    GRADE.id,
                    subject.organisation_id,
                    subject.organisation.path,
                    judged,
                    today,
                    quantity=scale(count),
                    label=f"{round_.code}/{grade}",
                    campaign=round_.campaign.key if round_.campaign else "",
                )
            )
    return entries
