"""What the gate refuses, and that it refuses before a parser has to suffer it."""

import contextlib
import io
import struct
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quxin.kernel.errors import QuxinError
from quxin.sheets import guard
from quxin.sheets.guard import Limits, open_workbook

from . import build

PLAIN = build.xlsx([["代码", "名称"], ["1", "甲"]])


def cells_of(source, **more):
    book = open_workbook(source, **more)
    return [list(row) for row in book.sheet(book.sheets[0]).rows()]


def test_opens_path_bytes_and_stream(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(PLAIN)
    expected = [["代码", "名称"], ["1", "甲"]]
    assert cells_of(path) == cells_of(str(path)) == cells_of(PLAIN) == cells_of(io.BytesIO(PLAIN)) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_reads_text_files(encoding, mark):
    text = f'代码{mark}名称\r\n01{mark}"甲{mark}\n乙"\r\n'
    assert cells_of(text.encode(encoding)) == [["代码", "名称"], ["01", f"甲{mark}\n乙"]]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", guard.NotAWorkbook),
        (b"\x00" * 100, guard.NotAWorkbook),
        (b"%PDF-1.7 ...", guard.NotAWorkbook),
        (b"<html><table><tr><td>1</td></tr></table></html>", guard.NotAWorkbook),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", guard.NotAWorkbook),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, guard.OldFormat),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), guard.HasPassword),
        (PLAIN[: len(PLAIN) // 2], guard.Corrupted),
        (b"PK\x03\x04" + b"nonsense" * 20, guard.Corrupted),
    ],
)
def test_refuses_other_files_and_says_what_to_do(data, error):
    with pytest.raises(error) as caught:
        open_workbook(data)
    assert caught.value.hint_text()
    assert "%(" not in str(caught.value) + caught.value.hint_text()


def test_refuses_other_zip_files():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(guard.NotAWorkbook):
        open_workbook(stream.getvalue())
    with pytest.raises(guard.OldFormat, match="xlsb"):
        open_workbook(build.changed(PLAIN, add={"xl/workbook.bin": b""}))


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "XL/VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"])
def test_refuses_macros(name):
    with pytest.raises(guard.HasMacros):
        open_workbook(build.changed(PLAIN, add={name: b"code"}))


def test_refuses_a_workbook_that_declares_macros():
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        types = archive.read("[Content_Types].xml")
    sheet = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = types.replace(sheet, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    assert macro != types
    with pytest.raises(guard.HasMacros):
        open_workbook(build.changed(PLAIN, replace={"[Content_Types].xml": macro}))


def test_refuses_a_bomb_by_its_directory():
    bomb = build.changed(PLAIN, add={"xl/media/a.xml": b" " * 30_000_000})
    assert len(bomb) < 100_000
    with pytest.raises(guard.Bomb):
        open_workbook(bomb)
    with pytest.raises(guard.Bomb):
        open_workbook(PLAIN, limits=Limits(max_unpacked=1_000))
    with pytest.raises(guard.Bomb):
        open_workbook(PLAIN, limits=Limits(max_entries=3))


def lying(data, name, size, checksum):
    """The archive with the declared size and checksum of one part changed, in both of its headers."""
    found = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo(name)
    struct.pack_into("<I", found, entry.header_offset + 14, checksum)
    struct.pack_into("<I", found, entry.header_offset + 22, size)
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))
    struct.pack_into("<I", found, at + 16, checksum)
    struct.pack_into("<I", found, at + 24, size)
    return bytes(found)


def test_refuses_a_bomb_that_lies_about_its_size():
    """The declared 1,000 bytes even have the right checksum: only unpacking to the true end shows the other 5 MB."""
    import zlib

    content = b"<a>" + b" " * 5_000_000
    bomb = lying(build.changed(PLAIN, add={"xl/z.xml": content}), "xl/z.xml", 1_000, zlib.crc32(content[:1_000]))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        assert len(archive.read("xl/z.xml")) == 1_000
    with pytest.raises(guard.Bomb):
        open_workbook(bomb)


def test_refuses_one_part_twice():
    stream = io.BytesIO(PLAIN)
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    with pytest.raises(guard.Corrupted):
        open_workbook(stream.getvalue())


FAR = b'<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="XFD1048576"><v>1</v></c>',
        b"<c r='XFD1048576'><v>1</v></c>",
        b'<c  r="XFD1048576"><v>1</v></c>',
        b'<c s="1" r="XFD1048576"><v>1</v></c>',
        b'<c\nr="XFD1048576" t="n"><v>1</v></c>',
        b'<c r="XFD1048576"' + b" " * 300_000 + b"><v>1</v></c>",
        b"<c><v>1</v></c>",
        b'<c r="xfd1048576"><v>1</v></c>',
        b'<c r="A200001"><v>1</v></c>',
        b'<c r="IW5"><v>1</v></c>',
        b'<c r="AZ199999"><v>1</v></c>',
        b'<c t="a>b" r="XFD1048576"><v>1</v></c>',
    ],
)
def test_refuses_a_far_cell_before_the_parser_allocates_up_to_it(cell):
    """A file of 5 KB with one value in the last cell would abort the process for want of 500 GB."""
    with pytest.raises((guard.TooLarge, guard.Corrupted)) as caught:
        open_workbook(build.with_cells(FAR + b'<row r="2">' + cell + b"</row>"))
    assert caught.value.hint_text()


def test_refuses_a_far_cell_under_a_prefix():
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = b'<x:worksheet xmlns:x="' + space + b'"><x:sheetData><x:row r="1"><x:c r="XFD1048576"><x:v>1</x:v></x:c>'
    xml += b"</x:row></x:sheetData></x:worksheet>"
    with pytest.raises(guard.TooLarge):
        open_workbook(build.changed(PLAIN, replace={"xl/worksheets/sheet1.xml": xml}))


def test_measures_a_sheet_that_is_long_in_one_place_and_wide_in_another():
    """Neither part is too much; the rectangle around both is. The narrow part spans several chunks."""
    narrow = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(1, 60_000))
    wide = b'<row r="60000"><c r="IV60000"><v>1</v></c></row>'
    with pytest.raises(guard.TooLarge, match="格子"):
        open_workbook(build.with_cells(narrow + wide))


def test_takes_formats_without_values_however_far():
    """Offices format whole columns; such cells hold nothing and cost nothing."""
    data = build.with_cells(FAR + b'<row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert cells_of(data) == [[1.0]]


def test_limits_hold_for_text_files_and_sizes():
    with pytest.raises(guard.TooLarge, match="3 行"):
        open_workbook(b"a,b\n" * 4, limits=Limits(max_rows=3))
    with pytest.raises(guard.TooLarge, match="2 列"):
        open_workbook(b"a,b,c\n", limits=Limits(max_columns=2))
    with pytest.raises(guard.TooLarge, match="MB"):
        open_workbook(io.BytesIO(b"a,b\n" * 400_000), limits=Limits(max_bytes=1024 * 1024))
    with pytest.raises(guard.TooLarge, match="5 行"):
        open_workbook(build.xlsx([["a", "b"]] * 6), limits=Limits(max_rows=5))


def test_a_formula_is_only_the_value_saved_with_it():
    book = openpyxl.Workbook()
    book.active.append(["=cmd|'/C calc'!A0", '=HYPERLINK("http://x.example")', "甲"])
    assert cells_of(build.saved(book)) == [["甲"]]


def test_names_hidden_sheets_apart():
    book = open_workbook(build.xlsx([["a"]], hidden=["秘"]))
    assert (book.sheets, book.hidden) == (("表1",), ("秘",))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=6))
def test_a_spoilt_file_is_read_or_refused_but_never_breaks(at, noise):
    data = PLAIN[:at] + noise + PLAIN[at + len(noise) :]
    with contextlib.suppress(QuxinError):
        cells_of(data)


SPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_declared_dimensions_are_not_believed():
    xml = b'<worksheet xmlns="' + SPACE + b'"><dimension ref="A1:XFD1048576"/><sheetData>' + FAR
    replace = {"xl/worksheets/sheet1.xml": xml + b"</sheetData></worksheet>"}
    assert cells_of(build.changed(PLAIN, replace=replace)) == [[1.0]]


@pytest.mark.parametrize("number", [b"4000000000", b"+4000000000", b"&#52;000000000"])
@pytest.mark.parametrize("name", [b"count", b"uniqueCount"])
def test_refuses_more_announced_strings_than_bytes(name, number):
    """The parser makes room for what is announced: 96 GB for a part of 200 bytes."""
    strings = b'<sst xmlns="' + SPACE + b'" ' + name + b'="' + number + b'"><si><t>x</t></si></sst>'
    with pytest.raises(guard.Bomb):
        open_workbook(build.changed(build.shared([["x"]]), replace={"xl/sharedStrings.xml": strings}))


def test_a_text_about_counts_is_only_a_text():
    assert cells_of(build.shared([['uniqueCount="4000000000"']])) == [['uniqueCount="4000000000"']]
