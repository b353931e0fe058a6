"""What an office program makes of the Word file: the grid, the margins, the page numbers."""

import re
import shutil
import subprocess
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from quxin.reports.document import Attachment, Section
from quxin.reports.word import write_docx

from .papers import RUNNING, figure, long_paper, paragraph, summary

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(
        not (shutil.which("soffice") and shutil.which("pdftotext")),
        reason="needs LibreOffice (libreoffice-writer) and poppler-utils",
    ),
]

POINTS_PER_MM = 72 / 25.4
XHTML = "{http://www.w3.org/1999/xhtml}"
# Punctuation at the ends of lines, quotation marks, digits and a figure: what disturbs a grid in real papers.
DISTURBED = (
    "“质量月”活动中，全系统深入企业、社区、学校；群众反映的问题，件件有着落——事事有回音……《办法》（试行）已印发。"
)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """Converts documents to PDF, all in one start of LibreOffice: name -> path."""
    folder = tmp_path_factory.mktemp("office")
    mixed = paragraph(DISTURBED * 12, figure(), DISTURBED * 12)
    papers = {
        "running": long_paper(),
        "mixed": summary(
            sections=(Section(1, "学习武装", (mixed, mixed)), Section(4, "其他", (mixed,))),
            attachments=(Attachment("名单", (paragraph("甲"),)),),
        ),
    }
    for name, document in papers.items():
        (folder / f"{name}.docx").write_bytes(write_docx(document))
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
         "--outdir", str(folder), *(str(folder / f"{name}.docx") for name in papers)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return {name: folder / f"{name}.pdf" for name in papers}


def layout_of(pdf):
    """For each page: (height, [(xmin, xmax, ymin, text)]), lines from top to bottom."""
    answer = subprocess.run(["pdftotext", "-bbox-layout", pdf, "-"], check=True, capture_output=True).stdout
    pages = []
    for page in ElementTree.fromstring(answer).iter(f"{XHTML}page"):
        lines = {}
        for word in page.iter(f"{XHTML}word"):  # words on one height are one line, however far apart
            key = round(float(word.get("yMax")))
            lines.setdefault(key, []).append((float(word.get("xMin")), float(word.get("xMax")), word.text))
        rows = [
            (min(w[0] for w in words), max(w[1] for w in words), y, "".join(w[2] for w in sorted(words)))
            for y, words in sorted(lines.items())
        ]
        pages.append(rows)
    return pages


def test_a_full_page_has_22_lines_of_28_characters(converted):
    page = layout_of(converted["running"])[1]
    body, number = page[:-1], page[-1]
    assert [len(text) for *_, text in body] == [28] * 22
    assert "".join(text for *_, text in body) in RUNNING * 40
    assert number[3] == "—2—"


def test_lines_stand_at_equal_distances_within_the_type_area(converted):
    page = layout_of(converted["running"])[1][:-1]
    steps = [lower[2] - upper[2] for upper, lower in pairwise(page)]
    assert all(abs(step - 28.9) <= 1 for step in steps)
    assert page[-1][2] - page[0][2] == pytest.approx((22 - 1) * 28.9, abs=1)


@pytest.mark.parametrize(("index", "left_mm", "right_mm"), [(1, 26, 28), (2, 28, 26)])
def test_the_binding_side_changes_with_the_page(converted, index, left_mm, right_mm):
    for left, right, _, text in layout_of(converted["running"])[index][:-1]:
        assert left / POINTS_PER_MM == pytest.approx(left_mm, abs=0.3)
        if len(text) == 28:
            assert 210 - right / POINTS_PER_MM == pytest.approx(right_mm, abs=0.6)


def test_page_numbers_stand_outside_one_character_in(converted):
    pages = layout_of(converted["running"])
    odd, even = pages[2][-1], pages[1][-1]
    assert odd[3] == "—3—"
    assert 210 - odd[1] / POINTS_PER_MM == pytest.approx(26 + 14 / POINTS_PER_MM, abs=1)
    assert even[0] / POINTS_PER_MM == pytest.approx(26 + 14 / POINTS_PER_MM, abs=1)
    top_of_number = odd[2] / POINTS_PER_MM - 14 * 1.3 / POINTS_PER_MM
    assert top_of_number == pytest.approx(297 - 35 + 7, abs=2)


def test_punctuation_digits_and_figures_keep_the_grid(converted):
    pages = layout_of(converted["mixed"])
    full = pages[1][:-1]
    assert len(full) == 22
    for left, right, _, _ in full:
        assert left >= 26 * POINTS_PER_MM - 0.5
        assert right <= (210 - 28) * POINTS_PER_MM + 0.5, "nothing hangs into the margin"
    counts = [len(text) for *_, text in full]
    assert max(counts) <= 31  # narrow digits let a few more in
    assert sum(27 <= count <= 29 for count in counts) >= 15


def test_no_mark_is_lost_at_the_ends_of_lines(converted):
    printed = "".join(text for page in layout_of(converted["mixed"]) for *_, text in page[:-1])
    for mark in "，、；。《》（）“”":
        assert printed.count(mark) >= DISTURBED.count(mark) * 72, mark


def test_the_appendix_begins_a_page(converted):
    pages = layout_of(converted["mixed"])
    last = [text for *_, text in pages[-1]]
    assert last[0] == "附件2"
    assert last[1] == "数字来源"
    assert any(re.fullmatch(r"1近2000人次1,960人次大讲堂·参加人次4查看", text) for text in last)
    assert pages[-2][0][3] == "附件1"
