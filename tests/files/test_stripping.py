"""The public copy: looks the same, says nothing of camera, place, author or company."""

import base64
import io
import struct
import zipfile
import zlib

import docx
import openpyxl
import pytest

from quxin.files.stripping import Damaged, stripped
from tests.files.test_scanning import EXCEL, WORD, word
from tests.sheets.build import changed, xlsx

# The smallest picture that a browser draws: one grey point.
DOT = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////"
    "////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)
PLACE = b"GPS 31.2304 121.4737"


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(orientation: int, order: str = "<") -> bytes:
    mark = b"II" if order == "<" else b"MM"
    head = struct.pack(order + "2sHIH", mark, 42, 8, 2)
    other = struct.pack(order + "HHII", 0x010F, 2, len(PLACE), 38)
    turn = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\x00\x00" + head + other + turn + struct.pack(order + "I", 0) + PLACE


def photo(*segments: bytes, behind: bytes = b"") -> bytes:
    """DOT as a camera would write it: segments in front, something behind the end."""
    body = DOT[2:] if DOT.endswith(b"\xff\xd9") else DOT[2:] + b"\xff\xd9"
    return b"\xff\xd8" + b"".join(segments) + body + behind


def test_a_photo_loses_its_place_and_keeps_every_point():
    taken = photo(segment(0xE1, exif(1)), segment(0xFE, PLACE), segment(0xED, PLACE), behind=b"film" + PLACE)
    copy = stripped(taken, "image/jpeg")
    assert PLACE in taken
    assert PLACE not in copy
    assert copy == photo()


@pytest.mark.parametrize("order", ["<", ">"])
def test_which_side_is_up_stays(order):
    copy = stripped(photo(segment(0xE1, exif(6, order))), "image/jpeg")
    assert PLACE not in copy
    assert copy.count(b"Exif") == 1
    assert struct.unpack_from(">HHIH", copy, copy.index(b"MM") + 10) == (0x0112, 3, 1, 6)


def test_a_copy_of_a_copy_is_the_same():
    once = stripped(photo(segment(0xE1, exif(6))), "image/jpeg")
    assert stripped(once, "image/jpeg") == once


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff", DOT[:80], b"\xff\xd8\xff\xe1\xff\xffxx", b"\xff\xd8\xff\xda\x00\x02abc"]
)
def test_a_broken_photo_is_refused(content):
    with pytest.raises(Damaged):
        stripped(content, "image/jpeg")


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_a_png_loses_its_words():
    head, data, end = chunk(b"IHDR", bytes(13)), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b"")
    start = b"\x89PNG\r\n\x1a\n"
    said = chunk(b"tEXt", b"Author\0" + PLACE) + chunk(b"eXIf", PLACE) + chunk(b"tIME", bytes(7))
    assert stripped(start + head + said + data + end + PLACE, "image/png") == start + head + data + end
    with pytest.raises(Damaged):
        stripped(start + head + data, "image/png")


def test_a_document_loses_its_author_and_opens_as_before():
    content = changed(word("走访一家", author="张三丰"), add={"word/media/image1.jpeg": photo(segment(0xE1, exif(1)))})
    copy = stripped(content, WORD)
    with zipfile.ZipFile(io.BytesIO(copy)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
        assert not [name for name in archive.namelist() if "thumbnail" in name]
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
    assert "张三丰".encode() not in whole
    assert PLACE not in whole
    assert b"thumbnail" not in whole
    opened = docx.Document(io.BytesIO(copy))
    assert opened.paragraphs[0].text == "走访一家"
    assert opened.core_properties.author == ""


def test_a_workbook_loses_its_author_and_opens_as_before():
    book = openpyxl.load_workbook(io.BytesIO(xlsx([["走访"], [3]])))
    book.properties.creator = book.properties.lastModifiedBy = "张三丰"
    stream = io.BytesIO()
    book.save(stream)
    copy = stripped(stream.getvalue(), EXCEL)
    opened = openpyxl.load_workbook(io.BytesIO(copy))
    assert [cell.value for cell in opened.active["A"]] == ["走访", 3]
    assert opened.properties.creator != "张三丰"


def test_a_damaged_picture_inside_a_document_refuses_the_whole():
    with pytest.raises(Damaged):
        stripped(changed(word("一"), add={"word/media/image1.jpeg": b"\xff\xd8\xff\xe1"}), WORD)


def test_pdf_goes_through_as_it_is():
    assert stripped(b"%PDF-1.7 x", "application/pdf") == b"%PDF-1.7 x"
