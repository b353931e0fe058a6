"""Reading rounds and their results.

A result is read from the facts that closing appended, never from ballots: of ballots only their number, their receipts and
(in shuffled order, apart from the grades) their words are read. Every function is safe to show to anybody.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Concat

from quxin.kernel.hashes import merkle_proof, verify_proof
from quxin.kernel.scaled import SCALE
from quxin.ledger.models import Fact
from quxin.records.evaluations import urn
from quxin.records.evaluations.facts import GRADE
from quxin.records.evaluations.models import Ballot, Grade, Round, RoundSubject, Spent
from quxin.records.evaluations.querysets import RoundQuerySet
from quxin.records.evaluations.reckoning import TOO_FEW, UNANIMOUS, Tally, tally
from quxin.records.evaluations.results import SATISFIED, first_graded
from quxin.records.evaluations.rules import AMONG_MEMBERS, is_open, last_day, receipt_hash, subject_text
from quxin.records.evaluations.simple import questionnaire_of
from quxin.records.evaluations.voices import voices_of

RECEIPT_DIGITS = 16
#: A round that asks for no grade has no share of satisfied; its page shows what it asked.
UNGRADED = "ungraded"


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """One judged thing in one round.

    `ballots` is their number, None while it is under the minimum, and on sheets over many subjects, where it is not counted
    by subject before closing. `tally` is that of the first graded question, there only in a closed round whose result may be
    shown; otherwise `hidden` says why: a reason of `suppression`, "open", "void", or "ungraded" where nothing is graded.
    `titles` are the grades' names.
    """

    subject: RoundSubject
    round: Round
    ballots: int | None
    tally: Tally | None
    hidden: str
    titles: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def on(self) -> date:
        """The day that the result is dated."""
        return last_day(self.round)


@dataclass(frozen=True, slots=True)
class ReceiptFound:
    """A ballot that is there: in which round, and whether it is one of the `size` leaves under the sealed root (closed rounds)."""

    round: Round
    sealed: bool
    size: int = 0
    place: int = 0


def subject_by_code(code: str) -> RoundSubject | None:
    """The subject on a poster, with its round, organisation and promise; None for a round that is only drafted."""
    return (
        RoundSubject.objects.select_related("round__organiser", "organisation", "commitment")
        .exclude(round__state=Round.State.DRAFT)
        .filter(code=code)
        .first()
    )


def public_rounds() -> RoundQuerySet:
    """Rounds for the public list, the newest first, with organiser and number of subjects (`subject_count`)."""
    rounds = Round.objects.public().select_related("organiser").annotate(subject_count=Count("subjects", distinct=True))
    return rounds.order_by("-opens_at", "pk")


def results_of(round_: Round) -> list[SubjectResult]:
    """What may be shown of each subject of a round, promises first, then by organisation; three queries."""
    subjects = (
        RoundSubject.objects.filter(round=round_)
        .select_related("organisation", "commitment", "person")
        .annotate(ballot_count=Count("spent"))
        .order_by("organisation__path", "pk")
    )
    rows = list(subjects)
    counts = _counts_by_subject([subject_text(row) for row in rows], {round_.code})
    return [_result(row, round_, counts.get((subject_text(row), round_.code), {})) for row in rows]


def history_of(judged: str) -> list[SubjectResult]:
    """What may be shown of "commitment:12" or "organisation:5" in every round that judged it, newest first; one query.

    What members say of one another, and the rounds of the canaries, are no part of it.
    """
    thing, _, key = judged.partition(":")
    if thing not in ("commitment", "organisation") or not key.isdigit():
        return []
    wanted = {"commitment_id": int(key)} if thing == "commitment" else {"organisation_id": int(key), "commitment": None}
    rows = list(
        RoundSubject.objects.filter(**wanted, person=None, round__is_shadow=False)
        .exclude(round__state=Round.State.DRAFT)
        .exclude(round__kind__in=AMONG_MEMBERS)
        .select_related("round", "organisation", "commitment")
        .annotate(ballot_count=Count("spent"), **{f"grade_{grade}": _given(grade, judged) for grade in Grade})
        .order_by("-round__closes_at", "-pk")
    )
    return [_result(row, row.round, _counted(row)) for row in rows]


def words_of(results: list[SubjectResult]) -> dict[int, list[str]]:
    """Subject key → what voters wrote, where the result may be shown; shuffled, without the grade, looked through for names and
    numbers (`voices`). Two queries for each round, three where it has groups.
    """
    by_round: dict[int, list[SubjectResult]] = defaultdict(list)
    for result in results:
        if result.tally is not None:
            by_round[result.round.pk].append(result)
    found: dict[int, list[str]] = {}
    for rows in by_round.values():
        voices = voices_of(rows[0].round, [row.subject for row in rows])
        found |= {row.subject.pk: voices[row.subject.code].texts for row in rows if row.subject.code in voices}
    return {key: texts for key, texts in found.items() if texts}


def find_receipt(code: str) -> ReceiptFound | None:
    """The ballot behind a receipt code, however it was typed; None when there is none.

    In a closed round its place under the sealed root is proved from the receipts as they are stored now, so a receipt that
    was taken out or slipped in afterwards shows as not sealed.
    """
    ballot = _ballot_of(code)
    if ballot is None:
        waiting = urn.round_waiting(_digits(code)) if len(_digits(code)) >= RECEIPT_DIGITS else None
        if waiting:
            return ReceiptFound(Round.objects.select_related("organiser").get(pk=waiting), False)
        ballot = _ballot_of(code)  # the urn may have been mixed between the two questions
    if ballot is None:
        return None
    round_ = ballot.round
    if round_.state != Round.State.CLOSED or round_.receipts_root is None:
        return ReceiptFound(round_, False)
    stored = Ballot.objects.filter(round=round_).order_by("receipt").values_list("receipt", flat=True)
    leaves = [bytes.fromhex(receipt) for receipt in stored]
    place = leaves.index(bytes.fromhex(ballot.receipt))
    proof = merkle_proof(leaves, place)
    sealed = verify_proof(leaves[place], place, len(leaves), proof, bytes(round_.receipts_root))
    return ReceiptFound(round_, sealed, len(leaves), place + 1)


def ballots_of(subject: RoundSubject) -> int | None:
    """How many have voted, None while it is under the minimum."""
    count = Spent.objects.filter(subject=subject).count()
    return count if count >= subject.round.minimum else None


def stage_of(round_: Round, now: datetime) -> str:
    """Where a round stands for a reader: "draft", "soon", "open", "over" (ended, not closed yet), "closed", "void"."""
    if round_.state != Round.State.OPEN:
        return str(round_.state)
    if is_open(round_, now):
        return "open"
    return "soon" if now < round_.opens_at else "over"


def _ballot_of(code: str) -> Ballot | None:
    """The ballot whose leaf begins with the code; those of old are found by the hash of theirs."""
    plain = _digits(code)
    ballots = Ballot.objects.select_related("round__organiser")
    if len(plain) < RECEIPT_DIGITS:
        return None
    return (
        ballots.filter(receipt__gte=plain, receipt__lte=plain + "f" * (64 - len(plain))).first()
        or ballots.filter(receipt=receipt_hash(code)).first()
    )


def _digits(code: str) -> str:
    return "".join(character for character in code.lower() if character in "0123456789abcdef")


def _counts_by_subject(judged: list[str], rounds: set[str]) -> dict[tuple[str, str], dict[int, int]]:
    """(subject, round code) → grade → ballots, as the facts that stand add up (a reversal takes its fact away)."""
    found: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    facts = Fact.objects.filter(kind=GRADE.id, subject__in=judged).order_by()
    for subject, label, quantity in facts.values_list("subject", "label").annotate(total=Sum("quantity")):
        code, _, grade = label.rpartition("/")
        if code in rounds and grade.isdigit() and quantity:
            found[subject, code][int(grade)] = quantity // SCALE
    return found


def _given(grade: Grade, judged: str) -> Subquery:
    """How often, scaled, `grade` was given to `judged` in the round of the row: the sum of the facts that stand, or None."""
    label = Concat(OuterRef("round__code"), Value(f"/{int(grade)}"))
    facts = Fact.objects.filter(kind=GRADE.id, subject=judged, label=label).order_by().values("subject")
    return Subquery(facts.annotate(total=Sum("quantity")).values("total"))


def _counted(row: RoundSubject) -> dict[int, int]:
    totals = {int(grade): getattr(row, f"grade_{grade}") for grade in Grade}
    return {grade: total // SCALE for grade, total in totals.items() if total}


def _result(subject: RoundSubject, round_: Round, counts: dict[int, int]) -> SubjectResult:
    graded = first_graded(questionnaire_of(round_))
    count: int = subject.ballot_count  # type: ignore[attr-defined]
    ballots = count if count >= round_.minimum else None
    if round_.state != Round.State.CLOSED:
        return SubjectResult(subject, round_, ballots, None, "void" if round_.state == Round.State.VOID else "open")
    if graded is None:
        return SubjectResult(subject, round_, ballots, None, UNGRADED)
    if not counts:
        return SubjectResult(subject, round_, ballots, None, _why_hidden(subject, round_, graded.id, ballots))
    grades = [int(choice.id) for choice in graded.choices]
    satisfied = [int(choice.id) for choice in graded.choices if choice.counts == SATISFIED]
    found = tally(counts, grades=grades, satisfied=satisfied)
    titles = {int(choice.id): choice.title for choice in graded.choices}
    return SubjectResult(subject, round_, found.total, found, "", titles)


def _why_hidden(subject: RoundSubject, round_: Round, question: str, ballots: int | None) -> str:
    """The reason that was published; where the groups differ, that of the first."""
    for entry in round_.results or ():
        if entry["subject"] == subject.code and entry["question"] == question:
            reasons = [cell["hidden"] for cell in entry["groups"] if cell["hidden"]]
            if reasons:
                return str(reasons[0])
    return TOO_FEW if ballots is None else UNANIMOUS
