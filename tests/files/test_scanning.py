"""The scan before publication: what hides in files, and what a machine has to leave to a person."""

import io
import zipfile

import docx
import pytest

from quxin.files.scanning import EMBEDDED, HIDDEN, PDF, PICTURE, REMARKS, UNKNOWN, scan
from tests.sheets.build import changed, shared, xlsx

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PHONE, IDENTITY, CARD, PASSPORT = "13800138000", "11010519491231002X", "6222020200112233446", "E12345678"


def word(*runs: str, header: str = "", author: str = "") -> bytes:
    """A document of one paragraph in several runs, as Word cuts them."""
    document = docx.Document()
    paragraph = document.add_paragraph()
    for run in runs:
        paragraph.add_run(run)
    document.sections[0].header.paragraphs[0].text = header
    document.core_properties.author = author
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def without_thumbnail(content: bytes) -> bytes:
    """python-docx's empty document brings a picture of itself, which a scan would tell."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            if "thumbnail" not in name:
                new.writestr(name, old.read(name))
    return stream.getvalue()


def test_a_clean_document_needs_nobody_to_look():
    found = scan(
        without_thumbnail(word("走访某某机械厂，", "解决质量难题 3 个，电话 010-88001234。")), WORD, "走访记录.docx"
    )
    assert (found.numbers, found.unread) == ((), ())


@pytest.mark.parametrize(
    ("runs", "kind"),
    [
        (("联系人 138", "0013", "8000"), "phone"),
        (("联系人 １３８ ００１３ ８０００",), "phone"),
        (("身份证 110105", "19491231", "002X"), "identity"),
        (("卡号 6222 0202 0011 2233 446",), "bank"),
        (("护照 E12345678",), "passport"),
    ],
)
def test_numbers_cut_into_runs_are_found(runs, kind):
    assert scan(word(*runs), WORD, "一.docx").numbers == ((kind, 1),)


def test_a_number_that_fails_its_check_is_no_card():
    assert scan(word("合同号 6222020200112233447"), WORD, "一.docx").numbers == ()


def test_the_same_number_counts_once_and_different_ones_each():
    found = scan(word(f"{PHONE}，138 0013 8000，13900139000，{IDENTITY}"), WORD, "一.docx")
    assert found.numbers == (("identity", 1), ("phone", 2))
    assert found.total == 3


@pytest.mark.parametrize(
    "content",
    [word("正文", header=f"值班 {PHONE}"), word("正文", author=f"张三 {PHONE}")],
    ids=["header", "property"],
)
def test_headers_and_properties_are_read(content):
    assert scan(content, WORD, "一.docx").numbers == (("phone", 1),)


def test_the_name_of_the_file_is_public_as_well():
    assert scan(without_thumbnail(word("正文")), WORD, f"张三{PHONE}.docx").numbers == (("phone", 1),)


@pytest.mark.parametrize("value", [PHONE, int(PHONE), " 138-0013-8000 "])
def test_cells_are_read_as_text_and_as_number(value):
    assert scan(xlsx([["电话"], [value]]), EXCEL, "一.xlsx").numbers == (("phone", 1),)


def test_an_identity_number_that_excel_rounded_still_tells_the_birth_date():
    assert scan(xlsx([[110105194912310000]]), EXCEL, "一.xlsx").numbers == (("identity", 1),)
    assert scan(xlsx([[1.1010519491231e17]]), EXCEL, "一.xlsx").numbers == (("identity", 1),)


def test_shared_strings_are_read():
    assert scan(shared([["张三", IDENTITY]]), EXCEL, "一.xlsx").numbers == (("identity", 1),)


def test_hidden_sheets_are_read_and_told():
    found = scan(xlsx([["正文"]], hidden=["底稿"]), EXCEL, "一.xlsx")
    assert found.unread == (HIDDEN,)


def test_what_a_machine_cannot_read_is_told():
    plain = without_thumbnail(word("正文"))
    remark = b'<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
    assert scan(b"%PDF-1.7", "application/pdf", "一.pdf").unread == (PDF,)
    assert scan(b"\x89PNG", "image/png", "一.png").unread == (PICTURE,)
    assert scan(changed(plain, add={"word/media/image1.jpeg": b"x"}), WORD, "一.docx").unread == (PICTURE,)
    assert scan(changed(plain, add={"word/embeddings/a.xlsx": b"x"}), WORD, "一.docx").unread == (EMBEDDED,)
    assert scan(changed(plain, add={"word/comments.xml": remark}), WORD, "一.docx").unread == (REMARKS,)
    assert scan(changed(plain, add={"word/x.xml": b"<broken"}), WORD, "一.docx").unread == (UNKNOWN,)


def test_a_bomb_is_not_opened():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    plain = without_thumbnail(word("正文"))
    assert scan(changed(plain, add={"word/x.xml": bomb}), WORD, "一.docx").unread == (UNKNOWN,)


def test_a_broken_archive_is_told():
    assert scan(b"PK\x03\x04broken", WORD, "一.docx").unread == (UNKNOWN,)
