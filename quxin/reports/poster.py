"""Posters for notice boards and counters: a title, a few lines and a QR code, for A4 or A3 paper.

A poster is a page for the browser to print, with the reader's own fonts, so it works on every server; where
the server has a Chinese font it is a PDF as well. Its texts never become program: typst reads them as data.
QR codes are drawn for one address and kept, because a wall of promises asks for the same one again and again.
Not for reports; those are Word files in the official layout.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import segno
import typst

from quxin.kernel.errors import QuxinError
from quxin.reports.document import clean, safe_link

Size = Literal["A4", "A3"]
SIZES: tuple[Size, ...] = ("A4", "A3")
MAX_LINES = 12
FONT_PACKAGE = "fonts-noto-cjk"
"""The package of Debian and Ubuntu that brings the fonts."""
LONG_TITLE = 22  # characters; a longer one is set smaller
_SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "FandolSong", "STSong", "SimSun")
_SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "FandolHei", "SimHei", "Microsoft YaHei")
# A fixed moment: equal posters give equal files.
_MOMENT = int(dt.datetime(2000, 1, 1, tzinfo=dt.UTC).timestamp())

# Sizes are parts of the sheet's width, so that A3 is the same poster, larger.
_TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#let w = if data.size == "A3" { 297mm } else { 210mm }
#let h = if data.size == "A3" { 420mm } else { 297mm }
#set document(title: data.title, author: data.organisation)
#set page(width: w, height: h, margin: (x: w * 0.09, top: w * 0.1, bottom: w * 0.08))
#set text(font: (data.sans,), lang: "zh", region: "cn", size: w * 0.026, fill: rgb("#1c1a17"))
#set par(leading: 0.75em, justify: false)
#let seal = rgb("#a8281e")
#block(width: 100%, {
  text(fill: seal, weight: "bold", size: w * 0.026, data.organisation)
  v(w * 0.012, weak: true)
  line(length: 100%, stroke: w * 0.004 + seal)
})
#v(w * 0.02)
#set text(font: (data.serif,))
#par(leading: 0.45em, text(weight: "bold", size: w * 0.072 * data.title_scale, data.title))
#v(w * 0.02)
#set text(size: w * 0.034 * data.line_scale)
#for (i, said) in data.lines.enumerate() {
  block(breakable: false, below: w * 0.046 * data.line_scale, grid(
    columns: (w * 0.07, 1fr),
    text(fill: seal, weight: "bold", str(i + 1)), said,
  ))
}
#v(1fr)
#grid(
  columns: (w * 0.36, 1fr), column-gutter: w * 0.04, align: (left, left + bottom),
  image(bytes(sys.inputs.qr), format: "svg", width: w * 0.36, alt: data.url),
  {
    text(font: (data.sans,), weight: "bold", size: w * 0.036, data.call)
    parbreak()
    text(font: (data.sans,), size: w * 0.02, fill: rgb("#55504a"), data.url)
  },
)
#context [#metadata(counter(page).final().first()) <pages>]
"""


class NoChineseFont(QuxinError):
    """The machine has no font that could print a Chinese poster."""

    default_message = "这台服务器没有中文字体，不能生成海报"
    default_hint = "请安装字体包fonts-noto-cjk(apt-get install fonts-noto-cjk),然后重试"


class UnprintablePoster(QuxinError):
    """The poster cannot be printed as it is asked for."""

    default_message = "海报不能生成：%(reason)s"
    default_hint = "请减少行数、缩短文字，或换用A3纸"


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a poster: ``lines`` under ``title``, the QR code of ``url`` (absolute) with ``call`` beside it."""

    title: str
    organisation: str
    lines: tuple[str, ...]
    url: str
    size: Size = "A4"
    call: str = "扫一扫，看进展、作评价"

    @property
    def qr(self) -> str:
        """The QR code as an SVG element; raises as ``qr_svg``."""
        return qr_svg(self.url)

    @property
    def is_long(self) -> bool:
        """Whether the title is set smaller."""
        return len(self.title) > LONG_TITLE

    @property
    def scale(self) -> str:
        """The size of the lines in percent: ``160``, ``130``, ``100``, ``85`` or ``70``."""
        return str(round(_line_scale(self.lines) * 100))


def size_of(asked: str) -> Size | None:
    """The paper that somebody asks for in an address; A4 for nothing, None for what there is not."""
    return next((one for one in SIZES if one == (asked or "A4").upper()), None)


def has_chinese_font() -> bool:
    """Whether this machine can make the PDF of a poster. Asked anew until there is a font: no restart is needed."""
    try:
        chinese_fonts()
    except NoChineseFont:
        return False
    return True


def poster_pdf(poster: Poster) -> bytes:
    """A poster as a PDF of one page; at most 12 lines.

    Equal posters give equal bytes. Raises ``NoChineseFont`` when no font could print it, ``UnprintablePoster``
    when the texts don't fit on the page, typst warns (it knows a font by no name), or the address or the size
    is not one.
    """
    if poster.size not in SIZES:
        raise UnprintablePoster("海报不能生成：没有%(size)s这种纸型", hint="请选择A4或A3", size=poster.size)
    if len(poster.lines) > MAX_LINES:
        raise UnprintablePoster(
            "海报不能生成：共有%(count)s行，最多%(most)s行", count=len(poster.lines), most=MAX_LINES
        )
    serif, sans = chinese_fonts()
    texts = [clean(line).strip() for line in poster.lines]
    data = {
        "title": clean(poster.title),
        "organisation": clean(poster.organisation),
        "lines": texts,
        "url": poster.url,
        "size": poster.size,
        "serif": serif,
        "sans": sans,
        "call": clean(poster.call),
        "title_scale": 0.75 if poster.is_long else 1.0,
        "line_scale": _line_scale(texts),
    }
    pdf, warnings, pages = _compile(data, poster.qr)
    if warnings:
        raise UnprintablePoster(reason="；".join(warnings), hint="请安装字体包fonts-noto-cjk,或改用常用字")
    if pages != 1:
        raise UnprintablePoster(reason="文字超出一页")
    return pdf


@lru_cache(maxsize=1024)
def qr_svg(url: str) -> str:
    """The QR code of an absolute web address as an SVG element, black on white with its quiet zone (4
    modules).

    A quarter of it may be dirty (error correction Q). Raises ``UnprintablePoster`` for what is not a web
    address.
    """
    return qr_once(url)


def qr_once(url: str) -> str:
    """As ``qr_svg``, but nothing of it is kept: for an address that is a secret."""
    if safe_link(url) != url or not url.startswith(("http://", "https://")):
        raise UnprintablePoster(reason="网址不正确", hint="请填写以https://开头的完整网址")
    try:
        code = qr_code(url)
    except segno.DataOverflowError as error:
        raise UnprintablePoster(reason="网址太长", hint="请换用较短的网址") from error
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, light="#fff", xmldecl=False, nl=False, omitsize=True)
    return out.getvalue().decode()


def qr_code(url: str) -> segno.QRCode:
    """The code itself, for those who need its modules."""
    return segno.make_qr(url, error="q")


@lru_cache(maxsize=1)
def chinese_fonts() -> tuple[str, str]:
    """Names of a serif and a sans Chinese font that typst finds here; one stands for both when it is
    alone.
    """
    found = set(typst.Fonts().families())
    serif = next((name for name in _SERIF if name in found), "")
    sans = next((name for name in _SANS if name in found), "")
    if not (serif or sans):
        raise NoChineseFont
    return serif or sans, sans or serif


def _line_scale(lines: Sequence[str]) -> float:
    """The largest type in which the lines fill their part of the sheet and no more (read from a distance)."""
    for scale in (1.6, 1.3, 1.0, 0.85):
        rows = sum(max(1, -(-len(line) // int(21 / scale))) for line in lines)
        if scale * (rows * 0.06 + len(lines) * 0.022) <= 0.62:  # in widths of the sheet
            return scale
    return 0.7


def _compile(data: dict[str, object], qr: str) -> tuple[bytes, list[str], int]:
    """The PDF, what typst warns of (an unknown font is only a warning there), and the number of pages."""
    inputs = {"data": json.dumps(data, ensure_ascii=False), "qr": qr}
    with tempfile.TemporaryDirectory() as root:  # an empty root: the template can read no file of ours
        source = Path(root) / "poster.typ"
        source.write_text(_TEMPLATE, encoding="utf-8")
        compiler = typst.Compiler(input=str(source), root=root, sys_inputs=inputs)
        pdf, warnings = compiler.compile_with_warnings(format="pdf", timestamp=_MOMENT)
        assert isinstance(pdf, bytes)  # one PDF, not a list of pictures
        pages = json.loads(compiler.query("<pages>", field="value", one=True))
    return pdf, [str(warning.message if hasattr(warning, "message") else warning) for warning in warnings], pages
