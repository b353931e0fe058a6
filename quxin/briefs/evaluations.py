"""What pages say of evaluations: a result, a round, a promise's record of judgements. Suppression is decided before it comes here.

Not for ballots: nothing here can tell who voted, when, or what words went with which grade.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from quxin.briefs.figures import figure_address
from quxin.briefs.round_results import FIVE, MEASURE, Term, is_for_the_public
from quxin.kernel.clock import local_date
from quxin.kernel.periods import Period
from quxin.records.evaluations import queries
from quxin.records.evaluations.models import Round, RoundSubject
from quxin.records.evaluations.reckoning import TOO_FEW, UNANIMITY_FLOOR, UNANIMOUS
from quxin.records.evaluations.rules import last_day, subject_text
from quxin.records.evaluations.suppression import REASONS as HIDDEN

#: Why the public sees nothing of a round among members.
INSIDE = "inside"
# The lamp beside each grade, on scales of five (the last two are 差评) and of four.
LAMPS = {5: FIVE, 4: {4: "kept", 3: "kept", 2: "going", 1: "late"}}


@dataclass(frozen=True, slots=True)
class Voice:
    """One grade as the component <c-voices> takes it; `title` has both languages."""

    grade: int
    title: Term
    count: int
    share: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class Result:
    """One judged thing in one round.

    `ballots` is None under the minimum. `voices` and `satisfied` (per cent) are there only when the result may be shown;
    `hidden` says why not: a reason of `suppression`, "open", "void", "ungraded", or "inside" (told to the organisation only).
    `address` is the ballots' workings, relative to a face.
    """

    subject_code: str
    round_code: str
    round_title: str
    title: str
    is_promise: bool
    promise_code: str
    organisation: str
    organisation_code: str
    on: date
    minimum: int
    ballots: int | None
    satisfied: Decimal | None
    voices: tuple[Voice, ...]
    hidden: str
    address: str
    words: tuple[str, ...] = ()

    @property
    def under(self) -> int:
        """The minimum when too few have voted to show anything, else 0 (as <c-voices under=…> takes it)."""
        return self.minimum if self.hidden == TOO_FEW else 0

    @property
    def reason(self) -> str:
        """Why nothing is shown, in words (a msgid); empty where there is a result, or nothing more to say."""
        return HIDDEN.get(self.hidden, "")

    @property
    def is_unanimous(self) -> bool:
        """Whether it is hidden because all of a small group chose alike."""
        return self.hidden == UNANIMOUS

    @property
    def floor(self) -> int:
        """How small a group is for that rule."""
        return UNANIMITY_FLOOR

    @property
    def public_href(self) -> str:
        """The ballots' workings in public."""
        return f"/{self.address}"

    @property
    def desk_href(self) -> str:
        """The ballots' workings for staff."""
        return f"/desk/{self.address}"


@dataclass(frozen=True, slots=True)
class OpenNow:
    """A round in which the thing can be judged now: where to, and until (and including) which day."""

    subject_code: str
    round_code: str
    round_title: str
    until: date
    ballots: int | None
    minimum: int


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """How a promise or an organisation was judged: the latest closed round, the earlier ones, and what is open now."""

    latest: Result | None
    history: tuple[Result, ...]
    open_now: tuple[OpenNow, ...]


@dataclass(frozen=True, slots=True)
class RoundBrief:
    """A round for its page. `stage`: draft, soon, open, over, closed, void; `root` is the sealed receipts' root in hex."""

    code: str
    title: str
    question: str
    organiser: str
    organiser_code: str
    path: str
    campaign: str
    stage: str
    from_on: date
    until: date
    closed_at: datetime | None
    minimum: int
    asks_words: bool
    void_reason: str
    root: str
    results: tuple[Result, ...] = field(default=())


def evaluation_of(judged: str, *, now: datetime, with_words: bool = True) -> EvaluationResult:
    """How "commitment:12" or "organisation:5" was judged, with the words of the latest round; three queries at most."""
    rows = queries.history_of(judged)
    closed = [row for row in rows if row.round.state == Round.State.CLOSED]
    words = queries.words_of(closed[:1]) if with_words and closed else {}
    history = tuple(_result(row, tuple(words.get(row.subject.pk, ()))) for row in closed)
    still_open = tuple(
        OpenNow(row.subject.code, row.round.code, row.round.title, row.on, row.ballots, row.round.minimum)
        for row in rows
        if queries.stage_of(row.round, now) == "open"
    )
    return EvaluationResult(history[0] if history else None, history[1:], still_open)


def round_brief(round_: Round, *, now: datetime, inside: bool = False, with_results: bool = True) -> RoundBrief:
    """A round with what may be shown of each of its subjects, and their words once it is closed; six queries at most, none
    without results.

    Of rounds among members, which are told inside the organisation only, nothing is shown but to a reader `inside`.
    """
    rows = queries.results_of(round_) if with_results else []
    if not inside and not is_for_the_public(round_):
        rows = [replace(row, tally=None, hidden=INSIDE) for row in rows]
    words = queries.words_of(rows)
    return RoundBrief(
        code=round_.code,
        title=round_.title,
        question=round_.question,
        organiser=round_.organiser.name,
        organiser_code=round_.organiser.code,
        path=round_.organiser.path,
        campaign=round_.campaign.title if round_.campaign else "",
        stage=queries.stage_of(round_, now),
        from_on=local_date(round_.opens_at),
        until=last_day(round_),
        closed_at=round_.closed_at,
        minimum=round_.minimum,
        asks_words=round_.asks_words,
        void_reason=round_.void_reason,
        root=bytes(round_.receipts_root).hex() if round_.receipts_root is not None else "",
        results=tuple(_result(row, tuple(words.get(row.subject.pk, ()))) for row in rows),
    )


def subject_title(subject: RoundSubject) -> str:
    """What is judged, in its own words: the promise's text or the organisation's name. A member stays without name here:
    this is what the public reads.
    """
    return subject.commitment.text if subject.commitment else subject.organisation.name


def _result(row: queries.SubjectResult, words: tuple[str, ...]) -> Result:
    subject, round_ = row.subject, row.round
    return Result(
        subject_code=subject.code,
        round_code=round_.code,
        round_title=round_.title,
        title=subject_title(subject),
        is_promise=subject.commitment_id is not None,
        promise_code=subject.commitment.code if subject.commitment else "",
        organisation=subject.organisation.name,
        organisation_code=subject.organisation.code,
        on=row.on,
        minimum=round_.minimum,
        ballots=row.ballots,
        satisfied=row.tally.satisfied if row.tally else None,
        voices=tuple(
            Voice(one.grade, _title(row, one.grade), one.count, one.share, _lamp(row, one.grade))
            for one in (row.tally.grades if row.tally else ())
        ),
        hidden=row.hidden,
        address=figure_address(MEASURE, subject.organisation.code, Period(row.on, row.on)),
        words=words,
    )


def _title(row: queries.SubjectResult, grade: int) -> Term:
    words = row.titles[grade]
    return Term(words.get("zh", ""), words.get("en", ""))


def _lamp(row: queries.SubjectResult, grade: int) -> str:
    return LAMPS.get(len(row.titles), {}).get(grade, "going")


__all__ = [
    "EvaluationResult",
    "OpenNow",
    "Result",
    "RoundBrief",
    "Voice",
    "evaluation_of",
    "round_brief",
    "subject_text",
    "subject_title",
]
