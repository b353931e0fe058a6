"""Open rounds: one of last season, closed with its result; one that runs now, for whoever scans the poster; and a 好差评 with
one bad grade answered and one waiting. Rounds with a roster are made in `rosters`.
"""

import hashlib
from datetime import date, timedelta

from quxin.access import ANYONE, SYSTEM
from quxin.jobs.demo import rosters
from quxin.jobs.demo.moment import Moment, at, noon
from quxin.orgs.models import Organisation
from quxin.packs.queries import current
from quxin.records.commitments.models import Commitment
from quxin.records.evaluations import drafting
from quxin.records.evaluations.answers import answer_complaint
from quxin.records.evaluations.closing import close_round
from quxin.records.evaluations.models import Answer, Round, RoundSubject
from quxin.records.evaluations.operations import Vote, cast_ballot, open_round
from quxin.records.evaluations.questionnaire import snapshot
from quxin.records.evaluations.urn import mix

# What the invented voters of last season chose: grade × ballots, and their words.
BALLOTS = ((5, 21), (4, 13), (3, 4), (2, 1), (1, 1))
# Who was served at the window: two of them badly.
SERVED = (5, 4, 2, 5, 3, 4, 5, 1, 4)
WORDS = {0: "预约方便，来得准时。", 9: "希望检验前先电话通知。", 21: "报告讲得清楚。", 38: "等的时间偏长。"}


def make(moment: Moment) -> None:
    """The closed round and the open one, both on the branch's promises and on the provincial agency."""
    agency = at("320000")
    promises = list(
        Commitment.objects.public()
        .filter(organisation__name="特种设备处党支部")
        .select_related("organisation")
        .order_by("pk")
    )
    opened = moment.today - timedelta(days=60)
    past = open_round(
        actor=SYSTEM,
        organiser=agency,
        title="服务承诺群众评议（示例）",
        commitments=promises[:2],
        organisations=[agency],
        opens_at=noon(opened),
        closes_at=noon(opened + timedelta(days=14)),
        now=noon(opened),
    )
    for number, subject in enumerate(RoundSubject.objects.filter(round=past).order_by("pk")):
        _vote(subject, number, moment, opened)
    closed = opened + timedelta(days=15)
    close_round(actor=SYSTEM, round_=Round.objects.get(pk=past.pk), now=noon(closed))
    open_round(
        actor=SYSTEM,
        organiser=agency,
        title="公开承诺群众评议（进行中）",
        commitments=promises,
        organisations=[agency],
        opens_at=moment.now - timedelta(hours=1),
        closes_at=moment.now + timedelta(days=30),
        now=moment.now,
    )
    make_service(moment)
    rosters.make(moment)


def make_service(moment: Moment) -> None:
    """好差评 of the testing institute: two bad grades, one of which was answered."""
    agency = at("320000")
    institute = Organisation.objects.within(agency.path).get(name="省特种设备检验院")
    pack = current("county-tiejun")
    opened = moment.today - timedelta(days=20)
    terms = drafting.Terms(opens_at=noon(opened), closes_at=noon(moment.today + timedelta(days=40)))
    drafted = drafting.draft_round(
        actor=SYSTEM,
        organiser=agency,
        title="检验窗口好差评（示例）",
        questionnaire=snapshot(pack.evaluations["services"], pack=pack.pack, version=pack.version),
        judged=drafting.Judged(organisations=[institute]),
        now=noon(opened),
    )
    drafting.set_terms(actor=SYSTEM, round_=drafted, terms=terms, now=noon(opened))
    round_ = drafting.publish_round(actor=SYSTEM, round_=drafted, now=noon(opened))
    subject = round_.subjects.get()
    for turn, grade in enumerate(SERVED):
        day = opened + timedelta(days=1 + turn)
        voter = hashlib.sha256(f"demo service {turn}".encode()).hexdigest()[:32]
        words = "约好的时间没有人来。" if grade < 3 else ""
        cast_ballot(
            actor=ANYONE,
            vote=Vote(subject.code, grade, words, voter, voter, voter, worked=True),
            now=noon(day),
            today=day,
        )
    mix(round_.pk)
    first = Answer.objects.filter(subject=subject).order_by("due_on", "pk")[0]
    answered = opened + timedelta(days=6)
    answer_complaint(
        actor=SYSTEM,
        answer=first,
        words="已查明：当天检验车故障，没有及时通知。已上门补检，今后改约提前一天打电话。",
        today=answered,
        now=noon(answered),
    )


def _vote(subject: RoundSubject, number: int, moment: Moment, opened: date) -> None:
    """Cast the invented ballots, spread over the round's days."""
    grades = [grade for grade, count in BALLOTS for _ in range(max(1, count - number * 3))]
    for turn, grade in enumerate(grades):
        day = opened + timedelta(days=1 + turn % 12)
        voter = hashlib.sha256(f"demo {subject.pk} {turn}".encode()).hexdigest()[:32]
        vote = Vote(
            subject_code=subject.code,
            grade=grade,
            words=WORDS.get(turn, ""),
            submission=voter,
            device=voter,
            address=voter,
        )
        cast_ballot(actor=ANYONE, vote=vote, now=noon(day), today=day)
