"""A questionnaire as data: the plain copy that a round keeps, and whether a sheet answers it.

``snapshot`` turns a pack's declaration into plain JSON (``docs/reckoning/evaluation.md`` shows it), ``read`` makes it a
value, ``check_sheet`` takes what came from a page and gives the canonical sheet that is hashed and counted. Pure: no
database, no clock, no Django. Must not know who voted.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quxin.kernel.errors import QuxinError
from quxin.packs.evaluation_types import Evaluation
from quxin.packs.evaluation_types import Question as Declared

FORMAT = "quxin-questionnaire/1"
#: On a sheet over many subjects, the answers that are given once stand under this instead of a subject's code.
COMMON = ""
MOST_BYTES = 256 * 1024

Answer = int | str | list[int | str]
Sheet = dict[str, Any]


class SheetError(QuxinError):
    """A sheet that does not answer its questionnaire; ``params`` name the question (its words) and its id."""

    default_message = "这张答卷的格式不对，没有收下。"
    default_hint = "请重新打开评议页面，再提交一次。"


class UnknownQuestion(SheetError):
    """An answer to a question that the questionnaire does not have."""

    default_message = "问卷里没有“%(question)s”这道题。"


class UnknownSubject(SheetError):
    """A judgement of something that this round does not judge."""

    default_message = "这轮评议没有“%(subject)s”这个对象。"


class MissingAnswer(SheetError):
    """A question that must be answered was not."""

    default_message = "“%(question)s”还没有回答。"
    default_hint = "这道题必答；别的回答都还在，答完再提交。"


class NotAsked(SheetError):
    """An answer to a question that these answers do not lead to."""

    default_message = "按您前面的回答，不需要答“%(question)s”。"
    default_hint = "请删去这道题的回答，或改前面的回答。"


class BadChoice(SheetError):
    """A choice that the question does not offer."""

    default_message = "“%(question)s”的选项不对。"
    default_hint = "请在列出的选项里选。"


class TooManyChoices(SheetError):
    """More choices than the question allows."""

    default_message = "“%(question)s”最多选 %(most)s 项，现在选了 %(count)s 项。"
    default_hint = "请去掉几项。"


class TooLong(SheetError):
    """Words over the limit of the question."""

    default_message = "“%(question)s”最多写 %(most)s 字，现在是 %(count)s 字。"
    default_hint = "请删短一些；别的回答都还在。"


class EmptySheet(SheetError):
    """A sheet that says nothing."""

    default_message = "这张答卷一道题也没有答。"
    default_hint = "请至少答一道题；不想评就不必提交。"


class SheetTooLarge(SheetError):
    """More bytes than any honest sheet has."""

    default_message = "这张答卷太大，没有收下。"
    default_hint = "请把文字写短一些再提交。"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: ``counts`` is "satisfied", "unsatisfied" or "", ``score`` an integer or None."""

    id: int | str
    title: Mapping[str, str]
    score: int | None
    counts: str
    problem: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``form`` is "one" (a choice), "many" (choices, at most ``most``) or "words" (at most ``most`` characters).

    It is asked when nothing is said in ``after``, or when the answer to the question ``after`` holds one of ``when``.
    """

    id: str
    text: Mapping[str, str]
    form: str
    required: bool
    most: int
    choices: tuple[Choice, ...] = ()
    after: str = ""
    when: frozenset[int | str] = frozenset()
    by_id: Mapping[int | str, Choice] = field(default_factory=dict, compare=False, repr=False)

    def asked_after(self, answers: Mapping[str, Answer]) -> bool:
        """Whether these (canonical) answers to the questions before it lead to this one."""
        if not self.after:
            return True
        before = answers.get(self.after)
        if isinstance(before, list):
            return any(one in self.when for one in before)
        return before is not None and before in self.when


@dataclass(frozen=True, slots=True)
class Group:
    """A group of those who judge; ``weight`` in thousandths, None when nothing is weighed."""

    id: str
    title: Mapping[str, str]
    who: str
    weight: int | None


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What a round asks. ``many``: a sheet is {subject code: {question: answer}}, and common answers stand under ""."""

    kind: str
    access: str
    many: bool
    minimum: int
    answer_within: int | None
    excellent: str
    groups: tuple[Group, ...]
    questions: tuple[Question, ...]
    common: tuple[Question, ...]

    @property
    def weights(self) -> dict[str, int]:
        """Group → thousandths; empty when nothing is weighed."""
        return {group.id: group.weight for group in self.groups if group.weight is not None}

    def question(self, question_id: str) -> Question | None:
        """The question of that id, on a subject or common."""
        return next((one for one in (*self.questions, *self.common) if one.id == question_id), None)


def snapshot(evaluation: Evaluation, *, pack: str = "", version: str = "") -> dict[str, Any]:
    """The declaration as plain JSON without floats, complete in itself: what a round keeps and its board hashes."""
    return {
        "format": FORMAT,
        "id": evaluation.id,
        "pack": pack,
        "version": version,
        "title": evaluation.title.model_dump(),
        "kind": evaluation.sort,
        "by": evaluation.by,
        "of": list(evaluation.of),
        "access": evaluation.entry,
        "sheet": evaluation.sheet,
        "minimum": evaluation.minimum,
        "answer_within": evaluation.answer_within,
        "excellent_at_most": evaluation.excellent,
        "groups": [
            {"id": group.id, "title": group.title.model_dump(), "who": group.who, "weight": group.weight}
            for group in evaluation.groups
        ],
        "questions": [_plain(evaluation, question) for question in evaluation.asked],
        "common": [_plain(evaluation, question) for question in evaluation.common],
    }


def _plain(evaluation: Evaluation, question: Declared) -> dict[str, Any]:
    form = "words" if question.words is not None else "many" if question.choices else "one"
    choices = evaluation.choices_of(question)
    most = {"words": question.words, "many": question.most or len(choices), "one": 1}[form]
    ask = {"question": question.ask.question, "in": list(question.ask.in_)} if question.ask else None
    return {
        "id": question.id,
        "text": question.text.model_dump(),
        "form": form,
        "required": question.must,
        "most": most,
        "choices": choices,
        "ask": ask,
    }


def read(plain: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire of a snapshot. Raises ValueError for another format: a round keeps only what ``snapshot`` made."""
    if plain.get("format") != FORMAT:
        raise ValueError(f"not a questionnaire of format {FORMAT}: {str(plain.get('format'))[:40]!r}")
    groups = tuple(Group(one["id"], one["title"], one["who"], one["weight"]) for one in plain["groups"])
    return Questionnaire(
        kind=plain["kind"],
        access=plain["access"],
        many=plain["sheet"] == "many",
        minimum=plain["minimum"],
        answer_within=plain["answer_within"],
        excellent=plain["excellent_at_most"],
        groups=groups,
        questions=tuple(_question(one) for one in plain["questions"]),
        common=tuple(_question(one) for one in plain["common"]),
    )


def _question(plain: Mapping[str, Any]) -> Question:
    choices = tuple(
        Choice(one["id"], one["title"], one["score"], one["counts"], one["problem"]) for one in plain["choices"]
    )
    ask = plain["ask"] or {"question": "", "in": ()}
    return Question(
        plain["id"], plain["text"], plain["form"], plain["required"], plain["most"], choices,
        ask["question"], frozenset(ask["in"]), {choice.id: choice for choice in choices},
    )  # fmt: skip


# --- a sheet that came from outside ---


def parse_sheet(raw: bytes, *, most: int = MOST_BYTES) -> Any:
    """The JSON of a sheet as sent. Raises SheetTooLarge, and SheetError for what is no JSON, nests without end, names a
    key twice or holds a fraction; what comes back still needs ``check_sheet``.
    """
    if len(raw) > most:
        raise SheetTooLarge
    try:
        return json.loads(
            raw.decode("utf-8"), object_pairs_hook=_each_key_once, parse_float=_refused, parse_constant=_refused
        )
    except (ValueError, RecursionError):
        raise SheetError from None


def check_sheet(questionnaire: Questionnaire, sheet: object, subjects: Collection[str] = ()) -> Sheet:
    """The canonical sheet: answers in the order of the questions, choices in theirs, words tidied, empty answers left out.

    ``subjects`` are the codes of the round; only a sheet over many subjects names them, and may leave some out. Raises a
    SheetError that names the question. Checking what is canonical gives the same again.
    """
    if not isinstance(sheet, dict):
        raise SheetError
    if not questionnaire.many:
        answers = _checked(questionnaire.questions, sheet, "")
        if not answers:
            raise EmptySheet
        return answers
    if len(sheet) > len(subjects) + 1:
        raise SheetError
    known = set(subjects)
    for code in sheet:
        if not isinstance(code, str) or (code not in known and not (code == COMMON and questionnaire.common)):
            raise UnknownSubject(subject=_shown(code))
    checked: Sheet = {}
    if any(question.required for question in questionnaire.common) or COMMON in sheet:
        checked[COMMON] = _checked(questionnaire.common, sheet.get(COMMON, {}), COMMON)
    for code in sorted(sheet.keys() - {COMMON}):
        if sheet[code] is not None and sheet[code] != {}:  # else a subject that the voter left alone
            checked[code] = _checked(questionnaire.questions, sheet[code], code)
    judged = {code: answers for code, answers in checked.items() if answers}
    if not judged.keys() - {COMMON}:
        raise EmptySheet
    return judged


def words_of(
    questionnaire: Questionnaire, sheet: Mapping[str, Any], subject: str = ""
) -> Iterator[tuple[str, str, str]]:
    """(subject, question, words) of a canonical sheet; ``subject`` is the one that a sheet on one subject judges."""
    spoken = {question.id for question in (*questionnaire.questions, *questionnaire.common) if question.form == "words"}
    parts = sheet.items() if questionnaire.many else [(subject, sheet)]
    for code, answers in parts:
        for question, answer in answers.items():
            if question in spoken:
                yield code, question, answer


def _checked(questions: Sequence[Question], given: object, subject: str) -> dict[str, Answer]:
    if not isinstance(given, dict):
        raise SheetError
    known = {question.id for question in questions}
    for key in given:
        if not isinstance(key, str) or key not in known:
            raise UnknownQuestion(question=_shown(key), id=_shown(key), subject=subject)
    answers: dict[str, Answer] = {}
    for question in questions:
        params = {"question": question.text["zh"], "id": question.id, "subject": subject}
        answer = _answer(question, given.get(question.id), params)
        if not question.asked_after(answers):
            if answer is not None:
                raise NotAsked(**params)
        elif answer is not None:
            answers[question.id] = answer
        elif question.required:
            raise MissingAnswer(**params)
    return answers


def _answer(question: Question, given: object, params: Mapping[str, Any]) -> Answer | None:
    """The canonical answer; None for nothing, which may be written as null, "" or []."""
    if given is None or given == "" or given == []:
        return None
    if question.form == "words":
        return _words(question, given, params)
    if question.form == "one":
        return _choice(question, given, params)
    if not isinstance(given, list):
        raise BadChoice(**params)
    if len(given) > len(question.choices):
        raise TooManyChoices(most=question.most, count=len(given), **params)
    chosen = {_choice(question, one, params) for one in given}
    if len(chosen) < len(given):
        raise BadChoice(**params)
    if len(chosen) > question.most:
        raise TooManyChoices(most=question.most, count=len(chosen), **params)
    return [choice.id for choice in question.choices if choice.id in chosen]


def _choice(question: Question, given: object, params: Mapping[str, Any]) -> int | str:
    # True equals 1 and 5.0 equals 5: only whole numbers and text are looked up, and a grade of a form comes as "5".
    if type(given) in (int, str):
        found = question.by_id.get(given)  # type: ignore[call-overload]
        if found is None and type(given) is str and len(given) == 1 and "0" <= given <= "9":
            found = question.by_id.get(int(given))
        if found is not None:
            return found.id
    raise BadChoice(**params)


def _words(question: Question, given: object, params: Mapping[str, Any]) -> str | None:
    if not isinstance(given, str):
        raise SheetError
    if len(given) > 4 * question.most + 100:
        raise TooLong(most=question.most, count=len(given), **params)  # before any work is done on it
    words = tidy(given)
    if len(words) > question.most:
        raise TooLong(most=question.most, count=len(words), **params)
    return words or None


def tidy(words: str) -> str:
    """Words as they are kept: one form of each character (NFC), line feeds only, no control characters, no blank ends.

    Half a surrogate pair is dropped: it cannot be written as UTF-8. Doing it twice changes nothing.
    """
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(char for char in lines if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).strip()


def _shown(value: object) -> str:
    """What somebody sent, short enough for a sentence."""
    return value[:40] if isinstance(value, str) and value.isprintable() else "…"


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refused(text: str) -> Any:
    raise ValueError(text[:20])
