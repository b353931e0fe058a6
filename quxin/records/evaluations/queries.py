"""Reading rounds and their results.

A result is read from the facts that closing appended, never from ballots: of ballots only their number, their receipts and
(in shuffled order, apart from the grades) their words are read. Every function is safe to show to anybody.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Concat

from quxin.kernel.hashes import merkle_proof, verify_proof
from quxin.kernel.identifiers import find_personal_numbers
from quxin.kernel.scaled import SCALE
from quxin.ledger.models import Fact
from quxin.records.evaluations import urn
from quxin.records.evaluations.facts import GRADE
from quxin.records.evaluations.models import Ballot, Grade, Round, RoundSubject, Spent
from quxin.records.evaluations.querysets import RoundQuerySet
from quxin.records.evaluations.reckoning import TOO_FEW, UNANIMOUS, Tally, tally
from quxin.records.evaluations.rules import is_open, last_day, receipt_hash, subject_text

RECEIPT_DIGITS = 16


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """One judged thing in one round.

    `ballots` is their number, None while it is under the minimum. `tally` is there only in a closed round whose result may
    be shown; otherwise `hidden` says why: "too-few", "unanimous", "open", "void".
    """

    subject: RoundSubject
    round: Round
    ballots: int | None
    tally: Tally | None
    hidden: str

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
        .select_related("organisation", "commitment")
        .annotate(ballot_count=Count("spent"))
        .order_by("organisation__path", "pk")
    )
    rows = list(subjects)
    counts = _counts_by_subject([subject_text(row) for row in rows], {round_.code})
    return [_result(row, round_, counts.get((subject_text(row), round_.code), {})) for row in rows]


def history_of(judged: str) -> list[SubjectResult]:
    """What may be shown of "commitment:12" or "organisation:5" in every round that judged it, newest first; one query."""
    thing, _, key = judged.partition(":")
    if thing not in ("commitment", "organisation") or not key.isdigit():
        return []
    wanted = {"commitment_id": int(key)} if thing == "commitment" else {"organisation_id": int(key), "commitment": None}
    rows = list(
        RoundSubject.objects.filter(**wanted)
        .exclude(round__state=Round.State.DRAFT)
        .select_related("round", "organisation", "commitment")
        .annotate(ballot_count=Count("spent"), **{f"grade_{grade}": _given(grade, judged) for grade in Grade})
        .order_by("-round__closes_at", "-pk")
    )
    return [_result(row, row.round, _counted(row)) for row in rows]


def words_of(results: list[SubjectResult]) -> dict[int, list[str]]:
    """Subject key → what voters wrote, where the result may be shown; shuffled, without the grade, without numbers of people.

    The order is that of the ballots' random numbers: it says nothing about who came first.
    """
    shown = [result.subject.pk for result in results if result.tally is not None]
    words: dict[int, list[str]] = defaultdict(list)
    if not shown:
        return words
    rows = Ballot.objects.filter(subject_id__in=shown, answers__has_key="words").order_by("number")
    for subject_id, text in rows.values_list("subject_id", "answers__words"):
        if not find_personal_numbers(text):
            words[subject_id].append(text)
    return words


def find_receipt(code: str) -> ReceiptFound | None:
    """The ballot behind a receipt code, however it was typed; None when there is none.

    In a closed round its place under the sealed root is proved from the receipts as they are stored now, so a receipt that
    was taken out or slipped in afterwards shows as not sealed.
    """
    ballot = _ballot_of(code)
    if ballot is None:
        waiting = urn.round_waiting(_digits(code)) if len(_digits(code)) >= RECEIPT_DIGITS else None
        return ReceiptFound(Round.objects.select_related("organiser").get(pk=waiting), False) if waiting else None
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
    count: int = subject.ballot_count  # type: ignore[attr-defined]
    ballots = count if count >= round_.minimum else None
    if round_.state != Round.State.CLOSED:
        return SubjectResult(subject, round_, ballots, None, "void" if round_.state == Round.State.VOID else "open")
    if counts:
        return SubjectResult(subject, round_, ballots, tally(counts), "")
    return SubjectResult(subject, round_, ballots, None, TOO_FEW if ballots is None else UNANIMOUS)
