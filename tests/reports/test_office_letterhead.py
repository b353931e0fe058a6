"""What an office program makes of the red letterhead: places measured in the ink of the rendered pages."""

import datetime as dt
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from quxin.reports.document import Document, Section
from quxin.reports.letterhead import letterhead
from quxin.reports.word import write_docx

from .papers import RUNNING, long_paper, paragraph
from .test_office import POINTS_PER_MM, layout_of

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(
        not (shutil.which("soffice") and shutil.which("pdftotext") and shutil.which("pdftoppm")),
        reason="needs LibreOffice (libreoffice-writer) and poppler-utils",
    ),
]
DPI = 127  # five points of the picture to a millimetre
ON = dt.date(2024, 5, 6)
COPIES = "省委办公厅，省政府办公厅，各设区市市场监督管理局、省直管县（市）市场监督管理局，局机关各处室、各直属单位"
RED = letterhead("江苏省市场监督管理局", ON, number="苏市监党〔2024〕5号", copies=COPIES)
SIGNED = replace(RED, signer="张三丰", copies=())


def filled(lines):
    """A paper whose text has so many lines, and a letterhead."""
    body = (RUNNING * 40)[: 28 * lines - 2]
    return Document(
        "短标题", "某局", ON, (Section(1, "", (paragraph(body),)),), letterhead=replace(RED, copies=("甲局",))
    )


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """Papers as PDF: name -> path."""
    folder = tmp_path_factory.mktemp("letterhead")
    papers = {"red": replace(long_paper(), letterhead=RED), "signed": replace(long_paper(), letterhead=SIGNED)}
    papers |= {f"lines{count}": filled(count) for count in range(25, 31)}
    for name, document in papers.items():
        (folder / f"{name}.docx").write_bytes(write_docx(document))
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
         "--outdir", str(folder), *(str(folder / f"{name}.docx") for name in papers)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return {name: folder / f"{name}.pdf" for name in papers}


def ink(pdf, page, is_ink):
    """The bands of ink of a page, from top to bottom: (top, bottom, left, right) in millimetres."""
    done = subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-f", str(page), "-l", str(page), pdf], check=True, capture_output=True
    ).stdout
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", done)
    wide, high, pixels = int(head[1]), int(head[2]), done[head.end() :]
    bands = []
    for y in range(high):
        row = pixels[y * wide * 3 : (y + 1) * wide * 3]
        there = [x for x in range(wide) if is_ink(*row[x * 3 : x * 3 + 3])]
        if not there:
            continue
        if bands and bands[-1][1] == y - 1:
            top, _, left, right = bands[-1]
            bands[-1] = (top, y, min(left, there[0]), max(right, there[-1]))
        else:
            bands.append((y, y, there[0], there[-1]))
    return [(a / 5, (b + 1) / 5, left / 5, (right + 1) / 5) for a, b, left, right in bands]


def is_red(red, green, blue):
    """Whether a point is more red than anything."""
    return red > 150 and green < 120 and blue < 120


def is_black(red, green, blue):
    """Whether a point is dark."""
    return max(red, green, blue) < 120


def test_the_mark_stands_35_mm_below_the_upper_edge_of_the_type_area(converted):
    top, bottom, left, right = ink(converted["red"], 1, is_red)[0]
    assert top == pytest.approx(37 + 35, abs=1.5)
    assert (left + right) / 2 == pytest.approx(28 + 156 / 2, abs=1.5), "in the middle of the type area"
    assert bottom - top > 22 / POINTS_PER_MM, "larger than the title"


@pytest.mark.parametrize("name", ["red", "signed"])
def test_the_red_rule_runs_4_mm_below_the_number_over_the_whole_type_area(converted, name):
    rule = ink(converted[name], 1, is_red)[-1]
    assert rule[1] - rule[0] <= 1
    assert rule[2:] == pytest.approx((28, 28 + 156), abs=0.6)
    number = [band for band in ink(converted[name], 1, is_black) if band[1] < rule[0]][-1]
    assert rule[0] - number[1] == pytest.approx(4, abs=1)


def test_two_lines_stay_free_between_mark_and_number_and_before_the_title(converted):
    mark, rule = ink(converted["red"], 1, is_red)[0], ink(converted["red"], 1, is_red)[-1]
    black = ink(converted["red"], 1, is_black)
    number = next(band for band in black if band[0] > mark[1])
    title = next(band for band in black if band[0] > rule[1])
    line = 28.9 / POINTS_PER_MM
    assert 2 * line <= number[0] - mark[1] <= 3.2 * line
    assert 2 * line <= title[0] - rule[1] <= 2.6 * line


def test_number_and_signer_stand_one_character_in(converted):
    rows = layout_of(converted["signed"])[0]
    left, right, _, text = next(row for row in rows if "签发人" in row[3])
    assert text == "苏市监党〔2024〕5号签发人：张三丰"
    one = 16 / POINTS_PER_MM
    assert left / POINTS_PER_MM == pytest.approx(28 + one, abs=1)
    assert 210 - right / POINTS_PER_MM == pytest.approx(26 + one, abs=1)


def test_the_pages_after_the_first_keep_22_lines_of_28_characters(converted):
    pages = layout_of(converted["red"])
    assert [len(text) for *_, text in pages[1][:-1]] == [28] * 22
    assert pages[1][-1][3] == "—2—"
    body = [row for row in pages[0][:-1] if len(row[3]) == 28]
    assert 9 <= len(body) <= 11, "the first page has what the letterhead leaves"
    assert pages[0][-2][2] / POINTS_PER_MM <= 297 - 35 + 0.5


def test_the_imprint_ends_with_the_type_area_of_the_last_page(converted):
    pages = layout_of(converted["red"])
    words = [text for *_, text in pages[-1]]
    assert words[-2] == "江苏省市场监督管理局2024年5月6日印发"
    assert not any("印发" in text for page in pages[:-1] for *_, text in page)
    full = [band for band in ink(converted["red"], len(pages), is_black) if band[3] - band[2] > 155]
    assert len(full) == 3, "a rule above, one between, one below"
    left = 26 if len(pages) % 2 == 0 else 28
    assert all(band[2:] == pytest.approx((left, left + 156), abs=0.8) for band in full)
    assert full[-1][1] == pytest.approx(297 - 35, abs=1)


def test_copies_hang_behind_the_colon(converted):
    rows = layout_of(converted["red"])[-1]
    at = next(index for index, row in enumerate(rows) if row[3].startswith("抄送："))
    step = 14 / POINTS_PER_MM
    assert (rows[at + 1][0] - rows[at][0]) / POINTS_PER_MM == pytest.approx(3 * step, abs=0.5)


@pytest.mark.parametrize("lines", range(25, 31))
def test_the_imprint_goes_to_the_next_page_rather_than_over_the_text(converted, lines):
    rows = layout_of(converted[f"lines{lines}"])[-1]
    at = next(index for index, row in enumerate(rows) if row[3].startswith("抄送："))
    assert rows[at - 1][3] == "2024年5月6日", "the day of the paper stays with its imprint"
    assert rows[at][2] - rows[at - 1][2] > 16
    assert rows[at + 1][2] / POINTS_PER_MM == pytest.approx(297 - 35, abs=5)
