"""The results of a closed round for a page: what each question found on each subject, group by group, and what people wrote.

Everything comes from `Round.results` as it was published and hashed; nothing is counted here, and what is hidden there stays
hidden here, with its reason in words. Not for ballots, and not for who may read it: rounds among members are for the inside
(`is_for_the_public`), and the face asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quxin.briefs.figures import figure_address
from quxin.kernel.periods import Period
from quxin.records.evaluations.counting import PANEL, ROSTER, SELF_SELECTED, ChoiceId
from quxin.records.evaluations.free_words import REASONS as WORDS_HELD
from quxin.records.evaluations.models import Round, RoundSubject
from quxin.records.evaluations.questionnaire import COMMON, Choice, Question, Questionnaire
from quxin.records.evaluations.results import first_graded
from quxin.records.evaluations.rules import judges_members, last_day
from quxin.records.evaluations.simple import questionnaire_of
from quxin.records.evaluations.suppression import REASONS as HIDDEN
from quxin.records.evaluations.voices import Voices, voices_of
from quxin.records.evaluations.weights import half_up, percent

MEASURE = "evaluations.ballots"
SAMPLES = {
    SELF_SELECTED: "自愿参加的人：只代表来评的人自己",
    ROSTER: "名册里来投票的人",
    PANEL: "随机抽出的样本：可以推断整个名册",
}
"""Sample → who stands behind the figures (msgids). Figures of different samples are never added up."""
SELF = {"satisfied": "kept", "": "going", "unsatisfied": "late"}
FIVE = {5: "kept", 4: "kept", 3: "going", 2: "due", 1: "late"}


@dataclass(frozen=True, slots=True)
class Term:
    """Words in both languages; templates say them with `spoken`."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Share:
    """One choice: how many chose it, and their share of those who answered, in per cent. `state` is the lamp's."""

    id: ChoiceId
    title: Term
    count: int
    share: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group's answers; hidden, it holds nothing but the `reason` (msgid).

    `weight` in per cent as declared, `counted_as` in per cent as used (another when a hidden group's weight went to the
    others), both None where nothing is weighed. `interval` (low, high, in per cent) is a drawn panel's.
    """

    id: str
    title: Term
    weight: Decimal | None
    counted_as: Decimal | None
    reason: str
    answered: int | None = None
    shares: tuple[Share, ...] = ()
    satisfied: Decimal | None = None
    interval: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What one question found on one subject: all shown groups together, the weighted figures, and each group.

    `reason` (msgid) says why nothing is shown; then there are no shares. `several`: each could choose more than one, so shares
    add up to more than 100. `groups` is empty where all who judged are one group; its interval stands here then. `is_ledger`: its
    counts are facts of the ledger, with workings.
    """

    id: str
    title: Term
    several: bool
    reason: str
    answered: int | None
    shares: tuple[Share, ...]
    satisfied: Decimal | None
    unsatisfied: Decimal | None
    score: Decimal | None
    weighted: Decimal | None
    weighted_score: Decimal | None
    rescaled: bool
    interval: tuple[Decimal, Decimal] | None
    groups: tuple[GroupResult, ...]
    is_ledger: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """测评: a problem that somebody named, on which subject ("" for what is asked once), how many and which share."""

    subject: str
    subject_title: str
    question: Term
    title: Term
    count: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class SubjectResults:
    """One judged thing: its questions, and the words that may be shown; `held` says (msgids) why other words may not.

    `code` is empty for what a sheet over many subjects asks once. `address` leads to the workings of the first graded question,
    relative to a face; empty for members, whose grades are no facts.
    """

    code: str
    title: str
    organisation: str
    is_promise: bool
    is_person: bool
    questions: tuple[QuestionResult, ...]
    address: str = ""
    words: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    more_words: bool = False


@dataclass(frozen=True, slots=True)
class RoundResults:
    """A round's results. `sample` (msgid) says who stands behind them; `problems` are the most often named first."""

    sample: str
    minimum: int
    subjects: tuple[SubjectResults, ...]
    problems: tuple[Problem, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to print: a round that is not closed, or of before results were kept."""
        return not self.subjects


def is_for_the_public(round_: Round) -> bool:
    """Whether the public may read the results. What members say of one another (互评, 民主评议党员) is decided and told inside
    the organisation; the public sees turnout and board, where a judged member is a random code.
    """
    return not judges_members(round_)


def subject_name(subject: RoundSubject) -> str:
    """What is judged: the member's name, the promise's words or the organisation's name."""
    if subject.person:
        return subject.person.name
    return subject.commitment.text if subject.commitment else subject.organisation.name


def round_results(round_: Round, *, with_words: bool = True) -> RoundResults:
    """The results of a closed round by subject, in the order of organisations; one query, and with words three more at most.

    For whoever may read them: see `is_for_the_public`.
    """
    asked = questionnaire_of(round_)
    entries = round_.results or []
    if round_.state != Round.State.CLOSED or not entries:
        return RoundResults("", round_.minimum, (), ())
    rows = RoundSubject.objects.filter(round=round_).select_related("organisation", "commitment", "person", "round")
    subjects = list(rows.order_by("organisation__path", "pk"))
    voices = voices_of(round_, subjects) if with_words else {}
    by_subject: dict[str, list[QuestionResult]] = {}
    for entry in entries:
        question = asked.question(entry["question"])
        if question is not None:
            by_subject.setdefault(entry["subject"], []).append(_question(entry, question, asked))
    told = [_common(by_subject, voices)] if by_subject.get(COMMON) or COMMON in voices else []
    told += [_subject(subject, by_subject.get(subject.code, []), voices.get(subject.code)) for subject in subjects]
    sample = SAMPLES.get(entries[0]["sample"], "")
    return RoundResults(sample, round_.minimum, tuple(told), _problems(told, asked))


def _subject(subject: RoundSubject, questions: Sequence[QuestionResult], voices: Voices | None) -> SubjectResults:
    on = last_day(subject.round)
    return SubjectResults(
        code=subject.code,
        title=subject_name(subject),
        organisation=subject.organisation.name,
        is_promise=subject.commitment_id is not None,
        is_person=subject.person_id is not None,
        questions=tuple(questions),
        address="" if subject.person_id else figure_address(MEASURE, subject.organisation.code, Period(on, on)),
        **_words(voices),
    )


def _common(by_subject: Mapping[str, Sequence[QuestionResult]], voices: Mapping[str, Voices]) -> SubjectResults:
    questions = tuple(by_subject.get(COMMON, ()))
    return SubjectResults(COMMON, "", "", False, False, questions, "", **_words(voices.get(COMMON)))


def _words(voices: Voices | None) -> dict[str, Any]:
    if voices is None:
        return {}
    held = tuple(WORDS_HELD[reason] for reason in sorted(voices.reasons) if reason in WORDS_HELD)
    return {"words": tuple(voices.texts), "held": held, "more_words": voices.more}


def _question(entry: Mapping[str, Any], question: Question, asked: Questionnaire) -> QuestionResult:
    weighted = entry.get("weighted") or {}
    used = {group: percent(Fraction(weight)) for group, weight in weighted.get("weights", ())}
    cells = entry["groups"]
    alone = cells[0] if len(cells) == 1 and not asked.groups else None
    hidden = "" if entry["counts"] is not None else str(cells[0]["hidden"] if cells else "")
    return QuestionResult(
        id=question.id,
        title=_term(question.text),
        several=question.form == "many",
        reason=HIDDEN.get(hidden, hidden),
        answered=entry["answered"],
        shares=_shares(question, entry["counts"], entry["answered"]),
        satisfied=_decimal(entry["satisfied"]),
        unsatisfied=_decimal(entry["unsatisfied"]),
        score=_decimal(entry["score"]),
        weighted=_decimal(weighted.get("satisfied")),
        weighted_score=_decimal(weighted.get("score")),
        rescaled=bool(weighted.get("rescaled")),
        interval=_interval(alone),
        groups=() if alone is not None else tuple(_group(cell, question, asked, used) for cell in cells),
        is_ledger=question == first_graded(asked),
    )


def _group(
    cell: Mapping[str, Any], question: Question, asked: Questionnaire, used: Mapping[str, Decimal]
) -> GroupResult:
    declared = next((one for one in asked.groups if one.id == cell["group"]), None)
    weight = declared.weight if declared else None
    counts, answered = cell["counts"], cell["answered"]
    good = {choice.id for choice in question.choices if choice.counts == "satisfied"}
    satisfied = None
    if counts is not None and answered and good and question.form == "one":
        satisfied = percent(Fraction(sum(count for choice, count in counts if choice in good), answered))
    return GroupResult(
        id=cell["group"],
        title=_term(declared.title) if declared else Term(cell["group"], cell["group"]),
        weight=None if weight is None else half_up(Fraction(weight, 10), 1),
        counted_as=used.get(cell["group"]),
        reason=HIDDEN.get(cell["hidden"], cell["hidden"]),
        answered=answered,
        shares=_shares(question, counts, answered),
        satisfied=satisfied,
        interval=_interval(cell),
    )


def _shares(question: Question, counts: Sequence[Sequence[Any]] | None, answered: int | None) -> tuple[Share, ...]:
    if counts is None or not answered:
        return ()
    return tuple(
        Share(
            choice,
            _term(question.by_id[choice].title),
            count,
            percent(Fraction(count, answered)),
            _state(question, choice),
        )
        for choice, count in counts
    )


def _state(question: Question, choice: ChoiceId) -> str:
    one: Choice = question.by_id[choice]
    if one.problem:
        return "due"
    if len(question.choices) == len(FIVE) and choice in FIVE:
        return FIVE[int(choice)]
    return SELF.get(one.counts, "going")


def _problems(subjects: Sequence[SubjectResults], asked: Questionnaire) -> tuple[Problem, ...]:
    """The problems that somebody named, from what is shown only; a list, not a score (`results.problems` says the same)."""
    found = []
    for subject in subjects:
        for result in subject.questions:
            question = asked.question(result.id)
            for share in result.shares:
                if question is not None and question.by_id[share.id].problem and share.count:
                    found.append(
                        Problem(subject.code, subject.title, result.title, share.title, share.count, share.share)
                    )
    return tuple(sorted(found, key=lambda one: (-one.share, -one.count, one.subject, one.title.zh)))


def _interval(cell: Mapping[str, Any] | None) -> tuple[Decimal, Decimal] | None:
    if cell is None or "interval" not in cell:
        return None
    low, high = cell["interval"]
    return Decimal(low), Decimal(high)


def _term(words: Mapping[str, str]) -> Term:
    return Term(words.get("zh", ""), words.get("en", ""))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
