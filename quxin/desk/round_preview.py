"""A questionnaire in the words of the reader's language, as the pages of a round show it before anybody votes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from quxin.records.evaluations.questionnaire import Question, read
from quxin.ui.words import is_chinese


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its words, its form ("one", "many", "words"), its choices and when it is asked ("" for always)."""

    id: str
    text: str
    form: str
    required: bool
    most: int
    choices: tuple[str, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`common` is asked once on a sheet over many; `groups` are (title, who, weight in per cent or "")."""

    many: bool
    by_roster: bool
    minimum: int
    answer_within: int
    excellent: str
    common: tuple[Asked, ...]
    questions: tuple[Asked, ...]
    groups: tuple[tuple[str, str, str], ...]


def said(words: Mapping[str, str]) -> str:
    """{"zh", "en"} in the reader's language."""
    return words["zh"] if is_chinese() else words.get("en") or words["zh"]


def preview(plain: Mapping[str, Any]) -> Preview:
    """What a snapshot asks."""
    asked = read(plain)
    questions = (*asked.common, *asked.questions)
    return Preview(
        many=asked.many,
        by_roster=asked.access == "roster",
        minimum=asked.minimum,
        answer_within=asked.answer_within or 0,
        excellent=asked.excellent,
        common=tuple(_asked(one, questions) for one in asked.common),
        questions=tuple(_asked(one, questions) for one in asked.questions),
        groups=tuple((said(one.title), one.who, _weight(one.weight)) for one in asked.groups),
    )


def _asked(one: Question, questions: tuple[Question, ...]) -> Asked:
    return Asked(
        one.id, said(one.text), one.form, one.required, one.most, tuple(said(c.title) for c in one.choices),
        _after(one, questions),
    )  # fmt: skip


def _after(one: Question, questions: tuple[Question, ...]) -> str:
    """“在‘总体评价’选了‘不满意、非常不满意’才问”."""
    before = next((each for each in questions if each.id == one.after), None) if one.after else None
    if before is None:
        return ""
    chosen = _("、").join(said(choice.title) for choice in before.choices if choice.id in one.when)
    return _("“%(question)s”选了%(choices)s才问") % {"question": said(before.text), "choices": chosen}


def _weight(weight: int | None) -> str:
    return "" if weight is None else f"{weight / 10:g}%"
