"""Campaigns on the desk: list, board, task, duty, checklist, burden, deploying; what is shown, refused, exported."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from quxin.access import SYSTEM
from quxin.jobs import handlers, worker  # noqa: F401  (handlers registers what the worker can do)
from quxin.kernel.scaled import scale
from quxin.measures.reading import measure
from quxin.records.activities.operations import Happening, record_activity
from quxin.records.campaigns.models import Assignment, Campaign, Leader, Task
from quxin.records.campaigns.operations import close_assignment
from quxin.records.campaigns.progress import Progress, record_progress
from tests import cast
from tests.desk.scene import TODAY, browser, frozen, queries_of, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PDF = b"%PDF-1.4 trailer"


@pytest.fixture
def players():
    made = cast.build()
    cast.campaign(made.offices)
    return made


@pytest.fixture
def office(players):
    return browser(players, "organiser")


def campaign():
    return Campaign.objects.get()


def board_href(query=""):
    return reverse("desk:campaign", args=[campaign().code]) + query


def duty(key, place):
    return Assignment.objects.select_related("task__campaign", "organisation").get(task__key=key, organisation=place)


def duty_href(key, place):
    return reverse("desk:assignment", args=[duty(key, place).code])


def book(answer):
    return [
        [cell for cell in row if cell is not None] for row in load_workbook(io.BytesIO(answer.content)).active.values
    ]


def test_the_list_shows_campaigns_and_packs_to_deploy(players, office):
    said = said_by(office.get(reverse("desk:campaigns")))
    assert "以质取胜、创先争优" in said
    assert "国家质量监督检验检疫总局" in said
    assert "部署“以质取胜、创先争优”" in said
    assert "部署“以质取胜、创先争优”" not in said_by(browser(players, "member").get(reverse("desk:campaigns")))


def test_the_board_prints_numbers_with_their_workings(players, office):
    for _ in range(7):
        record_progress(
            actor=SYSTEM,
            organisation=players.offices.hq,
            progress=Progress("memorandum", "备忘录", date(2010, 6, 1), scale(1)),
            today=TODAY,
            now=cast.NOW,
        )
    page = office.get(board_href("?aspect=service")).content.decode()
    assert 'class="lamp kept"' in page
    assert f"/desk/figures/aqsiq-2010.cooperation.memoranda/?org={players.offices.hq.code}" in page
    assert ">7/7</a>" in page
    assert "截至2010年11月18日" in page


def test_drilling_down_and_what_is_not_mine(players, office):
    tree = players.offices
    page = office.get(board_href(f"?org={tree.jiangsu.code}&aspect=service"))
    assert "江苏省质量技术监督局：" in said_by(page)
    assert tree.nanjing.name in said_by(page)
    assert tree.zhejiang.name not in said_by(page)
    stranger = browser(players, "stranger")
    assert stranger.get(board_href()).status_code == 200  # the campaign reaches down to it
    assert stranger.get(board_href(f"?org={tree.jiangsu.code}")).status_code == 404
    assert stranger.get(duty_href("service.memoranda", tree.hq)).status_code == 404
    assert stranger.get("/desk/campaigns/nothing/").status_code == 404


def test_filters_live_in_the_address(players, office):
    page = said_by(office.get(board_href("?words=演讲")))
    assert "大质检文化演讲比赛" in page
    assert "1 项任务" in page
    assert "没有符合条件的单位" in said_by(office.get(board_href("?aspect=service&lamp=kept")))
    assert office.get(board_href("?page=99999&sort=-rate&lamp=zzz&aspect=zzz")).status_code == 200
    assert office.get(board_href("?page=²")).status_code == 200


def test_the_export_holds_just_what_is_shown(players, office):
    answer = office.get(board_href("?words=浙江&export=1"))
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    rows = book(answer)
    head = next(n for n, row in enumerate(rows) if row and row[0] == "单位")
    assert [row[0] for row in rows[head + 1 :]] == ["浙江省质量技术监督局", "合计"]
    assert browser(players, "member").get(board_href("?export=1")).status_code == 403


def test_a_task_is_closed_and_reopened_by_its_sponsor_only(players, office):
    href = reverse("desk:task", args=[Task.objects.get(key="service.certification").code])
    secretary = browser(players, "secretary")
    assert secretary.post(href, {"do": "change", "on": "2010-11-18"}).status_code == 403
    assert "办结这项任务" not in said_by(secretary.get(href))
    assert office.post(href, {"on": "2010-12-18"}).status_code == 422
    assert office.post(href, {"on": "2010-11-18"}).status_code == 302
    assert done() == 1
    assert office.post(href, {"reason": ""}).status_code == 422
    assert office.post(href, {"reason": "还差一项"}).status_code == 302
    assert done() == 0
    assert "还差一项" in said_by(office.get(href))


def done():
    period = __import__("quxin.kernel.periods", fromlist=["Period"]).Period.parse("2010")
    return measure("tasks.done", path=campaign().sponsor.path, period=period, campaign=campaign().key).value


def test_a_task_lists_and_narrows_its_duties(players, office):
    tree = players.offices
    task = Task.objects.get(key="supervision.integrity")
    href = reverse("desk:task", args=[task.code])
    assert "共 4 个单位" in said_by(office.get(href))
    close_assignment(actor=SYSTEM, assignment=duty(task.key, tree.nanjing), on=date(2010, 10, 1), now=cast.NOW)
    kept = said_by(office.get(href + "?lamp=kept"))
    assert "南京市质量技术监督局" in kept
    assert "浙江省质量技术监督局" not in kept
    rows = book(office.get(href + "?lamp=late&export=1"))
    assert sorted(row[0] for row in rows if "逾期" in row) == sorted(
        place.name for place in (tree.hq, tree.jiangsu, tree.zhejiang)
    )


def test_a_duty_with_its_number_and_where_to_record(players, office):
    tree = players.offices
    href = duty_href("foundation.lectures", tree.hq)
    page = office.get(href).content.decode()
    assert (
        f"{reverse('desk:activity_new')}?org={tree.hq.code}&amp;kind=lecture&amp;series=aqsiq-2010.quality-forum"
        in page
    )
    record_activity(
        actor=SYSTEM,
        organisation=tree.hq,
        happening=Happening("lecture", "第一讲", date(2010, 6, 2), series="aqsiq-2010.quality-forum"),
        people=(),
        today=TODAY,
        now=cast.NOW,
    )
    assert ">1/4期</a>" in office.get(href).content.decode()


def test_a_duty_is_closed_with_evidence_only(players, office):
    place = players.offices.hq
    href = duty_href("service.memoranda", place)
    refused = office.post(href, {"do": "close", "on": "2010-11-18"})
    assert refused.status_code == 422
    assert "要求佐证材料" in said_by(refused)
    wrong = office.post(href, {"do": "attach", "evidence": SimpleUploadedFile("x.pdf", b"MZ not a pdf")})
    assert wrong.status_code == 422
    assert office.post(href, {"do": "attach", "evidence": SimpleUploadedFile("a.pdf", PDF)}).status_code == 302
    assert "a.pdf" in said_by(office.get(href))
    assert office.post(href, {"do": "close", "on": "2010-11-18", "note": "七省签齐"}).status_code == 302
    assert "七省签齐" in said_by(office.get(href))
    assert office.post(href, {"do": "reopen", "reason": "少一份"}).status_code == 302
    assert "少一份" in said_by(office.get(href))
    assert office.post(href, {"do": "nonsense"}).status_code == 404


def test_a_deadline_moves_with_a_reason_and_not_twice_from_one_page(players, office):
    place = players.offices.jiangsu
    href = duty_href("supervision.integrity", place)
    assert office.post(href, {"do": "extend", "due_on": "2010-12-01", "version": "1"}).status_code == 422
    moved = {"do": "extend", "due_on": "2010-12-01", "reason": "汛情", "version": "1"}
    assert office.post(href, moved).status_code == 302
    assert "已延期：汛情" in said_by(office.get(href))
    stale = office.post(href, moved | {"due_on": "2010-12-30"})
    assert stale.status_code == 422
    assert "别人已经改过" in said_by(stale)
    assert duty("supervision.integrity", place).due_on == date(2010, 12, 1)


def test_a_secretary_closes_his_own_and_extends_nothing(players):
    place = players.offices.branch
    secretary = browser(players, "secretary")
    href = duty_href("foundation.promises", place)
    assert "改期限" not in said_by(secretary.get(href))
    said = {"do": "extend", "due_on": "2010-12-01", "reason": "汛情", "version": "1"}
    assert secretary.post(href, said).status_code == 403
    assert secretary.post(href, {"do": "close", "on": "2010-11-18"}).status_code == 302


def test_the_six_ones_lead_to_their_records(players, office):
    branch = players.offices.nanjing_branch
    held = record_activity(
        actor=SYSTEM,
        organisation=branch,
        happening=Happening("study", "集中学习", date(2010, 7, 6)),
        people=(),
        today=TODAY,
        now=cast.NOW,
    )
    href = reverse("desk:checklist", args=[campaign().code, "six-ones"])
    assert "1/3" in said_by(office.get(href))
    below = office.get(href + f"?org={players.offices.nanjing.code}&each=1").content.decode()
    assert reverse("desk:activity", args=[held.code]) in below
    assert "缺" in below
    rows = book(office.get(href + f"?org={players.offices.nanjing.code}&each=1&export=1"))
    assert [branch.name, "已办", "缺", "缺", "缺", "缺", "缺"] in rows
    assert office.get(reverse("desk:checklist", args=[campaign().code, "nothing"])).status_code == 404


def test_the_burden_says_how_it_is_reckoned(players, office):
    said = said_by(office.get(reverse("desk:burden", args=[campaign().code])))
    assert "怎么算的" in said
    assert f"共分派 {Assignment.objects.count()} 项" in said


# --- deploying ---


def deploy_href():
    return reverse("desk:campaign_deploy", args=["aqsiq-2010"])


def test_deploying_shows_the_burden_and_asks_for_approval(players, office):
    page = said_by(office.get(deploy_href()))
    for words in ("一、要办什么", "二、谁来承担", "三、批准和分工", "合计（小时）", "没有一个数是账本已经有"):
        assert words in page
    form = {"sponsor": players.offices.hq.code, "key": "aqsiq-2010-b", "group": "组长：党组书记\n副组长：机关党委书记"}
    refused = office.post(deploy_href(), form)
    assert refused.status_code == 422
    assert Campaign.objects.count() == 1
    made = office.post(deploy_href(), form | {"approval_number": "国质检党〔2010〕121号", "level": "国家级"})
    assert made.status_code == 302
    assert worker.work_once()
    new = Campaign.objects.get(key="aqsiq-2010-b")
    assert reverse("desk:campaign", args=[new.code]) in office.get(made["Location"]).content.decode()
    assert (new.sponsor, new.approval_number) == (players.offices.hq, "国质检党〔2010〕121号")
    seats = Leader.objects.filter(campaign=new, body="group").values_list("position", flat=True)
    assert list(seats)[:2] == ["组长：党组书记", "副组长：机关党委书记"]
    assert office.get(made["Location"]).status_code == 200


def test_errors_of_deploying_stand_in_the_form(players, office):
    form = {"sponsor": players.offices.hq.code, "approval_number": "一号", "key": "aqsiq-2010"}
    assert "已经部署过" in said_by(office.post(deploy_href(), form))
    assert "不能作为活动代号" in said_by(office.post(deploy_href(), form | {"key": "大写 A"}))
    assert "每行不超过" in said_by(office.post(deploy_href(), form | {"key": "b", "group": "长" * 61}))


def test_who_may_not_deploy(players, office):
    assert browser(players, "secretary").get(deploy_href()).status_code == 403
    assert browser(players, "system-admin").get(deploy_href()).status_code == 403
    assert office.get(reverse("desk:campaign_deploy", args=["nothing"])).status_code == 404
    assert office.get(deploy_href() + "?sponsor=nothing").status_code == 404


def test_no_list_costs_more_than_twelve_queries(players, office):
    tree, code = players.offices, campaign().code
    task = reverse("desk:task", args=[Task.objects.get(key="supervision.integrity").code])
    pages = (
        reverse("desk:campaigns"),
        board_href(f"?org={tree.hq.code}&aspect=service"),
        board_href(f"?org={tree.jiangsu.code}&aspect=foundation"),
        f"{task}?org={tree.hq.code}",
        reverse("desk:checklist", args=[code, "six-ones"]) + f"?org={tree.hq.code}",
        reverse("desk:checklist", args=[code, "six-ones"]) + f"?org={tree.jiangsu.code}&each=1",
    )
    for href in pages:
        office.get(href)  # choosing an organisation is kept in the session: the first visit writes it
        assert queries_of(office, href) <= 12, href


def test_a_panel_beside_the_board_does_not_move_it(players, office):
    tree = players.offices
    office.get(board_href(f"?org={tree.hq.code}"))
    figure = f"/desk/figures/activities.sessions/?org={tree.jiangsu.code}&period=2010-04..2010-11"
    assert office.get(figure, headers={"HX-Request": "true"}).status_code == 200
    assert f"{tree.hq.name}：" in said_by(office.get(board_href()))
