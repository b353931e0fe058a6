"""An officer fills the form in Excel, looks at what it would do, imports, mends what was refused, and sends it again."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.browser import assert_accessible
from tests.journeys.steps import expect, go, log_in, open_place, said, submit

BRANCH = "特种设备处党支部"
GOOD = ("集中学习安全生产法", "2026-09-03"), ("集中学习特种设备安全法", "2026-09-10")


@pytest.fixture
def officer(site, page):
    """The window of the branch secretary, at the imports."""
    log_in(page, site, "shuji")
    open_place(page, "导入")
    return page


def activity(title: str, day: str, organisation: str = BRANCH) -> dict[str, object]:
    """A row of the form."""
    return {"单位": organisation, "活动种类": "集中学习", "活动名称": title, "日期": day, "实到人数": 12}


def fill(form: Path, rows: list[dict[str, object]]) -> Path:
    """Write rows under the form's own header, as an officer would."""
    book = load_workbook(form)
    sheet = next(sheet for sheet in book.worksheets if header_of(sheet))
    top, columns = header_of(sheet)
    for number, row in enumerate(rows, start=first_free(sheet, top, columns)):
        for title, value in row.items():
            place = next(at for name, at in columns.items() if title in name)
            sheet.cell(number, place, value)
    filled = form.with_name(f"filled-{form.name}")
    book.save(filled)
    return filled


def header_of(sheet) -> tuple[int, dict[str, int]] | None:
    """The row of the header, and its columns by title; None where there is no header."""
    for number, row in enumerate(sheet.iter_rows(min_row=1, max_row=15, values_only=True), start=1):
        titles = {str(value): at for at, value in enumerate(row, start=1) if value}
        if any("日期" in title for title in titles) and any("名称" in title for title in titles):
            return number, titles
    return None


def first_free(sheet, top: int, columns: dict[str, int]) -> int:
    """The first row below the header that nothing stands in."""
    number = top + 1
    while any(sheet.cell(number, place).value for place in columns.values()):
        number += 1
    return number


def download(page, link, folder: Path) -> Path:
    """Follow a link that downloads, and keep the file."""
    with page.expect_download() as got:
        link.click()
    place = folder / got.value.suggested_filename
    got.value.save_as(place)
    return place


def upload(page, file: Path) -> None:
    """Choose the kind and the file, and look at the preview."""
    go(page, "/desk/imports/")
    page.select_option("[name=kind]", label="活动记录")
    page.set_input_files("input[type=file]", file)
    submit(page, "上传并预览")
    page.wait_for_url("**/runs/*/")
    expect(page.get_by_role("link", name="换一个文件").or_(page.locator("main .notice.error")).first).to_be_visible(
        timeout=30_000
    )


def carry_out(page) -> None:
    """Confirm the preview, and wait for the result."""
    preview = page.url
    with page.expect_navigation():
        page.get_by_role("button", name="导入可以录入的行").click()
    page.wait_for_url(lambda url: "/runs/" in url and url != preview)
    expect(page.get_by_role("link", name="再导入")).to_be_visible(timeout=30_000)


def counted(page, label: str) -> str:
    """A number of the result."""
    expect(page.locator("main .strip").get_by_text(label)).to_be_visible(timeout=30_000)
    return page.locator("main .strip > *").filter(has_text=label).locator(".big, .num, b, strong").first.inner_text()


def test_a_form_is_filled_refused_in_part_mended_and_sent_again(officer, tmp_path):
    form = download(officer, officer.get_by_role("link", name="活动记录"), tmp_path)
    rows = [activity(*row) for row in GOOD]
    rows += [
        activity(*GOOD[0]),
        activity("集中学习计量法", "2026-02-31"),
        activity("集中学习标准化法", "2026-09-17", "特种设备处党支布"),
    ]
    filled = fill(form, rows)

    upload(officer, filled)
    assert "2" in counted(officer, "将新录入")
    assert_accessible(officer)
    preview = said(officer)
    for words in ("2026-02-31", "特种设备处党支布", BRANCH):
        assert words in preview

    carry_out(officer)
    assert "2" in counted(officer, "新录入")
    refused = download(officer, officer.get_by_role("link", name="下载退回的行"), tmp_path)
    assert_accessible(officer)

    upload(officer, mended(refused))
    carry_out(officer)
    go(officer, "/desk/activities/?when=all&words=集中学习")
    for title in (*(title for title, _day in GOOD), "集中学习计量法", "集中学习标准化法"):
        expect(officer.locator("main table").get_by_role("link", name=title, exact=True)).to_have_count(1)

    upload(officer, filled)
    assert "以前已有" in said(officer)
    assert officer.get_by_role("button", name="导入可以录入的行").count() == 0


def mended(refused: Path) -> Path:
    """Put right what the first column complains about."""
    book = load_workbook(refused)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == "特种设备处党支布":
                    cell.value = BRANCH
                elif "2026-02-31" in str(cell.value) and len(str(cell.value)) == len("2026-02-31"):
                    cell.value = "2026-02-28"
    place = refused.with_name("mended.xlsx")
    book.save(place)
    return place


def test_files_that_are_no_lists_are_refused_in_words(officer, tmp_path):
    letter = tmp_path / "letter.xlsx"
    letter.write_bytes(b"Dear Sir, this is no workbook.")
    go(officer, "/desk/imports/")
    officer.select_option("[name=kind]", label="活动记录")
    officer.set_input_files("input[type=file]", letter)
    submit(officer, "上传并预览")
    expect(officer.locator("main .err, main .notice.error").first).to_be_visible(timeout=30_000)
