"""Promises on the desk: making, reviewing, changing in public, reporting; who may not; what is sent twice."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from quxin.access import SYSTEM
from quxin.kernel import clock
from quxin.kernel.scaled import scale
from quxin.ledger.models import Fact
from quxin.records.commitments import operations as ops
from quxin.records.commitments.models import Commitment, CommitmentProgress
from tests import cast
from tests.records.commitments.promises import DUE, made, progress, published, said

pytestmark = pytest.mark.django_db
TODAY, NOW = cast.TODAY, cast.NOW
TYPED = {
    "whose": "organisation",
    "text": "走访40家小微企业，问题件件有回音",
    "kind": "deed",
    "measure": "own",
    "target": "４０",
    "unit": "家",
    "due_on": DUE.isoformat(),
    "verifier": "省局质量处",
    "nonce": "n1",
}


@pytest.fixture
def people(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return cast.build()


@pytest.fixture
def tree(people):
    return people.offices


@pytest.fixture
def as_(people, client):
    def log_in(name):
        client.force_login(people.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def at(name, *arguments):
    return reverse(f"desk:{name}", args=arguments)


def body(answer):
    return answer.content.decode()


def test_all_that_is_wrong_is_said_at_once(as_, tree):
    numbers = "有事请打13812345678"
    wrong = {"organisation": tree.branch.code, "text": numbers, "target": "0", "unit": "", "due_on": "2010-01-01"}
    answer = as_("secretary").post(at("commitment_new"), TYPED | wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"text", "target", "unit", "due_on"}
    assert "有 4 处要改" in body(answer)
    answer = as_("secretary").post(at("commitment_new"), TYPED | wrong | {"target": "", "kind": "no-such"})
    assert set(answer.context["form"].errors) == {"text", "target", "unit", "due_on", "kind"}
    assert Commitment.objects.count() == 0


def test_measures_of_running_campaigns_stand_first(as_, tree):
    campaign = cast.campaign(tree)
    groups = dict(as_("secretary").get(at("commitment_new")).context["form"].fields["measure"].choices[1:])
    titles = list(groups)
    assert titles[0] == campaign.title
    assert titles[1] == "通用"
    pack = campaign.pack_version.pack
    assert {key.split(".")[0] for key, _title in groups[titles[0]]} == {pack}
    everything = [key for options in groups.values() for key, _title in options]
    assert len(everything) == len(set(everything)) > 20
    campaign.starts_on = campaign.ends_on = TODAY - timedelta(days=1)
    campaign.save()
    later = [title for title, _ in as_("secretary").get(at("commitment_new")).context["form"].fields["measure"].choices]
    assert later[1] == "通用"
    assert later[-1].startswith("现在没有在办：")


def waiting(tree, organisation=None, **changes):
    promise = made(organisation or tree.branch, **changes)
    ops.submit_commitment(actor=SYSTEM, commitment=promise, now=NOW)
    return promise


def test_a_promise_is_made_handed_in_passed_and_shown(as_, tree):
    secretary = as_("secretary")
    answer = secretary.post(at("commitment_new"), {**TYPED, "organisation": tree.branch.code})
    promise = Commitment.objects.get()
    assert answer.url == at("commitment", promise.code)
    assert (promise.target, promise.organisation, promise.state) == (40000, tree.branch, "draft")
    secretary.post(at("commitment_submit", promise.code))
    organiser = as_("organiser")
    assert "去审" in body(organiser.get(at("commitments"), {"org": tree.hq.code}))
    organiser.post(at("commitment_review", promise.code), {"decision": "publish"})
    promise.refresh_from_db()
    assert promise.state == "published"
    assert "走访40家小微企业" in body(organiser.get(f"/promises/{promise.code}/"))


def test_sending_a_form_twice_makes_one_promise_and_one_entry(as_, tree):
    secretary = as_("secretary")
    for _ in range(2):
        secretary.post(at("commitment_new"), {**TYPED, "organisation": tree.branch.code})
    assert Commitment.objects.count() == 1
    promise = published(tree.branch)
    entry = {"on": TODAY.isoformat(), "quantity": "3", "note": "江宁开发区", "nonce": "p1"}
    for _ in range(2):
        assert secretary.post(at("commitment_progress", promise.code), entry).status_code == 302
    assert promise.progress.count() == 1
    draft = made(tree.branch)
    for _ in range(2):
        assert secretary.post(at("commitment_submit", draft.code)).status_code == 302
    assert draft.events.filter(kind="submitted").count() == 1


def test_nothing_typed_is_lost_by_an_error(as_, tree):
    secretary = as_("secretary")
    wrong = {**TYPED, "organisation": tree.branch.code, "target": "很多", "due_on": "2010-11-01"}
    answer = secretary.post(at("commitment_new"), wrong)
    assert answer.status_code == 422
    for words in ("走访40家小微企业", "很多", "不是可以记录的数"):
        assert words in body(answer)
    past = secretary.post(at("commitment_new"), {**wrong, "target": "40"})
    assert past.status_code == 422
    assert "已经过去" in body(past)
    number = secretary.post(
        at("commitment_new"), {**wrong, "due_on": TYPED["due_on"], "target": "4", "text": "打13800138000"}
    )
    assert "电话号码" in body(number)
    assert not Commitment.objects.exists()


def test_a_measure_brings_its_unit_and_an_own_count_needs_one(as_, tree):
    secretary = as_("secretary")
    common = {**TYPED, "organisation": tree.branch.code, "unit": ""}
    assert secretary.post(at("commitment_new"), common).status_code == 422
    secretary.post(at("commitment_new"), {**common, "measure": "activities.sessions"})
    assert Commitment.objects.get().unit == "场"


def test_vague_words_are_marked_and_hold_nothing_up(as_, tree):
    secretary = as_("secretary")
    vague = {**TYPED, "organisation": tree.branch.code, "text": "尽快走访企业"}
    page = body(secretary.post(at("commitment_new"), vague, follow=True))
    assert "<mark" in page
    assert "说不清到哪天" in page
    promise = Commitment.objects.get()
    secretary.post(at("commitment_submit", promise.code))
    review = body(as_("organiser").get(at("commitment_review", promise.code)))
    assert "<mark" in review
    assert "说不清到哪天" in review


def test_sending_back_needs_a_reason_and_leads_to_the_next(as_, tree):
    first, second = waiting(tree), waiting(tree)
    organiser = as_("organiser")
    answer = organiser.post(at("commitment_review", first.code), {"decision": "return", "reason": ""})
    assert answer.status_code == 422
    assert "请写明理由" in body(answer)
    answer = organiser.post(at("commitment_review", first.code), {"decision": "return", "reason": "写清走访哪些企业"})
    assert answer.url == at("commitment_review", second.code)
    first.refresh_from_db()
    assert first.state == "returned"
    assert organiser.post(at("commitment_review", second.code), {"decision": "publish"}).url == at("commitments")


def test_a_change_is_previewed_as_the_public_will_see_it(as_, tree):
    promise = published(tree.branch)
    secretary = as_("secretary")
    sent = {**TYPED, "target": "30", "reason": "与省局口径一致", "version": promise.version}
    answer = secretary.post(at("commitment_change", promise.code), sent)
    page = body(answer)
    for words in ("群众会看到", "40家", "30家", "公开这些改动"):
        assert words in page
    promise.refresh_from_db()
    assert promise.target == 40000
    fingerprint = page.split('name="previewed" value="')[1].split('"')[0]
    other = secretary.post(at("commitment_change", promise.code), {**sent, "target": "20", "previewed": fingerprint})
    assert "群众会看到" in body(other)
    assert secretary.post(at("commitment_change", promise.code), {**sent, "previewed": fingerprint}).status_code == 302
    promise.refresh_from_db()
    assert promise.target == 30000
    assert promise.events.last().reason == "与省局口径一致"


def test_a_stale_form_shows_both_versions(as_, tree):
    promise = made(tree.branch)
    secretary = as_("secretary")
    opened = promise.version
    ops.edit_commitment(
        actor=SYSTEM, commitment=promise, promise=said(target=scale(50)), today=TODAY, now=NOW, version=opened
    )
    answer = secretary.post(at("commitment_edit", promise.code), {**TYPED, "target": "60", "version": opened})
    assert answer.status_code == 422
    for words in ("别人已经改过", "50家", "60家"):
        assert words in body(answer)
    promise.refresh_from_db()
    assert promise.target == 50000
    again = secretary.post(at("commitment_edit", promise.code), {**TYPED, "target": "60", "version": promise.version})
    assert again.status_code == 302


def test_extending_explaining_and_what_comes_too_late(as_, tree, monkeypatch):
    promise = published(tree.branch)
    secretary = as_("secretary")
    later = {"due_on": (DUE + timedelta(days=9)).isoformat(), "reason": "汛期停工", "version": promise.version}
    assert secretary.post(at("commitment_extend", promise.code), later).status_code == 302
    promise.refresh_from_db()
    assert promise.due_on == DUE + timedelta(days=9)
    earlier = secretary.post(at("commitment_extend", promise.code), {**later, "version": promise.version})
    assert earlier.status_code == 422
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=60))
    late = {**later, "due_on": (DUE + timedelta(days=90)).isoformat(), "version": promise.version}
    assert "承诺不能再改" in body(secretary.post(at("commitment_extend", promise.code), late, follow=True))
    secretary.post(at("commitment_explain", promise.code), {"explanation": "汛期停工十天，少走访六家。"})
    assert "汛期停工十天" in body(secretary.get(f"/promises/{promise.code}/"))


def test_progress_is_taken_back_with_a_reason(as_, tree):
    promise = published(tree.branch)
    entry = progress(promise, 5, note="记重的一笔")
    secretary = as_("secretary")
    address = at("commitment_progress_withdraw", promise.code, entry.code)
    assert secretary.post(address, {"reason": ""}).status_code == 422
    assert secretary.post(address, {"reason": "与前一笔重复"}).status_code == 302
    page = body(secretary.get(at("commitment_figure", promise.code)))
    assert "与前一笔重复" in page
    assert CommitmentProgress.objects.get().withdrawn_at
    other = published(tree.branch)
    assert secretary.post(at("commitment_progress_withdraw", other.code, entry.code)).status_code == 404


STEPS = ["submit", "review", "change", "extend", "progress", "explain", "withdraw", "edit", "figure", "poster"]


@pytest.mark.parametrize("step", STEPS)
def test_a_promise_of_others_is_not_there(as_, tree, step):
    promise = published(tree.branch)
    stranger = as_("stranger")
    assert stranger.get(at("commitment", promise.code)).status_code == 404
    for send in (stranger.get, stranger.post):
        assert send(at(f"commitment_{step}", promise.code)).status_code == 404
    assert promise.code not in body(stranger.get(at("commitments")))


@pytest.mark.parametrize("step", STEPS)
def test_nobody_steps_without_log_in(client, tree, step):
    promise = published(tree.branch)
    answer = client.post(at(f"commitment_{step}", promise.code))
    assert answer.status_code == 302
    assert answer.url.startswith("/desk/login/")


@pytest.mark.parametrize("name", ["leader", "auditor", "system-admin"])
def test_who_only_looks_may_not_act(as_, tree, name):
    promise, draft = published(tree.branch), waiting(tree)
    looker = as_(name)
    assert looker.get(at("commitment", promise.code)).status_code == 200
    for step in ("change", "extend", "progress", "explain"):
        assert looker.post(at(f"commitment_{step}", promise.code)).status_code == 403
    for step in ("submit", "review", "withdraw", "edit"):
        assert looker.post(at(f"commitment_{step}", draft.code)).status_code == 403
    assert looker.get(at("commitment_new")).status_code == 403
    assert "报进展" not in body(looker.get(at("commitment", promise.code)))


def test_who_made_it_does_not_pass_it(as_, people, tree):
    promise = made(tree.branch, actor=people.actor("organiser"))
    ops.submit_commitment(actor=SYSTEM, commitment=promise, now=NOW)
    organiser = as_("organiser")
    assert organiser.post(at("commitment_review", promise.code), {"decision": "publish"}).status_code == 403
    assert as_("reviewer").post(at("commitment_review", promise.code), {"decision": "publish"}).status_code == 302


def test_a_member_makes_and_sees_his_own_promises(as_, people, tree):
    member = as_("member")
    page = body(member.get(at("commitment_new")))
    assert "提一项承诺" in page
    answer = member.post(at("commitment_new"), {**TYPED, "whose": "me"})
    assert answer.status_code == 302, body(answer)[-3000:]
    promise = Commitment.objects.get()
    assert promise.person == people.members[0]
    member.post(at("commitment_submit", promise.code))
    assert promise.text in body(member.get(at("commitments"), {"mine": "1"}))
    other = made(tree.branch, text="支部的承诺", person=people.members[1])
    assert "支部的承诺" not in body(member.get(at("commitments"), {"mine": "1"}))
    assert member.post(at("commitment_edit", other.code), TYPED).status_code == 403


def test_the_list_is_filtered_sorted_and_exported_as_it_stands(as_, tree):
    late = published(tree.branch, text="每季开放一次实验室", due_on=DUE + timedelta(days=5), kind="service")
    soon = published(tree.branch, due_on=TODAY + timedelta(days=3))
    progress(soon, 10)
    organiser = as_("organiser")
    page = body(organiser.get(at("commitments"), {"stands": "soon"}))
    assert soon.text in page
    assert late.text not in page
    page = body(organiser.get(at("commitments"), {"sort": "-due"}))
    assert page.index(late.text) < page.index(soon.text)
    assert "没有符合这些条件" in body(organiser.get(at("commitments"), {"q": "没有这样的词"}))
    answer = organiser.get(at("commitments"), {"kind": "deed", "export": "1"})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    cells = [cell for row in rows for cell in row if cell is not None]
    assert soon.text in cells
    assert late.text not in cells
    assert 10 in cells


def test_a_list_of_fifty_is_cheap(as_, tree, django_assert_max_num_queries):
    for number in range(52):
        own = {} if number % 2 else {"measure": "activities.sessions", "unit": "场"}
        published(tree.branch, text=f"第{number}项承诺", **own)
    organiser = as_("organiser")
    organiser.get(at("commitments"))
    with django_assert_max_num_queries(12):
        page = body(organiser.get(at("commitments")))
    assert "共 52 条" in page
    assert page.count('<tr><th scope="row"><a') == 50


def test_evidence_is_attached_and_a_wrong_file_refused(as_, tree):
    promise = published(tree.branch)
    secretary = as_("secretary")
    good = SimpleUploadedFile("回执.pdf", b"%PDF-1.4 x", content_type="application/pdf")
    assert secretary.post(at("commitment", promise.code), {"evidence": good}).status_code == 302
    assert "回执.pdf" in body(secretary.get(at("commitment", promise.code)))
    bad = SimpleUploadedFile("x.pdf", b"MZ\x90", content_type="application/pdf")
    assert secretary.post(at("commitment", promise.code), {"evidence": bad}).status_code == 422
    assert "回执.pdf" not in body(secretary.get(f"/promises/{promise.code}/"))


def test_no_step_is_taken_by_looking(as_, tree):
    promise, draft = published(tree.branch), waiting(tree)
    before = Fact.objects.count()
    organiser = as_("organiser")
    for step in ("change", "extend", "progress", "explain", "figure"):
        assert organiser.get(at(f"commitment_{step}", promise.code)).status_code == 200
    for step in ("submit", "review", "withdraw", "edit"):
        assert organiser.get(at(f"commitment_{step}", draft.code)).status_code == 200
    draft.refresh_from_db()
    assert draft.state == "submitted"
    assert Fact.objects.count() == before


def test_a_form_without_its_token_is_refused(people, tree):
    from django.test import Client

    promise = published(tree.branch)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.people["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    answer = strict.post(at("commitment_explain", promise.code), {"explanation": "说明"})
    assert answer.status_code == 403
    promise.refresh_from_db()
    assert promise.explanation == ""


def test_a_limit_is_promised_and_kept_by_saying_nought(as_, tree, monkeypatch):
    secretary = as_("secretary")
    typed = {**TYPED, "organisation": tree.branch.code, "direction": "at-most", "target": "3", "unit": "件"}
    secretary.post(at("commitment_new"), typed)
    promise = Commitment.objects.get()
    assert (promise.direction, promise.target) == ("at-most", 3000)
    ops.submit_commitment(actor=SYSTEM, commitment=promise, now=NOW)
    ops.publish_commitment(actor=SYSTEM, commitment=promise, today=TODAY, now=NOW)
    page = body(secretary.get(at("commitment", promise.code)))
    assert "，不超过" in page
    assert "，达到" not in page
    assert "没有发生也要记 0" in body(secretary.get(at("commitment_progress", promise.code)))
    entry = {"on": TODAY.isoformat(), "quantity": "0", "note": "查过，没有", "nonce": "z"}
    assert secretary.post(at("commitment_progress", promise.code), entry).status_code == 302
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=60))
    assert "已兑现" in body(secretary.get(at("commitment", promise.code)))


def test_every_single_entry_and_a_measure_do_not_go_together(as_, tree):
    typed = {**TYPED, "organisation": tree.branch.code, "direction": "each-at-most", "measure": "activities.sessions"}
    answer = as_("secretary").post(at("commitment_new"), typed)
    assert answer.status_code == 422
    assert "没有“每一笔”可以比" in body(answer)
    assert not Commitment.objects.exists()
