"""A closed round: roster, tokens, casting, closing, signing; every fault that a voter may meet."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from quxin.access import Refused, Role
from quxin.briefs.complaints import complaint_of
from quxin.kernel import signing
from quxin.kernel.blind import BadToken
from quxin.ledger.models import AuditEntry, Fact
from quxin.records.evaluations import closing, drafting, errors, publication, urn, witnesses
from quxin.records.evaluations.board import read, signed_bytes
from quxin.records.evaluations.models import Answer, Ballot, CardSheet, PoolToken, RosterLine, RoundKey, Spent
from quxin.records.evaluations.questionnaire import BadChoice
from quxin.records.evaluations.sampling import draw
from quxin.records.evaluations.verification import verify_board
from tests import cast
from tests.records.evaluations import closed as the
from tests.records.evaluations.closed import AFTER, DURING, OPENS, TODAY

pytestmark = pytest.mark.django_db


def close(round_):
    closing.close_round(actor=the.organiser_of(round_), round_=round_, now=AFTER)
    round_.refresh_from_db()


def saved_board(round_, tmp_path):
    path = tmp_path / "board.json"
    path.write_bytes(b"".join(publication.board_of(round_)))
    return path


class TestPublishing:
    def test_the_roster_is_frozen_and_its_count_written_down_before_opening(self):
        round_ = the.publish(voters=the.people(5), cards=2)
        assert round_.opening["roster"]["count"] == 7
        entry = AuditEntry.objects.get(action="round.open")
        assert entry.details["opening"] == round_.opening_hash
        organiser = the.organiser_of(round_)
        for change in (
            lambda: drafting.set_voters(actor=organiser, round_=round_, voters={}),
            lambda: drafting.publish_round(actor=organiser, round_=round_, now=OPENS),
            lambda: drafting.drop_draft(actor=organiser, round_=round_, now=OPENS),
        ):
            with pytest.raises(errors.RosterFrozen):
                change()

    def test_a_group_too_small_to_protect_anybody_is_refused(self):
        with pytest.raises(errors.EmptyRoster):
            the.publish(voters=the.people(4))

    def test_only_organisers_set_up(self):
        tree = cast.offices()
        for role in set(Role) - {Role.ORGANISER}:
            with pytest.raises(Refused):
                drafting.draft_round(
                    actor=cast.actor(role, tree.hq),
                    organiser=tree.hq,
                    title="评议",
                    questionnaire=the.questionnaire(),
                    judged=drafting.Judged(organisations=[tree.jiangsu]),
                    now=OPENS,
                )

    @pytest.mark.parametrize("key", ["", "AAAA", "不是密钥", "A" * 44])
    def test_a_witness_needs_a_key(self, key):
        with pytest.raises(errors.BadWitness):
            the.publish(voters=the.people(5), witnesses=[drafting.Witness("赵监督", "纪检监督", key)])

    def test_codes_are_there_to_be_printed_until_they_are_destroyed(self):
        round_ = the.publish(cards=5, labels=["南京某电梯公司"])
        assert len(set(the.codes(round_))) == 6
        drafting.destroy_cards(actor=the.organiser_of(round_), round_=round_, now=OPENS)
        assert the.codes(round_) == []

    def test_codes_do_not_outlive_the_opening(self):
        the.publish(cards=5)
        assert drafting.destroy_old_cards(now=OPENS - timedelta(seconds=1)) == 0
        assert drafting.destroy_old_cards(now=OPENS) == 1
        assert not CardSheet.objects.exists()


class TestTokens:
    def test_a_voter_fetches_once_and_may_ask_again_for_the_same(self):
        voters = the.people(5)
        round_ = the.publish(voters=voters)
        actor = the.as_voter(voters[0])
        made = the.blinded_for(round_, actor)
        asked = {key: hidden.message for key, (_, hidden) in made.items()}
        ask = lambda blinded: the.issue_tokens(  # noqa: E731
            actor=actor, round_=round_, blinded=blinded, now=DURING, today=TODAY
        )
        assert ask(asked) == ask(asked)
        other = {key: hidden.message for key, (_, hidden) in the.blinded_for(round_, actor).items()}
        with pytest.raises(errors.AlreadyFetched):
            ask(other)
        line = RosterLine.objects.get(person=voters[0])
        assert (line.way, line.tokens, line.fetched_on) == ("blind", 1, TODAY)

    def test_who_is_not_on_the_roster_gets_none(self):
        round_ = the.publish(voters=the.people(5), cards=1)
        with pytest.raises(errors.NotOnRoster):
            the.fetch(round_, the.as_voter(the.people(1, "路人")[0]))
        with pytest.raises(errors.NotOnRoster):
            the.fetch(round_, card="0000-0000-0000-0000")

    def test_whoever_organises_or_writes_for_the_judged_gets_none(self):
        voters = the.people(5)
        tree = cast.offices()
        round_ = the.publish(voters=voters, tree=tree)
        for role, place in ((Role.ORGANISER, tree.zhejiang), (Role.SECRETARY, tree.jiangsu)):
            actor = replace(cast.actor(role, place), person=voters[0].pk)
            with pytest.raises(Refused):
                the.fetch(round_, replace(actor, account=77))

    def test_a_card_gives_one_token_by_one_way(self):
        round_ = the.publish(cards=5)
        first, second = the.codes(round_)[:2]
        assert the.draw(round_, first) == the.draw(round_, first.replace("-", " ").lower())
        with pytest.raises(errors.AlreadyFetched):
            the.fetch(round_, card=first)
        the.fetch(round_, card=second)
        with pytest.raises(errors.AlreadyFetched):
            the.draw(round_, second)

    def test_a_lost_card_is_cancelled_in_public(self):
        round_ = the.publish(cards=6)
        line = RosterLine.objects.first()
        drafting.cancel_card(actor=the.organiser_of(round_), round_=round_, number=line.number, now=DURING)
        refused = 0
        for code in the.codes(round_):
            try:
                the.draw(round_, code)
            except errors.CardCancelled:
                refused += 1
        assert refused == 1
        assert publication.turnout(round_).cancelled == 1

    def test_not_before_and_not_after(self):
        voters = the.people(5)
        round_ = the.publish(voters=voters)
        for moment in (OPENS - timedelta(seconds=1), AFTER):
            with pytest.raises(errors.NotOpen):
                the.fetch(round_, the.as_voter(voters[0]), now=moment)

    def test_the_pool_does_not_say_which_line_drew_which_token(self):
        round_ = the.publish(cards=6)
        codes = the.codes(round_)
        known = {line.card for line in RosterLine.objects.all()} | {line.number for line in RosterLine.objects.all()}
        for token in PoolToken.objects.all():
            assert token.lookup not in known
            assert not any(code.replace("-", "").lower().encode() in bytes(token.box) for code in codes)


class TestCasting:
    def test_a_ballot_and_its_receipt(self):
        voters = the.people(5)
        round_ = the.publish(voters=voters)
        token = the.fetch(round_, the.as_voter(voters[0]))[0]
        receipt = the.vote(round_, token, {"overall": 2, "words": "等得久"})
        urn.mix_all(least=1)
        ballot = Ballot.objects.get()
        assert ballot.answers == {"overall": 2, "words": "等得久"}
        assert ballot.receipt.startswith(receipt.code.replace("-", "").lower())

    def test_again_is_the_same_ballot_and_another_is_refused(self):
        voters = the.people(5)
        round_ = the.publish(voters=voters)
        token = the.fetch(round_, the.as_voter(voters[0]))[0]
        sheet = the.sheet(round_, token)
        first = the.cast_sheet(sheet=sheet, now=DURING, today=TODAY)
        again = the.cast_sheet(sheet=sheet, now=AFTER, today=TODAY)
        assert (first, again.repeated) == (again, True)
        urn.mix_all(least=1)
        assert the.cast_sheet(sheet=sheet, now=AFTER, today=TODAY).repeated
        with pytest.raises(errors.TokenUsed):
            the.vote(round_, token, {"overall": 1})
        assert Spent.objects.count() == 1

    def test_forged_malformed_and_foreign_tokens(self):
        voters = the.people(5)
        tree = cast.offices()
        round_, other = the.publish(voters=voters, tree=tree), the.publish(voters=voters, tree=tree)
        token = the.fetch(round_, the.as_voter(voters[0]))[0]
        bad = [
            replace(token, signature=bytes(256)),
            replace(token, message=token.message[:-1] + bytes([token.message[-1] ^ 1])),
            replace(token, message=b""),
            replace(token, signature=b""),
        ]
        for one in bad:
            with pytest.raises(BadToken):
                the.vote(round_, one)
        sheet = replace(the.sheet(round_, token), round_code=other.code)
        with pytest.raises(BadToken):
            the.cast_sheet(sheet=sheet, now=DURING, today=TODAY)
        with pytest.raises(errors.NotOpen):
            the.cast_sheet(sheet=replace(sheet, round_code="nosuchround"), now=DURING, today=TODAY)
        with pytest.raises(errors.WrongSubject):
            the.vote(round_, token, subject_code="other")
        with pytest.raises(errors.BadForm):
            the.vote(round_, token, nonce="short")
        with pytest.raises(BadChoice):
            the.vote(round_, token, {"overall": 6})
        assert not Spent.objects.exists()

    def test_the_clock_that_counts_is_the_servers(self):
        voters = the.people(5)
        round_ = the.publish(voters=voters)
        token = the.fetch(round_, the.as_voter(voters[0]))[0]
        with pytest.raises(errors.NotOpen):
            the.vote(round_, token, now=AFTER)

    def test_peers_judge_all_but_themselves(self):
        voters = the.people(6)
        asked = the.questionnaire(by="peers", of=["member"], scale="four-grades", title="党员互评")
        round_ = the.publish(voters=voters, asked=asked, judged=drafting.Judged(members=voters))
        tokens = the.fetch(round_, the.as_voter(voters[0]))
        assert len(tokens) == 5
        own = RoundKey.objects.get(subject__person=voters[0]).key_id
        assert own not in {token.key for token in tokens}
        for token in tokens:
            the.vote(round_, token, {"overall": 3})
        assert publication.turnout(round_).issued == 5


class TestClosing:
    def test_the_law_of_conservation_and_a_board_that_anybody_can_check(self, tmp_path):
        voters = the.people(8)
        witness, key = the.witness()
        round_ = the.publish(voters=voters, cards=4, witnesses=[witness])
        tokens = [the.fetch(round_, the.as_voter(one))[0] for one in voters]
        tokens.append(the.draw(round_, the.codes(round_)[0])[0])
        for place, token in enumerate(tokens[:-2] + tokens[-1:]):
            the.vote(round_, token, {"overall": 1 + place % 5})
        close(round_)
        told = round_.statement
        assert (told["roster"], told["issued"], told["cast"], told["unused"], told["void"]) == (12, 9, 8, 1, 0)
        signature = signing.sign(key, signed_bytes(told), passphrase=the.WITNESS)
        assert witnesses.countersign(round_=round_, signature=signature, now=AFTER, today=TODAY) == 0
        findings = verify_board(saved_board(round_, tmp_path))
        assert findings.ok, findings
        assert read(saved_board(round_, tmp_path))["signatures"][0]["witness"] == 0
        assert not RoundKey.objects.exclude(private=None).exists()
        grades = Fact.objects.filter(kind="evaluation.grade")
        assert sum(fact.quantity for fact in grades) == 8000

    def test_a_signature_of_anybody_else_is_refused(self):
        witness, _ = the.witness()
        _, stranger = the.witness("别人")
        round_ = the.publish(voters=the.people(5), witnesses=[witness])
        with pytest.raises(errors.NotClosedYet):
            witnesses.countersign(round_=round_, signature="", now=DURING, today=TODAY)
        close(round_)
        forged = signing.sign(stranger, signed_bytes(round_.statement), passphrase=the.WITNESS)
        for signature in (forged, "", "不是"):
            with pytest.raises(errors.NotAWitness):
                witnesses.countersign(round_=round_, signature=signature, now=AFTER, today=TODAY)

    def test_a_void_round_has_a_board_without_results(self, tmp_path):
        voters = the.people(5)
        round_ = the.publish(voters=voters)
        the.vote(round_, the.fetch(round_, the.as_voter(voters[0]))[0])
        closing.void_round(actor=the.organiser_of(round_), round_=round_, reason="名册用错了", now=DURING)
        round_.refresh_from_db()
        assert verify_board(saved_board(round_, tmp_path)).ok
        assert round_.results == []
        with pytest.raises(errors.NotOpen):
            the.fetch(round_, the.as_voter(voters[1]))

    def test_groups_weigh_and_a_small_one_stays_hidden(self):
        groups = [
            {"id": "enterprises", "title": "企业", "weight": 500},
            {"id": "inspectors", "title": "行风监督员", "weight": 300},
            {"id": "citizens", "title": "群众", "weight": 200},
        ]
        asked = the.questionnaire(kind="conduct", by="served", groups=groups, sheet="many", title="民主评议行风")
        tree = cast.offices()
        voters = {group["id"]: drafting.Voters(people=the.people(6, group["id"])) for group in groups}
        round_ = the.publish(
            asked=asked,
            groups=voters,
            tree=tree,
            judged=drafting.Judged(organisations=[tree.jiangsu, tree.zhejiang]),
        )
        codes = list(round_.subjects.values_list("code", flat=True))
        for group, turnout in (("enterprises", 6), ("inspectors", 5), ("citizens", 4)):
            for place, person in enumerate(list(voters[group].people)[:turnout]):
                token = the.fetch(round_, the.as_voter(person))[0]
                the.vote(round_, token, {code: {"overall": 5 - place % 3} for code in codes})
        close(round_)
        overall = [one for one in round_.results if one["question"] == "overall" and one["subject"] == codes[0]]
        hidden = {cell["group"]: cell["hidden"] for cell in overall[0]["groups"]}
        assert hidden["citizens"]
        assert not hidden["enterprises"]
        assert json.dumps(round_.results).count("too-few") >= 1

    def test_a_panel_is_drawn_by_a_seed_that_anybody_can_use(self):
        round_ = the.publish(labels=[f"企业{number}" for number in range(40)], panel=12)
        panel = round_.panel
        drawn = set(RosterLine.objects.filter(round=round_).values_list("number", flat=True))
        assert set(draw(panel["seed"], [number for number, _ in panel["register"]], 12)) == drawn
        assert round_.opening["panel"]["population"] == {"": 40}
        for place, code in enumerate(the.codes(round_)):
            the.vote(round_, the.draw(round_, code)[0], {"overall": 5 - place % 3})
        close(round_)
        assert round_.results[0]["sample"] == "panel"
        assert len(round_.results[0]["groups"][0]["interval"]) == 2


def test_a_board_is_streamed_whole(tmp_path):
    round_ = the.publish(voters=the.people(5))
    close(round_)
    stream = io.BytesIO(b"".join(publication.board_of(round_)))
    assert json.loads(stream.getvalue())["statement"]["cast"] == 0


def test_each_subject_that_a_sheet_over_many_rates_badly_is_owed_an_answer():
    tree = cast.offices()
    asked = the.questionnaire(kind="conduct", by="served", sheet="many", title="民主评议行风", answer_within=5)
    voters = the.people(5)
    judged = drafting.Judged(organisations=[tree.jiangsu, tree.zhejiang, tree.nanjing])
    round_ = the.publish(voters=voters, asked=asked, tree=tree, judged=judged)
    codes = list(round_.subjects.order_by("pk").values_list("code", flat=True))
    token = the.fetch(round_, the.as_voter(voters[0]))[0]
    the.vote(
        round_, token, {codes[0]: {"overall": 1, "words": "等得久"}, codes[1]: {"overall": 5}, codes[2]: {"overall": 2}}
    )
    urn.mix_all(least=1)
    owed = Answer.objects.order_by("subject")
    assert [one.subject.code for one in owed] == [codes[0], codes[2]]
    told = [complaint_of(one, today=TODAY).words for one in owed]
    assert told == [("等得久",), ()]
