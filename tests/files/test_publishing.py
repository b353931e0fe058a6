"""Evidence made public: by whom, after what, in which copy; and taken from the public again."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quxin.access import ANYONE, SYSTEM, Action, Actor, Grant, Refused, Role
from quxin.files.models import Blob, Evidence
from quxin.files.operations import StillPublic, attach_evidence, place_of, withdraw_evidence
from quxin.files.publishing import (
    BytesMissing,
    NoReason,
    NotLookedAt,
    NotPublic,
    NumbersInside,
    RecordNotPublic,
    publish_evidence,
    unpublish_evidence,
)
from quxin.files.queries import evidence_of
from quxin.ledger.models import AuditEntry
from tests.cast import NOW
from tests.files.test_scanning import PHONE, without_thumbnail, word
from tests.files.test_stripping import PLACE, exif, photo, segment

pytestmark = pytest.mark.django_db
HOME = "00010001"
CLEAN = without_thumbnail(word("走访一家企业", author="张三丰"))
UPLOADER = Actor(account=7, grants=(Grant(Role.SECRETARY, HOME),))
PUBLISHER = Actor(account=8, grants=(Grant(Role.SECRETARY, HOME),))


def attached(name="走访记录.docx", content=CLEAN, *, actor=UPLOADER):
    return attach_evidence(
        upload=SimpleUploadedFile(name, content),
        subject="activity:1",
        path=HOME,
        actor=actor,
        action=Action.RECORD_ACTIVITY,
        now=NOW,
    )


def publish(evidence, *, actor=PUBLISHER, looked=False, public=True):
    return publish_evidence(evidence=evidence, record_is_public=public, has_looked=looked, actor=actor, now=NOW)


def audited(action):
    return [entry.details for entry in AuditEntry.objects.filter(action=action)]


def test_nothing_is_public_by_itself():
    attached()
    assert not Evidence.objects.public().exists()
    assert not evidence_of("activity:1", public_only=True).exists()


def test_a_clean_document_is_shown_in_a_copy_without_its_author():
    shown = publish(attached())
    assert [row.pk for row in evidence_of("activity:1", public_only=True)] == [shown.pk]
    assert shown.public_copy.sha256 != shown.blob.sha256
    assert shown.public_copy.size == place_of(shown.public_copy.sha256).stat().st_size
    assert (shown.published_by, shown.seen_by_eye) == (8, False)
    (told,) = audited("evidence.publish")
    assert (told["looked"], told["unread"], told["sha256"]) == (False, [], shown.public_copy.sha256)
    assert place_of(shown.blob.sha256).read_bytes() == CLEAN


def test_shown_twice_is_shown_once():
    shown = publish(attached())
    publish(shown)
    assert len(audited("evidence.publish")) == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.SECRETARY, Role.ORGANISER)])
def test_no_other_role_shows_anything(role):
    with pytest.raises(Refused):
        publish(attached(), actor=Actor(account=9, person=3, grants=(Grant(role, HOME),)))
    assert not Evidence.objects.public().exists()


@pytest.mark.parametrize("actor", [ANYONE, Actor(account=9, grants=(Grant(Role.SECRETARY, "00010002"),))])
def test_a_stranger_shows_and_hides_nothing(actor):
    shown = publish(attached())
    with pytest.raises(Refused):
        publish(attached("二.docx"), actor=actor)
    with pytest.raises(Refused):
        unpublish_evidence(evidence=shown, reason="不该公开", actor=actor, now=NOW)


def test_who_uploaded_does_not_pass_it_himself_whatever_his_role():
    with pytest.raises(Refused, match="自己上传"):
        publish(attached(), actor=UPLOADER)


def test_a_file_of_what_is_not_public_stays_inside():
    with pytest.raises(RecordNotPublic):
        publish(attached(), public=False)
    gone = attached("二.docx")
    withdraw_evidence(evidence=gone, actor=UPLOADER, action=Action.RECORD_ACTIVITY, now=NOW)
    gone.refresh_from_db()
    with pytest.raises(RecordNotPublic):
        publish(gone)


@pytest.mark.parametrize(
    ("name", "content"), [("记录.docx", word(f"电话 {PHONE}")), (f"{PHONE}.docx", CLEAN)], ids=["inside", "name"]
)
def test_numbers_keep_a_file_inside_however_often_somebody_looked(name, content):
    kept = attached(name, content)
    with pytest.raises(NumbersInside) as caught:
        publish(kept, looked=True)
    assert PHONE not in str(caught.value)
    assert "手机号码" in str(caught.value)
    kept.refresh_from_db()
    assert (kept.is_public, kept.personal_numbers) == (False, 1)


def test_what_a_machine_cannot_read_needs_somebody_who_looked_and_says_so():
    taken = attached("现场.jpg", photo(segment(0xE1, exif(1))))
    with pytest.raises(NotLookedAt):
        publish(taken)
    assert audited("evidence.publish") == []
    shown = publish(taken, looked=True)
    assert shown.seen_by_eye
    assert PLACE not in place_of(shown.public_copy.sha256).read_bytes()
    (told,) = audited("evidence.publish")
    assert (told["looked"], told["unread"]) == (True, ["图片上的文字和人"])


def test_a_public_file_cannot_vanish_and_is_taken_down_with_a_reason():
    shown = publish(attached())
    with pytest.raises(StillPublic):
        withdraw_evidence(evidence=shown, actor=UPLOADER, action=Action.RECORD_ACTIVITY, now=NOW)
    with pytest.raises(NoReason):
        unpublish_evidence(evidence=shown, reason="  ", actor=PUBLISHER, now=NOW)
    with pytest.raises(NumbersInside):
        unpublish_evidence(evidence=shown, reason=f"有 {PHONE}", actor=PUBLISHER, now=NOW)
    unpublish_evidence(evidence=shown, reason="换成更清楚的", actor=UPLOADER, now=NOW)
    assert not Evidence.objects.public().exists()
    assert (shown.unpublished_reason, audited("evidence.unpublish")[0]["reason"]) == ("换成更清楚的", "换成更清楚的")
    with pytest.raises(NotPublic):
        unpublish_evidence(evidence=shown, reason="再撤一次", actor=PUBLISHER, now=NOW)
    withdraw_evidence(evidence=shown, actor=UPLOADER, action=Action.RECORD_ACTIVITY, now=NOW)
    assert not evidence_of("activity:1").exists()


def test_a_file_that_is_not_in_the_store_is_told():
    lost = attached()
    place_of(lost.blob.sha256).unlink()
    with pytest.raises(BytesMissing):
        publish(lost)


@pytest.mark.parametrize(
    "spoilt",
    [{"public_copy": None}, {"published_at": None}],
)
def test_the_database_refuses_a_public_file_without_a_copy(spoilt):
    from django.db import IntegrityError, transaction

    shown = publish(attached())
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=shown.pk).update(**spoilt)


def test_a_list_for_nobody_is_empty():
    attached()
    assert Evidence.objects.visible_to(ANYONE).count() == 0
    assert Evidence.objects.visible_to(UPLOADER).count() == 1
    assert Evidence.objects.visible_to(SYSTEM).count() == 1


def test_what_a_later_scan_would_find_hides_what_was_shown():
    shown = publish(attached())
    Evidence.objects.filter(pk=shown.pk).update(personal_numbers=1)
    assert not Evidence.objects.public().exists()


def test_the_copy_is_kept_once_for_the_same_bytes():
    publish(attached("一.docx"))
    publish(attached("二.docx"))
    assert Blob.objects.count() == 2
