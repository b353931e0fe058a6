"""Look for personal numbers in a file that somebody wants to make public, and say what a machine could not read.

It fails closed: what it does not understand is told as unread, and a person has to look. It must not be used to decide
whether a file is harmless: names, faces and secrets are no numbers.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zipfile import BadZipFile, ZipFile

from docx.oxml.parser import parse_xml
from stdnum import luhn

from quxin.kernel.characters import ZERO_WIDTH, narrow_characters
from quxin.kernel.identifiers import find_personal_numbers

KINDS = {"identity": "身份证号", "phone": "手机号码", "bank": "银行卡号", "passport": "护照号"}
"""Kinds of numbers → Chinese msgids, in the order in which they are told."""

PDF, PICTURE = "PDF 的内容和属性", "图片上的文字和人"
EMBEDDED, REMARKS, HIDDEN, UNKNOWN = "嵌入的其他内容", "批注和修订", "隐藏的工作表", "读不懂的部分"
"""What a machine cannot read, or what nobody sees at first sight: Chinese msgids."""

PICTURES = (".png", ".jpg", ".jpeg")
# The state of a printer: no words of anybody.
SILENT = re.compile(r"printersettings\d*\.bin$")
# Text of Office files: what stands in one of these is one line, however many runs it is cut into.
BLOCKS = {"p", "si", "is", "text"}
RUNS = {"t", "delText", "instrText"}
GAPS = {"tab", "br", "cr"}
MOST_XML = 80 * 1024 * 1024

_EXPONENT = re.compile(r"\d(?:\.\d+)?[Ee]\+?1\d")
_CARD = re.compile(r"(?<![0-9A-Za-z.])(?:62|[45]\d)\d\d(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![0-9A-Za-z])")
_PASSPORT = re.compile(r"(?<![0-9A-Za-z])(?:[EG]\d{8}|E[A-HJ-NP-Z]\d{7})(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found: `numbers` are kinds (keys of KINDS) with how many different ones; `unread` as said above."""

    numbers: tuple[tuple[str, int], ...]
    unread: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many different numbers there are."""
        return sum(count for _kind, count in self.numbers)


def scan(content: bytes, kind: str, filename: str) -> Scan:
    """Scan a file of `kind` (as `operations.look_at` found it) and its name, which is public as well."""
    numbers, unread = Numbers(), set()
    numbers.add(filename)
    if kind == "application/pdf":
        unread.add(PDF)
    elif kind.startswith("image/"):
        unread.add(PICTURE)
    else:
        _scan_office(content, numbers, unread)
    return Scan(numbers.counted(), tuple(sorted(unread)))


class Numbers:
    """Different personal numbers, as they are found."""

    def __init__(self) -> None:
        self._found: set[tuple[str, str]] = set()

    def add(self, text: str) -> None:
        """Look through one line."""
        if not any(char.isdigit() for char in text):
            return
        line = "".join(char for char in narrow_characters(text) if char not in ZERO_WIDTH)
        if _EXPONENT.fullmatch(line.strip()):
            # Excel keeps long numbers so; fifteen digits of an identity number hold the whole birth date.
            line = str(int(Decimal(line.strip())))
        taken = find_personal_numbers(line)
        self._found |= {(one.kind, _digits(line[one.start : one.end])) for one in taken}
        for match in _CARD.finditer(line):
            inside = any(one.start <= match.start() < one.end for one in taken)
            if not inside and _is_card(_digits(match[0])):
                self._found.add(("bank", _digits(match[0])))
        self._found |= {("passport", match[0]) for match in _PASSPORT.finditer(line)}

    def counted(self) -> tuple[tuple[str, int], ...]:
        """How many of each kind."""
        counts = Counter(kind for kind, _number in self._found)
        return tuple((kind, counts[kind]) for kind in KINDS if counts[kind])


def _digits(text: str) -> str:
    """A number without its gaps and its country."""
    plain = re.sub(r"[^0-9Xx]", "", text).upper()
    return plain[2:] if len(plain) == 13 and plain.startswith("86") else plain


def _is_card(digits: str) -> bool:
    lengths = range(16, 20) if digits.startswith("62") else (16,)
    return len(digits) in lengths and luhn.is_valid(digits)


# --- Office ---


def _scan_office(content: bytes, numbers: Numbers, unread: set[str]) -> None:
    """All parts of a docx, xlsx or pptx: headers, remarks, hidden sheets and properties as well as the text."""
    left = MOST_XML
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                name = info.filename.lower()
                if name.endswith((".xml", ".rels", ".vml")):
                    left -= info.file_size
                    if left < 0:
                        unread.add(UNKNOWN)
                        return
                    _scan_part(name, archive.read(info), numbers, unread)
                elif name.endswith(PICTURES):
                    unread.add(PICTURE)
                elif not info.is_dir() and not SILENT.search(name):
                    unread.add(EMBEDDED)
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        unread.add(UNKNOWN)


def _scan_part(name: str, part: bytes, numbers: Numbers, unread: set[str]) -> None:
    """One part. A document type is no part of these formats, and is the way to make a parser work forever."""
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        unread.add(UNKNOWN)
        return
    try:
        # Word's reader resolves no entities and asks no network, whatever Office file the part is from.
        root: Any = parse_xml(part)
    except (SyntaxError, ValueError, LookupError):
        unread.add(UNKNOWN)
        return
    if "comments" in name and name.endswith(".xml"):
        unread.add(REMARKS)
    for element in root.iter():
        local = _local(element)
        if local in ("ins", "del") and "wordprocessingml" in str(element.tag):
            unread.add(REMARKS)
        if local == "sheet" and element.get("state") in ("hidden", "veryHidden"):
            unread.add(HIDDEN)
    for line in _lines(root):
        numbers.add(line)


def _lines(root: Any) -> Iterator[str]:
    """The text of a part in lines: runs of one paragraph joined, then everything else, attributes as well."""
    for element in root.iter():
        if _local(element) in BLOCKS:
            yield "".join(_run(one) for one in element.iter())
        if element.text:
            yield element.text
        yield from element.attrib.values()


def _run(element: Any) -> str:
    local = _local(element)
    return element.text or "" if local in RUNS else "\t" if local in GAPS else ""


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
