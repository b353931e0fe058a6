import re
import shutil
import subprocess
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from quxin.reports import poster
from quxin.reports.poster import (
    NoChineseFont,
    Poster,
    UnprintablePoster,
    has_chinese_font,
    poster_pdf,
    qr_code,
    qr_svg,
    size_of,
)

URL = "https://quxin.example.cn/p/abc123/"
POSTER = Poster(
    title="党员公开承诺",
    organisation="江苏省市场监督管理局行政审批处党支部",
    lines=("企业开办当日办结", "“首问负责”不推诿"),
    url=URL,
)


@pytest.fixture(autouse=True)
def _fonts_are_asked_anew():
    poster.chinese_fonts.cache_clear()
    yield
    poster.chinese_fonts.cache_clear()


with_font = pytest.mark.skipif(not has_chinese_font(), reason="needs a Chinese font (fonts-noto-cjk)")
with_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs poppler-utils")


def read_modules(svg):
    """The dark modules of an SVG code as rows of booleans, read back from its path."""
    root = ElementTree.fromstring(svg)
    side = int(float(root.get("viewBox").split()[2]))
    rows = [[False] * side for _ in range(side)]
    (dark,) = [p for p in root.iter("{http://www.w3.org/2000/svg}path") if p.get("stroke")]
    x = y = 0.0
    for command, a, b in re.findall(r"([Mmh])\s*(-?[\d.]+)(?:[ ,]*(-?[\d.]+))?", dark.get("d")):
        if command == "h":
            for column in range(int(x), int(x + float(a))):
                rows[int(y)][column] = True
            x += float(a)
        else:
            x, y = (float(a), float(b)) if command == "M" else (x + float(a), y + float(b))
    return rows


def test_the_code_holds_the_address():
    rows = read_modules(qr_svg(URL))
    expected = [[bool(module) for module in row] for row in qr_code(URL).matrix_iter(border=4)]
    assert rows == expected
    assert qr_code(URL).error in {"Q", "H"}


def test_the_code_is_kept():
    assert qr_svg(URL) is qr_svg(URL)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/p/abc/", "", "//x.example", "https://x.example/" + "a" * 3000]
)
def test_no_code_for_what_is_not_an_address(url):
    with pytest.raises(UnprintablePoster):
        qr_svg(url)


@with_font
@with_poppler
@pytest.mark.parametrize(("size", "points"), [("A4", "595.276 x 841.89"), ("A3", "841.89 x 1190.55")])
def test_a_poster_prints_on_one_page(tmp_path, size, points):
    path = tmp_path / "poster.pdf"
    path.write_bytes(poster_pdf(replace(POSTER, size=size)))
    about = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    assert points in about
    assert [line.split()[1] for line in about.splitlines() if line.startswith("Pages:")] == ["1"]
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True).stdout
    for words in (*POSTER.lines, "党员公开承诺", "江苏省市场监督管理局行政审批处党支部", URL):
        assert words in text
    subprocess.run(["pdftoppm", "-gray", "-r", "30", path, tmp_path / "page"], check=True)
    (picture,) = tmp_path.glob("page*.pgm")
    pixels = picture.read_bytes().split(b"\n255\n", 1)[1]
    assert min(pixels) < 60
    assert max(pixels) == 255  # ink on paper


@with_font
@with_poppler
def test_the_printed_code_has_the_modules_of_the_address(tmp_path):
    """Each module of the code, sampled in the rendered page."""
    path = tmp_path / "poster.pdf"
    path.write_bytes(poster_pdf(POSTER))
    subprocess.run(["pdftoppm", "-gray", "-r", "144", "-singlefile", path, tmp_path / "page"], check=True)
    header, pixels = (tmp_path / "page.pgm").read_bytes().split(b"\n255\n", 1)
    width = int(header.split()[-2])
    height = int(header.split()[-1])
    modules = [[bool(m) for m in row] for row in qr_code(URL).matrix_iter(border=4)]
    mm = 144 / 25.4
    side = 210 * 0.36 * mm
    left, bottom = 210 * 0.09 * mm, height - 210 * 0.08 * mm
    cell = side / len(modules)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            at = int(bottom - side + (y + 0.5) * cell) * width + int(left + (x + 0.5) * cell)
            assert (pixels[at] < 128) == dark, (x, y)


@with_font
def test_equal_posters_give_equal_bytes():
    assert poster_pdf(POSTER) == poster_pdf(POSTER)


@with_font
@with_poppler
def test_texts_are_never_program(tmp_path):
    hostile = '#read("/etc/passwd") $x^2$ *b* #panic() \\ "'
    path = tmp_path / "poster.pdf"
    path.write_bytes(poster_pdf(replace(POSTER, lines=(hostile,))))
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True).stdout
    assert "#panic()" in text
    assert "root:" not in text


@with_font
@pytest.mark.parametrize("change", [{"lines": ["长" * 400] * 12}, {"lines": ["短"] * 13}, {"size": "A5"}])
def test_what_does_not_fit_is_refused(change):
    with pytest.raises(UnprintablePoster) as caught:
        poster_pdf(replace(POSTER, **change))
    assert caught.value.hint


@with_font
@pytest.mark.parametrize("count", [0, 1, 5, 12])
def test_ordinary_lists_fit(count):
    assert poster_pdf(replace(POSTER, lines=("每月一次走进企业现场解决问题并公布结果",) * count)).startswith(b"%PDF")


@with_font
def test_an_unknown_font_is_an_error(monkeypatch):
    monkeypatch.setattr(poster, "chinese_fonts", lambda: ("No Such Serif", "No Such Sans"))
    monkeypatch.setattr(poster.chinese_fonts, "cache_clear", lambda: None, raising=False)
    with pytest.raises(UnprintablePoster, match="不能生成") as caught:
        poster_pdf(POSTER)
    assert "no such serif" in caught.value.text().lower()


def test_without_a_chinese_font_the_error_names_the_package(monkeypatch):
    class Fonts:
        def families(self):
            return ["DejaVu Sans"]

    monkeypatch.setattr(poster.typst, "Fonts", Fonts)
    with pytest.raises(NoChineseFont) as caught:
        poster_pdf(POSTER)
    assert poster.FONT_PACKAGE in caught.value.hint_text()
    assert not has_chinese_font()


def test_a_font_that_comes_later_is_found_without_a_restart(monkeypatch):
    there = ["DejaVu Sans"]
    monkeypatch.setattr(poster.typst, "Fonts", lambda: type("Fonts", (), {"families": lambda self: there})())
    assert not has_chinese_font()
    there.append("Noto Sans CJK SC")
    assert has_chinese_font()


@pytest.mark.parametrize(("asked", "size"), [("", "A4"), ("a3", "A3"), ("A4", "A4"), ("A5", None)])
def test_the_paper_asked_for(asked, size):
    assert size_of(asked) == size


def test_the_page_is_told_how_large_to_write():
    assert (POSTER.is_long, POSTER.scale) == (False, "160")
    full = replace(POSTER, title="长" * 23, lines=("每月一次走进企业现场解决问题并公布结果",) * 12)
    assert full.is_long
    assert int(full.scale) < 100
    assert POSTER.qr is qr_svg(URL)
