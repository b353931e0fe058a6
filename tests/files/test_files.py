"""Evidence: kept by content, and nothing but what its bytes show it to be."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quxin.access import SYSTEM, Action, Actor, Grant, Refused, Role
from quxin.files.models import Blob
from quxin.files.operations import TooLarge, WrongKind, attach_evidence, look_at, place_of, withdraw_evidence
from quxin.files.queries import evidence_of
from tests.cast import NOW

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name in names:
            file.writestr(name, b"x")
    return stream.getvalue()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("记录.pdf", PDF),
        ("照片.PNG", PNG),
        ("会议.docx", archive("word/document.xml", "[Content_Types].xml")),
        ("名单.xlsx", archive("xl/workbook.xml")),
    ],
)
def test_what_is_taken(name, content):
    assert look_at(upload(name, content)).size == len(content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("记录.pdf", b"MZ\x90\x00"),
        ("病毒.exe", b"MZ\x90\x00"),
        ("页面.html", b"<script>alert(1)</script>"),
        ("图片.svg", b"<svg onload='x'/>"),
        ("其实是图片.pdf", PNG),
        ("带宏.docx", archive("word/document.xml", "word/vbaProject.bin")),
        ("普通压缩包.docx", archive("a.txt")),
        ("坏压缩包.xlsx", b"PK\x03\x04broken"),
        ("空.pdf", b""),
    ],
)
def test_what_is_refused_and_named(name, content):
    with pytest.raises(WrongKind) as caught:
        look_at(upload(name, content))
    assert name in str(caught.value)
    assert "PDF" in caught.value.hint


def test_too_large_says_how_large_and_how_much_is_allowed(settings):
    settings.UPLOAD_LIMIT = 1024 * 1024
    with pytest.raises(TooLarge) as caught:
        look_at(upload("大.pdf", PDF + bytes(1024 * 1024)))
    assert "1.0 MB" in str(caught.value)


@pytest.mark.django_db
def test_the_same_bytes_are_stored_once_and_stay_when_evidence_is_withdrawn():
    for name in ("一.pdf", "二.pdf"):
        attach_evidence(
            upload=upload(name, PDF),
            subject="activity:1",
            path="0001",
            actor=SYSTEM,
            action=Action.RECORD_ACTIVITY,
            now=NOW,
        )
    assert Blob.objects.count() == 1
    first = evidence_of("activity:1")[0]
    assert place_of(first.blob.sha256).read_bytes() == PDF
    withdraw_evidence(evidence=first, actor=SYSTEM, action=Action.RECORD_ACTIVITY, now=NOW)
    assert [row.filename for row in evidence_of("activity:1")] == ["二.pdf"]
    assert place_of(first.blob.sha256).exists()
    assert not evidence_of("activity:1", public_only=True).exists()


@pytest.mark.django_db
def test_a_stranger_attaches_nothing():
    stranger = Actor(account=1, grants=(Grant(Role.SECRETARY, "0002"),))
    with pytest.raises(Refused):
        attach_evidence(
            upload=upload("一.pdf", PDF), subject="activity:1", path="0001", actor=stranger,
            action=Action.RECORD_ACTIVITY, now=NOW,
        )  # fmt: skip
    assert not Blob.objects.exists()
