"""The daily probes: all five grades through the page that voters use; what is refused is told, and the shadow round is nowhere."""

from datetime import timedelta

import pytest
from django.urls import reverse

from quxin.jobs import schedule
from quxin.jobs.probing import cast_probe
from quxin.kernel import clock
from quxin.portal.views import evaluate as view
from quxin.records.evaluations import canaries, urn
from quxin.records.evaluations.models import Ballot, CardSheet, Pulse, Round
from quxin.runs.models import Run
from quxin.runs.operations import Progress, request_run
from tests import cast
from tests.records.evaluations import closed as the
from tests.records.evaluations import scene
from tests.records.evaluations.scene import AFTER, DURING

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch):
    moment = [DURING]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(clock, "today", lambda: clock.local_date(moment[0]))
    return lambda at: moment.__setitem__(0, at)


@pytest.fixture
def quick(monkeypatch):
    """No puzzle takes half a second here; one test takes the time."""
    monkeypatch.setattr("quxin.jobs.probing.solve", lambda puzzle: "")


def probe(at=DURING):
    return canaries.probe(cast_probe, now=at, today=clock.local_date(at))


def test_all_five_grades_go_through_the_page(now, quick, client):
    cast.offices()
    assert "试投" not in client.get(reverse("portal:rounds")).content.decode()
    assert [(one.grade, one.accepted, one.refusal) for one in sorted(probe(), key=lambda one: one.grade)] == [
        (grade, True, "") for grade in (1, 2, 3, 4, 5)
    ]
    urn.mix_all(least=1)
    shadow = Round.objects.get(is_shadow=True)
    assert sorted(ballot.answers["overall"] for ballot in Ballot.objects.filter(round=shadow)) == [1, 2, 3, 4, 5]
    html = client.get(reverse("portal:rounds")).content.decode()
    assert "五个等级今天都能投（2010年11月20日试投过）。" in html
    assert "探测轮" not in html
    assert probe() == []  # once a day


def test_the_day_is_told_when_it_was_not_today(now, quick, client):
    cast.offices()
    probe()
    now(DURING + timedelta(days=1))
    assert "五个等级在 2010年11月20日试投过，都能投。" in client.get(reverse("portal:rounds")).content.decode()


def test_the_puzzle_of_the_page_is_solved(now, monkeypatch):
    cast.offices()
    seen = []
    taken = view._has_worked
    monkeypatch.setattr(view, "_has_worked", lambda *given: seen.append(taken(*given)) or seen[-1])
    subject = canaries.shadow_subject(now=DURING)
    assert cast_probe(subject.code, 1, "") == ""
    assert seen == [True]


def test_a_grade_that_is_refused_is_named_on_the_portal(now, quick, client, monkeypatch):
    cast.offices()
    from quxin.records.evaluations.errors import NoSuchGrade

    really = view.cast_ballot

    def three_stars_and_up(*, vote, **given):
        if vote.grade < 3:
            raise NoSuchGrade
        return really(vote=vote, **given)

    monkeypatch.setattr(view, "cast_ballot", three_stars_and_up)
    refused = {one.grade: one.refusal for one in probe() if not one.accepted}
    assert set(refused) == {1, 2}
    assert "请在五个等级里选一个" in refused[1]
    html = client.get(reverse("portal:rounds")).content.decode()
    for word in ("有的等级投不进去", "不满意、", "非常不满意", "不能作准"):
        assert word in html


@pytest.mark.parametrize("missing", ["1", "5"])
def test_a_grade_that_the_page_does_not_offer_is_refused(now, quick, monkeypatch, missing):
    cast.offices()
    shown = view.public_page

    def without(request, template, **context):
        if "choices" in context:
            context["choices"] = [one for one in context["choices"] if str(one["value"]) != missing]
        return shown(request, template, **context)

    monkeypatch.setattr(view, "public_page", without)
    assert {one.grade: one.refusal for one in probe() if not one.accepted} == {int(missing): "页面上没有这个等级。"}


def test_a_page_that_breaks_is_a_refusal_and_no_crash(now, quick, monkeypatch):
    cast.offices()

    def broken(**given):
        raise RuntimeError("broken")

    monkeypatch.setattr(view, "cast_ballot", broken)
    assert not any(one.accepted for one in probe())


def test_the_night_mixes_probes_forgets_and_destroys(now, quick):
    now(AFTER)
    stage = scene.build()
    round_ = the.publish(tree=stage.offices, cards=6, closes_at=AFTER + timedelta(days=3))
    Pulse.objects.create(subject=stage.promised, on=clock.local_date(DURING), window="2010-11-20T10:1", count=99)
    scene.cast_one(stage.promised)
    run = request_run(kind=schedule.NIGHTLY, title="每日例行", parameters={}, actor=None, now=AFTER)
    result, _ = schedule.nightly(Run.objects.get(pk=run.pk), Progress(run, clock.now))
    assert result["mixed"] == 1
    assert result["refused"] == 0
    assert result["cards"] == 1
    assert not CardSheet.objects.filter(round=round_).exists()
    assert Round.objects.get(pk=stage.round.pk).state == "closed"
    assert Pulse.objects.get(subject=stage.promised).is_burst


def test_the_worker_mixes_as_soon_as_enough_wait(now):
    stage = scene.build()
    scene.cast_many(stage.promised, "5" * (urn.ENOUGH - 1))
    assert schedule.mix_what_waits() == 0
    scene.cast_one(stage.promised)
    assert schedule.mix_what_waits() == urn.ENOUGH
    assert Ballot.objects.count() == urn.ENOUGH
