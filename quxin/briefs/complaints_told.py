"""好差评 in public: each 差评, the day by which it must be answered, and the answer.

What was written stands there only where so many 差评 were given on the subject that nobody is known by his; the ballot itself is
never shown, nor who cast it (nobody knows that).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from quxin.briefs.evaluations import subject_title
from quxin.records.evaluations.free_words import Names, look
from quxin.records.evaluations.models import Answer, Round
from quxin.records.evaluations.questionnaire import words_of
from quxin.records.evaluations.rules import judges_members
from quxin.records.evaluations.simple import questionnaire_of
from quxin.records.evaluations.voices import names_near

MOST = 100


@dataclass(frozen=True, slots=True)
class Complaint:
    """One 差评: on what, what was written (empty where it may not be shown), until when it is to be answered, and the answer."""

    subject: str
    words: str
    due_on: date
    is_late: bool
    answered_on: date | None
    answer: str


@dataclass(frozen=True, slots=True)
class Complaints:
    """The 差评 of a round: those without an answer first, the longest waiting first. `days` are working days."""

    days: int
    answered: int
    waiting: int
    late: int
    rows: tuple[Complaint, ...]
    more: bool
    with_words: bool


def complaints_told(round_: Round, *, today: date) -> Complaints | None:
    """The 差评 of a round that owes answers, None for others; three queries. Under the round's minimum of 差评 on a subject the
    words stay back.
    """
    if not round_.answer_within or round_.state == Round.State.VOID or judges_members(round_):
        return None
    owed = Answer.objects.filter(subject__round=round_).select_related(
        "ballot", "subject__organisation", "subject__commitment"
    )
    rows = sorted(owed.order_by("due_on", "ballot__receipt"), key=lambda one: one.answered_on is not None)
    if not rows:
        return Complaints(round_.answer_within, 0, 0, 0, (), False, True)
    asked = questionnaire_of(round_)
    names = Names(names_near({row.subject.organisation.path for row in rows}))
    often = Counter(row.subject_id for row in rows)
    told = []
    for row in rows[:MOST]:
        spoken = "\n".join(
            words
            for code, _, words in words_of(asked, row.ballot.answers, row.subject.code)
            if code == row.subject.code
        )
        shown = often[row.subject_id] >= round_.minimum and look(spoken, names).may_be_shown
        is_late = row.answered_on is None and row.due_on < today
        told.append(
            Complaint(
                subject_title(row.subject), spoken if shown else "", row.due_on, is_late, row.answered_on, row.words
            )
        )
    waiting = [row for row in rows if row.answered_on is None]
    return Complaints(
        days=round_.answer_within,
        answered=len(rows) - len(waiting),
        waiting=len(waiting),
        late=sum(row.due_on < today for row in waiting),
        rows=tuple(told),
        more=len(rows) > MOST,
        with_words=all(count >= round_.minimum for count in often.values()),
    )
