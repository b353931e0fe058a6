"""Open a round, cast a ballot, close, void.

A ballot is cast from no session: it holds no user, no address and no time finer than the day. Nobody has a write path to
a ballot that was cast (triggers), and closing appends aggregates only, and only what may be shown: what must stay hidden
never enters the ledger, so no sum over it and no difference of sums can bring it out.

Locks: a ballot holds the row of its subject while it is counted and stored; closing holds the round and all its subjects.
So a ballot is either counted or told that the round is over, and the limiter counts one at a time. Always round first,
subjects in the order of their keys.
"""

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Count, F

from quxin.access import Action, Actor, require
from quxin.kernel.clock import TZ
from quxin.kernel.errors import QuxinError
from quxin.kernel.hashes import merkle_root
from quxin.kernel.identifiers import find_personal_numbers
from quxin.kernel.scaled import scale
from quxin.ledger.operations import Entry, append, audit
from quxin.orgs.models import Organisation
from quxin.records.campaigns.models import Campaign
from quxin.records.evaluations.facts import GRADE
from quxin.records.evaluations.models import Ballot, DailyKey, Grade, Limit, Round, RoundSubject
from quxin.records.evaluations.reckoning import HIGHEST_MINIMUM, LOWEST_MINIMUM, hidden_because
from quxin.records.evaluations.rules import is_open, last_day, network_of, receipt_code, receipt_hash, subject_text

# A phone votes once on a subject in a day; a household, a hall or an office behind one address may vote often.
DEVICE_LIMIT = 1
ADDRESS_LIMIT = 60
MOST_WORDS = 500
_SUBMISSION = re.compile(r"[0-9a-z]{24,64}")


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

    default_message = "结束时间必须晚于开始时间，并且还没有过去。"
    default_hint = "请把结束日期往后改。"


class BadMinimum(QuxinError):
    """A minimum count that protects nobody, or one so high that no result would ever be shown."""

    default_message = "最少票数应在 %(low)s 到 %(high)s 之间，现在是 %(minimum)s。"
    default_hint = "太低会看出是谁评的，太高会让结果永远不公布；一般用 5。"


class NotOpen(QuxinError):
    """The round has not begun, or is over."""

    default_message = "这轮评议现在不接受投票。"
    default_hint = "请看页面上的起止时间；已经封存的轮次不能再投。"


class NoSuchGrade(QuxinError):
    """A grade outside the scale."""

    default_message = "请在五个等级里选一个。"


class BadForm(QuxinError):
    """A submission without the random value that the page gave it."""

    default_message = "这份表单不完整，没有收下。"
    default_hint = "请重新扫码打开页面，再提交一次。"


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
    default_hint = "先前的一票已经在了，没有重复计入；您手里的回执码随时可以核对。"


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
        _require_public(promises)
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
            [
                RoundSubject(round=round_, organisation=promise.organisation, commitment_id=promise.pk)
                for promise in promises
            ]
            + [RoundSubject(round=round_, organisation=organisation) for organisation in judged]
        )
        audit("round.open", f"round:{round_.pk}", actor=actor.account, now=now, path=organiser.path)
    return round_


def cast_ballot(*, actor: Actor, vote: Vote, now: datetime, today: date) -> Receipt:
    """Take one ballot. Acknowledged means stored; sending the same form again, even after the end, gives the same receipt.

    `actor` is asked about and never stored: whoever organises, or writes for the judged, is refused. Raises NotOpen,
    BadForm, NoSuchGrade, TooManyWords, PersonalNumbers, AlreadyVoted, TooManyFromHere, Refused.
    """
    subject = RoundSubject.objects.select_related("organisation", "round").filter(code=vote.subject_code).first()
    if subject is None:
        raise NotOpen
    path = subject.organisation.path
    require(actor, Action.CAST_BALLOT, path, judged=[path])
    if not _SUBMISSION.fullmatch(vote.submission):
        raise BadForm
    receipt = receipt_code(subject.code, vote.submission)
    submission = hashlib.sha256(f"{subject.code}\x00{vote.submission}".encode()).hexdigest()
    with transaction.atomic():
        # The lock first, the round after it: what was read before waiting may be closed by now.
        RoundSubject.objects.select_for_update(no_key=True).get(pk=subject.pk)
        repeated = Ballot.objects.filter(submission=submission).exists()
        if not repeated:
            round_ = Round.objects.get(pk=subject.round_id)
            if not is_open(round_, now):
                raise NotOpen
            words = _checked_words(vote, round_)
            _count(subject, vote, today)
            Ballot.objects.create(
                subject=subject,
                grade=vote.grade,
                words=words,
                cast_on=today,
                receipt=receipt_hash(receipt),
                submission=submission,
            )
    return Receipt(receipt, subject.round.code, subject.code, repeated)


def close_round(*, actor: Actor, round_: Round, now: datetime) -> None:
    """Close a round after its announced end: seal the receipts, append what may be shown, forget the marks.

    Raises NotOverYet, AlreadyClosed, Refused.
    """
    require(actor, Action.CLOSE_ROUND, round_.organiser.path)
    with transaction.atomic():
        held = _hold(round_)
        if held.state != Round.State.OPEN:
            raise AlreadyClosed
        if now < held.closes_at:
            raise NotOverYet(closes_at=f"{held.closes_at.astimezone(TZ):%Y-%m-%d %H:%M}")
        subjects = list(
            RoundSubject.objects.filter(round=held)
            .select_for_update(no_key=True, of=("self",))
            .select_related("organisation")
            .order_by("pk")
        )
        receipts = sorted(Ballot.objects.filter(subject__round=held).values_list("receipt", flat=True))
        Round.objects.filter(pk=held.pk).update(
            state=Round.State.CLOSED,
            closed_at=now,
            closed_by=actor.account,
            receipts_root=merkle_root([bytes.fromhex(receipt) for receipt in receipts]),
        )
        append(_aggregates(held, subjects), actor=actor.account, now=now)
        Limit.objects.filter(subject__round=held).delete()
        audit("round.close", f"round:{held.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def close_due_rounds(*, actor: Actor, now: datetime) -> int:
    """Close every round whose announced end has passed, so that nobody can sit on a result; how many there were."""
    closed = 0
    for round_ in Round.objects.filter(state=Round.State.OPEN, closes_at__lte=now).select_related("organiser"):
        try:
            close_round(actor=actor, round_=round_, now=now)
        except AlreadyClosed:
            continue  # somebody closed it by hand meanwhile
        closed += 1
    return closed


def void_round(*, actor: Actor, round_: Round, reason: str, now: datetime) -> None:
    """Void an open round in public, with a reason; its ballots are never counted. Raises ReasonMissing, AlreadyClosed."""
    require(actor, Action.CLOSE_ROUND, round_.organiser.path)
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    if find_personal_numbers(reason):
        raise PersonalNumbers("作废理由里好像有电话号码或身份证号。", hint="理由会公开，请删去号码再提交。")
    with transaction.atomic():
        held = _hold(round_)
        if held.state not in (Round.State.DRAFT, Round.State.OPEN):
            raise AlreadyClosed
        Round.objects.filter(pk=held.pk).update(
            state=Round.State.VOID, void_reason=reason[:300], closed_at=now, closed_by=actor.account
        )
        Limit.objects.filter(subject__round=held).delete()
        audit("round.void", f"round:{held.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def forget_old_marks(*, today: date) -> int:
    """Throw away the keys and marks of days gone by; how many marks there were."""
    DailyKey.objects.filter(on__lt=today).delete()
    return Limit.objects.filter(on__lt=today).delete()[0]


def _hold(round_: Round) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=round_.pk)


def _require_public(promises: list[Promise]) -> None:
    """What the public cannot read cannot be judged by it; asked of the table, since the caller's copy may be stale."""
    if not promises:
        return
    table = type(promises[0]).objects
    public = set(table.public().filter(pk__in=[p.pk for p in promises]).values_list("pk", flat=True))
    for promise in promises:
        if promise.pk not in public:
            raise NotPublic(text=promise.text)


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
    limits = (
        ("device", vote.device, DEVICE_LIMIT, AlreadyVoted),
        ("address", network_of(vote.address), ADDRESS_LIMIT, TooManyFromHere),
    )
    for kind, value, limit, error in limits:
        if not value:
            continue  # a browser without our mark: were they all one device, the second would be turned away
        mark = hmac.new(key, f"{kind}\x00{subject.pk}\x00{value}".encode(), hashlib.sha256).hexdigest()
        row, _ = Limit.objects.get_or_create(subject=subject, kind=kind, mark=mark, on=today)
        if row.count >= limit:
            raise error
        Limit.objects.filter(pk=row.pk).update(count=F("count") + 1)


def _key_of(today: date) -> bytes:
    row, made = DailyKey.objects.get_or_create(on=today, defaults={"key": secrets.token_bytes(32)})
    if made:
        forget_old_marks(today=today)
    return bytes(row.key)


def _aggregates(round_: Round, subjects: list[RoundSubject]) -> list[Entry]:
    """A fact for each grade given to each subject whose result may be shown, dated the last day of voting."""
    counts: dict[int, Counter[int]] = {subject.pk: Counter() for subject in subjects}
    given = Ballot.objects.filter(subject__round=round_).order_by()
    for subject_id, grade, count in given.values_list("subject_id", "grade").annotate(count=Count("pk")):
        counts[subject_id][grade] = count
    return [
        Entry(
            GRADE.id,
            subject.organisation_id,
            subject.organisation.path,
            subject_text(subject),
            last_day(round_),
            quantity=scale(count),
            label=f"{round_.code}/{grade}",
            campaign=round_.campaign.key if round_.campaign else "",
        )
        for subject in subjects
        if not hidden_because(counts[subject.pk], round_.minimum)
        for grade, count in sorted(counts[subject.pk].items())
    ]
