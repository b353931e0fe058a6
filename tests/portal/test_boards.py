"""The public board: before opening, while a round runs, closed, void; its files, and where witnesses sign."""

import json
import secrets
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quxin.access import SYSTEM
from quxin.kernel import clock, signing
from quxin.records.evaluations import closing, journal, limits, urn
from quxin.records.evaluations.board import hash_of, opening_hash, signed_bytes
from quxin.records.evaluations.canaries import shadow_subject
from quxin.records.evaluations.drafting import Judged
from quxin.records.evaluations.models import Ballot, RosterLine, Signature
from quxin.records.evaluations.sampling import draw
from quxin.records.evaluations.verification import verify_board
from tests import cast
from tests.records.evaluations import closed as the
from tests.records.evaluations import scene
from tests.records.evaluations.closed import AFTER, DURING, OPENS

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch):
    """The clock of the faces: now(AFTER)."""
    moment = [DURING]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(clock, "today", lambda: clock.local_date(moment[0]))
    return lambda at: moment.__setitem__(0, at)


def page(client, round_, name="board", query="") -> str:
    response = client.get(reverse(f"portal:{name}", args=[round_.code]) + query)
    assert response.status_code == 200
    return response.content.decode()


def content(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def voted(cards=8, votes=6, **given):
    """A round with so many cards, of which some voted: the receipts."""
    round_ = the.publish(cards=cards, **given)
    receipts = []
    for turn, code in enumerate(the.codes(round_)[:votes]):
        (token,) = the.draw(round_, code)
        receipts.append(the.vote(round_, token, {"overall": 5 - turn % 3}))
    return round_, receipts


def sealed(**given):
    round_, receipts = voted(**given)
    closing.close_round(actor=the.organiser_of(round_), round_=round_, now=AFTER)
    round_.refresh_from_db()
    return round_, receipts


class TestWhileItRuns:
    def test_before_opening_the_roster_and_the_hash_are_told_and_nobody_has_voted(self, client, now):
        now(OPENS - timedelta(days=1))
        witness, _ = the.witness()
        round_ = the.publish(cards=7, witnesses=[witness])
        html = page(client, round_)
        assert round_.opening_hash in html
        assert "还没开始" in html
        assert "赵监督" in html
        assert witness.public_key in html
        for key in round_.opening["keys"]:
            assert key["id"] in html

    def test_turnout_but_no_count_of_ballots_under_the_minimum(self, client, now):
        round_, _ = voted(votes=4)
        html = page(client, round_)
        assert "不足 5 票" in html
        RosterLine.objects.filter(round=round_, way="").update(way="cancelled")
        html = page(client, round_)
        assert '<dd class="num">4</dd>' in html
        for word in ("守恒", "全部回执", "board.json"):
            assert word not in html

    def test_from_the_minimum_on_they_are_counted_but_no_grade_is_shown(self, client, now):
        round_, _ = voted(votes=6)
        html = page(client, round_)
        assert "不足 5 票" not in html
        assert "满意" not in html
        for name in ("board_file", "board_receipts", "statement_file", "panel_register"):
            assert client.get(reverse(f"portal:{name}", args=[round_.code])).status_code == 404

    def test_the_opening_file_has_the_opening_hash_byte_for_byte(self, client, now):
        import hashlib

        round_ = the.publish(cards=6)
        octets = client.get(reverse("portal:opening_file", args=[round_.code])).content
        assert hashlib.sha256(octets).hexdigest() == round_.opening_hash == opening_hash(json.loads(octets))

    def test_bursts_are_told_on_both_pages_with_day_and_count(self, client, now, monkeypatch):
        stage = scene.build()
        for _ in range(limits.BURST):
            scene.cast_one(stage.promised)
        limits.end_stretches(DURING + timedelta(hours=1))
        for name in ("board", "round_result"):
            html = page(client, stage.round, name)
            assert "来票特别集中" in html
            assert f"十分钟内 {limits.BURST} 票" in html
        assert scene.stored().count() == limits.BURST  # none was dropped

    def test_a_receipt_that_the_database_lost_is_told_while_the_round_runs(self, client, now):
        round_, _ = voted()
        # What a restored database looks like: the file beside it knows of an envelope that the tables don't.
        gone = urn.Paper(round_.subjects.get().pk, "", {"overall": 1}, "0" * 32, clock.today(), "ab" * 32)
        journal.note([urn.put_in(round_.pk, [gone])])
        html = page(client, round_)
        journal.forget(round_.pk)
        assert "有 1 张收过的选票不见了" in html
        assert "ab" * 32 in html

    @pytest.mark.parametrize("hidden", ["draft", "shadow"])
    def test_drafts_and_the_shadow_round_have_no_board(self, client, now, hidden):
        tree = cast.offices()
        if hidden == "shadow":
            round_ = shadow_subject(now=DURING).round
        else:
            round_ = the.publish(tree=tree, cards=6)
            type(round_).objects.filter(pk=round_.pk).update(state="draft")
        for name in ("board", "opening_file", "board_sign", "round_result"):
            assert client.get(reverse(f"portal:{name}", args=[round_.code])).status_code == 404
        assert "探测轮" not in client.get(reverse("portal:rounds")).content.decode()
        assert "探测轮" not in client.get(reverse("portal:organisation", args=[tree.hq.code])).content.decode()


class TestClosed:
    def test_the_law_holds_with_its_numbers(self, client, now):
        round_, _ = sealed(cards=8, votes=6)
        now(AFTER)
        assert "守恒：发出 6 = 投出 6 + 未用 0 + 作废 0。" in page(client, round_)

    def test_the_file_is_the_board_and_verifies(self, client, now, tmp_path):
        round_, _ = sealed()
        now(AFTER)
        response = client.get(reverse("portal:board_file", args=[round_.code]))
        assert response.streaming
        file = tmp_path / "board.json"
        file.write_bytes(content(response))
        assert verify_board(file, published=round_.opening_hash).ok
        assert f"board-{round_.code}.json" in response["Content-Disposition"]

    def test_the_list_of_receipts_is_whole_sorted_and_holds_mine(self, client, now):
        round_, receipts = sealed()
        now(AFTER)
        lines = content(client.get(reverse("portal:board_receipts", args=[round_.code]))).decode().split()
        assert lines == sorted(Ballot.objects.filter(round=round_).values_list("receipt", flat=True))
        for receipt in receipts:
            assert sum(line.startswith(receipt.code.replace("-", "").lower()) for line in lines) == 1

    def test_pages_of_receipts_follow_one_another(self, client, now, monkeypatch):
        round_, _ = sealed()
        now(AFTER)
        monkeypatch.setattr("quxin.briefs.boards.ON_A_PAGE", 4)
        first = page(client, round_)
        leaves = sorted(Ballot.objects.filter(round=round_).values_list("receipt", flat=True))
        assert leaves[3] in first
        assert leaves[4] not in first
        second = page(client, round_, query=f"?after={leaves[3]}")
        assert leaves[4] in second
        assert leaves[0] not in second
        for bad in ("zz", "a" * 65, "%00"):
            assert client.get(reverse("portal:board", args=[round_.code]) + f"?after={bad}").status_code == 404

    def test_queries_do_not_grow_with_ballots_and_witnesses(self, client, now, django_assert_max_num_queries):
        round_, _ = sealed()
        now(AFTER)
        with django_assert_max_num_queries(12):
            page(client, round_)

    def test_a_void_round_has_a_board_with_its_reason(self, client, now):
        round_, _ = voted()
        closing.void_round(actor=the.organiser_of(round_), round_=round_, reason="名册列错了人", now=DURING)
        html = page(client, round_)
        for word in ("名册列错了人", "守恒", "全部回执"):
            assert word in html

    def test_missing_receipts_stay_on_the_board_after_closing(self, client, now):
        round_, _ = sealed()
        now(AFTER)
        round_.statement["missing"] = ["ab" * 32]
        round_.save()
        assert "ab" * 32 in page(client, round_)

    def test_a_panel_can_be_drawn_again_from_the_register(self, client, now):
        round_ = the.publish(voters=the.people(30), panel=10)
        told = json.loads(client.get(reverse("portal:panel_register", args=[round_.code])).content)
        html = page(client, round_)
        seed = round_.opening["panel"]["seed"]
        assert f"--seed {seed} --count 10" in html
        drawn = draw(seed, told["entries"], 10)
        assert set(drawn) == set(RosterLine.objects.filter(round=round_).values_list("number", flat=True))
        assert "党员" not in json.dumps(told, ensure_ascii=False)

    def test_of_rounds_among_members_the_public_sees_turnout_and_board_only(self, client, now):
        tree = cast.offices()
        asked = the.questionnaire(
            id="members", kind="members", by="peers", of=["member"], sheet="many", scale="four-grades", words="none"
        )
        judged = the.people(2, "受评人")
        round_ = the.publish(tree=tree, cards=12, asked=asked, judged=Judged(members=judged))
        codes = list(round_.subjects.values_list("code", flat=True))
        for card in the.codes(round_):
            (token,) = the.draw(round_, card)
            the.vote(round_, token, {code: {"overall": 4} for code in codes}, subject_code="")
        closing.close_round(actor=SYSTEM, round_=round_, now=AFTER)
        now(AFTER)
        for name in ("board", "round_result"):
            html = page(client, round_, name)
            assert "内部公布" in html
            for word in ("受评人", "优秀", "100.0%"):
                assert word not in html
        assert "民主评议党员" in client.get(reverse("portal:rounds")).content.decode()


class TestSigning:
    @pytest.fixture
    def round_and_key(self, now):
        witness, pem = the.witness()
        round_, _ = sealed(witnesses=[witness])
        now(AFTER)
        return round_, pem

    def signature(self, round_, pem) -> str:
        return signing.sign(pem, signed_bytes(round_.statement), passphrase=the.WITNESS)

    def post(self, client, round_, **given):
        return client.post(reverse("portal:board_sign", args=[round_.code]), given)

    def file(self, round_, pem, **changed) -> SimpleUploadedFile:
        told = {
            "format": "quxin-signature/1",
            "round": round_.code,
            "statement": hash_of(round_.statement),
            "algorithm": "ed25519",
            "public_key": "",
            "signature": self.signature(round_, pem),
            "signed_on": "2010-11-25",
        } | changed
        return SimpleUploadedFile("SIGNATURE.json", json.dumps(told).encode())

    def test_the_statement_stands_in_words_and_as_it_is_signed(self, client, round_and_key):
        round_, _ = round_and_key
        html = page(client, round_, "board_sign")
        assert "发出 6 = 投出 6 + 未用 0 + 作废 0" in html
        assert round_.statement["receipts_root"] in html
        assert round_.witnesses[0]["public_key"] in html

    def test_a_pasted_signature_is_taken_thanked_for_and_stands_on_the_board(self, client, round_and_key):
        round_, pem = round_and_key
        pasted = self.signature(round_, pem)
        response = self.post(client, round_, signature=f" {pasted[:40]}\n{pasted[40:]} ")
        assert response.status_code == 302
        assert "赵监督，签名已经收下" in client.get(response.url).content.decode()
        assert "服务器核对过：签名有效" in page(client, round_)
        assert Signature.objects.get().signed_on == clock.local_date(AFTER)

    def test_the_file_of_the_command_line_is_taken(self, client, round_and_key):
        round_, pem = round_and_key
        assert self.post(client, round_, file=self.file(round_, pem)).status_code == 302
        assert Signature.objects.count() == 1
        assert self.post(client, round_, file=self.file(round_, pem)).status_code == 302  # twice is once
        assert Signature.objects.count() == 1

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"round": "ZZZZZZ"}, "不是本轮"),
            ({"statement": "0" * 64}, "不是现在的封存声明"),
            ({"format": "quxin-board/1"}, "不是签名文件"),
            ({"signature": 5}, "不是签名文件"),
            ({"signature": "AAAA"}, "对不上"),
        ],
    )
    def test_a_wrong_file_gets_a_clear_sentence(self, client, round_and_key, changed, said):
        round_, pem = round_and_key
        response = self.post(client, round_, file=self.file(round_, pem, **changed))
        assert response.status_code == 422
        assert said in response.content.decode()
        assert not Signature.objects.exists()

    @pytest.mark.parametrize("octets", [b"", b"\xff\xfe\x00", b"{", b"[]", b"{" * 30_000, b'{"a":' * 2000])
    def test_files_of_any_other_kind(self, client, round_and_key, octets):
        round_, _ = round_and_key
        response = self.post(client, round_, file=SimpleUploadedFile("x.json", octets))
        assert response.status_code == 422
        assert not Signature.objects.exists()

    def test_the_signature_of_a_stranger_is_refused(self, client, round_and_key):
        round_, _ = round_and_key
        _, strange = the.witness("路人")
        response = self.post(client, round_, signature=self.signature(round_, strange))
        assert "对不上" in response.content.decode()
        assert "开始前公布的监票人公钥" in response.content.decode()

    def test_nothing_given(self, client, round_and_key):
        assert "还没有给签名" in self.post(client, round_and_key[0]).content.decode()

    def test_before_closing_there_is_nothing_to_sign(self, client, now):
        witness, _ = the.witness()
        round_ = the.publish(cards=6, witnesses=[witness])
        assert "现在还不能签" in page(client, round_, "board_sign")
        response = self.post(client, round_, signature="AAAA")
        assert "还没有封存" in response.content.decode()

    def test_a_signature_that_was_put_into_the_database_shows(self, client, round_and_key):
        round_, _ = round_and_key
        Signature.objects.create(
            round=round_, witness=0, signature=secrets.token_bytes(64), signed_on=clock.local_date(AFTER)
        )
        html = page(client, round_)
        assert "签名对不上" in html
        assert "签名无效" in html

    def test_a_key_is_made_without_naming_a_round(self, client, now):
        cast.offices()
        html = client.get(reverse("portal:witness_key")).content.decode()
        assert "quxin evaluations key" in html
