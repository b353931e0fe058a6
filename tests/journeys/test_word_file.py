"""The report as Word: downloaded through the browser, opened in an office program, in the official layout."""

import shutil
import subprocess

import pytest

from tests.journeys.steps import log_in, open_report
from tests.reports.test_office import POINTS_PER_MM, layout_of

pytestmark = pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")),
    reason="needs LibreOffice (libreoffice-writer) and poppler-utils",
)
LINES, CHARACTERS = 22, 28


@pytest.fixture
def pdf(site, page, tmp_path):
    """The report of 2010 as the headquarters' organiser downloads it, converted by an office program."""
    log_in(page, site, "zongju")
    open_report(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Word").click()
    assert download.value.suggested_filename.endswith(".docx")
    paper = tmp_path / "report.docx"
    download.value.save_as(paper)
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(paper)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return tmp_path / "report.pdf"


def test_the_word_file_has_the_official_layout(pdf):
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    plain = "".join(text.split())
    assert "“以质取胜、创先争优”活动情况综述" in plain
    assert "近2000人次" in plain
    assert "质检大讲堂人次" in plain, "the appendix says where the number comes from"

    pages = [page[:-1] for page in layout_of(pdf)]  # without the page's number
    appendix = next(at for at, page in enumerate(pages) if page[0][3].startswith("附件"))
    full = pages[1]
    assert appendix > 1, "the report fills a page before its appendix"
    assert len(full) == LINES
    for left, right, _y, words in full:
        assert left >= 26 * POINTS_PER_MM - 0.5, words
        assert right <= (210 - 28) * POINTS_PER_MM + 0.5, "nothing hangs into the margin"
    assert CHARACTERS in {len(words) for page in pages[:appendix] for *_, words in page}
