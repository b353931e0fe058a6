"""A citizen scans the poster, judges in one screen, keeps a receipt and checks it; organisers take part, they don't judge."""

import re
from urllib.parse import urlparse

from tests.browser import PHONE_SIZE, assert_accessible, assert_fits, window
from tests.journeys.steps import another_window, expect, go, log_in, open_place

KILOBYTE = 1000


def poster_address(page) -> str:
    """Where the poster of a running round leads, as the citizen's phone reads it: found on the public pages."""
    go(page, "/rounds/")
    page.locator("main tr, main li").filter(has_text="进行中").get_by_role("link").first.click()
    href = page.locator("main a[href^='/e/']").first.get_attribute("href")
    assert href
    return href


def judge(page, address: str, grade: str, words: str = "") -> None:
    """Open the address, choose, say something, hand in."""
    go(page, address)
    page.get_by_text(grade, exact=True).click()
    if words:
        page.fill("textarea[name=words]", words)
    with page.expect_navigation():
        page.get_by_role("button", name="提交").click()


def check_receipt(page, code: str) -> None:
    """Ask whether the ballot of a receipt is there."""
    go(page, "/receipts/")
    page.fill("input[name=code]", code)
    with page.expect_navigation():
        page.get_by_role("button", name="核对").click()


def test_a_citizen_judges_and_checks_the_receipt(site, phone):
    address = poster_address(phone)
    go(phone, address)
    assert_accessible(phone)
    assert_fits(phone)

    judge(phone, address, "满意", "电话一打就通")

    expect(phone.get_by_role("heading", name="收到了，谢谢您")).to_be_visible()
    receipt = phone.locator("article.receipt .big").inner_text()
    assert re.fullmatch(r"(?:[0-9A-F]{4}-){3}[0-9A-F]{4}", receipt)
    assert_accessible(phone)
    assert_fits(phone)

    check_receipt(phone, receipt.lower().replace("-", " "))
    expect(phone.get_by_text("您的一票在", exact=True)).to_be_visible()
    check_receipt(phone, "0000-0000-0000-0000")
    expect(phone.get_by_text("没有找到这个回执码")).to_be_visible()


def test_the_page_does_its_work_against_stuffing_before_anybody_has_chosen(site, phone):
    go(phone, poster_address(phone))
    work = phone.locator("input[name=work]")
    expect(work).to_have_value(re.compile(r"^[0-9a-f]{1,8}(\.[0-9a-f]{1,8}){31}$"), timeout=20_000)


def test_the_same_device_is_told_kindly_and_loses_no_word(site, phone):
    address = poster_address(phone)
    for _time in range(10):
        judge(phone, address, "满意", "这句话不能丢")
        if not phone.locator("article.receipt").count():
            break
    alert = phone.get_by_role("alert")
    expect(alert).to_be_visible()
    assert phone.input_value("textarea[name=words]") == "这句话不能丢"
    assert_accessible(phone)


def test_it_works_without_script(site, phone, browser):
    with window(browser, site, PHONE_SIZE, java_script_enabled=False, is_mobile=True, has_touch=True) as plain:
        judge(plain, poster_address(plain), "基本满意")
        expect(plain.get_by_role("heading", name="收到了，谢谢您")).to_be_visible()
        check_receipt(plain, plain.locator("article.receipt .big").inner_text())
        expect(plain.get_by_text("您的一票在", exact=True)).to_be_visible()


def test_a_ballot_without_a_grade_comes_back_with_what_was_written(site, phone):
    address = poster_address(phone)
    go(phone, address)
    phone.fill("textarea[name=words]", "忘了选")
    with phone.expect_navigation():
        phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_role("alert")).to_be_visible()
    assert phone.input_value("textarea[name=words]") == "忘了选"


def test_the_whole_page_is_light(site, phone):
    address = poster_address(phone)
    with window(phone.context.browser, site, PHONE_SIZE) as fresh:
        weights: dict[str, int] = {}
        fresh.on("requestfinished", lambda request: weights.update({request.url: weight_of(request)}))
        go(fresh, address)
        fresh.wait_for_load_state("networkidle")
        assert len(weights) >= 2, "a page and its stylesheet"
        assert sum(weights.values()) <= 60 * KILOBYTE, weights


def weight_of(request) -> int:
    """Bytes on the wire, headers and all."""
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def test_the_organiser_takes_the_poster_and_cannot_judge(site, page, phone):
    log_in(page, site, "shengju")
    open_place(page, "评议")
    page.locator("main").get_by_role("link", name="公开承诺群众评议（进行中）").click()
    page.wait_for_url("**/desk/rounds/*/")
    page.get_by_role("link", name="打印 A3 海报").click()
    expect(page.locator(".poster .qr svg")).to_be_visible()
    printed = page.pdf(prefer_css_page_size=True)
    assert sheets_of(printed) == [(842, 1191)]  # one sheet of A3, whatever fonts the reader has
    with page.expect_download() as poster:
        page.get_by_role("link", name="下载 PDF").click()
    assert poster.value.path().read_bytes().startswith(b"%PDF")
    page.get_by_role("link", name="返回").click()

    address = poster_address(page)
    go(page, address)
    expect(page.get_by_text("工作账号不投票")).to_be_visible()
    assert page.locator("main form").count() == 0

    assert forged_ballot(page, site, address) == 403


def sheets_of(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page of a PDF, in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def forged_ballot(page, site, address: str) -> int:
    """What a form made up by hand answers: the organiser's own cookies, another page's token."""
    with another_window(page, site) as citizen:
        go(citizen, address)
        form = {name: citizen.input_value(f"[name={name}]") for name in ("csrfmiddlewaretoken", "submission")} | {
            "grade": "5"
        }
        cookies = citizen.context.cookies()
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "csrftoken"])
    answer = page.request.post(
        f"{site.url}{urlparse(address).path}", form=form, headers={"Referer": f"{site.url}{address}"}
    )
    return answer.status
