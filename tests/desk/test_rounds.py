"""The organiser's side: set up, posters, turnout, closing, voiding; and who has no way in."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from quxin.access import SYSTEM
from quxin.desk.views import rounds as view
from quxin.kernel import clock
from quxin.ledger.models import Fact
from quxin.records.evaluations.closing import close_round
from quxin.records.evaluations.models import Round
from quxin.reports.poster import has_chinese_font, qr_svg
from tests import cast
from tests.records.evaluations import scene as the
from tests.records.evaluations.scene import AFTER, CLOSES, DURING

pytestmark = pytest.mark.django_db


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


def log_in(role: str, home) -> Client:
    """A browser of somebody with `role` at `home`."""
    name = f"{role}-{home.code}"
    account = cast.create_account(
        username=name,
        organisation=home,
        actor=SYSTEM,
        now=cast.NOW,
        password=cast.PASSWORD,
        must_change_password=False,
    ).account
    cast.grant_role(account, organisation=home, role=role, on=cast.LONG_AGO, actor=SYSTEM, now=cast.NOW)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def organiser(scene):
    return log_in("organiser", scene.offices.hq)


def at(name: str, round_: Round) -> str:
    return reverse(f"desk:{name}", args=[round_.code])


def answers(scene, **given):
    return {
        "title": "窗口满意度评议",
        "promises": [scene.promise.code],
        "organisations": [scene.offices.zhejiang.code],
        "opens_on": "2010-11-20",
        "last_on": "2010-11-26",
        "minimum": "6",
        "asks_words": "on",
    } | given


class TestSettingUp:
    def test_the_form_offers_what_may_be_judged_for_a_week(self, scene, organiser):
        the.promised(scene.offices.nanjing, "还没有公开的承诺")
        html = organiser.get(reverse("desk:round_new")).content.decode()
        assert "电梯检验报告5个工作日内出具" in html
        assert "还没有公开的承诺" not in html
        assert "江苏省质量技术监督局" in html
        assert re.findall(r'type="date" name="\w+" value="([^"]+)"', html) == ["2010-11-20", "2010-11-26"]

    def test_a_round_opens(self, scene, organiser):
        response = organiser.post(reverse("desk:round_new"), answers(scene))
        opened = Round.objects.exclude(pk=scene.round.pk).get()
        assert response.url == at("round", opened)
        assert (opened.title, opened.minimum, opened.asks_words) == ("窗口满意度评议", 6, True)
        assert (clock.local_date(opened.opens_at), opened.closes_at.astimezone(clock.TZ).isoformat()) == (
            the.TODAY,
            "2010-11-27T00:00:00+08:00",
        )
        assert {(one.organisation, one.commitment) for one in opened.subjects.all()} == {
            (scene.offices.nanjing, scene.promise),
            (scene.offices.zhejiang, None),
        }

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"promises": [], "organisations": []}, "还没有选定评议对象"),
            ({"last_on": "2010-11-19"}, "最后一天不能早于第一天"),
            ({"opens_on": "2010-11-01", "last_on": "2010-11-05"}, "并且还没有过去"),
            ({"last_on": "2011-11-26"}, "最长 180 天"),
            ({"minimum": "2"}, "不能小于"),
            ({"title": ""}, "有 1 处要改"),
            ({"promises": ["nosuchcode"]}, "有 1 处要改"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_typed_is_lost(self, scene, organiser, given, said):
        html = organiser.post(
            reverse("desk:round_new"), answers(scene, question="办得快吗？", **given)
        ).content.decode()
        assert said in html
        assert 'value="办得快吗？"' in html
        assert Round.objects.count() == 1

    def test_searching_keeps_what_was_chosen(self, scene, organiser):
        the.published(scene.offices.zhejiang, "计量器具检定7天办结")
        html = organiser.post(reverse("desk:round_new"), answers(scene, find="计量", find_now="1")).content.decode()
        boxes = re.findall(r'<input type="checkbox" name="promises"[^>]*>', html)
        assert len(boxes) == 2
        assert ["checked" in box for box in boxes] == [True, False]
        assert 'value="窗口满意度评议"' in html
        assert Round.objects.count() == 1
        assert 'class="err"' not in html

    def test_what_lies_outside_my_scope_cannot_be_chosen(self, scene):
        client = log_in("organiser", scene.offices.zhejiang)
        html = client.get(reverse("desk:round_new")).content.decode()
        assert "电梯检验报告" not in html
        response = client.post(reverse("desk:round_new"), answers(scene))
        assert response.status_code == 200
        assert Round.objects.count() == 1


class TestOneRound:
    def test_the_list(self, scene, organiser, django_assert_max_num_queries):
        with django_assert_max_num_queries(12):
            html = organiser.get(reverse("desk:rounds")).content.decode()
        assert "窗口服务评议" in html
        assert "2010-11-24" in html
        assert "窗口服务评议" not in organiser.get(reverse("desk:rounds") + "?state=closed").content.decode()
        assert organiser.get(reverse("desk:rounds") + "?sort=-organiser&state=open&page=9").status_code == 200

    def test_turnout_and_the_code_while_it_runs(self, scene, organiser):
        the.cast_many(scene.promised, "11111")
        the.cast_many(scene.judged, "1111", words="说了一句")
        html = organiser.get(at("round", scene.round) + f"?subject={scene.promised.code}").content.decode()
        assert "5 票" in html
        assert "不足 5 票" in html
        assert f"http://testserver/e/{scene.promised.code}/" in html
        assert "<svg" in html
        for secret in ("不满意", "说了一句"):
            assert secret not in html
        assert organiser.get(at("round", scene.round) + "?subject=nosuchcode").status_code == 200

    def test_the_public_name_stands_in_the_code(self, scene, organiser, settings):
        settings.PUBLIC_URL = "https://quxin.example.cn"
        html = organiser.get(at("round", scene.round) + f"?subject={scene.judged.code}").content.decode()
        assert f"https://quxin.example.cn/e/{scene.judged.code}/" in html

    @pytest.mark.parametrize("size", ["A4", "a3"])
    def test_posters(self, scene, organiser, size):
        asked = {"subject": scene.promised.code, "size": size}
        page = organiser.get(at("round_poster", scene.round), asked).content.decode()
        assert qr_svg(f"http://testserver/e/{scene.promised.code}/") in page
        assert ("poster-sheet a3" in page) == (size == "a3")
        if has_chinese_font():
            response = organiser.get(at("round_poster", scene.round), asked | {"as": "pdf"})
            assert response["Content-Type"] == "application/pdf"
            assert response.content.startswith(b"%PDF")

    @pytest.mark.parametrize(
        ("promised", "question", "title", "first"),
        [
            (True, "", "“电梯检验报告5个工作日内出具”，您满意吗？", "扫码，选一个等级，点提交，二十秒"),
            (False, "", "对江苏省质量技术监督局的服务，您满意吗？", "扫码，选一个等级，点提交，二十秒"),
            (True, "办得快吗？", "办得快吗？", "电梯检验报告5个工作日内出具"),
        ],
    )
    def test_what_a_poster_says(self, scene, organiser, promised, question, title, first):
        Round.objects.update(question=question)
        subject = scene.promised if promised else scene.judged
        said = organiser.get(at("round_poster", scene.round), {"subject": subject.code}).context["poster"]
        assert (said.title, said.lines[0]) == (title, first)
        assert said.lines[-1] == "2010年11月18日开始，到2010年11月24日为止"
        assert said.organisation == subject.organisation.name

    def test_a_poster_of_nothing(self, scene, organiser):
        assert organiser.get(at("round_poster", scene.round), {"size": "A0"}).status_code == 404
        assert organiser.get(at("round_poster", scene.round), {"subject": "nosuchcode"}).status_code == 404

    def test_a_poster_that_cannot_be_printed_says_why(self, scene, organiser, monkeypatch):
        def refuse(poster):
            raise view.QuxinError("海报不能生成", hint="请换用A3纸")

        monkeypatch.setattr(view, "poster_pdf", refuse)
        response = organiser.get(at("round_poster", scene.round), {"as": "pdf"})
        assert response.status_code == 422
        page = response.content.decode()
        assert "海报不能生成" in page
        assert "请换用A3纸" in page
        assert "<svg" in page  # the poster itself comes all the same

    def test_closing_only_after_the_end(self, scene, organiser, now):
        the.cast_many(scene.promised, "54321", words="说了一句")
        assert at("round_close", scene.round) not in organiser.get(at("round", scene.round)).content.decode()
        early = organiser.post(at("round_close", scene.round)).content.decode()
        assert "不能提前封存" in early
        assert "2010-11-25 00:00" in early
        now(AFTER)
        assert at("round_close", scene.round) in organiser.get(at("round", scene.round)).content.decode()
        assert organiser.get(at("round_close", scene.round)).status_code == 200
        assert organiser.post(at("round_close", scene.round)).status_code == 302
        html = organiser.get(at("round", scene.round)).content.decode()
        for word in ("60.0%", "非常不满意", "说了一句", "/desk/figures/evaluations.ballots/", "还不到 5 票"):
            assert word in html
        assert "已经结束" in organiser.post(at("round_close", scene.round)).content.decode()
        assert Fact.objects.filter(kind="evaluation.grade").count() == 5

    def test_voiding_wants_a_reason(self, scene, organiser):
        html = organiser.post(at("round_void", scene.round), {"reason": " "}).content.decode()
        assert "作废必须写明理由" in html
        assert organiser.get(at("round_void", scene.round)).status_code == 200
        assert organiser.post(at("round_void", scene.round), {"reason": "列错了承诺"}).status_code == 302
        assert "列错了承诺" in organiser.get(at("round", scene.round)).content.decode()

    def test_a_closed_round_offers_no_way_back(self, scene, organiser, now):
        now(AFTER)
        the.close(scene)
        html = organiser.get(at("round", scene.round)).content.decode()
        assert at("round_void", scene.round) not in html
        assert "已经结束" in organiser.post(at("round_void", scene.round), {"reason": "不好看"}).content.decode()
        scene.round.refresh_from_db()
        assert scene.round.state == Round.State.CLOSED


WRITES = ("round_close", "round_void")
READS = ("round", "round_poster")


class TestWhoMay:
    @pytest.mark.parametrize("role", ["secretary", "leader", "reviewer", "auditor", "member", "system-admin"])
    def test_the_judged_and_everybody_else_see_but_do_not_write(self, scene, role, now):
        client = log_in(role, scene.offices.nanjing)
        the.cast_many(scene.promised, "54321")
        for moment in (DURING, CLOSES + timedelta(hours=1)):
            now(moment)
            for name in READS:
                assert client.get(at(name, scene.round)).status_code == 200
            for name in WRITES:
                assert client.get(at(name, scene.round)).status_code == 403
                assert client.post(at(name, scene.round), {"reason": "结果不好看"}).status_code == 403
            assert client.post(reverse("desk:round_new"), answers(scene)).status_code == 403
            assert at("round_void", scene.round) not in client.get(at("round", scene.round)).content.decode()
        scene.round.refresh_from_db()
        assert scene.round.state == Round.State.OPEN
        assert the.stored().count() == 5

    def test_an_organiser_of_the_judged_cannot_touch_a_round_from_above(self, scene):
        client = log_in("organiser", scene.offices.nanjing)
        assert client.get(at("round", scene.round)).status_code == 200
        for name in WRITES:
            assert client.post(at(name, scene.round), {"reason": "结果不好看"}).status_code == 403

    def test_a_round_elsewhere_does_not_exist(self, scene):
        client = log_in("organiser", scene.offices.zhejiang)
        for name in (*READS, *WRITES):
            assert client.get(at(name, scene.round)).status_code == 404
            assert client.post(at(name, scene.round), {"reason": "x"}).status_code == 404

    def test_strangers_log_in_first(self, scene):
        for name in (*READS, *WRITES):
            assert Client().get(at(name, scene.round)).status_code == 302
        assert Client().get(reverse("desk:round_new")).status_code == 302

    def test_what_the_desk_shows_of_a_small_group_is_what_the_public_sees(self, scene, organiser, now):
        the.cast_many(scene.promised, "111111", words="说了一句")
        now(AFTER)
        close_round(actor=scene.organiser, round_=scene.round, now=AFTER)
        html = organiser.get(at("round", scene.round)).content.decode()
        assert "所有人选得一样" in html
        for secret in ("不满意", "说了一句"):
            assert secret not in html
