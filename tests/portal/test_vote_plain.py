"""The way without script: a card for a token of the pool, the sheet as a plain form, the receipts as a page."""

import re

import pytest

from quxin.records.evaluations import drafting, urn
from quxin.records.evaluations.models import Ballot, RosterLine, RoundKey, Spent
from tests.portal.voting import CODE, MANY_QUESTIONS, at, drawn
from tests.records.evaluations import closed as the
from tests.records.evaluations.closed import AFTER

pytestmark = pytest.mark.django_db


class TestWithoutScript:
    def send(self, client, round_, tokens, **answers):
        return client.post(at("vote_sheet", round_), {"token": tokens} | answers)

    def test_card_sheet_receipt_and_the_same_again(self, round_, voter):
        subject = round_.subjects.get().code
        page, tokens = drawn(voter, round_, the.codes(round_)[0].lower())
        assert "保护弱一些" in page
        assert "<script" not in page
        sent = {f"{subject}.overall": "2", f"{subject}.words": "等了两周"}
        done = self.send(voter, round_, tokens, **sent)
        html = done.content.decode()
        code = CODE.search(html)[0]
        again = self.send(voter, round_, tokens, **sent).content.decode()
        assert CODE.search(again)[0] == code
        assert "没有重复计入" in again
        urn.mix_all(least=1)
        assert Ballot.objects.get().answers == {"overall": 2, "words": "等了两周"}
        assert "sessionid" not in voter.cookies
        assert RosterLine.objects.get(way="pool").tokens == 1

    def test_other_answers_afterwards_are_refused_in_words(self, round_, voter):
        subject = round_.subjects.get().code
        _page, tokens = drawn(voter, round_, the.codes(round_)[0])
        self.send(voter, round_, tokens, **{f"{subject}.overall": "2"})
        response = self.send(voter, round_, tokens, **{f"{subject}.overall": "5"})
        assert response.status_code == 409
        assert "已经用过" in response.content.decode()
        assert Spent.objects.count() == 1

    def test_the_weaker_way_is_chosen_knowingly(self, round_, voter):
        card = the.codes(round_)[0]
        response = voter.post(at("vote_exchange", round_), {"card": card})
        assert response.status_code == 422
        assert card in response.content.decode()
        assert not RosterLine.objects.exclude(way="").exists()

    def test_a_wrong_card_keeps_what_was_typed(self, round_, voter):
        response = voter.post(at("vote_exchange", round_), {"card": "ABCD-0000", "weaker": "1"})
        assert response.status_code == 403
        assert 'value="ABCD-0000"' in response.content.decode()
        assert voter.post(at("vote_exchange", round_), {"card": "", "weaker": "1"}).status_code == 403

    def test_the_back_button_leads_to_the_page(self, round_, voter):
        for name in ("vote_exchange", "vote_sheet"):
            assert voter.get(at(name, round_))["Location"] == at("vote", round_)

    def test_an_error_loses_nothing(self, tree, voter):
        round_ = the.publish(cards=6, tree=tree, asked=the.questionnaire(questions=MANY_QUESTIONS))
        subject = round_.subjects.get().code
        _page, tokens = drawn(voter, round_, the.codes(round_)[0])
        sent = {
            f"{subject}.overall": "1",
            f"{subject}.where": ["rude", "slow", "fees"],
            f"{subject}.words": "态度不好<b>",
            f"{subject}.clean": "no",
        }
        response = self.send(voter, round_, tokens, **sent)
        html = response.content.decode()
        assert response.status_code == 422
        assert html.count("最多选 2 项，现在选了 3 项") == 2  # above, and at the question
        assert html.count(" checked") == 5
        assert "态度不好&lt;b&gt;" in html
        assert re.findall(r'name="token" value="([^"]+)"', html) == tokens
        sent[f"{subject}.where"] = ["slow", "rude"]
        assert self.send(voter, round_, tokens, **sent).status_code == 200
        urn.mix_all(least=1)
        assert Ballot.objects.get().answers == {
            "overall": 1, "where": ["rude", "slow"], "clean": "no", "words": "态度不好<b>",
        }  # fmt: skip

    def test_what_is_not_asked_after_these_answers_is_left_out(self, tree, voter):
        round_ = the.publish(cards=6, tree=tree, asked=the.questionnaire(questions=MANY_QUESTIONS))
        subject = round_.subjects.get().code
        page, tokens = drawn(voter, round_, the.codes(round_)[0])
        assert "“总体评价”选了不满意、非常不满意的才答" in page
        self.send(voter, round_, tokens, **{f"{subject}.overall": "5", f"{subject}.where": ["rude"]})
        urn.mix_all(least=1)
        assert Ballot.objects.get().answers == {"overall": 5}

    def test_many_subjects_on_one_sheet(self, tree, voter):
        asked = the.questionnaire(
            kind="conduct", by="served", sheet="many", title="民主评议行风",
            common=[{"id": "contacts", "text": "办过几次事", "scale": "yes-no", "required": False}],
        )  # fmt: skip
        judged = drafting.Judged(organisations=[tree.jiangsu, tree.zhejiang, tree.nanjing])
        round_ = the.publish(cards=6, tree=tree, asked=asked, judged=judged)
        codes = sorted(round_.subjects.values_list("code", flat=True))
        page, tokens = drawn(voter, round_, the.codes(round_)[0])
        assert len(tokens) == 1
        assert page.count('data-subject="') == 4
        sent = {f"{codes[0]}.overall": "5", f"{codes[1]}.overall": "1", ".contacts": "yes"}
        assert self.send(voter, round_, tokens, **sent).status_code == 200
        urn.mix_all(least=1)
        assert Ballot.objects.get().answers == {
            "": {"contacts": "yes"}, codes[0]: {"overall": 5}, codes[1]: {"overall": 1},
        }  # fmt: skip

    def test_a_ballot_for_each_subject_and_those_left_alone_stay_open(self, tree, voter):
        judged = drafting.Judged(organisations=[tree.jiangsu, tree.zhejiang, tree.nanjing])
        round_ = the.publish(cards=6, tree=tree, judged=judged)
        card = the.codes(round_)[0]
        _page, tokens = drawn(voter, round_, card)
        assert len(tokens) == 3
        codes = [RoundKey.objects.get(key_id=token.split(".")[0]).subject.code for token in tokens]
        html = self.send(
            voter, round_, tokens, **{f"{codes[0]}.overall": "5", f"{codes[1]}.overall": "4"}
        ).content.decode()
        assert len(CODE.findall(html)) == 2
        assert "还有 1 项没有评" in html
        _page, tokens = drawn(voter, round_, card)
        sent = {f"{codes[1]}.overall": "1", f"{codes[2]}.overall": "3"}  # one that was cast before, one that was not
        html = self.send(voter, round_, tokens, **sent).content.decode()
        assert len(CODE.findall(html)) == 1
        assert "已经用过" in html
        urn.mix_all(least=1)
        assert sorted(one.answers["overall"] for one in Ballot.objects.all()) == [3, 4, 5]

    @pytest.mark.parametrize("token", ["", "x", "a.b.c.d", "a.b.c", "0" * 16 + "." + "0" * 128 + ".AAAA." + "0" * 32])
    def test_a_spoilt_token_is_said(self, round_, voter, token):
        subject = round_.subjects.get().code
        response = self.send(voter, round_, [token], **{f"{subject}.overall": "5"})
        assert response.status_code in (403, 422)
        assert 'role="alert"' in response.content.decode()

    def test_after_closing_the_answers_are_still_on_the_page(self, round_, voter, now):
        subject = round_.subjects.get().code
        _page, tokens = drawn(voter, round_, the.codes(round_)[0])
        now(AFTER)
        response = self.send(voter, round_, tokens, **{f"{subject}.overall": "5", f"{subject}.words": "来晚了"})
        assert response.status_code == 409
        assert "来晚了" in response.content.decode()
