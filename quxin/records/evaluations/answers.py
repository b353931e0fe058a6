"""好差评: a 差评 is owed an answer within so many working days, and both are told to the public.

What is answered are the ballot's words; whose they are, nobody knows. An answer is given once and stays.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel.identifiers import find_personal_numbers
from quxin.kernel.workdays import WorkingCalendar, seed_years
from quxin.ledger.operations import audit
from quxin.records.evaluations.errors import AlreadyAnswered, NoAnswer, PersonalNumbers
from quxin.records.evaluations.models import Answer, Ballot, Round, RoundSubject
from quxin.records.evaluations.questionnaire import tidy
from quxin.records.evaluations.simple import OVERALL, questionnaire_of

MOST_WORDS = 1000


def owe_answers(round_key: int, receipts: Sequence[str]) -> int:
    """Note the answers that newly stored ballots of a 好差评 are owed, with their due day; how many there are."""
    round_ = Round.objects.get(pk=round_key)
    if not round_.answer_within:
        return 0
    asked = questionnaire_of(round_)
    overall = asked.question(OVERALL)
    bad = {choice.id for choice in overall.choices if choice.counts == "unsatisfied"} if overall else set()
    calendar = WorkingCalendar(seed_years())
    subjects = dict(RoundSubject.objects.filter(round=round_).values_list("code", "pk"))
    owed = [
        Answer(
            ballot=ballot,
            subject_id=subject,
            due_on=calendar.add_working_days(ballot.cast_on, round_.answer_within).on,
        )
        for ballot in Ballot.objects.filter(round=round_, receipt__in=receipts)
        for subject, answers in _parts(ballot, subjects, many=asked.many)
        if answers.get(OVERALL) in bad
    ]
    Answer.objects.bulk_create(owed)
    return len(owed)


def _parts(ballot: Ballot, subjects: dict[str, int], *, many: bool) -> list[tuple[int, dict[str, Any]]]:
    """(subject, its answers) of a ballot: of its one subject, or of each that a sheet over many judges."""
    if many:
        return [(subjects[code], answers) for code, answers in ballot.answers.items() if code in subjects]
    return [] if ballot.subject_id is None else [(ballot.subject_id, ballot.answers)]


def answer_complaint(*, actor: Actor, answer: Answer, words: str, today: date, now: datetime) -> None:
    """Answer a 差评, for the public to read. Raises NoAnswer, PersonalNumbers, AlreadyAnswered, Refused."""
    path = answer.subject.organisation.path
    require(actor, Action.ANSWER, path)
    said = tidy(words)
    if not 1 <= len(said) <= MOST_WORDS:
        raise NoAnswer(most=MOST_WORDS, count=len(said))
    if find_personal_numbers(said):
        raise PersonalNumbers("答复里好像有电话号码或身份证号。", hint="答复会公开，请删去号码再提交。")
    with transaction.atomic():
        changed = Answer.objects.filter(pk=answer.pk, answered_on=None).update(
            words=said, answered_on=today, answered_by=actor.account
        )
        if not changed:
            raise AlreadyAnswered
        audit("complaint.answer", f"answer:{answer.pk}", actor=actor.account, now=now, path=path)
