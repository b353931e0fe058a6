"""Counting sheets as they stream by: how many of each subject, group, question and choice, and nothing of who gave which.

Pure. The memory is that of the cells, however many sheets pass. Counts of a drawn panel and of those who came by
themselves are different samples and refuse to be put together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from quxin.records.evaluations.questionnaire import Questionnaire

SELF_SELECTED = "self-selected"
PANEL = "panel"
ROSTER = "roster"
SAMPLES = (SELF_SELECTED, PANEL, ROSTER)

ChoiceId = int | str
Row = tuple[str, str, str, ChoiceId | None, int]


class Counter:
    """Counts by (subject, group, question, choice). ``subject`` "" holds the common questions of sheets over many.

    ``ballots[subject, group]`` sheets that judge the subject, ``answered[subject, group, question]`` answers,
    ``chosen[subject, group, question][choice]`` choices; a question of words has answers only.
    """

    def __init__(self, questionnaire: Questionnaire, *, sample: str = SELF_SELECTED) -> None:
        if sample not in SAMPLES:
            raise ValueError(f"unknown sample {sample!r}: use one of {SAMPLES}")
        self.questionnaire, self.sample = questionnaire, sample
        self.ballots: dict[tuple[str, str], int] = defaultdict(int)
        self.answered: dict[tuple[str, str, str], int] = defaultdict(int)
        self.chosen: dict[tuple[str, str, str], dict[ChoiceId, int]] = defaultdict(lambda: defaultdict(int))
        questions = (*questionnaire.questions, *questionnaire.common)
        self._spoken = frozenset(question.id for question in questions if question.form == "words")

    def add(self, sheet: Mapping[str, Any], *, group: str = "", subject: str = "", times: int = 1) -> None:
        """Count one canonical sheet (``times`` alike); ``subject`` is what a sheet on one subject judges."""
        if self.questionnaire.many:
            for code, answers in sheet.items():
                self._add(answers, code, group, times)
        else:
            self._add(sheet, subject, group, times)

    def _add(self, answers: Mapping[str, Any], subject: str, group: str, times: int) -> None:
        self.ballots[subject, group] += times
        for question, answer in answers.items():
            key = (subject, group, question)
            self.answered[key] += times
            if question in self._spoken:
                continue
            chosen = self.chosen[key]
            for choice in answer if isinstance(answer, list) else (answer,):
                chosen[choice] += times

    def merge(self, other: Counter) -> None:
        """Add what another counter of the same questionnaire counted. Raises ValueError for another sample or questionnaire."""
        if other.sample != self.sample:
            raise ValueError(f"{other.sample} and {self.sample} are never put together")
        if other.questionnaire != self.questionnaire:
            raise ValueError("counts of another questionnaire")
        for row in other.rows():
            self._take(row)

    def rows(self) -> list[Row]:
        """Everything as sorted rows (subject, group, question, choice, count): question "" counts sheets, choice None answers."""
        found: list[Row] = [(subject, group, "", None, count) for (subject, group), count in self.ballots.items()]
        found += [(*key, None, count) for key, count in self.answered.items()]
        found += [(*key, choice, count) for key, cell in self.chosen.items() for choice, count in cell.items()]
        return sorted(found, key=lambda row: (*row[:3], row[3] is not None, str(row[3])))

    @classmethod
    def from_rows(
        cls, questionnaire: Questionnaire, rows: Iterable[Row | list[Any]], *, sample: str = SELF_SELECTED
    ) -> Counter:
        """The counter that gave these rows (of several, their sum)."""
        counter = cls(questionnaire, sample=sample)
        for row in rows:
            counter._take(row)
        return counter

    def _take(self, row: Row | list[Any]) -> None:
        subject, group, question, choice, count = row
        if not question:
            self.ballots[subject, group] += count
        elif choice is None:
            self.answered[subject, group, question] += count
        else:
            self.chosen[subject, group, question][choice] += count


def tally(
    questionnaire: Questionnaire, sheets: Iterable[tuple[str, str, Mapping[str, Any]]], *, sample: str = SELF_SELECTED
) -> Counter:
    """Count (group, subject, canonical sheet) as they come; one pass, nothing kept but counts."""
    counter = Counter(questionnaire, sample=sample)
    for group, subject, sheet in sheets:
        counter.add(sheet, group=group, subject=subject)
    return counter
