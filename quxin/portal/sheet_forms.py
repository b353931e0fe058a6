"""A questionnaire as a form, and a form as a sheet: the same fields with script and without.

A field is called `<subject code>.<question id>`; what is asked once for the whole sheet has no subject before the point.
Pure: a questionnaire and what was sent in, no database and no request.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from quxin.records.evaluations.questionnaire import COMMON, Answer, Question, Questionnaire

#: Up to so many questions of one subject are shown as large choices under one another.
LARGE_QUESTIONS = 2


class Fields(Protocol):
    """What was sent: Django's QueryDict, or anything like it."""

    def get(self, name: str, default: str = ...) -> Any:
        """The last value of a field."""

    def getlist(self, name: str) -> list[Any]:
        """All values of a field."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice as the page shows it; `whole`: its id is a number, not a word."""

    value: str
    text: str
    whole: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """One question as the page shows it. `after` and `when`: it is asked only after one of these answers to that question;
    `condition` says so in words.
    """

    id: str
    name: str
    text: str
    form: str
    required: bool
    most: int
    options: tuple[Option, ...]
    after: str
    when: str
    condition: tuple[str, str]
    words: str
    error: str

    @property
    def field(self) -> str:
        """The field's id in the page."""
        return self.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Part:
    """The questions on one subject (code "" for what is asked once); `extra` are the optional ones of a long sheet."""

    code: str
    title: str
    note: str
    asks: tuple[Ask, ...]
    extra: tuple[Ask, ...]
    large: bool

    @property
    def single(self) -> bool:
        """Whether there is nothing but one choice, so that the subject's title says all."""
        return not self.large and len(self.asks) == 1 and not self.extra and self.code != COMMON

    @property
    def opened(self) -> bool:
        """Whether something stands in what is folded away."""
        return any(ask.error or ask.words or any(option.chosen for option in ask.options) for ask in self.extra)


def part_of(
    questionnaire: Questionnaire,
    code: str,
    title: str,
    note: str = "",
    *,
    language: str,
    large: bool,
    sent: Fields | None = None,
    errors: Mapping[tuple[str, str], str] | None = None,
) -> Part:
    """The part of the form for one subject, filled again with what was sent; errors by (subject code, question id)."""
    questions = questionnaire.common if code == COMMON else questionnaire.questions
    made = [_ask(one, code, questions, language, sent, (errors or {}).get((code, one.id), "")) for one in questions]
    folds = not large and len(made) > 1 + LARGE_QUESTIONS and any(ask.required for ask in made)
    extra = [ask for ask in made if folds and not ask.required and not ask.after]
    return Part(code, title, note, tuple(ask for ask in made if ask not in extra), tuple(extra), large)


def is_large(questionnaire: Questionnaire, subjects: int) -> bool:
    """Whether there is room for choices as large as a thumb: one subject, and few questions that take one choice."""
    return subjects == 1 and sum(question.form == "one" for question in questionnaire.questions) <= LARGE_QUESTIONS


def _ask(
    question: Question, code: str, all_: Sequence[Question], language: str, sent: Fields | None, error: str
) -> Ask:
    name = f"{code}.{question.id}"
    chosen = set(sent.getlist(name)) if sent is not None else set()
    options = tuple(
        Option(str(one.id), one.title[language], isinstance(one.id, int), str(one.id) in chosen)
        for one in question.choices
    )
    before = next((one for one in all_ if one.id == question.after), None)
    condition = ("", "")
    if before is not None:
        answers = [one.title[language] for one in before.choices if one.id in question.when]
        condition = (before.text[language], ("、" if language == "zh" else ", ").join(answers))
    return Ask(
        id=question.id,
        name=name,
        text=question.text[language],
        form=question.form,
        required=question.required,
        most=question.most,
        options=options,
        after=question.after,
        when=" ".join(sorted(str(one) for one in question.when)),
        condition=condition,
        words=sent.get(name, "") if sent is not None and question.form == "words" else "",
        error=error,
    )


def read_form(questionnaire: Questionnaire, sent: Fields, subjects: Iterable[str]) -> dict[str, dict[str, Answer]]:
    """What a form says of each of the subjects (and under "" what is asked once), nothing of those left alone.

    Answers that the form's own conditions do not ask for are left out: without script they stand on the page all the same,
    and a choice once made cannot be unmade there. What is read still needs `check_sheet`.
    """
    codes = [*([COMMON] if questionnaire.common else []), *subjects]
    read = {
        code: _answers(questionnaire.common if code == COMMON else questionnaire.questions, sent, code)
        for code in codes
    }
    return {code: answers for code, answers in read.items() if answers}


def _answers(questions: Sequence[Question], sent: Fields, code: str) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    for question in questions:
        if not question.asked_after(answers):
            continue
        known: dict[str, int | str] = {str(choice.id): choice.id for choice in question.choices}
        values = [value for value in sent.getlist(f"{code}.{question.id}") if value.strip()]
        if not values:
            continue
        if question.form == "many":
            answers[question.id] = [known.get(value, value) for value in values]
        else:
            answers[question.id] = known.get(values[-1], values[-1])
    return answers
