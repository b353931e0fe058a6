"""The voter's side of closed rounds: the page, the tokens, and the ballot from no session."""

import base64
import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles import finders
from django.test import Client

from quxin.kernel import blind
from quxin.portal import ballots
from quxin.records.evaluations import drafting, urn
from quxin.records.evaluations.board import ballot_leaf, receipt_code
from quxin.records.evaluations.models import Ballot, Envelope, RosterLine, Spent
from tests.portal.voting import MANY_QUESTIONS, ask, at, ballot, cast_json, fetched, logged_in, post_json
from tests.records.evaluations import closed as the
from tests.records.evaluations.closed import AFTER, OPENS

pytestmark = pytest.mark.django_db
BUDGET = 60_000
BLIND_MODULES = {"ui/blind.js", "ui/ballot.js", "ui/bytes.js", "ui/sha256.js"}


class TestPage:
    def test_one_screen_says_what_is_judged_and_what_protects(self, round_, voter):
        html = voter.get(at("vote", round_)).content.decode()
        for word in (
            "机关作风评议", "江苏省质量技术监督局", "国家质量监督检验检疫总局", "2010年11月24日 24:00", "6 人",
            "谁领了凭证，系统知道", "逼您出示回执", "手机被监控", "服务器和网络看得见", round_.opening_hash, "领票码",
        ):  # fmt: skip
            assert word in html, word

    def test_page_style_and_script_are_under_60_kb_without_the_modules_of_blind_signatures(self, voter, tree):
        asked = the.questionnaire(questions=MANY_QUESTIONS)
        for round_ in (the.publish(cards=6, tree=tree), the.publish(cards=6, tree=tree, asked=asked)):
            html = voter.get(at("vote", round_)).content
            assets = set(re.findall(r'(?:src|href)="/static/([^"]+)"', html.decode()))
            assert {"ui/vote.css", "ui/vote.js"} <= assets
            sizes = {name: Path(finders.find(name)).stat().st_size for name in assets - BLIND_MODULES}
            assert len(html) + sum(sizes.values()) <= BUDGET, (len(html), sizes)

    def test_the_light_stylesheet_has_the_tokens_of_the_house(self):
        both = [Path(finders.find(f"ui/{name}.css")).read_text("utf-8") for name in ("quxin", "vote")]
        ours, light = (re.findall(r"(--[\w-]+):\s*([^;]+);", text[: text.index("/* 2")]) for text in both)
        assert ours
        assert ours == light

    def test_names_of_members_stand_on_no_page_that_anybody_may_open(self, voter, tree):
        members = the.people(6, "某某某党员")
        asked = the.questionnaire(by="peers", of=["member"], scale="four-grades", title="党员互评")
        round_ = the.publish(voters=members, asked=asked, judged=drafting.Judged(members=members), tree=tree)
        assert "某某某党员" not in voter.get(at("vote", round_)).content.decode()
        assert "某某某党员" not in json.dumps(post_json(voter, at("vote_tokens", round_), {"card": "abcd"}).json())

    def test_no_open_round_no_draft_and_nothing_that_is_not(self, voter, tree, round_):
        round_.state = "draft"
        round_.save()
        for name in ("vote", "vote_done"):
            assert voter.get(at(name, round_)).status_code == 404
        assert post_json(voter, at("vote_tokens", round_), {"card": "x"}).status_code == 404

    @pytest.mark.parametrize(
        ("moment", "word"), [(OPENS - timedelta(hours=1), "评议还没有开始"), (AFTER, "正等待封存")]
    )
    def test_before_and_after(self, round_, voter, now, moment, word):
        now(moment)
        html = voter.get(at("vote", round_)).content.decode()
        assert word in html
        assert 'name="card"' not in html

    def test_in_english(self, round_, voter):
        html = voter.get(at("vote", round_), headers={"Accept-Language": "en"}).content.decode()
        assert "Very satisfied" in html
        assert "非常满意" not in html


class TestTokens:
    def test_a_card_and_an_account(self, voter, tree):
        people = the.people(5)
        round_ = the.publish(voters=people, cards=1, tree=tree)
        by_card = fetched(voter, round_, the.codes(round_)[0])
        by_account = fetched(logged_in(people[0], tree), round_)
        for token in by_card + by_account:
            assert cast_json(ballot(round_, token))[0] == 200
        assert RosterLine.objects.filter(way="blind").count() == 2
        assert not Session.objects.filter(session_key=voter.cookies.get("sessionid")).exists()
        assert "sessionid" not in voter.cookies

    def test_the_same_again_gives_the_same_and_others_are_refused(self, round_, voter):
        card = the.codes(round_)[0]
        key = ask(voter, round_, card).json()["keys"][0]
        spki = base64.b64decode(key["spki"])
        asks = [
            {key["id"]: base64.b64encode(blind.blind(spki, blind.prepare()).message).decode()} for _time in range(2)
        ]
        first = ask(voter, round_, card, asks[0]).json()
        assert ask(voter, round_, card, asks[0]).json() == first  # the answer was lost on the way
        refused = ask(voter, round_, card, asks[1])
        assert (refused.status_code, refused.json()["error"]) == (409, "already-fetched")
        assert ask(voter, round_, card).json()["error"] == "already-fetched"

    def test_an_account_needs_the_pages_own_token_and_a_log_in(self, tree, voter):
        people = the.people(5)
        round_ = the.publish(voters=people, tree=tree)
        client = logged_in(people[0], tree)
        client.get(at("vote", round_))
        assert post_json(client, at("vote_tokens", round_), {}).status_code == 403
        assert not RosterLine.objects.exclude(way="").exists()
        page = Client()
        assert post_json(page, at("vote_tokens", round_), {}).json()["error"] == "log-in"

    def test_a_card_speaks_for_itself_whoever_is_logged_in(self, tree):
        people = the.people(5)
        round_ = the.publish(voters=people, cards=1, tree=tree)
        fetched(logged_in(people[0], tree), round_, the.codes(round_)[0])
        assert RosterLine.objects.get(person=people[0]).way == ""

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            ({"card": "0000-0000-0000-0000"}, "not-on-roster"),
            ({"card": "", "extra": 1}, "malformed"),
            ({"card": 7}, "malformed"),
            ({"card": "x", "blinded": []}, "malformed"),
            ({"card": "x", "blinded": {"k": 1}}, "bad-token"),
            ({"card": "x", "blinded": {"k": "???"}}, "bad-token"),
            ([], "malformed"),
        ],
    )
    def test_what_is_not_right_is_said(self, round_, voter, content, code):
        response = post_json(voter, at("vote_tokens", round_), content)
        assert response.json()["error"] == code
        assert response.json()["message"]

    def test_after_closing(self, round_, voter, now):
        now(AFTER)
        assert ask(voter, round_, the.codes(round_)[0]).json()["error"] == "not-open"

    def test_peers_get_no_token_for_themselves(self, tree):
        members = the.people(6)
        asked = the.questionnaire(by="peers", of=["member"], scale="four-grades", title="党员互评")
        round_ = the.publish(voters=members, asked=asked, judged=drafting.Judged(members=members), tree=tree)
        told = ask(logged_in(members[0], tree), round_).json()
        assert len(told["keys"]) == len(told["subjects"]) == 5
        assert members[0].name not in {one["title"] for one in told["subjects"]}


class TestCast:
    @pytest.fixture
    def token(self, round_, voter):
        return fetched(voter, round_, the.codes(round_)[0])[0]

    def test_a_ballot_its_receipt_and_the_same_again(self, round_, token):
        sent = ballot(round_, token, {"overall": 2, "words": "等得久"})
        status, told = cast_json(sent)
        leaf = ballot_leaf(
            round_code=round_.code,
            key=token["key"],
            answers=sent["answers"],
            nonce=sent["nonce"],
            subject=sent["subject"],
        )
        assert (status, told["receipt"], told["repeated"]) == (200, receipt_code(leaf), False)
        status, again = cast_json(sent)
        assert (status, again["receipt"], again["repeated"]) == (200, told["receipt"], True)
        urn.mix_all(least=1)
        assert Ballot.objects.get().receipt == leaf

    def test_the_answer_was_lost_and_the_round_is_over(self, round_, token, now):
        sent = ballot(round_, token)
        cast_json(sent)
        now(AFTER)
        assert cast_json(sent)[1]["repeated"]

    @pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
    def test_every_grade(self, round_, token, grade):
        assert cast_json(ballot(round_, token, {"overall": grade}))[0] == 200

    def test_used_forged_malformed_and_of_another_round(self, round_, token, tree, voter):
        other = the.publish(cards=6, tree=tree)
        strange = fetched(voter, other, the.codes(other)[0])[0]
        forged = base64.b64encode(bytes(256)).decode()
        bad = {
            "bad-token": [
                token | {"signature": forged},
                token | {"message": "00" * 64},
                token | {"message": "zz"},
                token | {"signature": "not base64"},
                token | {"key": "0" * 16},
                token | {"key": "k"},
                strange | {"subject": token["subject"]},
            ],
            "wrong-subject": [token | {"subject": strange["subject"]}],
        }
        for code, tokens in bad.items():
            for one in tokens:
                status, told = cast_json(ballot(round_, one))
                assert (status, told["error"]) == (403, code), one
                assert told["message"]
        assert not Spent.objects.exists()
        assert cast_json(ballot(round_, token))[0] == 200
        status, told = cast_json(ballot(round_, token, {"overall": 1}))
        assert (status, told["error"]) == (409, "token-used")

    def test_after_closing_it_says_so_by_the_servers_clock(self, round_, token, now):
        now(AFTER)
        status, told = cast_json(ballot(round_, token))
        assert (status, told["error"], told["stage"]) == (409, "not-open", "over")
        assert told["now"].startswith("2010-11-25T01:00:00+08:00")
        assert cast_json(ballot(round_, token, round="nosuch"))[1]["stage"] == ""

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"[]", b"null", b"\xff", b'{"round":1}', b'{"a":1,"a":2}', b"[" * 100_000,
            b'{"round":"a","subject":"","key":"k","message":"","signature":"","answers":{},"nonce":1}',
            b'{"round":"\\u0000","subject":"","key":"k","message":"","signature":"","answers":{},"nonce":""}',
        ],
    )  # fmt: skip
    def test_malformed(self, body):
        status, told = cast_json(body)
        assert (status, told["error"]) == (400, "malformed")

    def test_too_large(self, voter):
        assert cast_json(b" " * (ballots.MOST_BYTES + 1))[1]["error"] == "too-large"
        response = voter.post("/cast/", b" " * (ballots.MOST_BYTES + 9), content_type="application/json")
        assert response.status_code == 413

    @pytest.mark.parametrize(
        ("answers", "code", "question"),
        [
            ({"overall": 6}, "bad-choice", "overall"),
            ({"words": "好"}, "missing-answer", "overall"),
            ({"overall": 5, "other": 1}, "unknown-question", "other"),
            ({"overall": 5, "words": "长" * 501}, "too-long", "words"),
            ({"overall": 5, "words": "我的电话13812345678"}, "personal-numbers", None),
            ({"overall": 5.5}, "malformed", ""),
        ],
    )
    def test_the_question_is_named(self, round_, token, answers, code, question):
        _status, told = cast_json(ballot(round_, token, answers))
        assert (told["error"], told.get("question")) == (code, question)
        assert cast_json(ballot(round_, token))[0] == 200  # and the token still holds

    def test_in_the_readers_language(self, round_, token):
        bad = ballot(round_, token, {"overall": 6})
        assert "选项" in cast_json(bad)[1]["message"]
        assert "选项" not in cast_json(bad, "en-GB,en;q=0.9")[1]["message"]
        for language in ("", "fr", "*", "zh-CN,zh;q=0.9,en;q=0.8", "\x00;;q=x" * 50):
            assert "选项" in cast_json(bad, language)[1]["message"]

    def test_the_question_is_named_in_the_readers_language(self, round_, token):
        missing = ballot(round_, token, {"words": "x"})
        assert "您的总体评价" in cast_json(missing)[1]["message"]
        assert "Your judgement as a whole" in cast_json(missing, "en")[1]["message"]

    def test_no_cookie_no_session_no_log(self, tree, caplog):
        people = the.people(5)
        round_ = the.publish(voters=people, tree=tree)
        client = logged_in(people[0], tree)
        token = fetched(client, round_)[0]
        caplog.set_level(logging.DEBUG)
        sent = ballot(round_, token, {"overall": 1, "words": "一句只有我说的话"})
        response = post_json(client, "/cast/", sent)
        assert response.status_code == 200
        assert not response.cookies
        assert "no-store" in response["Cache-Control"]
        assert "Cookie" not in response.get("Vary", "")
        said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
        for secret in ("一句只有我说的话", token["message"], response.json()["receipt"], sent["nonce"]):
            assert secret not in said
        bad = post_json(client, "/cast/", sent | {"answers": {"overall": 2}})
        assert bad.status_code == 409
        assert not bad.cookies
        assert b"<" not in bad.content

    def test_only_posts(self, voter):
        response = voter.get("/cast/")
        assert (response.status_code, response["Allow"]) == (405, "POST")

    def test_a_fault_of_the_server_stores_nothing(self, round_, token, monkeypatch):
        def down(slip):
            raise RuntimeError

        with monkeypatch.context() as broken:
            broken.setattr("quxin.records.evaluations.sheets.store", down)
            with pytest.raises(RuntimeError):
                cast_json(ballot(round_, token))
        assert not Envelope.objects.exists()
        assert not cast_json(ballot(round_, token))[1]["repeated"]


def test_every_code_of_an_error_is_documented():
    told = (Path(__file__).parents[2] / "docs/reference/casting.md").read_text("utf-8")
    assert [code for _, code, _ in ballots.CODES if f"`{code}`" not in told] == []
