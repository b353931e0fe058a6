"""What the permission table points at: one of each thing that has an address, so that every route can be opened.

    arguments = furnish(cast)      {"activity": code, "campaign": code, …}: the names that rows of `permissions` use

All of it belongs to the first branch of headquarters and was made by the system, on the day of the cast.
"""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from quxin.access import SYSTEM, Action
from quxin.briefs.ledger import VERIFY
from quxin.files.models import Evidence
from quxin.files.operations import attach_evidence
from quxin.files.publishing import publish_evidence
from quxin.ledger.models import Fact
from quxin.ledger.seals import seal_all
from quxin.orgs.models import Organisation
from quxin.packs.evaluation_types import Evaluation
from quxin.records.activities import operations as activities
from quxin.records.campaigns import progress
from quxin.records.campaigns.models import Assignment, Campaign
from quxin.records.campaigns.ordering import DEPLOY
from quxin.records.commitments import operations as commitments
from quxin.records.commitments.models import Commitment
from quxin.records.evaluations import drafting
from quxin.records.evaluations.closing import close_round
from quxin.records.evaluations.models import Answer, Ballot, Round, RoundSubject
from quxin.records.evaluations.operations import open_round
from quxin.records.evaluations.questionnaire import snapshot
from quxin.records.evaluations.remarks import remark
from quxin.reports.batches import KIND as BATCH
from quxin.reports.batches import batch_file
from quxin.reports.bulletins import KIND as BULLETIN
from quxin.reports.bulletins import bulletin_file
from quxin.runs.models import Run, RunState
from quxin.runs.operations import request_run
from tests.cast import NOW, TODAY, Cast, Offices, campaign

DAY = timedelta(days=1)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def furnish(cast: Cast) -> dict[str, str]:
    """Make one of each thing; the values of the addresses by the names that the table uses."""
    branch, running = cast.offices.branch, campaign(cast.offices)
    published = _promise(branch, "每月走访企业两家", published=True)
    props = (
        cast.arguments
        | {
            "org": branch.code,
            "username": cast.people["member"].username,
            "pack": "aqsiq-2010",
            "campaign": running.code,
            "key": "six-ones",
            "measure": "activities.sessions",
            "kind": "activities",
            "number": "0",
            "promise": published.code,
            "draft": _promise(branch, "带教两名新同事").code,
            "waiting": _promise(branch, "两天内答复来信", submitted=True).code,
            "entry": _entry(published),
        }
        | _records(branch, running)
        | _round(cast.offices.hq, published)
        | _roster_round(cast.offices)
        | _judgements(cast, published)
        | _sealed(cast.offices.hq, published)
        | _runs(cast)
        | _campaign_runs(cast, running)
    )
    seal_all(now=NOW)
    return props


def _promise(home: Organisation, text: str, *, submitted: bool = False, published: bool = False) -> Commitment:
    """A promise of the branch, as far on its way as asked."""
    made = commitments.make_commitment(
        actor=SYSTEM,
        organisation=home,
        promise=commitments.Promise(kind="service", text=text, target=2000, unit="家", due_on=date(2010, 12, 31)),
        today=TODAY,
        now=NOW,
    )
    if submitted or published:
        commitments.submit_commitment(actor=SYSTEM, commitment=made, now=NOW)
        made.refresh_from_db()
    if published:
        commitments.publish_commitment(actor=SYSTEM, commitment=made, today=TODAY, now=NOW)
        made.refresh_from_db()
    return made


def _entry(promise: Commitment) -> str:
    return commitments.report_commitment_progress(
        actor=SYSTEM, commitment=promise, on=TODAY, quantity=1000, note="走访一家", today=TODAY, now=NOW
    ).code


def _records(home: Organisation, running: Campaign) -> dict[str, str]:
    """An activity with a file, a simple record, a duty of the campaign, a fact."""
    held = activities.record_activity(
        actor=SYSTEM,
        organisation=home,
        happening=activities.Happening("study", "集中学习", TODAY, audience=12),
        people=(),
        today=TODAY,
        now=NOW,
    )
    evidence, shown = _file(held), _file(held)
    publish_evidence(
        evidence=Evidence.objects.get(code=shown), record_is_public=True, has_looked=True, actor=SYSTEM, now=NOW
    )
    record = progress.record_progress(
        actor=SYSTEM,
        organisation=home,
        progress=progress.Progress("aqsiq-2010.article", "一篇文稿", TODAY, unit="篇"),
        today=TODAY,
        now=NOW,
    )
    duty = Assignment.objects.filter(task__campaign=running, organisation=home).select_related("task").first()
    assert duty is not None, "the pack gives the branch nothing to do"
    fact = Fact.objects.filter(subject=activities.subject_of(held)).select_related("book").first()
    assert fact is not None
    return {
        "activity": held.code,
        "evidence": evidence,
        "public_evidence": shown,
        "record": record.code,
        "task": duty.task.code,
        "assignment": duty.code,
        "book": fact.book.key,
        "seq": str(fact.seq),
    }


def _file(held: activities.Activity) -> str:
    """A file that hangs on an activity."""
    return attach_evidence(
        upload=SimpleUploadedFile("签到表.pdf", PDF, "application/pdf"),
        subject=activities.subject_of(held),
        path=held.organisation.path,
        actor=SYSTEM,
        action=Action.RECORD_ACTIVITY,
        now=NOW,
    ).code


def _round(home: Organisation, promise: Commitment) -> dict[str, str]:
    """A running round on the promise."""
    opened = open_round(
        actor=SYSTEM,
        organiser=home,
        title="服务承诺群众评议",
        commitments=[promise],
        opens_at=NOW - DAY,
        closes_at=NOW + DAY,
        now=NOW - DAY,
    )
    return {"round": opened.code, "subject": opened.subjects.get().code}


def closed_round(tree: Offices, cards: int = 5) -> Round:
    """A running round on 江苏 with a roster of printed cards."""
    asked = Evaluation.model_validate(
        {"id": "test", "title": "群众测评", "by": "people", "of": ["organisation"], "access": "roster"}
    )
    drafted = drafting.draft_round(
        actor=SYSTEM,
        organiser=tree.hq,
        title="机关作风评议",
        questionnaire=snapshot(asked),
        judged=drafting.Judged(organisations=[tree.jiangsu]),
        now=NOW - DAY,
    )
    drafting.set_voters(actor=SYSTEM, round_=drafted, voters={"": drafting.Voters(cards=cards)})
    terms = drafting.Terms(opens_at=NOW - DAY, closes_at=NOW + DAY)
    drafting.set_terms(actor=SYSTEM, round_=drafted, terms=terms, now=NOW - DAY)
    return drafting.publish_round(actor=SYSTEM, round_=drafted, now=NOW - DAY)


def _roster_round(tree: Offices) -> dict[str, str]:
    made = closed_round(tree)
    return {"closed_round": made.code, "card": made.roster.order_by("number")[0].number}


def _sealed(home: Organisation, promise: Commitment) -> dict[str, str]:
    """A round that was closed yesterday, with a board; its opening names numbers that a panel was drawn from."""
    opens, closes = NOW - 3 * DAY, NOW - DAY
    given = {"actor": SYSTEM, "organiser": home, "title": "上一轮", "commitments": [promise]}
    sealed = open_round(**given, opens_at=opens, closes_at=closes, now=opens)
    opening = sealed.opening | {"panel": {"register": [["n1", ""]], "size": 1, "seed": "s", "population": {"": 1}}}
    Round.objects.filter(pk=sealed.pk).update(opening=opening)
    close_round(actor=SYSTEM, round_=sealed, now=NOW)
    return {"sealed_round": sealed.code}


def _judgements(cast: Cast, promise: Commitment) -> dict[str, str]:
    """A draft, a review of members that nobody has decided, a 差评 that waits, and the leader's remark; all on the branch."""
    home = cast.offices.branch
    draft = _drafted(
        cast, Evaluation.model_validate({"id": "d", "title": "草稿", "of": ["organisation"], "access": "roster"})
    )
    review = _drafted(
        cast,
        Evaluation.model_validate({"id": "m", "title": "评议党员", "by": "peers", "of": ["member"], "kind": "members"}),
        judged=drafting.Judged(members=cast.members),
        organiser=home,
    )
    judged = {one.code: {"grades": [3], "over": False} for one in review.subjects.all()}
    proposal = {"most": 1, "share": "1/3", "members": judged}
    Round.objects.filter(pk=review.pk).update(
        state=Round.State.CLOSED, proposal=proposal, opens_at=NOW - 3 * DAY, closes_at=NOW - DAY, closed_at=NOW
    )
    subject = RoundSubject.objects.filter(commitment=promise).first()
    ballot = Ballot.objects.create(
        round=subject.round, subject=subject, answers={"overall": 1}, cast_on=TODAY, receipt="f" * 64
    )
    waiting = Answer.objects.create(ballot=ballot, subject=subject, due_on=TODAY)
    said = remark(actor=cast.actor("leader"), organisation=home, words="学得实。", today=TODAY, now=NOW)
    return {
        "draft_round": draft.code, "undecided_round": review.code, "complaint": str(waiting.pk), "remark": said.code,
    }  # fmt: skip


def _drafted(
    cast: Cast, asked: Evaluation, judged: drafting.Judged | None = None, organiser: Organisation | None = None
) -> Round:
    """A draft of headquarters on the branch, or as told."""
    return drafting.draft_round(
        actor=SYSTEM,
        organiser=organiser or cast.offices.hq,
        title=asked.title.zh,
        questionnaire=snapshot(asked),
        judged=judged or drafting.Judged(organisations=[cast.offices.branch]),
        now=NOW - DAY,
    )


def _runs(cast: Cast) -> dict[str, str]:
    """Long work that is done: the secretary's preview, the organiser's batch, the auditor's check."""
    preview = _run(cast, "secretary", "records.preview", {"form": "activities", "files": []})
    batch = _run(cast, "organiser", BATCH, {})
    check = _run(cast, "auditor", VERIFY, {})
    archive = batch_file(batch)
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(b"PK")
    return {"run": preview.code, "batch": batch.code, "check": check.code}


def _campaign_runs(cast: Cast, running: Campaign) -> dict[str, str]:
    """The organiser's deployment and bulletin, both done."""
    deployed = {"campaign": running.code, "tasks": 35, "organisations": 9, "duties": 60}
    order = {"sponsor": cast.offices.hq.code, "pack": "aqsiq-2010"}
    deployment = _run(cast, "organiser", DEPLOY, order, deployed)
    asked = {"campaign": running.code, "organisation": cast.offices.branch.code}
    bulletin = _run(cast, "organiser", BULLETIN, asked, {"title": "通报", "paper": "", "remarks": []})
    bulletin_file(bulletin).write_bytes(b"PK")
    return {"deployment": deployment.code, "bulletin": bulletin.code}


def _run(cast: Cast, who: str, kind: str, parameters: dict, result: dict | None = None) -> Run:
    made = request_run(
        kind=kind, title=kind, parameters=parameters, actor=cast.people[who].pk, now=NOW, path=cast.offices.branch.path
    )
    Run.objects.filter(pk=made.pk).update(state=RunState.DONE, result=result or {"files": []})
    return made
