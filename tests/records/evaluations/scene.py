"""What the tests of evaluations share: an organisation tree, a published promise, a round on it, and voters."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import QuerySet

from quxin.access import ANYONE, SYSTEM, Actor, Role
from quxin.kernel.identifiers import new_code
from quxin.orgs.models import Organisation
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.operations import Promise, make_commitment, publish_commitment, submit_commitment
from quxin.records.evaluations import urn
from quxin.records.evaluations.closing import close_round
from quxin.records.evaluations.models import Ballot, Round, RoundSubject
from quxin.records.evaluations.operations import Receipt, Vote, cast_ballot, open_round
from tests import cast

OPENS = datetime(2010, 11, 18, 0, 0, tzinfo=UTC)
DURING = OPENS + timedelta(days=2)
CLOSES = OPENS + timedelta(days=7, hours=-8)  # midnight in Shanghai after 2010-11-24
AFTER = CLOSES + timedelta(hours=1)
TODAY = date(2010, 11, 20)


@dataclass(frozen=True)
class Scene:
    """The tree, the organiser's actor, a published promise of 南京, and a round on it and on 江苏."""

    offices: cast.Offices
    organiser: Actor
    promise: Commitment
    round: Round
    promised: RoundSubject
    judged: RoundSubject


def build(**options) -> Scene:
    """A scene; `options` go to open_round."""
    tree = cast.offices()
    organiser = cast.actor(Role.ORGANISER, tree.hq)
    promise = published(tree.nanjing)
    round_ = open_on(organiser, tree.hq, [promise], [tree.jiangsu], **options)
    subjects = {subject.commitment_id: subject for subject in round_.subjects.select_related("organisation")}
    return Scene(tree, organiser, promise, round_, subjects[promise.pk], subjects[None])


def open_on(organiser: Actor, home: Organisation, promises=(), organisations=(), **options) -> Round:
    """A round of a week on `promises` and `organisations`."""
    given = {"title": "窗口服务评议", "opens_at": OPENS, "closes_at": CLOSES, "now": OPENS} | options
    return open_round(actor=organiser, organiser=home, commitments=promises, organisations=organisations, **given)


def promised(organisation: Organisation, text: str = "电梯检验报告5个工作日内出具") -> Commitment:
    """A promise that nobody has reviewed yet."""
    return make_commitment(
        actor=SYSTEM,
        organisation=organisation,
        promise=Promise(kind="service", text=text, target=98000, unit="%", due_on=date(2010, 12, 31)),
        today=cast.TODAY,
        now=cast.NOW,
    )


def published(organisation: Organisation, text: str = "电梯检验报告5个工作日内出具") -> Commitment:
    """A promise that the public can read."""
    promise = promised(organisation, text)
    submit_commitment(actor=SYSTEM, commitment=promise, now=cast.NOW)
    promise.refresh_from_db()
    publish_commitment(actor=SYSTEM, commitment=promise, today=cast.TODAY, now=cast.NOW)
    promise.refresh_from_db()
    return promise


def vote(subject: RoundSubject, grade: int = 5, **given) -> Vote:
    """A vote from a device and an address of its own."""
    values = {"words": "", "submission": new_code(32), "device": new_code(32), "address": f"10.0.0.{new_code(6)}"}
    values["worked"] = True
    return Vote(subject_code=subject.code, grade=grade, **(values | given))


def cast_one(subject: RoundSubject, grade: int = 5, *, now=DURING, today=TODAY, **given) -> Receipt:
    """One ballot of somebody new."""
    return cast_ballot(actor=ANYONE, vote=vote(subject, grade, **given), now=now, today=today)


def cast_many(subject: RoundSubject, grades: str, **given) -> list[Receipt]:
    """A ballot for each digit of `grades`."""
    return [cast_one(subject, int(grade), **given) for grade in grades]


def close(scene: Scene) -> Round:
    """Close the round an hour after its end."""
    close_round(actor=scene.organiser, round_=scene.round, now=AFTER)
    return Round.objects.select_related("organiser", "campaign").get(pk=scene.round.pk)


def stored() -> QuerySet[Ballot]:
    """All ballots, those that waited in an urn mixed first."""
    urn.mix_all(least=1)
    return Ballot.objects.all()


def slip_in(subject: RoundSubject, receipt: str = "0" * 64, **answers) -> Ballot:
    """A ballot put into the table past all checks, as somebody with the database might."""
    return Ballot.objects.create(
        round=subject.round, subject=subject, answers={"overall": 5} | answers, cast_on=TODAY, receipt=receipt
    )
