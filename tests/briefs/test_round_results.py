"""What pages get of a closed round: every kind of questionnaire, groups and weights, hidden reasons, intervals, words."""

import secrets
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from quxin.briefs.evaluations import evaluation_of, round_brief
from quxin.briefs.round_results import round_results
from quxin.orgs.models import Post
from quxin.records.evaluations import closing, queries
from quxin.records.evaluations.drafting import Judged, Voters
from quxin.records.evaluations.models import Ballot, RoundKey, Spent
from tests import cast
from tests.records.evaluations import closed as the
from tests.records.evaluations.closed import AFTER, TODAY

pytestmark = pytest.mark.django_db

GROUPS = [
    {"id": "enterprises", "title": {"zh": "企业", "en": "Enterprises"}, "weight": 600},
    {"id": "citizens", "title": {"zh": "群众", "en": "Citizens"}, "weight": 400},
]
CONDUCT = {
    "id": "conduct",
    "title": "民主评议行风",
    "kind": "conduct",
    "by": "served",
    "sheet": "many",
    "groups": GROUPS,
    "questions": [
        {"id": "overall", "text": {"zh": "总体评价", "en": "As a whole"}, "scale": "five-grades"},
        {
            "id": "where",
            "text": "问题在哪里",
            "ask": {"question": "overall", "in": [2, 1]},
            "choices": [{"id": "late", "title": "拖拉", "counts": "problem"}, {"id": "rude", "title": "态度生硬"}],
        },
        {"id": "words", "text": "意见", "words": 200},
        {"id": "why", "text": "为什么", "words": 200, "ask": {"question": "overall", "in": [2, 1]}},
    ],
}


def put(round_, group: str, answers: dict, subject=None) -> None:
    """A mixed ballot of a group, as casting and mixing leave it; the ways there have tests of their own."""
    key = RoundKey.objects.filter(round=round_, group=group).first()
    Ballot.objects.create(
        round=round_,
        subject=subject,
        key=key.key_id if key else "",
        answers=answers,
        nonce=secrets.token_hex(16),
        cast_on=TODAY,
        receipt=secrets.token_hex(32),
    )
    Spent.objects.create(round=round_, subject=subject, mark=secrets.token_hex(32), key=key.key_id if key else "")


def finish(round_):
    closing.close_round(actor=the.organiser_of(round_), round_=round_, now=AFTER)
    round_.refresh_from_db()
    return round_


def conduct(enterprises: list[dict], citizens: list[dict], tree=None):
    """A closed round on 江苏 and 浙江 on one sheet; each ballot's answers are on 江苏."""
    tree = tree or cast.offices()
    round_ = the.publish(
        tree=tree,
        asked=the.questionnaire(**CONDUCT),
        judged=Judged(organisations=[tree.jiangsu, tree.zhejiang]),
        groups={"enterprises": Voters(cards=12), "citizens": Voters(cards=12)},
    )
    code = round_.subjects.get(organisation=tree.jiangsu).code
    for group, ballots in (("enterprises", enterprises), ("citizens", citizens)):
        for answers in ballots:
            put(round_, group, {code: answers})
    return finish(round_), tree


def on(round_, organisation):
    (found,) = [one for one in round_results(round_).subjects if one.title == organisation.name]
    return found


class TestGroups:
    def test_shares_weights_and_groups(self):
        good, bad = {"overall": 5}, {"overall": 1}
        round_, tree = conduct([good] * 9 + [bad], [good] * 5 + [bad] * 5)
        first = on(round_, tree.jiangsu).questions[0]
        assert (first.title.zh, first.title.en, first.answered) == ("总体评价", "As a whole", 20)
        assert next((one.title.zh, one.count, one.share) for one in first.shares) == ("非常满意", 14, Decimal("70.0"))
        assert first.satisfied == Decimal("70.0")
        assert first.weighted == Decimal("74.0")  # 0.6 × 0.9 + 0.4 × 0.5
        assert [(one.title.en, one.weight, one.satisfied) for one in first.groups] == [
            ("Enterprises", Decimal("60.0"), Decimal("90.0")),
            ("Citizens", Decimal("40.0"), Decimal("50.0")),
        ]
        assert not first.rescaled

    def test_a_hidden_group_leaves_only_its_reason(self):
        round_, tree = conduct([{"overall": 5}] * 9 + [{"overall": 1}], [{"overall": 5}] * 4)
        first = on(round_, tree.jiangsu).questions[0]
        hidden = first.groups[1]
        assert hidden.reason == "人数不足，不公布"
        assert (hidden.answered, hidden.shares, hidden.satisfied) == (None, (), None)
        assert (first.answered, first.rescaled) == (10, True)
        assert first.groups[0].counted_as == Decimal("100.0")

    def test_what_nobody_judged_says_why_there_is_nothing(self):
        round_, tree = conduct([{"overall": 5}] * 11, [{"overall": 4}] * 11)
        first = on(round_, tree.zhejiang).questions[0]
        assert (first.answered, first.shares, first.reason) == (None, (), "人数不足，不公布")

    def test_problems_are_a_list_most_often_named_first(self):
        late = {"overall": 1, "where": ["late"]}
        round_, tree = conduct([{"overall": 5}] * 6 + [late] * 5 + [{"overall": 2, "where": ["rude"]}], [])
        (problem,) = round_results(round_).problems
        assert (problem.title.zh, problem.count, problem.subject_title) == ("拖拉", 5, tree.jiangsu.name)


class TestWords:
    def test_words_of_many_subjects_stand_with_their_subject(self):
        round_, tree = conduct([{"overall": 5, "words": "办得快"}] + [{"overall": 4}] * 10, [])
        assert on(round_, tree.jiangsu).words == ("办得快",)
        assert on(round_, tree.zhejiang).words == ()

    def test_words_of_a_hidden_group_stay_back(self):
        round_, tree = conduct([{"overall": 5}] * 11, [{"overall": 1, "words": "我等了两周"}] * 3)
        found = on(round_, tree.jiangsu)
        assert (found.words, found.held) == ((), ())

    def test_words_that_only_the_dissatisfied_were_asked_for_need_as_many_of_them_as_the_minimum(self):
        told = {"overall": 1, "why": "排队太久"}
        few, tree = conduct([{"overall": 5}] * 8 + [told] * 4, [])
        assert on(few, tree.jiangsu).words == ()

    def test_and_are_shown_from_the_minimum_on(self):
        told = {"overall": 1, "why": "排队太久"}
        enough, tree = conduct([{"overall": 5}] * 6 + [told] * 5, [])
        assert on(enough, tree.jiangsu).words == ("排队太久",) * 5

    def test_the_names_of_the_judged_stay_back_and_the_reason_is_told(self):
        tree = cast.offices()
        (person,) = the.people(1, "欧阳建国")
        person.name = "欧阳建国"
        person.save()
        Post.objects.create(person=person, organisation=tree.nanjing, title="科长", from_on=date(2009, 1, 1))
        said = [{"overall": 4, "words": text} for text in ("欧阳建国态度好", "欧阳科长在吗", "窗口很干净")]
        round_, _ = conduct(said + [{"overall": 5}] * 9, [], tree)
        found = on(round_, tree.jiangsu)
        assert found.words == ("窗口很干净",)
        assert found.held == ("意见里用姓氏和称呼指到了人", "意见里写了人名")

    def test_a_questionnaire_of_words_alone_needs_as_many_texts_as_the_minimum(self):
        asked = the.questionnaire(id="say", scale="words", questions=[{"id": "say", "text": "您的话", "words": 100}])
        tree = cast.offices()
        for count, shown in ((4, 0), (6, 6)):
            round_ = the.publish(tree=tree, cards=8, asked=asked)
            subject = round_.subjects.get()
            for _ in range(count):
                put(round_, "", {"say": "路牌看不清"}, subject)
            finish(round_)
            voices = queries.voices_of(round_, [subject])
            assert len(voices[subject.code].texts if voices else []) == shown


class TestSamples:
    def test_a_panel_has_an_interval_and_a_roster_has_none(self):
        voters, tree = the.people(40), cast.offices()
        for panel, expected in ((20, True), (0, False)):
            round_ = the.publish(tree=tree, voters=voters, panel=panel)
            subject = round_.subjects.get()
            for grade in (5, 5, 5, 5, 4, 4, 3, 2, 1, 5):
                put(round_, "", {"overall": grade}, subject)
            results = round_results(finish(round_))
            assert ("随机" in results.sample) is expected
            (first,) = results.subjects[0].questions
            assert (first.interval is not None) is expected
            if first.interval:
                assert first.interval[0] < first.satisfied < first.interval[1]
            assert first.groups == ()


class TestAmongMembers:
    def members(self):
        tree = cast.offices()
        judged = the.people(3, "委员")
        asked = the.questionnaire(
            id="members",
            kind="members",
            by="peers",
            of=["member"],
            sheet="many",
            scale="four-grades",
            questions=[
                {"id": "overall", "text": "等次", "scale": "four-grades"},
                {"id": "words", "text": "意见", "words": 50},
            ],
        )
        round_ = the.publish(tree=tree, voters=the.people(12), asked=asked, judged=Judged(members=judged))
        codes = {subject.person.name: subject.code for subject in round_.subjects.all()}
        for turn in range(12):
            grade = 4 if turn % 3 else 3
            put(round_, "", {code: {"overall": grade, "words": "按时交材料"} for code in codes.values()})
        return finish(round_), tree

    def test_the_inside_reads_four_grades_and_who_is_who(self):
        round_, _ = self.members()
        found = round_results(round_)
        assert sorted(one.title for one in found.subjects) == ["委员0", "委员1", "委员2"]
        shares = found.subjects[0].questions[0].shares
        assert [(one.title.zh, one.count) for one in shares] == [
            ("优秀", 8),
            ("合格", 4),
            ("基本合格", 0),
            ("不合格", 0),
        ]
        assert found.subjects[0].words == ("按时交材料",) * 12

    def test_the_public_reads_neither_results_nor_words_nor_names(self):
        round_, tree = self.members()
        brief = round_brief(round_, now=AFTER)
        assert {one.hidden for one in brief.results} == {"inside"}
        assert not any(one.voices or one.words or "委员" in one.title for one in brief.results)
        assert evaluation_of(f"organisation:{tree.hq.pk}", now=AFTER).latest is None


class TestGraded:
    def test_four_grades_have_their_own_names_and_satisfied_share(self):
        asked = the.questionnaire(questions=[{"id": "overall", "text": "等次", "scale": "four-grades"}])
        round_ = the.publish(cards=12, asked=asked)
        for grade in (4, 4, 3, 3, 2, 1):
            put(round_, "", {"overall": grade}, round_.subjects.get())
        (found,) = round_brief(finish(round_), now=AFTER).results
        assert [(one.title.zh, one.count) for one in found.voices] == [
            ("优秀", 2),
            ("合格", 2),
            ("基本合格", 1),
            ("不合格", 1),
        ]
        assert found.satisfied == Decimal("66.7")  # 基本合格 is neither praise nor blame

    def test_a_round_without_grades_says_so_instead_of_too_few(self):
        choices = [{"id": "a", "title": "排队", "counts": "problem"}, {"id": "b", "title": "材料多"}]
        asked = the.questionnaire(
            kind="diagnosis", scale="words", questions=[{"id": "what", "text": "问题", "choices": choices}]
        )
        round_ = the.publish(cards=12, asked=asked)
        for _ in range(6):
            put(round_, "", {"what": ["a"]}, round_.subjects.get())
        for _ in range(6):
            put(round_, "", {"what": ["b"]}, round_.subjects.get())
        (found,) = round_brief(finish(round_), now=AFTER).results
        assert found.hidden == "ungraded"
        (problem,) = round_results(round_).problems
        assert (problem.title.zh, problem.share) == ("排队", Decimal("50.0"))

    def test_the_record_of_an_organisation_leaves_the_shadow_round_out(self):
        from quxin.records.evaluations.canaries import shadow_subject

        tree = cast.offices()
        assert shadow_subject(now=AFTER) is not None
        found = evaluation_of(f"organisation:{tree.hq.pk}", now=AFTER + timedelta(hours=1))
        assert found.open_now == ()


def test_a_round_that_is_not_closed_has_no_results():
    round_ = the.publish(cards=6)
    assert round_results(round_).is_empty
    assert replace(round_results(round_), sample="") == round_results(round_)
