"""From the ballots of a closed round to its results: walk them once, count, hide what must stay hidden.

Only closing calls this. What comes out is what may be published; the counts themselves go nowhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from quxin.kernel.scaled import scale
from quxin.ledger.operations import Entry
from quxin.records.evaluations.counting import PANEL, ROSTER, SELF_SELECTED, ChoiceId, Counter, tally
from quxin.records.evaluations.decisions import plain_proposal
from quxin.records.evaluations.facts import GRADE
from quxin.records.evaluations.models import Ballot, RosterLine, Round, RoundKey, RoundSubject
from quxin.records.evaluations.one_third import propose
from quxin.records.evaluations.questionnaire import Questionnaire
from quxin.records.evaluations.results import grades_of, outcomes, plain_results
from quxin.records.evaluations.rules import judges_members, last_day, subject_text
from quxin.records.evaluations.simple import questionnaire_of


@dataclass(frozen=True, slots=True)
class Counted:
    """`results` as the board publishes them; `shown` are the grades of each subject (by code) that may be shown."""

    results: list[dict[str, Any]]
    shown: Mapping[str, Mapping[ChoiceId, int]]
    proposal: dict[str, Any] | None = None


def sample_of(round_: Round) -> str:
    """What the voters stand for: whoever came by himself, a whole roster, or a drawn panel."""
    if round_.access == Round.Access.OPEN:
        return SELF_SELECTED
    return PANEL if round_.panel else ROSTER


def count_round(round_: Round, subjects: Sequence[RoundSubject]) -> Counted:
    """Count a round whose urn is empty."""
    asked = questionnaire_of(round_)
    codes = sorted(subject.code for subject in subjects)
    counter = tally(asked, _sheets(round_, subjects), sample=sample_of(round_))
    population = _population(round_) if round_.panel else None
    results = plain_results(counter, codes, minimum=round_.minimum, population=population)
    published = outcomes(counter, codes, minimum=round_.minimum)
    return Counted(results, grades_of(asked, published), _proposal(round_, asked, counter, codes))


def _proposal(round_: Round, asked: Questionnaire, counter: Counter, codes: Sequence[str]) -> dict[str, Any] | None:
    """民主评议党员: what the count proposes to the body that decides."""
    graded = next((one for one in asked.questions if one.form == "one"), None)
    if round_.kind != Round.Kind.MEMBERS or graded is None:
        return None
    votes: dict[str, dict[int, int]] = {code: {} for code in codes}
    for (subject, _, question), chosen in counter.chosen.items():
        if question == graded.id and subject in votes:
            for grade, count in chosen.items():
                votes[subject][int(grade)] = votes[subject].get(int(grade), 0) + count
    return plain_proposal(propose(votes, asked.excellent or "1/3"))


def entries_of(round_: Round, subjects: Sequence[RoundSubject], counted: Counted) -> list[Entry]:
    """A fact for each grade given to each subject whose result may be shown, dated the last day of voting.

    Members are judged by their peers, not by the public: what was said of a person stays out of the ledger's sums.
    """
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
        if subject.person_id is None and not judges_members(round_)
        for grade, count in sorted(counted.shown.get(subject.code, {}).items())
        if count
    ]


def _sheets(round_: Round, subjects: Sequence[RoundSubject]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(group, subject code, answers) of every ballot that counts."""
    code_of: dict[int | None, str] = {subject.pk: subject.code for subject in subjects}
    group_of = dict(RoundKey.objects.filter(round=round_).values_list("key_id", "group"))
    ballots = Ballot.objects.filter(round=round_, set_aside=None).order_by()
    for key, subject, answers in ballots.values_list("key", "subject", "answers").iterator(chunk_size=5000):
        yield group_of.get(key, ""), code_of.get(subject, ""), answers


def _population(round_: Round) -> dict[str, int]:
    """Group → how many the panel was drawn from."""
    drawn = RosterLine.objects.filter(round=round_).values_list("group").annotate(count=Count("pk"))
    return {group: round_.panel["population"].get(group, count) for group, count in drawn}
