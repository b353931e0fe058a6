"""The copy of a file that the public gets: the same to look at, without what the file says of itself.

Cameras write the place and the owner into a picture, Office the author and the company. Nothing is encoded anew, so
that no picture loses quality. A file whose structure is not understood is refused, never passed through. PDF is the
exception: nothing here can take it apart, and `scanning` says so to the person who makes it public.
"""

import io
import re
import struct
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from quxin.kernel.errors import QuxinError

SOI, EOI, SOS, APP0, APP2, APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE2, 0xEE
ALONE = {0x01, *range(0xD0, 0xD8)}
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
# What a PNG needs to look as it does; text, times, places and what nobody knows are left out.
PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
_PACKAGE = b"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/"
# Properties by how their part begins, wherever it lies → what is left of them.
PROPERTIES = (
    (rb"<(?:\w+:)?coreProperties\b", b'<cp:coreProperties xmlns:cp="' + _PACKAGE + b'"/>'),
    (
        rb"<(?:\w+:)?Properties\b[^>]*extended-?[pP]roperties",
        b'<Properties xmlns="' + _OFFICE + b'extended-properties"/>',
    ),
    (rb"<(?:\w+:)?Properties\b[^>]*custom-?[pP]roperties", b'<Properties xmlns="' + _OFFICE + b'custom-properties"/>'),
)
THUMBNAIL = rb"<(?:\w+:)?Relationship\b[^>]*/metadata/thumbnail[^>]*?(?:/>|>\s*</(?:\w+:)?Relationship>)"
XML_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EPOCH = (1980, 1, 1, 0, 0, 0)


class Damaged(QuxinError):
    """A file that cannot be taken apart, so that nobody knows what else is in it."""

    default_message = "文件的结构读不懂，去不掉里面的作者、位置等信息，不能公开。"
    default_hint = "请用原来的软件打开，另存一份，重新上传后再公开。"


def stripped(content: bytes, kind: str) -> bytes:
    """The public copy of a file of `kind` (as `operations.look_at` found it). Raises Damaged."""
    try:
        if kind == "image/jpeg":
            return _jpeg(content)
        if kind == "image/png":
            return _png(content)
        return content if kind == "application/pdf" else _office(content)
    except (struct.error, IndexError, BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Damaged from error


# --- pictures ---


def _jpeg(content: bytes) -> bytes:
    """Segments that draw the picture, its colours and which side is up; no camera, place, owner, preview or film."""
    kept, turned = [], 1
    for marker, segment in _segments(content):
        if marker == 0xE1 and segment[4:10] == b"Exif\x00\x00":
            turned = _orientation(segment[10:])
        elif _draws(marker, segment):
            kept.append(segment)
    head = b"\xff\xd8" + (_turned(turned) if 1 < turned <= 8 else b"")
    return head + b"".join(kept) + b"\xff\xd9"


def _draws(marker: int, segment: bytes) -> bool:
    if marker == APP0:
        return segment[4:9] == b"JFIF\x00"
    if marker == APP2:
        return segment[4:16] == b"ICC_PROFILE\x00"
    return marker == APP14 or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, bytes) of each segment up to the end of the picture; what a camera hangs behind it is not read."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise Damaged
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == EOI:
            return
        end = at + 2 + (0 if marker in ALONE else struct.unpack_from(">H", content, at + 2)[0])
        if marker == SOS:
            end = _end_of_scan(content, end)
        if end > len(content):
            raise Damaged
        yield marker, content[at:end]
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands after picture data, in which 0xFF is followed by 0 or a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise Damaged
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2


def _orientation(exif: bytes) -> int:
    """Which side is up (1–8) as the camera wrote it; 1 when it did not."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        at = struct.unpack_from(order + "I", exif, 4)[0]
        for entry in range(struct.unpack_from(order + "H", exif, at)[0]):
            tag, _kind, _count, value = struct.unpack_from(order + "HHIH", exif, at + 2 + 12 * entry)
            if tag == 0x0112:
                return int(value)
    except struct.error:
        return 1
    return 1


def _turned(orientation: int) -> bytes:
    """A segment that says which side is up and nothing else."""
    exif = b"Exif\x00\x00" + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


def _png(content: bytes) -> bytes:
    kept, at = [PNG_HEAD], len(PNG_HEAD)
    while True:
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise Damaged
        if name in PNG_KEPT:
            kept.append(content[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end


# --- Office ---


def _office(content: bytes) -> bytes:
    """The same parts without properties, thumbnail and times, and with the pictures in it stripped as well."""
    stream = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as given, ZipFile(stream, "w", ZIP_DEFLATED) as made:
        for info in given.infolist():
            if info.is_dir() or info.filename.lower().startswith("docprops/thumbnail"):
                continue
            plain = ZipInfo(info.filename, EPOCH)
            plain.compress_type = ZIP_DEFLATED
            made.writestr(plain, _part(info.filename, given.read(info)))
    return stream.getvalue()


def _part(name: str, part: bytes) -> bytes:
    if part.startswith(PNG_HEAD):
        return _png(part)
    if part.startswith(b"\xff\xd8\xff"):
        return _jpeg(part)
    if name == "_rels/.rels":
        return re.sub(THUMBNAIL, b"", part)
    left = next((left for begins, left in PROPERTIES if re.search(begins, part[:2000])), None)
    return part if left is None else XML_HEAD + left
