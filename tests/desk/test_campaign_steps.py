"""Deploying in the background, closing, sharing out and the bulletin, as pages of the desk show and refuse them."""

import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from quxin.access import SYSTEM
from quxin.jobs import handlers, worker  # noqa: F401  (handlers registers what the worker can do)
from quxin.kernel import clock
from quxin.ledger.models import AuditEntry
from quxin.records.campaigns import operations_deploy
from quxin.records.campaigns.models import Assignment, Campaign, ProgressRecord, Task
from quxin.records.campaigns.operations_close import close_campaign
from quxin.runs.models import Run, RunState
from quxin.runs.operations import give_back_dead
from tests import cast
from tests.desk.scene import TODAY, browser, frozen, nonce_of, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


class Killed(BaseException):
    """As sudden as kill -9."""


@pytest.fixture
def players():
    return cast.build()


@pytest.fixture
def office(players):
    return browser(players, "organiser")


@pytest.fixture
def running(players):
    return cast.campaign(players.offices)


def ask(office, **more):
    cast.pack()
    given = {"approval_number": cast.APPROVAL, "key": "aqsiq-2010", "group": "组长：党组书记"}
    return office.post(reverse("desk:campaign_deploy", args=["aqsiq-2010"]), given | more)


# --- deploying ---


def test_deploying_is_work_in_the_background_with_a_result(players, office):
    answer = ask(office)
    assert answer.status_code == 302
    assert not Campaign.objects.exists(), "nothing is written inside the request"
    run = Run.objects.get()
    assert answer["Location"] == reverse("desk:deployment", args=[run.code])
    page = office.get(answer["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert worker.work_once()
    run.refresh_from_db()
    campaign = Campaign.objects.get()
    assert (run.state, run.done, run.total) == ("done", Assignment.objects.count(), Assignment.objects.count())
    said = office.get(answer["Location"])
    assert "已部署" in said_by(said)
    assert reverse("desk:campaign", args=[campaign.code]) in said.content.decode()
    assert campaign.leaders.filter(body="group", position="组长：党组书记").exists()
    polled = office.get(answer["Location"], headers={"HX-Request": "true"})
    assert (polled.status_code, polled["HX-Refresh"]) == (204, "true")


def test_what_can_be_said_at_once_is_said_in_the_form(players, office, running):
    assert ask(office).status_code == 422
    assert ask(office, key="Aqsiq 2010").status_code == 422
    assert not Run.objects.exists()


def test_asking_twice_while_it_waits_is_asking_once(players, office):
    assert ask(office)["Location"] == ask(office)["Location"]
    assert Run.objects.count() == 1


def test_a_killed_worker_loses_and_doubles_nothing(players, office, monkeypatch):
    monkeypatch.setattr(operations_deploy, "AT_ONCE", 5)
    href = ask(office)["Location"]
    real, calls = operations_deploy._assign, []

    def dying(*given):
        if len(calls) == 3:
            raise Killed
        calls.append(given)
        return real(*given)

    monkeypatch.setattr(operations_deploy, "_assign", dying)
    with pytest.raises(Killed):
        worker.work_once()
    assert (Run.objects.get().state, Assignment.objects.count()) == (RunState.RUNNING, 15)
    assert "以质取胜" not in said_by(office.get(reverse("desk:campaigns"))).partition("可以部署")[0]
    monkeypatch.setattr(operations_deploy, "_assign", real)
    give_back_dead(now=clock.now(), silent_for=clock.now() - clock.now())
    assert worker.work_once()
    pairs = list(Assignment.objects.values_list("task", "organisation"))
    assert len(pairs) == len(set(pairs)) == Run.objects.get().result["duties"]
    assert "中途停过" in said_by(office.get(href))


def test_whoever_lost_the_right_meanwhile_deploys_nothing(players, office):
    ask(office)
    players.people["organiser"].grants.update(until_on=date(2010, 1, 2))
    worker.work_once()
    assert Run.objects.get().state == "failed"
    assert not Campaign.objects.exists()


# --- closing ---


def test_closing_asks_first_and_shows_on_the_board(players, office, running):
    href = reverse("desk:campaign_close", args=[running.code])
    board = reverse("desk:campaign", args=[running.code])
    assert href in office.get(board).content.decode()
    assert href not in browser(players, "secretary").get(board).content.decode()
    assert "状态灯停在结束那一天" in said_by(office.get(href))
    assert office.post(href, {"on": "2010-11-18", "words": ""}).status_code == 422
    assert office.post(href, {"on": "2011-11-18", "words": "好"}).status_code == 422
    assert office.post(href, {"on": "2010-11-18", "words": "三个方面都已落实"}).status_code == 302
    said = said_by(office.get(board))
    assert "活动已于2010年11月18日结束" in said
    assert "三个方面都已落实" in said
    assert "已结束" in said_by(office.get(reverse("desk:campaigns")))
    assert office.post(href, {"reason": ""}).status_code == 422
    assert office.post(href, {"reason": "还有任务"}).status_code == 302
    assert "活动已于" not in said_by(office.get(board))
    assert "还有任务" in said_by(office.get(href))


def test_the_form_asks_why_when_the_campaign_was_closed_before(players, office, running):
    close_campaign(actor=SYSTEM, campaign=running, on=date(2010, 11, 1), words="完", today=TODAY, now=cast.NOW)
    href = reverse("desk:progress_new")
    blank = office.get(href)
    assert 'type="hidden" name="late_reason"' in blank.content.decode()
    given = {
        "organisation": players.offices.hq.code,
        "kind": "article",
        "occurred_on": "2010-11-10",
        "title": "一篇文稿",
        "campaign": running.code,
        "nonce": nonce_of(blank),
    }
    refused = office.post(href, given)
    assert refused.status_code == 422
    assert "已于 2010-11-01 结束" in said_by(refused)
    assert 'type="hidden" name="late_reason"' not in refused.content.decode()
    assert office.post(href, given | {"late_reason": "样报后到"}).status_code == 302
    assert ProgressRecord.objects.get().campaign == running
    assert AuditEntry.objects.filter(action="progress.record").latest("pk").details["reason"] == "样报后到"


# --- sharing out ---


@pytest.fixture
def contest(running):
    return Task.objects.get(key="foundation.contest")


def shares_href(task, query=""):
    return reverse("desk:task_shares", args=[task.code]) + query


def typed(task, *numbers):
    codes = task.assignments.order_by("organisation__path").values_list("code", flat=True)
    return {f"share-{code}": number for code, number in zip(codes, numbers, strict=True)}


def test_a_way_is_looked_at_before_it_is_saved(players, office, contest):
    assert shares_href(contest) in office.get(reverse("desk:task", args=[contest.code])).content.decode()
    page = office.get(shares_href(contest, "?way=equal")).content.decode()
    assert page.count('value="500"') == 4
    assert not contest.assignments.filter(target__isnull=False).exists()
    assert office.post(shares_href(contest), {"way": "equal", "version": 1}).status_code == 302
    contest.refresh_from_db()
    assert contest.share == "equal"
    assert "平均分" in said_by(office.get(reverse("desk:task", args=[contest.code])))


def test_by_hand_the_form_says_what_is_left_and_keeps_what_was_typed(players, office, contest):
    given = {"way": "hand", "version": 1}
    short = office.post(shares_href(contest), given | typed(contest, "1,000", "700", "200", "99.5"))
    assert short.status_code == 422
    assert "还差 0.5" in said_by(short)
    assert 'value="99.5"' in short.content.decode()
    wrong = office.post(shares_href(contest), given | typed(contest, "一千", "-1", "200", "99"))
    assert wrong.status_code == 422
    assert "不是数字" in said_by(wrong)
    assert "不能小于零" in said_by(wrong)
    assert office.post(shares_href(contest), given | typed(contest, "1000", "700", "200", "100")).status_code == 302
    contest.refresh_from_db()
    assert contest.share == "hand"
    assert sum(contest.assignments.values_list("target", flat=True)) == contest.target


def test_a_proposal_that_was_changed_is_by_hand(players, office, contest):
    numbers = typed(contest, "501", "499", "500", "500")
    office.post(shares_href(contest), {"way": "equal", "version": 1} | numbers)
    contest.refresh_from_db()
    assert contest.share == "hand"


def test_who_saves_second_is_told(players, office, contest):
    office.post(shares_href(contest), {"way": "each", "version": 1})
    assert office.post(shares_href(contest), {"way": "equal", "version": 1}).status_code == 422
    contest.refresh_from_db()
    assert contest.share == "each"


def test_sizes_that_are_missing_cannot_be_saved(players, office, contest):
    from quxin.orgs.models import Membership

    page = office.get(shares_href(contest, "?way=by:members.all"))
    assert "按党员总数分" in said_by(page)
    assert Membership.objects.exists()
    none = office.get(shares_href(contest, "?way=by:staff.all"))
    assert "不能按它分" in said_by(none)
    assert "按这个分" not in said_by(none)


def test_the_table_comes_along_as_excel(players, office, contest):
    answer = office.get(shares_href(contest, "?way=equal&export=1"))
    rows = [
        [cell for cell in row if cell is not None] for row in load_workbook(io.BytesIO(answer.content)).active.values
    ]
    assert ["江苏省质量技术监督局", "320000", 500] in rows
    assert next(row for row in rows if row and row[0] == "合计")[-1] == 2000


# --- the bulletin ---


def test_the_button_on_the_board_writes_a_bulletin_on_paper_and_as_word(players, office, running):
    board = office.get(reverse("desk:campaign", args=[running.code])).content.decode()
    href = reverse("desk:bulletins", args=[running.code])
    assert f'action="{href}?org=' in board
    assert "生成通报" not in said_by(browser(players, "member").get(reverse("desk:campaign", args=[running.code])))
    answer = office.post(href)
    assert "可以离开这一页" in said_by(office.get(answer["Location"]))
    assert worker.work_once()
    page = office.get(answer["Location"])
    said = said_by(page)
    assert Run.objects.get().result["title"] == "关于“以质取胜、创先争优”任务推进情况的通报"
    assert "逾期未完成的单位和任务" in said
    assert 'class="fig" href="/desk/campaigns/' in page.content.decode()
    word = office.get(reverse("desk:bulletin_word", args=[Run.objects.get().code]))
    assert b"".join(word.streaming_content)[:2] == b"PK"
    assert "任务推进情况的通报" in said_by(office.get(href))
    secretary = browser(players, "secretary")
    assert secretary.get(answer["Location"]).status_code == 404, "a bulletin is its writer's"
