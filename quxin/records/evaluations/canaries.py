"""Probes: every day each of the five grades is cast on a shadow round, through the same page as a voter's.

If one is refused, the portal says so. The shadow round judges nobody, is shown nowhere, and never closes into a result.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from quxin.access import SYSTEM
from quxin.kernel.identifiers import new_code
from quxin.orgs.models import Organisation
from quxin.records.evaluations.errors import NothingToJudge
from quxin.records.evaluations.models import Canary, Grade, Round, RoundSubject
from quxin.records.evaluations.operations import open_round

DAYS = 30
#: Casts one ballot of a grade on the subject of that code, as a voter would; "" when it was taken, else what was said.
Cast = Callable[[str, int, str], str]


def probe(cast: Cast, *, now: datetime, today: date) -> list[Canary]:
    """Cast each grade once today and write down what came of it; what was probed today already is not probed again."""
    done = set(Canary.objects.filter(on=today).values_list("grade", flat=True))
    left = [grade for grade in Grade.values if grade not in done]
    if not left:
        return []
    subject = shadow_subject(now=now)
    if subject is None:
        return []
    refusals = {grade: cast(subject.code, grade, new_code(32)) for grade in left}
    return Canary.objects.bulk_create(
        [
            Canary(on=today, grade=grade, accepted=not refusal, refusal=refusal[:300])
            for grade, refusal in refusals.items()
        ]
    )


def shadow_subject(*, now: datetime) -> RoundSubject | None:
    """What the probes judge: the top organisation in the shadow round of these weeks, which is made when there is none."""
    subjects = RoundSubject.objects.filter(round__is_shadow=True, round__state=Round.State.OPEN)
    current = subjects.filter(round__opens_at__lte=now, round__closes_at__gt=now).order_by("-pk").first()
    if current is not None:
        return current
    top = Organisation.objects.order_by("path").first()
    if top is None:
        return None
    try:
        round_ = open_round(
            actor=SYSTEM,
            organiser=top,
            title="探测轮",
            organisations=[top],
            opens_at=now,
            closes_at=now + timedelta(days=DAYS),
            now=now,
        )
    except NothingToJudge:
        return None
    Round.objects.filter(pk=round_.pk).update(is_shadow=True)
    return round_.subjects.get()


def latest() -> list[Canary]:
    """The probes of the last day that had any, best grade first."""
    newest = Canary.objects.order_by("-on").values_list("on", flat=True).first()
    return list(Canary.objects.filter(on=newest).order_by("-grade")) if newest else []
