"""The gate for workbooks that strangers send: everything is checked on the bytes before a parser sees them.

A parser may trust three things afterwards: the archive unpacks to what it declares, no sheet is wider,
longer or larger than the limits, and there are no macros. External links, DDE and formulas are not refused,
because nothing here ever follows or reckons them.
"""

from __future__ import annotations

import csv
import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from python_calamine import CalamineError, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from quxin.kernel.errors import QuxinError
from quxin.sheets.columns import index_of
from quxin.sheets.workbook import CsvSheet, ExcelSheet, Sheet, Workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1 << 20
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file we are willing to take. Sizes in bytes; ``max_cells`` is rows times columns of a
    sheet."""

    max_bytes: int = 50 * 1024 * 1024
    max_unpacked: int = 600 * 1024 * 1024
    max_ratio: int = 250
    ratio_from: int = 20 * 1024 * 1024
    max_entries: int = 2_000
    max_sheets: int = 100
    max_rows: int = 200_000
    max_columns: int = 256
    max_cells: int = 8_000_000


class BadWorkbook(QuxinError):
    """The file cannot be taken; the subclasses say why."""

    default_message = "这个文件不能读取"
    default_hint = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再上传。"


class NotAWorkbook(BadWorkbook):
    """Not a spreadsheet at all, or one of a kind that we do not read."""

    default_message = "这不是 Excel 工作簿（.xlsx）或 CSV 文件"


class OldFormat(BadWorkbook):
    """An .xls, .et, .xlsb or .ods file."""

    default_message = "这是 %(format)s 格式的文件，不能读取"


class HasPassword(BadWorkbook):
    """Encrypted, so that nobody can read it."""

    default_message = "文件加了密码，不能读取"
    default_hint = "请在 Excel 或 WPS 里去掉打开密码，保存后再上传。"


class HasMacros(BadWorkbook):
    """Carries program code."""

    default_message = "文件里带有宏，不能接收"
    default_hint = "请另存为“Excel 工作簿（.xlsx）”，宏会随之去掉，再上传。"


class TooLarge(BadWorkbook):
    """More bytes, rows, columns, cells, sheets or parts than the limits allow."""

    default_message = "文件太大"
    default_hint = "请拆成几个文件，分别上传。"


class Bomb(BadWorkbook):
    """Unpacks to far more than it has any reason to."""

    default_message = "文件解压后异常庞大，已拒收"
    default_hint = "请新建一个工作簿，只把数据（不带格式）复制过去，保存后再上传。"


class Corrupted(BadWorkbook):
    """Starts like a workbook and then does not hold together."""

    default_message = "文件已损坏，不能读取"
    default_hint = "请用 Excel 或 WPS 打开并修复，另存为新的 .xlsx 文件后再上传。"


Source = str | os.PathLike[str] | bytes | IO[bytes]


def open_workbook(source: Source, *, limits: Limits | None = None) -> Workbook:
    """Check a file and open it for reading.

    ``source`` is a path, the bytes, or a binary file object; its name is never believed. Raises a
    ``BadWorkbook``.
    """
    limits = limits or Limits()
    data = _read(source, limits)
    if data.startswith(b"PK\x03\x04"):
        _check_archive(data, limits)
        return _open_excel(data, limits)
    return _open_text(data, limits)


def _read(source: Source, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as stream:
            data = stream.read(limits.max_bytes + 1)
    else:
        data = source.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        raise TooLarge("文件超过 %(limit)s MB", limit=limits.max_bytes // 1024 // 1024)
    if not data.strip(b"\x00 \r\n\t"):
        raise NotAWorkbook("文件是空的", hint="请检查选的是不是正确的文件。")
    return data


def _check_archive(data: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, OverflowError, EOFError, NotImplementedError) as error:
        raise Corrupted() from error
    _check_directory(entries, len(data), limits)
    _check_kind([entry.filename for entry in entries])
    for entry in entries:
        _check_entry(data, entry, limits)


def _check_directory(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    if len(entries) > limits.max_entries:
        raise Bomb(entries=len(entries))
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise HasPassword()
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names) or any(entry.compress_type not in (0, 8) for entry in entries):
        raise Corrupted()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.max_unpacked:
        raise Bomb(unpacked=unpacked)
    if unpacked > limits.ratio_from and unpacked > size * limits.max_ratio:
        raise Bomb(unpacked=unpacked)


def _check_kind(names: list[str]) -> None:
    lower = [name.lower().replace("\\", "/") for name in names]
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in lower):
        raise HasMacros()
    if "xl/workbook.bin" in lower:
        raise OldFormat(format=".xlsb")
    if "mimetype" in lower and "content.xml" in lower:
        raise OldFormat(format=".ods")
    if "[content_types].xml" not in lower:
        raise NotAWorkbook()
    if not any(name.startswith("xl/") for name in lower):
        raise NotAWorkbook()


def _check_entry(data: bytes, entry: zipfile.ZipInfo, limits: Limits) -> None:
    """Unpack one part without keeping it: its true size must be the declared one, its cells inside the
    limits."""
    extent = _walk(data, entry, _Extent(limits))
    if extent.undecided:
        _walk(data, entry, _Extent(limits, thorough=True))


def _walk(data: bytes, entry: zipfile.ZipInfo, extent: _Extent) -> _Extent:
    is_types = entry.filename.lower() == "[content_types].xml"
    size = 0
    tail = b""
    for chunk in _inflate(data, entry):
        size += len(chunk)
        if size > entry.file_size + _CHUNK:
            raise Bomb(part=entry.filename)
        if is_types and b"macroenabled" in (tail + chunk).lower():
            raise HasMacros()
        text = tail + chunk
        if b"ount" in text and _announces_too_much(text, entry.file_size):
            raise Bomb(part=entry.filename)
        tail = extent.feed(text)
    if size != entry.file_size:
        raise Corrupted()
    return extent


_DISGUISED = re.compile(rb"^\+\d|&#")
_COUNT = re.compile(rb"ount\s*=\s*[\"']([^\"']*)")


def _announces_too_much(text: bytes, size: int) -> bool:
    """Whether a tag announces more parts (``uniqueCount="4000000000"``) than bytes: the parser makes room at once."""
    for match in _COUNT.finditer(text):
        value = match[1].strip()
        # A sign or a character reference is how one would write a number past this check; no program does.
        suspicious = int(value[:20]) > max(size, 1_000_000) if value.isdigit() else bool(_DISGUISED.search(value))
        if suspicious and text.rfind(b"<", 0, match.start()) > text.rfind(b">", 0, match.start()):
            return True
    return False


def _inflate(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The true content of an entry in chunks.

    ``zipfile`` stops at the declared size; another unpacker may go on. So the raw stream is followed to its
    own end.
    """
    start = entry.header_offset
    header = data[start : start + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise Corrupted()
    name_size, extra_size = struct.unpack("<HH", header[26:30])
    first = start + 30 + name_size + extra_size
    packed = memoryview(data)[first : first + entry.compress_size]
    if len(packed) != entry.compress_size:
        raise Corrupted()
    if entry.compress_type == 0:
        for at in range(0, len(packed), _CHUNK):
            yield bytes(packed[at : at + _CHUNK])
        return
    unpacker = zlib.decompressobj(-15)
    try:
        for at in range(0, len(packed), _CHUNK // 8):
            rest: bytes | memoryview = packed[at : at + _CHUNK // 8]
            while rest:
                yield unpacker.decompress(rest, _CHUNK)
                rest = unpacker.unconsumed_tail
        while not unpacker.eof and (more := unpacker.decompress(b"", _CHUNK)):
            yield more
    except zlib.error as error:
        raise Corrupted() from error
    if not unpacker.eof:
        raise Corrupted()


_NOT_IN_A_TO_Z = re.compile(rb'<c r="(?![A-Z]1?[0-9]{1,5}")')
_CELL = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s>/])([^>]*)>")
_REFERENCE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_CELL_OPENS = re.compile(rb"<(?:[\w.-]+:)?c[\s>/]")
_LONGEST_GAP = 256 * 1024


class _Extent:
    """The furthest filled cell of a part that is being unpacked.

    The parser allocates every cell up to the furthest one: a file of 5 KB with a value in XFD1048576 would
    otherwise take the whole process down. Cells that only carry a format do not count, as in the parser.
    """

    def __init__(self, limits: Limits, *, thorough: bool = False) -> None:
        self._limits = limits
        self._thorough = thorough or (
            limits.max_columns < 26 or limits.max_rows < 199_999 or limits.max_cells < 26 * 199_999
        )
        self._skimmed = False
        self._row = self._column = 0
        self._letters: set[bytes] = set()

    def feed(self, text: bytes) -> bytes:
        """Look at more of the part; returns the unfinished end, to be put before the next piece."""
        cut = text.rfind(b"<")
        if cut < 0:
            return b""
        whole, rest = text[:cut], text[cut:]
        if len(rest) > _LONGEST_GAP:
            if _CELL_OPENS.match(rest):
                raise Corrupted()
            rest = b""
        if not self._plainly_small(whole):
            self._measure(whole)
        return rest

    def _plainly_small(self, text: bytes) -> bool:
        """The quick look, for nearly every file: all cells stand in A1:Z199999, and that is inside the
        limits."""
        if self._thorough or text.count(b"<c") != text.count(b'<c r="') or b":c" in text:
            return False
        if _NOT_IN_A_TO_Z.search(text) is not None:
            return False
        self._skimmed = True
        return True

    @property
    def undecided(self) -> bool:
        """Part of the sheet was only skimmed and another part is wide: rows times columns is not known."""
        return self._skimmed and self._column > 26

    def _measure(self, text: bytes) -> None:
        found = [self._reference(attributes) for attributes in _CELL.findall(text)]
        filled = [one for one in found if one is not None]
        if filled:
            self._grow({letters for letters, _ in filled}, max(int(row) for _, row in filled))

    @staticmethod
    def _reference(attributes: bytes) -> tuple[bytes, bytes] | None:
        if attributes.endswith(b"/"):
            return None
        match = _REFERENCE.search(attributes)
        if match is None:
            # Legal, but no office program writes cells without their address, and we could not tell where
            # they go.
            raise Corrupted()
        return match[1], match[2]

    def _grow(self, letters: set[bytes], row: int) -> None:
        self._row = max(self._row, row)
        if new := letters - self._letters:
            self._letters |= new
            self._column = max(self._column, *(index_of(one.decode()) + 1 for one in new))
        limits = self._limits
        if self._row > limits.max_rows:
            raise TooLarge("表格超过 %(limit)s 行", limit=limits.max_rows)
        if self._column > limits.max_columns:
            hint = "请删去最右边多余的列（包括看不见的内容），保存后再上传。"
            raise TooLarge("表格超过 %(limit)s 列", hint=hint, limit=limits.max_columns)
        if self._row * self._column > limits.max_cells:
            raise TooLarge("表格超过 %(limit)s 个格子", limit=limits.max_cells)


def _open_excel(data: bytes, limits: Limits) -> Workbook:
    book = _guarded(lambda: load_workbook(io.BytesIO(data)))
    tables = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    if len(tables) > limits.max_sheets:
        raise TooLarge("工作表超过 %(limit)s 张", limit=limits.max_sheets)
    if not tables:
        raise NotAWorkbook("文件里没有工作表")

    def load(name: str) -> Sheet:
        return ExcelSheet(_guarded(lambda: book.get_sheet_by_name(name)))

    return Workbook(
        sheets=[one.name for one in tables if one.visible == SheetVisibleEnum.Visible],
        hidden=[one.name for one in tables if one.visible != SheetVisibleEnum.Visible],
        load=load,
        max_rows=limits.max_rows,
    )


def _guarded(parse: Callable[[], _T]) -> _T:
    try:
        return parse()
    except PasswordError as error:
        raise HasPassword() from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise Corrupted() from error
    except BaseException as error:
        # The parser is Rust: on input it never expected it panics with a BaseException of its own.
        if type(error).__name__ == "PanicException":
            raise Corrupted() from error
        raise


def _open_text(data: bytes, limits: Limits) -> Workbook:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise HasPassword()
        raise OldFormat(format=".xls")
    text = _decode(data)
    sheet = CsvSheet("CSV", text)
    try:
        for count, row in enumerate(sheet.rows(), start=1):
            if count > limits.max_rows:
                raise TooLarge("表格超过 %(limit)s 行", limit=limits.max_rows)
            if len(row) > limits.max_columns:
                raise TooLarge("表格超过 %(limit)s 列", limit=limits.max_columns)
    except csv.Error as error:
        raise Corrupted() from error
    return Workbook(sheets=["CSV"], hidden=[], load=lambda name: sheet, max_rows=limits.max_rows)


_NOT_A_TABLE = re.compile(r"[\x01-\x08\x0e-\x1f]|\A\s*(?:<[?!a-zA-Z]|%PDF|\{)")


def _decode(data: bytes) -> str:
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        head = text[:4096]
        if "\x00" in text or _NOT_A_TABLE.search(head):
            break
        return text
    raise NotAWorkbook()
