"""好差评: a 差评 that is owed an answer, as the desk reads it: its words, the day due, the answer.

Words that name somebody, or hold a number of somebody's, stay back with the reason. Not for who gave it: nobody knows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from quxin.records.evaluations.free_words import REASONS, Names, look
from quxin.records.evaluations.models import Answer, Round
from quxin.records.evaluations.questionnaire import words_of
from quxin.records.evaluations.simple import questionnaire_of
from quxin.records.evaluations.voices import names_near


@dataclass(frozen=True, slots=True)
class Term:
    """Words in both languages; templates say them with `spoken`."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """One 差评. `held` are the reasons (msgids) for which words stay back; `state` is the lamp of its answer."""

    number: int
    judged: str
    organisation: str
    round_code: str
    round_title: str
    words: tuple[str, ...]
    reasons: tuple[Term, ...]
    held: tuple[str, ...]
    due_on: date
    days_late: int
    answer: str
    answered_on: date | None
    in_time: bool

    @property
    def state(self) -> str:
        """kept, due or late, as a lamp shows it."""
        if self.answered_on is not None:
            return "kept" if self.in_time else "going"
        return "late" if self.days_late else "due"


def complaint_of(row: Answer, *, today: date) -> Complaint:
    """A 差评 with what may be shown of its words; `row` comes with ballot, subject, organisation, commitment and round."""
    subject = row.subject
    asked = questionnaire_of(subject.round)
    known = Names(names_near({subject.organisation.path}))
    given = words_of(asked, row.ballot.answers, subject.code)
    words = [text for code, _question, text in given if code == subject.code]
    looks = [look(text, known) for text in words]
    answered = row.answered_on
    return Complaint(
        number=row.pk,
        judged=subject.commitment.text if subject.commitment else subject.organisation.name,
        organisation=subject.organisation.name,
        round_code=subject.round.code,
        round_title=subject.round.title,
        words=tuple(one.text for one in looks if one.may_be_shown),
        reasons=tuple(_problems(row.ballot.answers, subject.round)),
        held=tuple(dict.fromkeys(REASONS.get(why, why) for one in looks for why in one.held)),
        due_on=row.due_on,
        days_late=max(0, (today - row.due_on).days) if answered is None else 0,
        answer=row.words,
        answered_on=answered,
        in_time=answered is not None and answered <= row.due_on,
    )


def _problems(answers: dict[str, Any], round_: Round) -> Iterable[Term]:
    """The problems that the sheet ticks, in the words of the questionnaire."""
    for question in questionnaire_of(round_).questions:
        given = answers.get(question.id)
        for choice in question.choices:
            if choice.problem and (choice.id in given if isinstance(given, list) else choice.id == given):
                yield Term(choice.title["zh"], choice.title.get("en") or choice.title["zh"])
