"""The voter's pages: one screen, a receipt, no session, nothing personal left behind, under 60 kB."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from django.urls import reverse

from quxin.access import SYSTEM
from quxin.kernel import clock
from quxin.portal.views import evaluate as view
from quxin.records.evaluations import closing, limits
from quxin.records.evaluations.models import Ballot, Limit
from tests import cast
from tests.records.evaluations import scene as the
from tests.records.evaluations.scene import AFTER, CLOSES, DURING, OPENS

pytestmark = pytest.mark.django_db
BUDGET = 60_000


@pytest.fixture
def now(monkeypatch):
    """The clock of the faces, which a test may set: now(AFTER)."""
    moment = [DURING]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(clock, "today", lambda: clock.local_date(moment[0]))
    return lambda at: moment.__setitem__(0, at)


@pytest.fixture
def scene(now):
    return the.build()


@pytest.fixture
def voter():
    """A phone that keeps cookies and has to bring the form's token, as a real one has."""
    return Client(enforce_csrf_checks=True)


def address(subject) -> str:
    return reverse("portal:evaluate", args=[subject.code])


def hidden(html: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', html)[1]


def open_form(client, subject) -> dict[str, str]:
    """What the page's form carries by itself."""
    html = client.get(address(subject)).content.decode()
    return {name: hidden(html, name) for name in ("csrfmiddlewaretoken", "submission")}


def send(client, subject, grade="4", **given):
    return client.post(address(subject), open_form(client, subject) | {"grade": grade} | given)


class TestOneScreen:
    def test_five_grades_words_and_what_is_promised(self, scene, voter):
        html = voter.get(address(scene.promised)).content.decode()
        assert html.count('type="radio"') == 5
        for word in ("非常满意", "基本满意", "非常不满意", "南京市质量技术监督局", "您满意吗？", "2010年11月24日"):
            assert word in html
        for word in ("怎样做到的，保护不了什么", "做不到：", "要您当面选", "管服务器的人", "不足 5 票"):
            assert word in html
        assert "checked" not in html

    def test_an_organisation_and_an_own_question(self, scene, voter):
        assert "对这个单位的服务，您满意吗？" in voter.get(address(scene.judged)).content.decode()
        round_ = the.open_on(
            scene.organiser, scene.offices.hq, [scene.promise], question="办得快不快？", asks_words=False
        )
        html = voter.get(address(round_.subjects.get())).content.decode()
        assert "办得快不快？" in html
        assert "<textarea" not in html

    def test_all_that_the_page_asks_for_is_under_60_kb_and_has_no_script(self, scene, voter):
        for response in (voter.get(address(scene.promised)), send(voter, scene.promised, grade="")):
            html = response.content.decode()
            assert "<script" not in html
            assets = set(re.findall(r'(?:src|href)="/static/([^"]+)"', html))
            assert any(name.endswith(".css") for name in assets)
            sizes = {name: Path(finders.find(name)).stat().st_size for name in assets}
            assert len(response.content) + sum(sizes.values()) <= BUDGET, sizes

    def test_few_queries(self, scene, voter, django_assert_max_num_queries):
        with django_assert_max_num_queries(2):
            voter.get(address(scene.promised))


class TestVoting:
    def test_a_vote_leads_to_its_receipt(self, scene, voter):
        response = send(voter, scene.promised, grade="1", words="等了两周\r\n没人管")
        assert response.status_code == 302
        assert response.url == reverse("portal:evaluated", args=[scene.promised.code])
        page = voter.get(response.url).content.decode()
        code = re.search(r"[0-9A-F]{4}(?:-[0-9A-F]{4}){3}", page)[0]
        ballot = the.stored().get()
        assert ballot.answers == {"overall": 1, "words": "等了两周\n没人管"}
        assert ballot.receipt.startswith(code.replace("-", "").lower())
        assert voter.get(response.url).content.decode().count(code) == 1  # a refresh loses nothing

    @pytest.mark.parametrize("grade", ["1", "2", "3", "4", "5"])
    def test_all_five_can_be_sent(self, scene, voter, grade):
        assert send(voter, scene.promised, grade=grade).status_code == 302
        assert the.stored().get().answers["overall"] == int(grade)

    def test_no_session_no_account_and_a_cookie_that_scripts_cannot_read(self, scene, voter):
        send(voter, scene.promised)
        voter.get(reverse("portal:evaluated", args=[scene.promised.code]))
        assert Session.objects.count() == 0
        assert set(voter.cookies) == {"csrftoken", view.DEVICE_COOKIE, view.RECEIPT_COOKIE}
        for name in (view.DEVICE_COOKIE, view.RECEIPT_COOKIE):
            morsel = voter.cookies[name]
            assert (morsel["httponly"], morsel["samesite"]) == (True, "Lax")
            assert morsel["path"].startswith("/e/")

    def test_the_receipt_stands_in_no_address(self, scene, voter):
        response = send(voter, scene.promised)
        code = voter.cookies[view.RECEIPT_COOKIE].value
        assert code not in response.url
        assert code.replace("-", "") not in response.url

    def test_a_double_click_and_a_retry_after_a_lost_answer_give_the_same_receipt(self, scene, voter, now):
        form = open_form(voter, scene.promised) | {"grade": "5"}
        codes = []
        for moment in (DURING, DURING, AFTER):
            now(moment)
            assert voter.post(address(scene.promised), form).status_code == 302
            codes.append(voter.cookies[view.RECEIPT_COOKIE].value)
        assert len(set(codes)) == 1
        assert the.stored().count() == 1

    def test_going_back_to_choose_otherwise_is_told_that_the_first_stands(self, scene, voter):
        form = open_form(voter, scene.promised)
        voter.post(address(scene.promised), form | {"grade": "5"})
        response = voter.post(address(scene.promised), form | {"grade": "1"}, follow=True)
        assert "以第一次提交的为准" in response.content.decode()
        assert the.stored().get().answers["overall"] == 5

    def test_the_same_phone_again_on_the_same_day(self, scene, voter):
        send(voter, scene.promised)
        again = send(voter, scene.promised)
        assert again.status_code == 422
        assert "今天已经评过" in again.content.decode()
        assert the.stored().count() == 1

    def test_another_phone_behind_the_same_address(self, scene):
        for _ in range(3):
            assert send(Client(enforce_csrf_checks=True), scene.promised).status_code == 302
        assert the.stored().count() == 3


class TestErrors:
    def test_without_a_grade_the_words_stay(self, scene, voter):
        response = send(voter, scene.promised, grade="", words="办得<b>慢</b>")
        html = response.content.decode()
        assert response.status_code == 422
        assert "请在五个等级里选一个" in html
        assert "办得&lt;b&gt;慢&lt;/b&gt;</textarea>" in html

    @pytest.mark.parametrize(
        ("words", "said"),
        [("打13800138000找我", "电话号码或身份证号"), ("好" * 501, "最多 500 字"), ("不能\x00存", "不能保存的字符")],
    )
    def test_words_that_cannot_be_taken_come_back_with_the_grade(self, scene, voter, words, said):
        response = send(voter, scene.promised, grade="2", words=words)
        html = response.content.decode()
        assert response.status_code == 422
        assert said in html
        assert words.replace("\x00", "") in html
        assert re.search(r'value="2" checked', html)
        form = {name: hidden(html, name) for name in ("csrfmiddlewaretoken", "submission")}
        assert voter.post(address(scene.promised), form | {"grade": "2", "words": "好"}).status_code == 302

    @pytest.mark.parametrize("grade", ["6", "0", "-1", "x", "3.5", "9" * 30])
    def test_a_grade_of_ones_own_making(self, scene, voter, grade):
        assert send(voter, scene.promised, grade=grade).status_code == 422
        assert not the.stored().exists()

    def test_a_form_without_its_random_value_gets_a_new_one(self, scene, voter):
        response = send(voter, scene.promised, submission="")
        assert response.status_code == 422
        assert len(hidden(response.content.decode(), "submission")) == view.CODE_LENGTH

    def test_without_the_token_nothing_is_taken_and_the_page_says_what_to_do(self, scene, voter):
        response = voter.post(address(scene.promised), {"grade": "5", "submission": "s" * 32})
        html = response.content.decode()
        assert response.status_code == 403
        for word in ("表单已过期", "返回上一页", "刷新"):
            assert word in html
        assert not the.stored().exists()

    def test_an_unknown_code_is_404(self, scene, voter):
        assert voter.get(reverse("portal:evaluate", args=["nosuchcode"])).status_code == 404
        assert voter.get(reverse("portal:evaluated", args=["nosuchcode"])).status_code == 404

    def test_the_page_of_thanks_without_a_receipt_leads_back(self, scene, voter):
        response = voter.get(reverse("portal:evaluated", args=[scene.promised.code]))
        assert response.url == address(scene.promised)

    def test_a_forged_receipt_cookie_is_not_believed(self, scene, voter):
        voter.cookies[view.RECEIPT_COOKIE] = "0000-0000-0000-0000"
        assert voter.get(reverse("portal:evaluated", args=[scene.promised.code])).status_code == 302


class TestOutsideItsDays:
    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            (OPENS - timedelta(days=1), ("还没有开始", "2010年11月18日", "2010年11月24日")),
            (CLOSES, ("已经结束", "2010年11月24日", "等待封存")),
        ],
    )
    def test_the_page_says_when(self, scene, voter, now, moment, words):
        now(moment)
        html = voter.get(address(scene.promised)).content.decode()
        assert '<form method="post" novalidate' not in html
        for word in words:
            assert word in html

    def test_closed_and_void(self, scene, voter, now):
        other = the.open_on(scene.organiser, scene.offices.hq, [scene.promise])
        closing.void_round(actor=scene.organiser, round_=other, reason="列错了承诺", now=DURING)
        html = voter.get(address(other.subjects.get())).content.decode()
        assert "已经作废" in html
        assert "列错了承诺" in html
        now(AFTER)
        the.close(scene)
        assert "结果已经封存公布" in voter.get(address(scene.promised)).content.decode()

    def test_too_late_keeps_what_was_written(self, scene, voter, now):
        form = open_form(voter, scene.promised)
        now(CLOSES)
        response = voter.post(address(scene.promised), form | {"grade": "5", "words": "写了很久"})
        assert response.status_code == 409
        assert "写了很久" in response.content.decode()
        assert not the.stored().exists()


class TestWhoMayNot:
    @pytest.mark.parametrize("name", ["organiser", "secretary-of-the-judged"])
    def test_organisers_and_the_judged_are_told_and_refused(self, scene, now, name):
        tree = scene.offices
        role, home = ("organiser", tree.hq) if name == "organiser" else ("secretary", tree.nanjing)
        account = cast.create_account(
            username=name, organisation=home, actor=SYSTEM, now=cast.NOW, password=cast.PASSWORD
        ).account
        cast.grant_role(account, organisation=home, role=role, on=cast.LONG_AGO, actor=SYSTEM, now=cast.NOW)
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        html = client.get(address(scene.promised)).content.decode()
        assert ("组织者不当评判员" if name == "organiser" else "被评议单位的工作账号不能评自己") in html
        assert 'type="radio"' not in html
        response = client.post(address(scene.promised), {"grade": "5", "submission": "s" * 32})
        assert response.status_code == 403
        assert not the.stored().exists()

    def test_somebody_logged_in_elsewhere_may(self, scene, now):
        account = cast.create_account(
            username="elsewhere",
            organisation=scene.offices.zhejiang,
            actor=SYSTEM,
            now=cast.NOW,
            password=cast.PASSWORD,
        ).account
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(address(scene.promised)).content.decode().count('type="radio"') == 5


class TestAddress:
    @pytest.mark.parametrize(
        ("proxies", "header", "address"),
        [
            (0, "1.1.1.1", "192.0.2.9"),
            (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
            (2, "6.6.6.6, 1.1.1.1, 10.0.0.1", "1.1.1.1"),
            (2, "1.1.1.1", "192.0.2.9"),
            (1, "", "192.0.2.9"),
        ],
    )
    def test_a_header_is_believed_as_far_as_our_own_proxies_wrote_it(self, settings, proxies, header, address):
        settings.PROXIES = proxies
        request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.9", HTTP_X_FORWARDED_FOR=header)
        assert view.client_address(request) == address

    def test_a_forged_header_does_not_pass_the_limit(self, scene, monkeypatch):
        monkeypatch.setattr(limits, "ADDRESS_LIMIT", 2)
        codes = []
        for number in range(3):
            client = Client(headers={"x-forwarded-for": f"6.6.6.{number}"})
            codes.append(send(client, scene.promised).status_code)
        assert codes == [302, 302, 422]

    def test_nothing_personal_is_logged_or_stored(self, scene, voter, caplog):
        caplog.set_level(logging.DEBUG)
        voter.defaults["REMOTE_ADDR"] = "203.0.113.77"
        send(voter, scene.promised, words="只有我知道的事")
        device = voter.cookies[view.DEVICE_COOKIE].value
        code = voter.cookies[view.RECEIPT_COOKIE].value
        stored = " ".join(str(list(table.objects.values())) for table in (Ballot, Limit))
        logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
        for secret in ("203.0.113.77", device, code):
            assert secret not in stored
            assert secret not in logged
        assert "只有我知道的事" not in logged


class TestReceipts:
    def check(self, voter, code):
        form = {
            "csrfmiddlewaretoken": hidden(voter.get(reverse("portal:receipt")).content.decode(), "csrfmiddlewaretoken")
        }
        return voter.post(reverse("portal:receipt"), form | {"code": code}).content.decode()

    def test_before_and_after_closing(self, scene, voter, now):
        mine = the.cast_many(scene.promised, "54321")[2].code
        html = self.check(voter, mine.lower())
        assert "这一票在“窗口服务评议”里" in html
        assert "封存以后再来核对" in html
        now(AFTER)
        root = bytes(the.close(scene).receipts_root).hex()
        html = self.check(voter, mine.replace("-", ""))
        assert "共 5 票" in html
        assert root in html

    def test_not_found_void_and_tampered(self, scene, voter, now):
        mine = the.cast_many(scene.promised, "54321")[0].code
        assert "没有找到这个回执码" in self.check(voter, "0000-0000-0000-0000")
        assert "没有找到这个回执码" not in self.check(voter, "")
        now(AFTER)
        the.close(scene)
        the.slip_in(scene.promised)
        assert "与封存的不符" in self.check(voter, mine)
        other = the.open_on(scene.organiser, scene.offices.hq, [scene.promise], closes_at=AFTER + timedelta(days=1))
        given = the.cast_one(other.subjects.get(), now=AFTER)
        closing.void_round(actor=scene.organiser, round_=other, reason="列错了承诺", now=AFTER)
        assert "列错了承诺" in self.check(voter, given.code)


class TestRoundsInPublic:
    def test_the_list(self, scene, voter):
        html = voter.get(reverse("portal:rounds")).content.decode()
        assert "窗口服务评议" in html
        assert "2010-11-18 — 2010-11-24" in html

    def test_an_empty_list_says_what_will_stand_here(self, voter):
        assert "还没有评议" in voter.get(reverse("portal:rounds")).content.decode()

    def test_a_round_through_its_life(self, scene, voter, now, django_assert_max_num_queries):
        page = reverse("portal:round_result", args=[scene.round.code])
        the.cast_many(scene.promised, "5432")
        html = voter.get(page).content.decode()
        assert html.count("不足 5 票") == 2
        assert "非常满意" not in html
        the.cast_one(scene.promised, 1, words="等了<两>周")
        assert "已有 5 票" in voter.get(page).content.decode()
        now(AFTER)
        assert "封存以后公布结果" in voter.get(page).content.decode()
        the.close(scene)
        with django_assert_max_num_queries(7):
            html = voter.get(page).content.decode()
        for word in (
            "60.0%",
            "非常不满意",
            "等了&lt;两&gt;周",
            "顺序已经打乱",
            "人数不足，不公布",
            "不足 5 人的不公布",
            "figures/evaluations.ballots/",
        ):
            assert word in html

    def test_unanimity_and_voiding_give_their_reasons(self, scene, voter, now):
        the.cast_many(scene.promised, "111111")
        other = the.open_on(scene.organiser, scene.offices.hq, [scene.promise])
        closing.void_round(actor=scene.organiser, round_=other, reason="列错了承诺", now=DURING)
        assert "列错了承诺" in voter.get(reverse("portal:round_result", args=[other.code])).content.decode()
        now(AFTER)
        the.close(scene)
        html = voter.get(reverse("portal:round_result", args=[scene.round.code])).content.decode()
        assert "人数少而且评价相同，不公布" in html
        assert "非常不满意" not in html

    def test_a_draft_is_nobodys_to_see(self, scene, voter):
        type(scene.round).objects.filter(pk=scene.round.pk).update(state="draft")
        assert voter.get(reverse("portal:round_result", args=[scene.round.code])).status_code == 404
        assert voter.get(address(scene.promised)).status_code == 404
