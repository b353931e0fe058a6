"""The campaign of 2010 deployed from its pack: what stands in the tables, what in the ledger, and what undoes it."""

from collections import Counter
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum

from quxin.access import SYSTEM, Action, Refused, Role
from quxin.files.operations import attach_evidence
from quxin.kernel.errors import Stale
from quxin.ledger.models import AuditEntry, Fact
from quxin.orgs.models import Level, OrganisationKind
from quxin.orgs.operations import create_organisation
from quxin.packs.types import Pack
from quxin.records.campaigns.models import Assignment, Campaign, Task
from quxin.records.campaigns.operations import (
    AlreadyDeployed,
    AlreadyDone,
    ApprovalMissing,
    EvidenceMissing,
    NotAllowedToRun,
    NotDone,
    NothingToDeploy,
    ReasonMissing,
    close_assignment,
    close_assignments,
    close_task,
    deploy_campaign,
    extend_assignment,
    reopen_assignment,
    reopen_task,
)
from tests import cast

JULY = date(2010, 7, 20)


@pytest.fixture
def tree(db):
    return cast.offices()


@pytest.fixture
def campaign(tree):
    return cast.campaign(tree)


def standing(kind, **where):
    return Fact.objects.filter(kind=kind, **where).aggregate(total=Sum("sign"))["total"] or 0


def assignment_of(campaign, key, organisation):
    return Assignment.objects.get(task__campaign=campaign, task__key=key, organisation=organisation)


def deploy(tree, **more):
    version, content = cast.pack()
    given = {
        "actor": cast.actor(Role.ORGANISER, tree.hq),
        "version": version,
        "pack": content,
        "sponsor": tree.hq,
        "organisations_for": lambda code: [],
        "now": cast.NOW,
        "approval_number": cast.APPROVAL,
    }
    return deploy_campaign(**given | more)


def test_three_aspects_and_thirty_five_tasks(tree, campaign):
    assert (campaign.state, campaign.starts_on, campaign.ends_on) == ("deployed", date(2010, 4, 1), date(2010, 12, 31))
    assert Counter(campaign.tasks.values_list("aspect__key", flat=True)).keys() == {
        "service",
        "supervision",
        "foundation",
    }
    assert campaign.tasks.count() == 35
    assert campaign.phases.count() == 3
    memoranda = campaign.tasks.get(key="service.memoranda")
    assert (memoranda.target, memoranda.measure, memoranda.due_on, memoranda.evidence) == (
        7000,
        "cooperation.memoranda",
        date(2010, 12, 31),
        "document",
    )


def test_the_ledger_holds_what_was_deployed_on_the_first_day(tree, campaign):
    expected = {"campaign.deployed": 1, "aspect.deployed": 3, "task.deployed": 35, "checklist.deployed": 6}
    assert {kind: standing(kind) for kind in expected} == expected
    assert standing("task.assigned") == Assignment.objects.count()
    assert set(Fact.objects.values_list("on", "campaign")) == {(date(2010, 4, 1), "aqsiq-2010")}


def test_every_task_goes_to_the_organisations_of_its_class(tree, campaign):
    for task in campaign.tasks.all():
        owing = set(task.assignments.values_list("organisation", flat=True))
        assert owing == {row.pk for row in cast.organisations_for(tree, task.for_class)}, task.key
    assert (
        standing("task.assigned", path=tree.zhejiang_branch.path)
        == Assignment.objects.filter(organisation=tree.zhejiang_branch).count()
    )


def test_the_six_ones_ask_for_labels_of_records(campaign):
    asked = dict(campaign.checklist_items.values_list("key", "label"))
    assert asked == {
        "study": "study",
        "meeting": "democratic-life-meeting",
        "lesson": "party-lesson",
        "warning": "warning-lesson",
        "day": "theme-day",
        "models": "role-model",
    }
    kinds = dict(campaign.checklist_items.values_list("key", "kind"))
    assert {key for key, kind in kinds.items() if kind == "progress.recorded"} == {"models"}


def test_a_campaign_is_deployed_once_for_each_key(tree, campaign):
    with pytest.raises(AlreadyDeployed):
        deploy(tree)
    assert deploy(tree, key="aqsiq-2010-again").key == "aqsiq-2010-again"
    assert Campaign.objects.count() == 2


def test_who_may_not_deploy_leaves_nothing_behind(tree):
    department = create_organisation(
        name="质量科",
        kind=OrganisationKind.DEPARTMENT,
        parent=tree.nanjing,
        level=Level.PREFECTURE,
        actor=SYSTEM,
        now=cast.NOW,
    )
    cases = [
        ({"actor": cast.actor(Role.SECRETARY, tree.hq)}, Refused),
        ({"actor": cast.actor(Role.ORGANISER, tree.jiangsu)}, Refused),
        ({"sponsor": department}, NotAllowedToRun),
        ({"approval_number": " "}, ApprovalMissing),
    ]
    for more, error in cases:
        with pytest.raises(error):
            deploy(tree, **more)
    bare = Pack.model_validate({"pack": "bare", "version": "1.0.0", "title": "空", "source": "测试"})
    with pytest.raises(NothingToDeploy):
        deploy(tree, pack=bare)
    assert not Campaign.objects.exists()
    assert not Fact.objects.filter(kind="campaign.deployed").exists()


def test_an_organisation_closes_its_task_and_opens_it_again(tree, campaign):
    assignment = assignment_of(campaign, "foundation.discipline-month", tree.branch)
    secretary = cast.actor(Role.SECRETARY, tree.branch)
    close_assignment(actor=secretary, assignment=assignment, on=JULY, now=cast.NOW, note="六件事都做了")
    assert standing("assignment.done", path=tree.branch.path, on=JULY) == 1
    with pytest.raises(AlreadyDone):
        close_assignment(actor=secretary, assignment=assignment, on=JULY, now=cast.NOW)
    with pytest.raises(ReasonMissing):
        reopen_assignment(actor=secretary, assignment=assignment, reason="", now=cast.NOW)
    reopen_assignment(actor=secretary, assignment=assignment, reason="少了一项", now=cast.NOW)
    assert standing("assignment.done") == 0
    with pytest.raises(NotDone):
        reopen_assignment(actor=secretary, assignment=assignment, reason="少了一项", now=cast.NOW)
    close_assignment(actor=secretary, assignment=assignment, on=JULY, now=cast.NOW)
    assert standing("assignment.done") == 1
    assert Fact.objects.filter(kind="assignment.done").count() == 3


def test_nobody_closes_the_task_of_others(tree, campaign):
    assignment = assignment_of(campaign, "foundation.discipline-month", tree.branch)
    for actor in (cast.actor(Role.SECRETARY, tree.nanjing_branch), cast.actor(Role.AUDITOR, tree.hq)):
        with pytest.raises(Refused):
            close_assignment(actor=actor, assignment=assignment, on=JULY, now=cast.NOW)
    assert standing("assignment.done") == 0


def test_a_task_that_asks_for_evidence_is_closed_with_evidence(tree, campaign):
    assignment = assignment_of(campaign, "service.memoranda", tree.hq)
    organiser = cast.actor(Role.ORGANISER, tree.hq)
    with pytest.raises(EvidenceMissing):
        close_assignment(actor=organiser, assignment=assignment, on=JULY, now=cast.NOW)
    attach_evidence(
        upload=SimpleUploadedFile("备忘录.pdf", b"%PDF-1.4 memorandum"),
        subject=f"assignment:{assignment.pk}",
        path=tree.hq.path,
        actor=organiser,
        action=Action.REPORT_PROGRESS,
        now=cast.NOW,
    )
    close_assignment(actor=organiser, assignment=assignment, on=JULY, now=cast.NOW)
    assert standing("assignment.done") == 1


def test_many_closings_are_all_or_none(tree, campaign):
    organiser = cast.actor(Role.ORGANISER, tree.hq)
    rows = Assignment.objects.filter(task__key="foundation.discipline-month").select_related(
        "organisation", "task__campaign"
    )
    wanting = Assignment.objects.filter(task__key="service.memoranda").select_related("organisation", "task__campaign")
    with pytest.raises(EvidenceMissing):
        close_assignments(actor=organiser, assignments=[*rows, *wanting], on=JULY, now=cast.NOW)
    assert standing("assignment.done") == 0
    closed = close_assignments(actor=organiser, assignments=rows, on=JULY, now=cast.NOW)
    assert (len(closed), standing("assignment.done")) == (len(rows), len(rows))
    assert close_assignments(actor=organiser, assignments=rows, on=JULY, now=cast.NOW) == []
    assert standing("assignment.done") == len(rows)


def test_a_deadline_moves_with_a_reason_and_not_behind_anybodys_back(tree, campaign):
    assignment = assignment_of(campaign, "foundation.discipline-month", tree.branch)
    given = {"actor": cast.actor(Role.ORGANISER, tree.hq), "assignment": assignment, "now": cast.NOW, "version": 1}
    with pytest.raises(ReasonMissing):
        extend_assignment(due_on=date(2010, 8, 31), reason=" ", **given)
    extend_assignment(due_on=date(2010, 8, 31), reason="抗洪救灾", **given)
    with pytest.raises(Stale):
        extend_assignment(due_on=date(2010, 9, 30), reason="再延", **given)
    assignment.refresh_from_db()
    assert (assignment.due_on, assignment.extended_reason) == (date(2010, 8, 31), "抗洪救灾")
    assert Task.objects.get(pk=assignment.task_id).due_on == date(2010, 7, 31)


def test_the_sponsor_closes_a_task_as_a_whole(tree, campaign):
    task = campaign.tasks.get(key="foundation.mobilisation")
    organiser = cast.actor(Role.ORGANISER, tree.hq)
    with pytest.raises(Refused):
        close_task(actor=cast.actor(Role.SECRETARY, tree.hq), task=task, on=JULY, now=cast.NOW)
    close_task(actor=organiser, task=task, on=JULY, now=cast.NOW)
    assert standing("task.done", label="foundation.mobilisation") == 1
    with pytest.raises(AlreadyDone):
        close_task(actor=organiser, task=task, on=JULY, now=cast.NOW)
    reopen_task(actor=organiser, task=task, reason="还差一场", now=cast.NOW)
    with pytest.raises(NotDone):
        reopen_task(actor=organiser, task=task, reason="还差一场", now=cast.NOW)
    assert standing("task.done") == 0
    assert AuditEntry.objects.filter(subject="task:aqsiq-2010/foundation.mobilisation").count() == 2
