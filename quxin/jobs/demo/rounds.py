"""Two rounds: one of last season, closed with its result; one that runs now, for whoever scans the poster."""

import hashlib
from datetime import date, timedelta

from quxin.access import ANYONE, SYSTEM
from quxin.jobs.demo.moment import Moment, at, noon
from quxin.records.commitments.models import Commitment
from quxin.records.evaluations.closing import close_round
from quxin.records.evaluations.models import Round, RoundSubject
from quxin.records.evaluations.operations import Vote, cast_ballot, open_round

# What the invented voters of last season chose: grade × ballots, and their words.
BALLOTS = ((5, 21), (4, 13), (3, 4), (2, 1), (1, 1))
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
