"""The words of a closed round that may be shown: looked through for names and numbers, in random order, without grades.

What stays back says why, in general; how many of which person's words stayed back is not told. A text is never shortened.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from quxin.orgs.models import Membership, Person, Post
from quxin.orgs.querysets import within
from quxin.records.evaluations.free_words import Names, look
from quxin.records.evaluations.models import Ballot, Round, RoundKey, RoundSubject
from quxin.records.evaluations.questionnaire import COMMON, Question, Questionnaire
from quxin.records.evaluations.simple import questionnaire_of

# A page shows so many of one subject, and looks at so many sheets; the order is that of random numbers, so both are samples.
MOST_SHOWN = 100
MOST_READ = 20_000


@dataclass(slots=True)
class Voices:
    """What was said of one subject: `texts` to be shown, the `reasons` (codes) for which others stay back, and whether there
    are more than a page shows.
    """

    texts: list[str] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)
    more: bool = False


def voices_of(round_: Round, subjects: Sequence[RoundSubject]) -> dict[str, Voices]:
    """Subject code → what may be shown of its words, for a closed round ("": of the questions that are asked once); at most
    three queries, two without groups.

    Words of a group whose result is hidden stay back, and so do those of a question to which so few were led that their
    grade would be known. Which question was answered is not told.
    """
    if round_.state != Round.State.CLOSED:
        return {}
    asked = questionnaire_of(round_)
    rules = _Rules(round_, asked)
    said: dict[str, list[str]] = defaultdict(list)
    for code, group, question, text in _spoken(round_, asked, subjects):
        if rules.allow(code, group, question):
            said[code].append(text)
    for code in [code for code, texts in said.items() if not rules.is_graded(code) and len(texts) < round_.minimum]:
        del said[code]
    if not said:
        return {}
    names = Names(names_near({subject.organisation.path for subject in subjects}))
    return {code: _sorted(texts, names) for code, texts in said.items()}


def _sorted(texts: Sequence[str], names: Names) -> Voices:
    voices = Voices()
    for seen in (look(text, names) for text in texts):
        if not seen.may_be_shown:
            voices.reasons.update(seen.held)
        elif len(voices.texts) < MOST_SHOWN:
            voices.texts.append(seen.text)
        else:
            voices.more = True
    return voices


def names_near(paths: Collection[str]) -> Iterable[str]:
    """The names of all who belong, or belonged, to the organisations at these paths and below; one query."""
    there = within(sorted(paths), "organisation__path")
    people = Q(pk__in=Membership.objects.filter(there).values("person"))
    people |= Q(pk__in=Post.objects.filter(there).values("person"))
    return Person.objects.filter(people).values_list("name", flat=True).order_by()


class _Rules:
    """Whose words may be shown, as the published results say."""

    def __init__(self, round_: Round, asked: Questionnaire) -> None:
        self._minimum, self._many = round_.minimum, asked.many
        self._after = {one.id: (one.after, one.when) for one in (*asked.questions, *asked.common)}
        self._first = {False: _first_choice(asked.questions), True: _first_choice(asked.common)}
        self._shown: dict[tuple[str, str, str], Mapping[Any, int]] = {
            (entry["subject"], cell["group"], entry["question"]): dict(cell["counts"])
            for entry in round_.results or ()
            for cell in entry["groups"]
            if not cell["hidden"]
        }

    def is_graded(self, code: str) -> bool:
        """Whether anything but words is asked of this subject (or, for "", once)."""
        return self._first[self._many and code == COMMON] is not None

    def allow(self, code: str, group: str, question: str) -> bool:
        """Whether words of this group on this subject may be shown."""
        first = self._first[self._many and code == COMMON]
        if first is not None and (code, group, first) not in self._shown:
            return False
        after, when = self._after[question]
        if not after:
            return True
        led_by = self._shown.get((code, group, after), {})
        return sum(led_by.get(choice, 0) for choice in when) >= self._minimum


def _first_choice(questions: Sequence[Question]) -> str | None:
    return next((one.id for one in questions if one.form != "words"), None)


def _spoken(
    round_: Round, asked: Questionnaire, subjects: Sequence[RoundSubject]
) -> Iterator[tuple[str, str, str, str]]:
    """(subject code, group, question, words) of every ballot that counts, in the order of the ballots' random numbers."""
    code_of = {subject.pk: subject.code for subject in subjects}
    questions = [one.id for one in (*asked.questions, *asked.common) if one.form == "words"]
    if not questions:
        return
    ballots = Ballot.objects.filter(round=round_, set_aside=None).order_by("number")
    if not asked.many:
        has_words = Q()
        for question in questions:
            has_words |= Q(answers__has_key=question)
        ballots = ballots.filter(has_words, subject__in=list(code_of))
    group_of = dict(RoundKey.objects.filter(round=round_).values_list("key_id", "group")) if asked.groups else {}
    wanted = {COMMON, *code_of.values()}
    for subject, key, answers in ballots.values_list("subject", "key", "answers")[:MOST_READ]:
        parts = answers if asked.many else {code_of[subject]: answers}
        for code in parts.keys() & wanted:
            for question in questions:
                if question in parts[code]:
                    yield code, group_of.get(key, ""), question, parts[code][question]
