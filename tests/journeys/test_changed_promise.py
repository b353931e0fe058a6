"""A branch changes a published promise: the public sees before, after and why; two tabs lose nothing; the day decides."""

import pytest

from tests.browser import assert_accessible, assert_fits
from tests.journeys.steps import expect, go, log_in, open_place, said, submit

PROMISE = "每月公布电梯检验报告按时出具情况"
BETTER = "每月 5 日前公布电梯检验报告按时出具情况"
REASON = "群众希望有固定的日子"


@pytest.fixture
def officer(site, page):
    """The window of the branch secretary."""
    log_in(page, site, "shuji")
    return page


def open_promise(page, text: str) -> str:
    """承诺, and there the promise; its code."""
    open_place(page, "承诺")
    page.locator("main table").get_by_role("link", name=text).first.click()
    page.wait_for_url(lambda url: not url.rstrip("/").endswith("commitments"))
    return page.url.rstrip("/").rpartition("/")[2]


def start_change(page, code: str) -> None:
    """公开改动, with the form as it stands now."""
    go(page, f"/desk/commitments/{code}/")
    page.get_by_role("link", name="公开改动").click()
    page.wait_for_url("**/change/")


def write(page, text: str, reason: str) -> None:
    """Change the words and say why."""
    page.fill("[name=text]", text)
    page.fill("[name=reason]", reason)


def test_a_change_stands_in_public_before_and_after(site, officer, phone):
    code = open_promise(officer, PROMISE)
    start_change(officer, code)
    write(officer, BETTER, "")
    submit(officer, "核对改动")
    expect(officer.locator("main .err").first).to_be_visible()
    officer.fill("[name=reason]", REASON)
    submit(officer, "核对改动")
    expect(officer.get_by_text("群众会看到")).to_be_visible()
    assert_accessible(officer)
    submit(officer, "公开这些改动")
    assert "改前改后和理由都已公开" in officer.locator("body").inner_text()

    go(phone, f"/promises/{code}/")
    expect(phone.locator("h1")).to_have_text(BETTER)
    change = phone.locator(".timeline li.changed").filter(has_text=REASON)
    expect(change).to_have_count(1)
    assert PROMISE in change.inner_text()
    assert BETTER in change.inner_text()
    assert "公开后改过 1 次" in said(phone)
    assert_accessible(phone)
    assert_fits(phone)

    go(phone, "/")
    listed = phone.locator(".timeline li").filter(has_text=REASON)
    expect(listed).to_have_count(1)
    listed.get_by_role("link").first.click()
    phone.wait_for_url(f"**/promises/{code}/")


def test_two_tabs_show_both_versions_and_lose_nothing(site, officer):
    code = open_promise(officer, "走访 40 家小微企业")
    other = officer.context.new_page()
    start_change(officer, code)
    start_change(other, code)

    write(other, "走访 45 家小微企业，问题件件有回音", "多走访五家")
    submit(other, "核对改动")
    submit(other, "公开这些改动")

    write(officer, "走访 40 家小微企业和 3 个园区", "园区也要去")
    submit(officer, "核对改动")

    expect(officer.get_by_role("heading", name="两个版本")).to_be_visible()
    both = said(officer)
    assert "走访 45 家小微企业，问题件件有回音" in both
    assert "走访 40 家小微企业和 3 个园区" in both
    assert officer.input_value("[name=text]") == "走访 40 家小微企业和 3 个园区"
    assert officer.input_value("[name=reason]") == "园区也要去"

    go(other, f"/promises/{code}/")
    expect(other.locator("h1")).to_have_text("走访 45 家小微企业，问题件件有回音")


def test_the_day_decides_whether_it_was_kept(site, phone):
    go(phone, "/")
    phone.get_by_role("link", name="三季度上门指导 6 家单位自查").first.click()
    phone.wait_for_url("**/promises/*/")
    assert "没有兑现" in said(phone)
    assert "没有人填" in said(phone)
