"""From counters to what is published: per subject and question, the groups that may be shown and what they add up to.

Pure. A total holds shown groups only, a weighted result weighs shown groups only and says by how much, and what is hidden
leaves nothing behind but its reason: no count, no share, no part of a total. The plain form is what a board publishes and
hashes: text and whole numbers, no floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from quxin.records.evaluations.counting import PANEL, ChoiceId, Counter
from quxin.records.evaluations.questionnaire import COMMON, Question, Questionnaire
from quxin.records.evaluations.sampling import interval
from quxin.records.evaluations.suppression import CONDITION, withhold
from quxin.records.evaluations.weights import SCORE_PLACES, half_up, mean_score, percent, rescaled, share_of, weighted

SATISFIED, UNSATISFIED, PROBLEM = "satisfied", "unsatisfied", "problem"


@dataclass(frozen=True, slots=True)
class Cell:
    """One group's answers to one question on one subject. Hidden (``hidden`` says why) it holds no number at all."""

    group: str
    hidden: str
    answered: int | None = None
    counts: Mapping[ChoiceId, int] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question on one subject: each group, all shown groups together, and the weights that made the weighted values.

    ``answered`` and ``counts`` are None when nothing may be shown. Shares are exact. ``weights`` are the shown groups' (they
    sum to 1), empty when nothing is weighed; ``rescaled`` tells that a hidden group's weight went to the others.
    """

    subject: str
    question: Question
    cells: tuple[Cell, ...]
    answered: int | None
    counts: Mapping[ChoiceId, int] | None
    weights: Mapping[str, Fraction]
    rescaled: bool

    @property
    def shown(self) -> tuple[Cell, ...]:
        """The groups that may be shown."""
        return tuple(cell for cell in self.cells if not cell.hidden)

    def share(self, what: str) -> Fraction | None:
        """The share of all shown ballots that say "satisfied", "unsatisfied" or "problem"; None when nothing is shown, or no
        choice of the question says such a thing.
        """
        among = _meaning(self.question, what)
        if not among or self.counts is None or not self.answered or self.question.form != "one":
            return None
        return share_of(self.counts, among, self.answered)

    def weighted_share(self, what: str) -> Fraction | None:
        """The same, each shown group by its weight; None without weights."""
        among = _meaning(self.question, what)
        if not among or not self.weights or self.question.form != "one":
            return None
        shares = {cell.group: share_of(cell.counts or {}, among, cell.answered or 0) for cell in self.shown}
        return weighted(shares, self.weights)

    def score(self) -> Fraction | None:
        """The mean score of the shown ballots; None where choices have no scores."""
        return mean_score(self.counts or {}, _scores(self.question))

    def weighted_score(self) -> Fraction | None:
        """The same by weights; None without them, or when a shown group chose nothing that scores."""
        means = {cell.group: mean_score(cell.counts or {}, _scores(self.question)) for cell in self.shown}
        if not self.weights or None in means.values():
            return None
        return weighted({group: mean for group, mean in means.items() if mean is not None}, self.weights)


def outcomes(
    counter: Counter, subjects: Sequence[str], *, minimum: int | None = None, total_is_known: bool = False
) -> list[Outcome]:
    """What may be published of every subject, by every question but those of words, in their order.

    A sheet over many may bring common questions: they come first, under the subject "". ``minimum`` is the questionnaire's
    unless the round's is higher.
    """
    asked = counter.questionnaire
    least = max(asked.minimum, minimum or 0)
    found: list[Outcome] = []
    parts = ([(COMMON, asked.common)] if asked.common else []) + [(code, asked.questions) for code in subjects]
    for subject, questions in parts:
        done: dict[str, Outcome] = {}
        for question in questions:
            if question.form != "words":
                done[question.id] = _outcome(counter, subject, question, least, done, total_is_known)
        found += done.values()
    return found


def _outcome(
    counter: Counter, subject: str, question: Question, minimum: int, done: Mapping[str, Outcome], total_is_known: bool
) -> Outcome:
    asked = counter.questionnaire
    raw = {group: _cell(counter, subject, group, question) for group in _groups(counter)}
    before = done.get(question.after)
    led_by = {cell.group: CONDITION for cell in before.cells if cell.hidden} if before is not None else {}
    reasons = withhold(raw, minimum, already=led_by, total_is_known=total_is_known)
    cells = tuple(
        Cell(group, reasons[group]) if reasons[group] else Cell(group, "", answered, counts)
        for group, (counts, answered) in raw.items()
    )
    shown = [cell for cell in cells if not cell.hidden]
    weights = rescaled(asked.weights, [cell.group for cell in shown]) if asked.weights and shown else {}
    return Outcome(
        subject,
        question,
        cells,
        sum(cell.answered or 0 for cell in shown) if shown else None,
        _sum(question, shown) if shown else None,
        weights,
        bool(weights) and len(weights) < len(asked.weights),
    )


def _groups(counter: Counter) -> list[str]:
    """The groups of the questionnaire; without any, all ballots are one group. Raises ValueError for counts of another."""
    known = [group.id for group in counter.questionnaire.groups] or [""]
    strange = {group for _, group in counter.ballots} - set(known)
    if strange:
        raise ValueError(f"ballots of unknown groups: {sorted(strange)}")
    return known


def _cell(counter: Counter, subject: str, group: str, question: Question) -> tuple[dict[ChoiceId, int], int]:
    key = (subject, group, question.id)
    chosen = counter.chosen.get(key, {})
    # In the order of the choices, with those that nobody chose: a 0 is a result too.
    return {choice.id: chosen.get(choice.id, 0) for choice in question.choices}, counter.answered.get(key, 0)


def _sum(question: Question, cells: Sequence[Cell]) -> dict[ChoiceId, int]:
    return {choice.id: sum((cell.counts or {})[choice.id] for cell in cells) for choice in question.choices}


def _meaning(question: Question, what: str) -> list[ChoiceId]:
    if what == PROBLEM:
        return [choice.id for choice in question.choices if choice.problem]
    return [choice.id for choice in question.choices if choice.counts == what]


def _scores(question: Question) -> dict[ChoiceId, int]:
    return {choice.id: choice.score for choice in question.choices if choice.score is not None}


# --- problems found (测评) ---


@dataclass(frozen=True, slots=True)
class Found:
    """A problem that a diagnosis found: how many of those shown named it, and their share."""

    subject: str
    question: str
    choice: ChoiceId
    count: int
    share: Fraction


def problems(published: Sequence[Outcome]) -> list[Found]:
    """The problems that somebody named, the most often named first; from what is shown only. A list, not a score."""
    found = [
        Found(one.subject, one.question.id, choice, one.counts[choice], Fraction(one.counts[choice], one.answered))
        for one in published
        if one.counts is not None and one.answered
        for choice in _meaning(one.question, PROBLEM)
        if one.counts[choice]
    ]
    return sorted(found, key=lambda one: (-one.share, -one.count, one.subject, one.question, str(one.choice)))


# --- plain ---


def plain_results(
    counter: Counter,
    subjects: Sequence[str],
    *,
    minimum: int | None = None,
    population: Mapping[str, int] | None = None,
) -> list[dict[str, Any]]:
    """The ``results`` of a board: one entry for each subject and question, of text, whole numbers and lists only.

    ``population`` (group → heads on the roster) gives a drawn panel's shares their interval; it is refused (ValueError) for
    any other sample, because whoever came by himself stands for nobody else.
    """
    if population is not None and counter.sample != PANEL:
        raise ValueError(f"an interval is for a drawn panel, not for {counter.sample}")
    return [_plain(one, counter, population or {}) for one in outcomes(counter, subjects, minimum=minimum)]


def _plain(one: Outcome, counter: Counter, population: Mapping[str, int]) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "subject": one.subject,
        "question": one.question.id,
        "sample": counter.sample,
        "groups": [_plain_cell(one.question, cell, population) for cell in one.cells],
        "answered": one.answered,
        "counts": _pairs(one.counts),
        "satisfied": _percent(one.share(SATISFIED)),
        "unsatisfied": _percent(one.share(UNSATISFIED)),
        "score": _score(one.score()),
    }
    if one.weights:
        plain["weighted"] = {
            "weights": [[group, str(weight)] for group, weight in one.weights.items()],
            "rescaled": one.rescaled,
            "satisfied": _percent(one.weighted_share(SATISFIED)),
            "unsatisfied": _percent(one.weighted_share(UNSATISFIED)),
            "score": _score(one.weighted_score()),
        }
    return plain


def _plain_cell(question: Question, cell: Cell, population: Mapping[str, int]) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "group": cell.group, "hidden": cell.hidden, "answered": cell.answered, "counts": _pairs(cell.counts),
    }  # fmt: skip
    satisfied = _meaning(question, SATISFIED)
    if cell.counts is not None and cell.answered and cell.group in population and satisfied and question.form == "one":
        part = sum(cell.counts[choice] for choice in satisfied)
        found = interval(part, cell.answered, population[cell.group])
        plain["interval"] = [str(found.low), str(found.high)]
    return plain


def _pairs(counts: Mapping[ChoiceId, int] | None) -> list[list[ChoiceId]] | None:
    return None if counts is None else [[choice, count] for choice, count in counts.items()]


def _percent(share: Fraction | None) -> str | None:
    return None if share is None else str(percent(share))


def _score(score: Fraction | None) -> str | None:
    return None if score is None else str(half_up(score, SCORE_PLACES))


def first_graded(questionnaire: Questionnaire) -> Question | None:
    """The first question on subjects that asks for one of five or four grades: the one whose counts go into the ledger."""
    return next((q for q in questionnaire.questions if q.choices and isinstance(q.choices[0].id, int)), None)


def grades_of(questionnaire: Questionnaire, published: Sequence[Outcome]) -> dict[str, Mapping[ChoiceId, int]]:
    """Subject → shown counts of its first graded question (five or four grades): what goes into the ledger as aggregates."""
    first = first_graded(questionnaire)
    return {
        one.subject: one.counts
        for one in published
        if first is not None and one.question == first and one.counts is not None
    }
