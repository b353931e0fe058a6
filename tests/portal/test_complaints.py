"""好差评 in public: a bad grade, when it is to be answered, the answer; its words only where nobody is known by them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from quxin.access import Role
from quxin.kernel import clock
from quxin.records.evaluations import drafting, urn
from quxin.records.evaluations.answers import answer_complaint
from quxin.records.evaluations.closing import void_round
from quxin.records.evaluations.models import Answer
from tests import cast
from tests.records.evaluations import closed as the
from tests.records.evaluations import scene
from tests.records.evaluations.closed import CLOSES, DURING, OPENS

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch):
    moment = [DURING]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(clock, "today", lambda: clock.local_date(moment[0]))
    return lambda at: moment.__setitem__(0, at)


@pytest.fixture
def tree():
    return cast.offices()


@pytest.fixture
def round_(tree, now):
    organiser = cast.actor(Role.ORGANISER, tree.hq)
    drafted = drafting.draft_round(
        actor=organiser,
        organiser=tree.hq,
        title="窗口好差评",
        questionnaire=the.questionnaire(kind="service", access="open", answer_within=5),
        judged=drafting.Judged(organisations=[tree.jiangsu]),
        now=OPENS,
    )
    terms = drafting.Terms(opens_at=OPENS, closes_at=CLOSES)
    drafting.set_terms(actor=organiser, round_=drafted, terms=terms, now=OPENS)
    return drafting.publish_round(actor=organiser, round_=drafted, now=OPENS)


def grade(round_, grades: str, words: str = ""):
    subject = round_.subjects.get()
    scene.cast_many(subject, grades, words=words)
    urn.mix(round_.pk)


def page(client, round_) -> str:
    return client.get(reverse("portal:round_result", args=[round_.code])).content.decode()


def test_good_grades_owe_nothing(client, round_):
    grade(round_, "555443")
    assert "差评和答复" not in page(client, round_)


def test_the_day_the_delay_and_the_answer_are_told(client, round_, tree, now):
    grade(round_, "55211", "等了两周")
    assert "已答复 0 条，待答复 3 条，其中逾期 0 条" in page(client, round_)
    due = Answer.objects.first().due_on
    now(DURING + timedelta(days=30))
    html = page(client, round_)
    assert "其中逾期 3 条" in html
    assert f"逾期，应在 {due}前答复" in html
    secretary = cast.actor(Role.SECRETARY, tree.jiangsu)
    answer_complaint(
        actor=secretary, answer=Answer.objects.first(), words="已补检", today=clock.today(), now=clock.now()
    )
    html = page(client, round_)
    assert "已答复 1 条，待答复 2 条，其中逾期 2 条" in html
    assert html.index("逾期，应在") < html.index("已补检")  # what waits stands first


def test_few_bad_grades_keep_their_words_to_themselves(client, round_):
    grade(round_, "5555521", "等了两周")
    html = page(client, round_)
    assert "等了两周" not in html
    assert "差评太少时不登原话" in html


def test_from_the_minimum_on_words_are_shown_but_no_number_of_a_person(client, round_):
    grade(round_, "22111", "等了两周")
    html = page(client, round_)
    assert html.count("等了两周") == 5
    assert "差评太少时不登原话" not in html


def test_a_void_round_owes_the_public_nothing(client, round_, tree):
    grade(round_, "22111", "等了两周")
    void_round(actor=cast.actor(Role.ORGANISER, tree.hq), round_=round_, reason="列错了", now=DURING)
    assert "差评和答复" not in page(client, round_)
