"""A branch officer records a fifth lecture, and the number moves in the report, on the board and in public; then back."""

import pytest

from tests.browser import assert_fits
from tests.journeys.steps import (
    another_window,
    expect,
    go,
    log_in,
    number,
    open_campaign,
    open_place,
    open_report,
    said,
    submit,
)


@pytest.fixture
def officer(site, page):
    """The window of the branch secretary."""
    log_in(page, site, "shuji")
    return page


@pytest.fixture
def headquarters(site, officer):
    """The window of the headquarters' organiser."""
    with another_window(officer, site, "zongju") as opened:
        yield opened


def record_lecture(page) -> str:
    """学习活动 → 记一次活动: a fifth lecture with forty heads; the address of the record."""
    open_place(page, "学习活动")
    page.get_by_role("link", name="记一次活动").first.click()
    page.wait_for_url("**/activities/new/**")
    page.select_option("[name=kind]", label="讲座")
    page.fill("[name=title]", "质检大讲堂：第五讲")
    page.fill("[name=held_on]", "2010-11-05")
    with page.expect_response(lambda answer: "show=1" in answer.url):
        page.select_option("[name=series]", label="质检大讲堂")
    page.fill("[name=audience]", "40")
    submit(page, "登记")
    page.wait_for_url(lambda url: "/new/" not in url)
    assert "质检大讲堂：第五讲" in page.locator("h1").first.inner_text()
    return page.url


def public_address(page, text: str) -> str:
    """Where the public finds a number of the report."""
    href = number(page, text).first.get_attribute("href")
    assert href
    return href.removeprefix("/desk")


def lectures_on_board(page) -> str:
    """What the board says of the lectures, for the headquarters themselves."""
    open_campaign(page)
    page.locator("main nav.tabs a, main .tabs a").filter(has_text="提升基础保障水平").first.click()
    page.wait_for_load_state()
    column = page.locator("main thead th").all_inner_texts()
    place = next(at for at, title in enumerate(column) if "质检大讲堂" in title)
    row = page.locator("main tbody tr").filter(has_text="国家市场监督管理总局").first
    return row.locator("th, td").nth(place).inner_text()


def public_total(page, address: str) -> str:
    """The number on its public page."""
    go(page, address)
    return page.locator("main h1, main h2").filter(has_text="人次").last.inner_text()


def test_a_fifth_lecture_moves_the_number_everywhere_and_back(site, officer, headquarters, phone):
    open_report(headquarters)
    address = public_address(headquarters, "近2000人次")
    assert public_total(phone, address) == "1960人次"
    assert "4" in lectures_on_board(headquarters)

    record = record_lecture(officer)

    open_report(headquarters)
    expect(number(headquarters, "2000人次")).to_be_visible()
    expect(number(headquarters, "5期")).to_be_visible()
    assert "5" in lectures_on_board(headquarters)
    assert public_total(phone, address) == "2000人次"
    assert "质检大讲堂：第五讲" in said(phone)
    assert_fits(phone)

    withdraw(officer, record, "重复登记")

    open_report(headquarters)
    expect(number(headquarters, "近2000人次")).to_be_visible()
    expect(number(headquarters, "4期")).to_be_visible()
    assert "4" in lectures_on_board(headquarters)
    assert public_total(phone, address) == "1960人次"


def withdraw(page, record: str, reason: str) -> None:
    """Take the record back: not without a reason."""
    go(page, record)
    page.get_by_role("link", name="撤销").click()
    page.wait_for_url("**/withdraw/")
    page.locator("main form button.danger").click()
    expect(page.locator("main .err")).to_be_visible()
    page.fill("[name=reason]", reason)
    with page.expect_navigation():
        page.locator("main form button.danger").click()
    assert "已撤销" in said(page)
    assert reason in said(page)
