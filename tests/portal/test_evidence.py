"""Evidence in public: what is listed, what is handed out, and what nobody reaches by guessing."""

import hashlib
import io

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quxin.access import SYSTEM, Action, Role
from quxin.files.models import Evidence
from quxin.files.operations import attach_evidence, place_of
from quxin.files.publishing import publish_evidence, unpublish_evidence
from quxin.kernel import clock
from quxin.kernel.identifiers import new_code
from quxin.records.activities import operations as activities
from quxin.records.campaigns import progress as records
from quxin.records.commitments import operations as ops
from tests import cast
from tests.files.test_scanning import without_thumbnail, word
from tests.portal.test_promises import study, text
from tests.records.commitments.promises import made, progress, published

pytestmark = pytest.mark.django_db
NOW = cast.NOW
CONTENT = without_thumbnail(word("走访了三家企业", author="张三丰"))


@pytest.fixture
def tree(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return cast.offices()


def file_of(subject, home, name="走访记录.docx", *, public=True):
    """A file of a record, made public unless told otherwise."""
    evidence = attach_evidence(
        upload=SimpleUploadedFile(name, CONTENT),
        subject=subject,
        path=home.path,
        actor=SYSTEM,
        action=Action.MAKE_COMMITMENT,
        now=NOW,
    )
    if public:
        actor = cast.actor(Role.ORGANISER, home)
        publish_evidence(evidence=evidence, record_is_public=True, has_looked=False, actor=actor, now=NOW)
    return evidence


def download(client, code):
    return client.get(reverse("portal:evidence", args=[code]))


def test_the_page_lists_what_is_public_and_hands_out_the_stripped_copy(client, tree):
    promise = published(tree.branch)
    shown = file_of(ops.subject_of(promise), tree.branch)
    hidden = file_of(ops.subject_of(promise), tree.branch, "内部底稿.docx", public=False)
    page = text(client, "promise", promise.code)
    assert "走访记录.docx" in page
    assert "内部底稿" not in page
    assert hidden.code not in page

    answer = download(client, shown.code)
    got = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert hashlib.sha256(got).hexdigest() in page
    assert got != CONTENT
    opened = docx.Document(io.BytesIO(got))
    assert opened.paragraphs[0].text == "走访了三家企业"
    assert opened.core_properties.author == ""


def test_nothing_else_is_there(client, tree):
    promise = published(tree.branch)
    shown = file_of(ops.subject_of(promise), tree.branch)
    hidden = file_of(ops.subject_of(promise), tree.branch, public=False)
    for code in (hidden.code, new_code(), shown.blob.sha256, str(shown.pk), "x"):
        assert download(client, code).status_code == 404
    assert client.post(reverse("portal:evidence", args=[shown.code])).status_code == 405


def test_a_file_taken_down_is_gone_and_the_page_says_why_without_its_name(client, tree):
    promise = published(tree.branch)
    shown = file_of(ops.subject_of(promise), tree.branch, "张某某的照片.docx")
    unpublish_evidence(evidence=shown, reason="照片里有群众", actor=cast.actor(Role.SECRETARY, tree.branch), now=NOW)
    assert download(client, shown.code).status_code == 404
    page = text(client, "promise", promise.code)
    assert "照片里有群众" in page
    assert "张某某" not in page


def test_a_lost_copy_is_not_replaced_by_the_original(client, tree):
    shown = file_of(ops.subject_of(published(tree.branch)), tree.branch)
    place_of(shown.public_copy.sha256).unlink()
    assert download(client, shown.code).status_code == 404


def test_a_mark_alone_makes_nothing_public(client, tree):
    """Of a promise that is no longer (or never was) public, of a thing that nobody knows, of an assignment."""
    shown = file_of(ops.subject_of(published(tree.branch)), tree.branch)
    draft = made(tree.branch)
    for subject in (ops.subject_of(draft), "commitment:x", "commitment:999999", "assignment:1", "", "secret"):
        Evidence.objects.filter(pk=shown.pk).update(subject=subject)
        assert download(client, shown.code).status_code == 404
        assert "走访记录" not in text(client, "organisation", tree.branch.code)


def test_evidence_of_progress_stands_on_the_page_until_the_entry_is_taken_back(client, tree):
    promise = published(tree.branch)
    entry = progress(promise, 3)
    shown = file_of(ops.progress_subject(entry), tree.branch)
    assert shown.filename in text(client, "promise", promise.code)
    ops.withdraw_commitment_progress(actor=SYSTEM, progress=entry, reason="记重了", now=NOW)
    assert shown.filename not in text(client, "promise", promise.code)
    assert download(client, shown.code).status_code == 404


def test_entries_of_another_promise_prove_nothing_here(client, tree):
    """A subject that names an entry of another promise is not public through it."""
    public, other = published(tree.branch), published(tree.branch, text="另一项")
    entry = progress(other, 1)
    shown = file_of(f"commitment:{public.pk}/progress:{entry.pk}", tree.branch)
    assert download(client, shown.code).status_code == 404


def test_an_organisation_lists_files_of_its_records_with_all_below(client, tree):
    held = study(tree.branch)
    record = records.record_progress(
        actor=SYSTEM,
        organisation=tree.branch,
        progress=records.Progress("aqsiq-2010.article", "一篇文稿", cast.TODAY, unit="篇"),
        today=cast.TODAY,
        now=NOW,
    )
    first = file_of(activities.subject_of(held), tree.branch, "签到表.docx")
    second = file_of(records.subject_of(record), tree.branch, "见报文稿.docx")
    for home in (tree.branch, tree.hq):
        page = text(client, "organisation", home.code)
        assert "签到表.docx" in page
        assert "见报文稿.docx" in page
        assert "一篇文稿" in page
    assert "签到表" not in text(client, "organisation", tree.zhejiang.code)
    activities.withdraw_activity(actor=SYSTEM, activity=held, reason="记重了", now=NOW)
    assert "签到表" not in text(client, "organisation", tree.branch.code)
    assert download(client, first.code).status_code == 404
    assert download(client, second.code).status_code == 200


def test_many_files_cost_no_more_queries(client, tree, django_assert_max_num_queries):
    promise = published(tree.branch)
    for number in range(8):
        file_of(ops.progress_subject(progress(promise, 1, note=str(number))), tree.branch, f"记录{number}.docx")
    with django_assert_max_num_queries(8):
        assert text(client, "promise", promise.code).count(".docx") >= 8
