"""Tasks and duties, checklists, and the burden: what their pages say follows from records and closings."""

from datetime import date
from decimal import Decimal

import pytest

from quxin.access import SYSTEM
from quxin.briefs.burden import burden_of_campaign, burden_of_pack
from quxin.briefs.checklists import checklist_brief
from quxin.briefs.duties import duty_brief, record_wish, task_brief
from quxin.kernel.scaled import scale
from quxin.orgs.queries import of_class
from quxin.packs.load import load_bytes
from quxin.packs.types import Pack, pack_content
from quxin.records.activities.operations import Happening, record_activity, withdraw_activity
from quxin.records.campaigns.burden import BurdenRefused, known_fields, require_light
from quxin.records.campaigns.models import Assignment, Task
from quxin.records.campaigns.operations import KeyWrong, close_assignment, close_task, deploy_campaign
from quxin.records.campaigns.progress import Progress, record_progress
from quxin.records.campaigns.queries import items_of
from tests import cast

TODAY = date(2010, 7, 20)


@pytest.fixture
def tree(db):
    return cast.offices()


@pytest.fixture
def campaign(tree):
    return cast.campaign(tree)


def task(key):
    return Task.objects.select_related("campaign__sponsor", "campaign__pack_version", "aspect").get(key=key)


def hold(place, kind, on=date(2010, 7, 6)):
    happening = Happening(kind=kind, title="示例活动", held_on=on)
    return record_activity(actor=SYSTEM, organisation=place, happening=happening, people=(), today=TODAY, now=cast.NOW)


def test_a_task_lists_who_owes_it(tree, campaign):
    brief = task_brief(actor=SYSTEM, task=task("service.enterprises"), organisation=tree.hq, today=TODAY)
    assert (brief.total, brief.closed, brief.target, brief.state) == (4, 0, "10,000家", "none")
    progress = Progress("served-enterprise", "示例", date(2010, 5, 1), scale(10000))
    record_progress(actor=SYSTEM, organisation=tree.nanjing, progress=progress, today=TODAY, now=cast.NOW)
    brief = task_brief(actor=SYSTEM, task=task("service.enterprises"), organisation=tree.jiangsu, today=TODAY)
    assert (brief.state, brief.number.text) == ("kept", "10000/10000家")
    assert [(line.assignment.organisation.pk, line.state, line.number.text) for line in brief.lines] == [
        (tree.jiangsu.pk, "going", "10000家"),
        (tree.nanjing.pk, "going", "10000家"),
    ]


def test_a_task_that_its_sponsor_closed_is_kept(tree, campaign):
    close_task(actor=SYSTEM, task=task("service.certification"), on=TODAY, now=cast.NOW)
    brief = task_brief(actor=SYSTEM, task=task("service.certification"), organisation=tree.hq, today=TODAY)
    assert brief.state == "kept"
    assert [trace.action for trace in brief.history] == ["办结"]


def test_a_duty_says_what_to_record(tree, campaign):
    def wish(key):
        found = record_wish(task(key))
        return (found.what, found.kind, found.series)

    assert wish("foundation.lectures") == ("activity", "lecture", "aqsiq-2010.quality-forum")
    assert wish("service.energy-metering") == ("progress", "energy-measure", "aqsiq-2010.energy-metering")
    assert wish("service.memoranda") == ("progress", "memorandum", "")
    assert wish("foundation.promises")[0] == "commitment"
    assert wish("service.certification") == ("", "", "")


def test_a_duty_in_full(tree, campaign):
    row = Assignment.objects.select_related(
        "task__campaign__sponsor", "task__campaign__pack_version", "organisation"
    ).get(task__key="foundation.lectures", organisation=tree.hq)
    assert (duty_brief(row, TODAY).number.text, duty_brief(row, TODAY).number.figure) == ("–", "")
    lecture = Happening("lecture", "第一讲", date(2010, 6, 2), series="aqsiq-2010.quality-forum", audience=9)
    record_activity(actor=SYSTEM, organisation=tree.hq, happening=lecture, people=(), today=TODAY, now=cast.NOW)
    brief = duty_brief(row, TODAY)
    assert (brief.number.text, brief.target, brief.state) == ("1/4期", "4期", "going")
    close_assignment(actor=SYSTEM, assignment=row, on=TODAY, now=cast.NOW)
    row.refresh_from_db()
    brief = duty_brief(row, TODAY)
    assert (brief.state, brief.is_on_time) == ("kept", True)
    assert [trace.action for trace in brief.history] == ["办结"]


def six_ones(campaign, root, **more):
    return checklist_brief(
        campaign=campaign, items=items_of(campaign, "six-ones"), organisation=root, today=TODAY, **more
    )


def row_of(brief, place):
    return next(row for row in brief.rows if row.organisation.pk == place.pk)


def test_a_checklist_counts_organisations_that_did_it(tree, campaign):
    held = hold(tree.nanjing_branch, "study")
    hold(tree.nanjing_branch, "study", date(2010, 7, 9))
    hold(tree.nanjing_branch, "party-lesson", date(2010, 6, 2))  # another month
    brief = six_ones(campaign, tree.hq)
    assert brief.organisations == len(tree.all())
    assert brief.totals[0] == (1, 9)
    assert row_of(brief, tree.jiangsu).cells[0].text == "1/3"
    assert row_of(brief, tree.jiangsu).cells[0].state == "going"
    assert row_of(brief, tree.office).cells[0].text == "–"
    below = six_ones(campaign, tree.nanjing)
    cell = row_of(below, tree.nanjing_branch).cells[0]
    assert (cell.state, cell.record.kind, cell.record.code) == ("kept", "activity", held.code)
    assert [row_of(below, tree.nanjing_branch).cells[n].done for n in range(6)] == [1, 0, 0, 0, 0, 0]


def test_a_withdrawn_record_does_not_tick(tree, campaign):
    held = hold(tree.office, "theme-day")
    assert row_of(six_ones(campaign, tree.hq), tree.office).cells[4].done == 1
    withdraw_activity(actor=SYSTEM, activity=held, reason="没有办成", now=cast.NOW)
    assert row_of(six_ones(campaign, tree.hq), tree.office).cells[4].done == 0


def test_each_organisation_and_who_did_all(tree, campaign):
    kinds = ("study", "democratic-life-meeting", "party-lesson", "warning-lesson", "theme-day")
    for kind in kinds:
        hold(tree.zhejiang_branch, kind)
    progress = Progress("role-model", "身边典型", date(2010, 7, 19))
    record_progress(actor=SYSTEM, organisation=tree.zhejiang_branch, progress=progress, today=TODAY, now=cast.NOW)
    brief = six_ones(campaign, tree.hq, each=True)
    assert (len(brief.rows), brief.complete) == (9, 1)
    assert all(cell.done for cell in row_of(brief, tree.zhejiang_branch).cells)
    assert not any(row.below for row in brief.rows)
    assert [row.organisation.pk for row in six_ones(campaign, tree.hq, each=True, words="浙江省局机关").rows] == [
        tree.zhejiang_branch.pk
    ]


def test_checklists_at_scale_read_the_same(tree, campaign, monkeypatch):
    hold(tree.nanjing_branch, "study")
    few = six_ones(campaign, tree.hq)
    monkeypatch.setattr("quxin.briefs.checklists.MANY", 0)
    assert six_ones(campaign, tree.hq) == few


def test_checklist_queries_do_not_grow(tree, campaign, django_assert_max_num_queries):
    for place in tree.all():
        hold(place, "study")
    items = items_of(campaign, "six-ones")
    with django_assert_max_num_queries(7):
        checklist_brief(campaign=campaign, items=items, organisation=tree.hq, today=TODAY)


# --- the burden ---


def asking(pack, reason=""):
    """The pack with a task that asks for a number that the ledger knows."""
    content = pack_content(pack)
    first = content["campaign"]["aspects"][0]["tasks"][0]
    first["fields_asked"] = [{"measure": "cooperation.memoranda"} | ({"reason": reason} if reason else {})]
    return Pack.model_validate(content)


def deploy(tree, version, pack, **more):
    return deploy_campaign(
        actor=SYSTEM,
        version=version,
        pack=pack,
        sponsor=tree.hq,
        organisations_for=lambda code: list(of_class(code, root=tree.hq.path, on=TODAY)),
        now=cast.NOW,
        approval_number=cast.APPROVAL,
        **more,
    )


def test_minutes_times_organisations(tree):
    version, pack = cast.pack()
    burden = burden_of_pack(pack, tree.hq, TODAY)
    agencies = next(line for line in burden.lines if line.code == "every-agency")
    assert (agencies.tasks, agencies.minutes, agencies.organisations, agencies.total) == (5, 40, 4, 160)
    assert agencies.levels == (("国家级", 1), ("省级", 2), ("地级", 1))
    assert agencies.hours == Decimal("2.7")
    assert burden.minutes == sum(line.total for line in burden.lines)
    campaign = deploy(tree, version, pack)
    assert burden_of_campaign(campaign, pack) == burden
    assert Assignment.objects.count() == burden.duties


def test_a_number_that_the_ledger_knows_is_refused(tree):
    version, pack = cast.pack()
    assert known_fields(pack) == []
    heavy = asking(pack)
    assert [field.key for field in burden_of_pack(heavy, tree.hq, TODAY).refused] == [
        "service.memoranda/cooperation.memoranda"
    ]
    with pytest.raises(BurdenRefused, match="签署合作备忘录的省"):
        deploy(tree, version, heavy)
    assert not Assignment.objects.exists()
    deploy(tree, version, heavy, reasons={"service.memoranda/cooperation.memoranda": "双方文本口径不同，需核对"})
    assert Assignment.objects.exists()


def test_a_reason_in_the_pack_or_a_field_of_words_passes(tree):
    _, pack = cast.pack()
    assert [field.reason for field in require_light(asking(pack, "核对口径"))] == ["核对口径"]
    words = load_bytes({"p.yaml": b"pack: p\nversion: 1.0.0\ntitle: p\nsource: s\n"}).pack
    assert require_light(words) == []


def test_a_key_that_would_break_subjects_is_refused(tree):
    version, pack = cast.pack()
    for key in ("a/b", "甲", "A", "x" * 60, "a b"):
        with pytest.raises(KeyWrong):
            deploy(tree, version, pack, key=key)
