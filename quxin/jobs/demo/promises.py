"""Promises: of the branches of 2010, kept and judged by their figures; of this season, in every state of the way."""

from collections.abc import Iterable
from datetime import date, timedelta

from quxin.access import SYSTEM
from quxin.jobs.demo.moment import Moment, noon
from quxin.kernel.scaled import scale
from quxin.orgs.models import Organisation, Person
from quxin.records.campaigns.models import Campaign
from quxin.records.commitments import operations as promises
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.operations import Promise

Step = tuple[date, int, str]


def make(moment: Moment) -> None:
    """Those of 2010 and those of this season."""
    _of_2010(moment)
    _of_this_season(moment)


def _of_2010(moment: Moment) -> None:
    """Each branch of the headquarters promised in September 2010 and was settled at the year's end."""
    campaign = moment.campaigns["aqsiq-2010"]
    branches = Organisation.objects.within(campaign.sponsor.path).filter(party_type="branch", depth=3)
    for number, branch in enumerate(branches.order_by("path")):
        target = 4 + number % 3
        promise = Promise(
            "deed", f"年底前走访服务企业 {target} 家，当场答复问题", scale(target), "家", date(2010, 12, 20)
        )
        visits = target - (1 if number == 7 else 0)
        steps = [(date(2010, 10, 8 + 5 * turn % 20), 1, f"走访企业（第 {turn + 1} 家）") for turn in range(visits)]
        commitment = _published(branch, promise, date(2010, 9, 10), moment, campaign=campaign, steps=steps)
        kept = visits >= target
        promises.settle_commitment(
            commitment=commitment, kept=kept, today=date(2010, 12, 21), now=noon(date(2010, 12, 21))
        )
        if not kept:
            promises.explain_commitment(
                actor=SYSTEM,
                commitment=_fresh(commitment),
                explanation="一家企业因停产未能走访，已改为次年一月上门。",
                now=noon(date(2010, 12, 24)),
            )


def _of_this_season(moment: Moment) -> None:
    today = moment.today
    branch = Organisation.objects.get(name="特种设备处党支部")
    office = Organisation.objects.get(name="质量发展处党支部")
    began = today - timedelta(days=70)
    lifts = Promise(
        "service",
        "每月公布电梯检验报告按时出具情况",
        scale(3),
        "次",
        today + timedelta(days=40),
        verifier="省计量科学研究院",
    )
    visits = Promise(
        "deed",
        "走访 40 家小微企业，问题件件有回音",
        scale(40),
        "家",
        today + timedelta(days=6),
        verifier="省局机关党委",
    )
    open_days = Promise(
        "deed", "“实验室开放日”办满 4 次", scale(4), "次", today + timedelta(days=20), verifier="省局机关党委"
    )
    answers = Promise(
        "service", "三季度上门指导 6 家单位自查", scale(6), "家", today - timedelta(days=12), verifier="省局机关党委"
    )
    _published(branch, lifts, began, moment, steps=_spread(began, today, 2, "公布一次"))
    slow = _published(branch, visits, began, moment, steps=_spread(began, today, 31, "走访一家"))
    _published(office, open_days, began, moment, steps=_spread(began, today, 4, "开放一次"))
    _published(branch, answers, began, moment, steps=_spread(began, today, 5, "指导一家"))
    promises.change_commitment(
        actor=SYSTEM,
        commitment=_fresh(slow),
        promise=Promise(
            "deed",
            "走访 40 家小微企业，问题件件有回音、10 天内答复",
            scale(40),
            "家",
            visits.due_on,
            verifier="省局机关党委",
        ),
        reason="与省局答复时限口径一致",
        today=today - timedelta(days=30),
        now=noon(today - timedelta(days=30)),
        version=_fresh(slow).version,
    )
    _members(branch, moment)


def _members(branch: Organisation, moment: Moment) -> None:
    """Members' promises: published, waiting for review (one of them vague), sent back."""
    people, today = moment.people[branch.pk], moment.today
    began = today - timedelta(days=40)
    post = Promise(
        "post", "本人经办的检验资料 2 个工作日内审完，全季 30 份", scale(30), "份", today + timedelta(days=30)
    )
    _published(branch, post, began, moment, person=people[0], steps=_spread(began, today, 19, "审完一份"))
    vague = Promise("post", "进一步提升服务水平，尽快办结来件 20 件", scale(20), "件", today + timedelta(days=35))
    clear = Promise("deed", "带教 2 名新同事独立完成现场检验", scale(2), "名", today + timedelta(days=35))
    for person, promise in ((people[3], vague), (people[4], clear)):
        _submitted(branch, promise, today - timedelta(days=3), moment, person=person)
    sent_back = _submitted(branch, vague, today - timedelta(days=9), moment, person=people[5])
    promises.return_commitment(
        actor=SYSTEM, commitment=sent_back, reason="“尽快”请写明几个工作日", now=noon(today - timedelta(days=8))
    )


def _submitted(
    organisation: Organisation,
    promise: Promise,
    on: date,
    moment: Moment,
    *,
    person: Person | None = None,
    campaign: Campaign | None = None,
) -> Commitment:
    commitment = promises.make_commitment(
        actor=SYSTEM,
        organisation=organisation,
        promise=promise,
        today=on,
        now=noon(on),
        person=person,
        campaign=campaign,
        is_sample=True,
    )
    promises.submit_commitment(actor=SYSTEM, commitment=commitment, now=noon(on))
    return _fresh(commitment)


def _published(
    organisation: Organisation,
    promise: Promise,
    on: date,
    moment: Moment,
    *,
    person: Person | None = None,
    campaign: Campaign | None = None,
    steps: Iterable[Step] = (),
) -> Commitment:
    """A promise made, reviewed and shown on `on`, with its progress."""
    commitment = _submitted(organisation, promise, on, moment, person=person, campaign=campaign)
    promises.publish_commitment(actor=SYSTEM, commitment=commitment, today=on, now=noon(on))
    commitment = _fresh(commitment)
    for day, quantity, note in steps:
        promises.report_commitment_progress(
            actor=SYSTEM,
            commitment=commitment,
            on=day,
            quantity=scale(quantity),
            note=f"{note}（示例记录）",
            today=day,
            now=noon(day),
        )
    return _fresh(commitment)


def _spread(start: date, end: date, count: int, note: str) -> list[Step]:
    """`count` steps of one, evenly over the days between."""
    days = (end - start).days
    return [(start + timedelta(days=1 + (days - 2) * number // max(1, count)), 1, note) for number in range(count)]


def _fresh(commitment: Commitment) -> Commitment:
    return Commitment.objects.select_related("organisation", "campaign", "person").get(pk=commitment.pk)
