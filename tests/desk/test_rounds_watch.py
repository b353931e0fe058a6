"""What comes after publishing: turnout, cards, witnesses, results; decisions, answers and remarks; and who has no way in."""

import pytest
from django.test import Client
from django.urls import reverse

from quxin.ledger.models import AuditEntry
from quxin.records.evaluations import urn
from quxin.records.evaluations.closing import close_round
from quxin.records.evaluations.drafting import Judged, Voters
from quxin.records.evaluations.models import Answer, Ballot, CardSheet, Decision, Remark, RosterLine, Round, Spent
from quxin.records.evaluations.rosters import card_hash, tidy_card
from tests import cast
from tests.desk.scene import said_by
from tests.desk.test_rounds import log_in, now  # noqa: F401
from tests.records.evaluations import closed as the
from tests.records.evaluations import scene
from tests.records.evaluations.scene import AFTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(now):  # noqa: F811
    return cast.offices()


@pytest.fixture
def organiser(tree):
    return log_in("organiser", tree.hq)


def at(name: str, round_: Round, *more: str) -> str:
    return reverse(f"desk:{name}", args=[round_.code, *more])


def grouped(**given):
    """A questionnaire with two weighed groups on one sheet over many."""
    groups = [{"id": "a", "title": "企业", "weight": 600}, {"id": "b", "title": "群众", "weight": 400}]
    return the.questionnaire(kind="conduct", by="served", sheet="many", groups=groups, **given)


class TestTurnout:
    def test_numbers_by_group_and_no_answer(self, tree, organiser):
        groups = {"a": Voters(cards=6), "b": Voters(people=the.people(5))}
        opened = the.publish(tree=tree, asked=grouped(), groups=groups)
        code = opened.subjects.get().code
        for card in the.codes(opened)[:5]:
            the.vote(opened, the.fetch(opened, card=card)[0], {code: {"overall": 2, "words": "说了一句"}})
        text = said_by(organiser.get(at("round", opened)))
        for word in (
            "名册上的票 11",
            "已领票 5",
            "占名册 45%",
            "已投 5",
            "企业 60%",
            "还剩 5 天",
            "6 张领票卡还没有销毁领票码",
        ):
            assert word in text
        assert f"/v/{opened.code}/" in text
        assert "说了一句" not in text

    def test_few_ballots_are_not_counted_out(self, tree, organiser):
        opened = the.publish(tree=tree, cards=6)
        the.vote(opened, the.fetch(opened, card=the.codes(opened)[0])[0])
        assert "已投 不足 5 票" in said_by(organiser.get(at("round", opened)))


class TestCards:
    def test_each_is_printed_once_with_its_code_until_they_are_destroyed(self, tree, organiser):
        opened = the.publish(tree=tree, labels=["大明公司", "小红商行"], cards=8)
        answer = organiser.get(at("round_cards_print", opened))
        page = answer.content.decode()
        assert all(page.count(code) == 1 for code in the.codes(opened))
        assert page.count("<svg") == 10
        assert page.count('class="cut-sheet"') == 2
        assert "大明公司" in page
        assert "到2010年11月24日为止" in page
        assert f"http://testserver/v/{opened.code}/" in page
        assert "no-store" in answer["Cache-Control"]
        assert organiser.post(at("round_cards_destroy", opened)).status_code == 302
        assert not CardSheet.objects.exists()
        assert AuditEntry.objects.filter(action="round.cards-destroyed").exists()
        assert organiser.get(at("round_cards_print", opened)).url == at("round_cards", opened)
        assert "领票码已经销毁" in said_by(organiser.get(at("round_cards", opened)))

    def test_a_lost_card_is_cancelled_once_and_a_used_one_never(self, tree, organiser):
        opened = the.publish(tree=tree, cards=6)
        lost, used = the.codes(opened)[:2]
        numbers = list(RosterLine.objects.filter(round=opened).order_by("number").values_list("number", flat=True))
        the.fetch(opened, card=used)
        assert "001" in said_by(organiser.get(at("round_cards", opened)))
        assert "注销 001 号" in said_by(organiser.get(at("round_card_cancel", opened, numbers[0])))
        assert organiser.post(at("round_card_cancel", opened, numbers[0])).status_code == 302
        for number in numbers[:2]:
            again = organiser.post(at("round_card_cancel", opened, number))
            assert (again.status_code, "不能再注销" in said_by(again)) == (422, True)
        assert organiser.get(at("round_card_cancel", opened, "nosuchnumber")).status_code == 404
        with pytest.raises(Exception, match="已经注销"):
            the.fetch(opened, card=lost)
        assert lost not in organiser.get(at("round_cards_print", opened)).content.decode()

    def test_an_open_round_has_none(self, organiser, tree):
        opened = scene.open_on(cast.actor("organiser", tree.hq), tree.hq, [], [tree.jiangsu])
        assert organiser.get(at("round_cards", opened)).status_code == 404


class TestAfterTheEnd:
    def test_witnesses_statement_and_results_with_groups(self, tree, organiser, now):  # noqa: F811
        witness, _pem = the.witness()
        groups = {"a": Voters(cards=12), "b": Voters(cards=5)}
        opened = the.publish(tree=tree, asked=grouped(), groups=groups, witnesses=[witness])
        code = opened.subjects.get().code
        assert organiser.get(at("round_statement", opened)).status_code == 404
        group_of = dict(RosterLine.objects.filter(round=opened).values_list("card", "group"))
        cards = [printed for printed in the.codes(opened) if group_of[_hash(opened, printed)] == "a"]
        for number, card in enumerate(cards):
            the.vote(opened, the.fetch(opened, card=card)[0], {code: {"overall": 5 if number % 3 else 2}})
        now(AFTER)
        close_round(actor=cast.actor("organiser", tree.hq), round_=opened, now=AFTER)
        text = said_by(organiser.get(at("round", opened)))
        for word in ("还没有签", "赵监督", "按评议人群体看", "人数不足，不公布", "12 人回答"):
            assert word in text
        answer = organiser.get(at("round_statement", opened))
        assert answer.json()["round"] == opened.code
        assert answer.json()["cast"] == 12


def _hash(opened: Round, printed: str) -> str:
    return card_hash(opened.code, tidy_card(printed))


@pytest.fixture
def reviewed(tree, now):  # noqa: F811
    """民主评议党员 of a branch, closed: seven members, everybody judged 优秀."""
    members = cast.people(tree, ("甲一", "乙二", "丙三", "丁四", "戊五", "己六", "庚七"))
    asked = the.questionnaire(kind="members", by="peers", of=["member"], sheet="many", scale="four-grades")
    opened = the.publish(tree=tree, asked=asked, judged=Judged(members=members), voters=members)
    codes = {one.person_id: one.code for one in opened.subjects.all()}
    for voter in members:
        answers = {code: {"overall": 4} for person, code in codes.items() if person != voter.pk}
        the.vote(opened, the.fetch(opened, the.as_voter(voter))[0], answers)
    now(AFTER)
    close_round(actor=cast.actor("organiser", tree.hq), round_=opened, now=AFTER)
    return Round.objects.get(pk=opened.pk)


class TestDecisions:
    def given(self, reviewed, excellent: int, **reasons) -> dict[str, str]:
        codes = sorted(reviewed.proposal["members"])
        grades = {f"grade_{code}": "4" if place < excellent else "3" for place, code in enumerate(codes)}
        return {"body": "支部委员会"} | grades | {f"reason_{codes[int(k[1:])]}": v for k, v in reasons.items()}

    def test_what_members_said_of_one_another_is_for_whoever_may_open_their_files(self, tree, reviewed):
        results = {
            role: log_in(role, tree.hq).get(at("round", reviewed)).context["full"]
            for role in ("leader", "auditor", "member")
        }
        assert results["leader"] is not None
        assert results["auditor"] is not None
        assert results["member"] is None

    def test_members_stand_in_the_order_of_names(self, tree, reviewed):
        page = said_by(log_in("leader", tree.hq).get(at("round_decide", reviewed)))
        places = [page.index(f"{name} 的等次") for name in ("丙三", "丁四", "庚七", "甲一")]
        assert places == sorted(places)

    def test_the_form_shows_the_limit_and_ties(self, tree, reviewed):
        text = said_by(log_in("leader", tree.hq).get(at("round_decide", reviewed)))
        for word in ("优秀最多 2 人", "须集体选定的", "甲一", "票数相当"):
            assert word in text

    @pytest.mark.parametrize(("excellent", "said"), [(3, "评为优秀的有 3 人，最多 2 人")])
    def test_too_many_are_refused(self, tree, reviewed, excellent, said):
        answer = log_in("leader", tree.hq).post(at("round_decide", reviewed), self.given(reviewed, excellent))
        assert said in said_by(answer)
        assert not Decision.objects.exists()

    def test_a_departure_owes_its_reason_by_name(self, tree, reviewed):
        leader = log_in("leader", tree.hq)
        codes = sorted(reviewed.proposal["members"])
        given = self.given(reviewed, 2) | {f"grade_{codes[6]}": "1"}
        answer = leader.post(at("round_decide", reviewed), given)
        assert "与得票不一致，请写理由" in said_by(answer)
        assert codes[6] not in said_by(answer)
        assert not Decision.objects.exists()
        assert leader.post(at("round_decide", reviewed), given | {f"reason_{codes[6]}": "受处分"}).status_code == 302
        text = said_by(leader.get(at("round_decide", reviewed)))
        for word in ("支部委员会", "优秀 2 人", "与得票不一致", "受处分"):
            assert word in text

    def test_it_is_decided_once(self, tree, reviewed):
        leader = log_in("leader", tree.hq)
        assert at("round_decide", reviewed) in leader.get(reverse("desk:home")).content.decode()
        given = self.given(reviewed, 2)
        assert leader.post(at("round_decide", reviewed), given).status_code == 302
        assert "已经决定" in said_by(leader.post(at("round_decide", reviewed), given))
        assert Decision.objects.count() == 7
        assert at("round_decide", reviewed) not in leader.get(reverse("desk:home")).content.decode()

    def test_other_rounds_have_nothing_to_decide(self, tree, organiser):
        opened = the.publish(tree=tree, cards=6)
        assert organiser.get(at("round_decide", opened)).status_code == 404


@pytest.fixture
def complained(tree, now):  # noqa: F811
    """好差评 of 南京 with one 差评 that names nobody and one that names a member."""
    opened = scene.open_on(cast.actor("organiser", tree.hq), tree.hq, [], [tree.nanjing])
    Round.objects.filter(pk=opened.pk).update(answer_within=5, kind="service")
    cast.people(tree, ["单雄信"], organisation=tree.nanjing_branch, prefix="N")
    subject = opened.subjects.select_related("organisation", "round").get()
    for words in ("跑了两趟", "单雄信态度不好"):
        scene.cast_one(subject, 1, words=words)
    urn.mix_all(least=1)
    return list(Answer.objects.order_by("pk"))


class TestComplaints:
    def test_they_are_listed_with_their_day_and_stand_on_the_home_page(self, tree, complained):
        secretary = log_in("secretary", tree.nanjing)
        text = said_by(secretary.get(reverse("desk:complaints")))
        assert "跑了两趟" in text
        assert "单雄信" not in text
        assert complained[0].due_on.isoformat() in text
        assert "答复差评 2 条" in said_by(secretary.get(reverse("desk:home")))

    def test_an_answer_is_given_once(self, tree, complained):
        secretary = log_in("secretary", tree.nanjing)
        here = reverse("desk:complaint", args=[complained[0].pk])
        assert "公开答复" in said_by(secretary.get(here))
        assert "答复里好像有电话号码" in said_by(secretary.post(here, {"words": "请打13812345678"}))
        assert secretary.post(here, {"words": "已改成一次办结"}).status_code == 302
        assert "已经答复" in said_by(secretary.post(here, {"words": "改口"}))
        complained[0].refresh_from_db()
        assert complained[0].words == "已改成一次办结"
        assert "按期答复" in said_by(secretary.get(reverse("desk:complaints") + "?state=answered"))

    def test_words_that_name_somebody_stay_back(self, tree, complained):
        secretary = log_in("secretary", tree.nanjing)
        pages = [said_by(secretary.get(reverse("desk:complaint", args=[one.pk]))) for one in complained]
        assert any("意见里写了人名" in page for page in pages)
        assert all("单雄信" not in page for page in pages)

    @pytest.mark.parametrize("role", ["organiser", "leader", "auditor", "reviewer", "system-admin"])
    def test_nobody_else_answers(self, tree, complained, role):
        client = log_in(role, tree.hq)
        here = reverse("desk:complaint", args=[complained[0].pk])
        assert client.get(here).status_code == 200
        assert "去答复" not in said_by(client.get(reverse("desk:complaints")))
        assert client.post(here, {"words": "替你答"}).status_code == 403
        assert log_in("secretary", tree.zhejiang).post(here, {"words": "x"}).status_code == 404


class TestRemarks:
    def test_a_leader_says_and_takes_back(self, tree, now):  # noqa: F811
        leader = log_in("leader", tree.hq)
        promise = scene.published(tree.nanjing)
        here = f"{reverse('desk:remark_new')}?promise={promise.code}"
        for _click in range(2):
            assert leader.post(here, {"words": "办得快，还要稳。"}).url == reverse(
                "desk:commitment", args=[promise.code]
            )
        made = Remark.objects.get()
        assert (made.organisation, made.commitment) == (tree.nanjing, promise)
        pages = [
            reverse("desk:commitment", args=[promise.code]),
            reverse("desk:organisation", args=[tree.nanjing.code]),
        ]
        for page in [*pages, reverse("desk:remarks")]:
            assert "办得快，还要稳。" in said_by(leader.get(page))
        away = reverse("desk:remark_withdraw", args=[made.code])
        other = log_in("leader", tree.jiangsu)
        assert "只有点评人本人" in said_by(other.post(away, {"reason": "x"}))
        assert leader.post(away, {"reason": "说错了单位"}).status_code == 302
        assert "由本人撤回：说错了单位" in said_by(leader.get(reverse("desk:remarks")))
        assert "已经撤回" in said_by(leader.post(away, {"reason": "再撤"}))

    def test_nothing_said_and_numbers_are_refused(self, tree, now):  # noqa: F811
        leader = log_in("leader", tree.hq)
        for words in ("", "   ", "他的电话13812345678"):
            assert leader.post(reverse("desk:remark_new"), {"words": words}).status_code == 200
        assert not Remark.objects.exists()

    def test_elsewhere_does_not_exist(self, tree, now):  # noqa: F811
        leader = log_in("leader", tree.zhejiang)
        assert leader.get(f"{reverse('desk:remark_new')}?on={tree.nanjing.code}").status_code == 404


ROLES = ("organiser", "secretary", "leader", "reviewer", "auditor", "member", "system-admin")
ALL = (
    "round", "round_what", "round_who", "round_when", "round_check", "round_drop", "round_cards", "round_cards_print",
    "round_cards_destroy", "round_statement", "round_close", "round_void", "round_decide", "round_poster",
)  # fmt: skip


class TestSeparation:
    @pytest.mark.parametrize("role", ROLES)
    def test_no_page_of_the_desk_writes_a_ballot_a_tally_or_a_result(self, tree, role, now):  # noqa: F811
        opened = the.publish(tree=tree, cards=8)
        for card in the.codes(opened)[:6]:
            the.vote(opened, the.fetch(opened, card=card)[0])
        urn.mix_all(least=1)
        before = _votes(opened)
        for home in (tree.hq, tree.jiangsu):
            client = log_in(role, home)
            for name in ALL:
                answer = client.post(at(name, opened), {"overall": "1", "words": "x", "results": "[]", "act": "next"})
                assert answer.status_code < 500
        opened.refresh_from_db()
        assert _votes(opened) == before
        assert (opened.state, opened.results) == (Round.State.OPEN, None)

    def test_elsewhere_nothing_exists(self, tree, now):  # noqa: F811
        opened = the.publish(tree=tree, cards=8)
        client = log_in("organiser", tree.zhejiang)
        for name in ALL:
            assert client.get(at(name, opened)).status_code == 404, name
            assert client.post(at(name, opened), {}).status_code == 404, name

    def test_strangers_log_in_first(self, tree, now):  # noqa: F811
        opened = the.publish(tree=tree, cards=8)
        for name in ALL:
            assert Client().post(at(name, opened)).status_code == 302


def _votes(opened: Round) -> list:
    return [
        sorted(Ballot.objects.filter(round=opened).values_list("receipt", "answers__overall")),
        sorted(Spent.objects.filter(round=opened).values_list("mark", flat=True)),
    ]
