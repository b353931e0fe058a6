"""Evidence on the desk: members attach to their own promises; showing a file to the public and taking it down."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quxin.access import SYSTEM, Action
from quxin.files.models import Evidence
from quxin.files.operations import attach_evidence
from quxin.kernel import clock
from quxin.records.activities import operations as activities
from quxin.records.commitments import operations as ops
from quxin.records.commitments.models import CommitmentProgress
from tests import cast
from tests.files.test_files import PDF
from tests.files.test_scanning import PHONE, without_thumbnail, word
from tests.records.commitments.promises import published

pytestmark = pytest.mark.django_db
CLEAN = without_thumbnail(word("走访一家企业"))


@pytest.fixture
def people(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.NOW)
    return cast.build()


@pytest.fixture
def as_(people, client):
    def log_in(name):
        client.force_login(people.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


@pytest.fixture
def own(people):
    """The member's own promise, in public."""
    return published(people.offices.branch, person=people.members[0], kind="post")


def at(name, *arguments):
    return reverse(f"desk:{name}", args=arguments)


def upload(name="走访记录.docx", content=CLEAN):
    return SimpleUploadedFile(name, content)


def attached(people, promise, who="secretary", **file):
    return attach_evidence(
        upload=upload(**file),
        subject=ops.subject_of(promise),
        path=promise.organisation.path,
        actor=people.actor(who),
        action=Action.MAKE_COMMITMENT,
        now=cast.NOW,
        person=promise.person_id,
    )


def test_a_member_attaches_to_his_own_promise_and_takes_it_down(as_, own):
    member = as_("member")
    assert "附上" in member.get(at("commitment", own.code)).content.decode()
    answer = member.post(at("commitment", own.code), {"evidence": upload()})
    assert answer.status_code == 302
    evidence = Evidence.objects.get()
    assert evidence.subject == ops.subject_of(own)
    assert member.get(at("evidence", evidence.code)).status_code == 200
    assert member.post(at("evidence_withdraw", evidence.code)).status_code == 302
    evidence.refresh_from_db()
    assert evidence.withdrawn_at is not None


def test_a_member_attaches_to_his_progress_once_however_often_it_is_sent(as_, own):
    member = as_("member")
    typed = {"on": cast.TODAY.isoformat(), "quantity": "2", "note": "两家", "nonce": "n7"}
    for _time in range(2):
        assert member.post(at("commitment_progress", own.code), {**typed, "evidence": upload()}).status_code == 302
    entry = CommitmentProgress.objects.get()
    assert [row.subject for row in Evidence.objects.all()] == [ops.progress_subject(entry)]
    assert "走访记录.docx" in member.get(at("commitment", own.code)).content.decode()


def test_a_wrong_file_beside_progress_records_nothing(as_, own):
    typed = {"on": cast.TODAY.isoformat(), "quantity": "2", "nonce": "n8"}
    answer = as_("member").post(
        at("commitment_progress", own.code), {**typed, "evidence": upload("病毒.docx", b"MZ\x90")}
    )
    assert answer.status_code == 422
    assert not CommitmentProgress.objects.exists()


def test_a_member_has_no_hand_in_what_is_not_his(as_, people, own):
    other = published(people.offices.branch, text="支部的承诺")
    member = as_("member")
    assert member.post(at("commitment", other.code), {"evidence": upload()}).status_code == 403
    mine = attached(people, own, "member")
    assert member.get(at("evidence_publish", mine.code)).status_code == 403
    assert not Evidence.objects.filter(is_public=True).exists()


def test_the_organiser_shows_a_clean_file_and_takes_it_down(as_, people, own):
    evidence = attached(people, own)
    organiser = as_("organiser")
    assert at("evidence_publish", evidence.code) in organiser.get(at("commitment", own.code)).content.decode()
    page = organiser.get(at("evidence_publish", evidence.code)).content.decode()
    assert "全文没有找到" in page
    assert "looked" not in page
    assert organiser.post(at("evidence_publish", evidence.code)).url == at("commitment", own.code)
    evidence.refresh_from_db()
    assert evidence.is_public
    assert "已公开" in organiser.get(at("commitment", own.code)).content.decode()
    assert organiser.post(at("evidence_withdraw", evidence.code)).status_code == 302
    assert Evidence.objects.get().withdrawn_at is None
    assert organiser.post(at("evidence_unpublish", evidence.code), {"reason": ""}).status_code == 422
    assert organiser.post(at("evidence_unpublish", evidence.code), {"reason": "另换一份"}).status_code == 302
    evidence.refresh_from_db()
    assert not evidence.is_public


def test_who_uploaded_is_not_offered_to_show_it(as_, people, own):
    evidence = attached(people, own)
    secretary = as_("secretary")
    assert at("evidence_publish", evidence.code) not in secretary.get(at("commitment", own.code)).content.decode()
    assert secretary.post(at("evidence_publish", evidence.code)).status_code == 403


def test_a_file_with_numbers_has_no_button_and_the_numbers_are_not_repeated(as_, people, own):
    evidence = attached(people, own, content=word(f"电话 {PHONE}"))
    organiser = as_("organiser")
    page = organiser.get(at("evidence_publish", evidence.code)).content.decode()
    assert "手机号码" in page
    assert PHONE not in page
    assert 'class="btn main"' not in page
    assert organiser.post(at("evidence_publish", evidence.code), {"looked": "on"}).status_code == 422
    assert not Evidence.objects.filter(is_public=True).exists()


def test_a_scan_asks_for_a_second_look(as_, people, own):
    evidence = attached(people, own, name="扫描件.pdf", content=PDF)
    organiser = as_("organiser")
    assert "PDF 的内容和属性" in organiser.get(at("evidence_publish", evidence.code)).content.decode()
    assert organiser.post(at("evidence_publish", evidence.code)).status_code == 422
    assert organiser.post(at("evidence_publish", evidence.code), {"looked": "on"}).status_code == 302
    evidence.refresh_from_db()
    assert evidence.seen_by_eye


def test_a_file_of_a_draft_is_not_shown(as_, people):
    from tests.records.commitments.promises import made

    evidence = attached(people, made(people.offices.branch))
    organiser = as_("organiser")
    assert "还没有公开" in organiser.get(at("evidence_publish", evidence.code)).content.decode()
    assert organiser.post(at("evidence_publish", evidence.code)).status_code == 422


def test_the_record_tells_in_words_that_a_file_was_shown_and_taken_down(as_, people):
    branch = people.offices.branch
    happening = activities.Happening(kind="study", title="学《纲要》", held_on=cast.TODAY, audience=10)
    held = activities.record_activity(
        actor=SYSTEM, organisation=branch, happening=happening, people=(), today=cast.TODAY, now=cast.NOW
    )
    evidence = attach_evidence(
        upload=upload(),
        subject=activities.subject_of(held),
        path=branch.path,
        actor=SYSTEM,
        action=Action.RECORD_ACTIVITY,
        now=cast.NOW,
    )
    organiser = as_("organiser")
    organiser.post(at("evidence_publish", evidence.code))
    organiser.post(at("evidence_unpublish", evidence.code), {"reason": "另换一份"})
    page = organiser.get(at("activity", held.code)).content.decode()
    for words in ("公开佐证", "从公开页撤下佐证", "另换一份"):
        assert words in page
    assert "evidence." not in page
