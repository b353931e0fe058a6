"""The organiser sets a review of conduct up from a pack in three screens, publishes it, prints the cards, watches who comes."""

import re

from tests.browser import assert_accessible, assert_fits
from tests.journeys.steps import another_window, expect, go, log_in, open_place, said, submit
from tests.journeys.test_evaluation import sheets_of

TITLE = "下半年民主评议行风"


def looked_at(page) -> None:
    """What every page of the story holds."""
    assert_accessible(page)
    assert_fits(page)


def chosen(page, evaluation: str) -> None:
    """Choose a questionnaire on the first screen, and see it."""
    page.select_option("select[name=evaluation]", label=evaluation)
    submit(page, "看这份问卷")


def test_three_screens_cards_and_turnout(site, page):
    log_in(page, site, "shengju")
    open_place(page, "评议")
    page.locator("main").get_by_role("link", name="发起评议", exact=True).click()

    chosen(page, "民主评议行风")
    expect(page.get_by_text("吃拿卡要")).to_be_visible()
    page.fill("input[name=title]", TITLE)
    for name in ("办公室", "特种设备处"):
        page.get_by_label(name, exact=True).check()
    looked_at(page)
    submit(page, "下一步")

    page.fill("textarea[name=labels_0]", "\n".join(f"第{number}企业" for number in range(1, 7)))
    page.fill("input[name=find_1]", "特种设备处党支部")
    page.locator("button[value=find-1]").click()
    page.wait_for_url("**find_1=**")
    page.select_option("select[name=org_1]", label="特种设备处党支部")
    page.locator("button[value=org-1]").click()
    expect(page.locator("#group-1").get_by_text("已有")).to_be_visible()
    page.fill("input[name=cards_2]", "10")
    looked_at(page)
    page.get_by_role("button", name="下一步").last.click()
    page.wait_for_url("**/when/**")
    looked_at(page)
    submit(page, "下一步：核对")

    text = said(page)
    for word in (TITLE, "企业", "行风监督员", "群众", "都不能改"):
        assert word in text
    looked_at(page)
    submit(page, "公布这一轮")

    expect(page.get_by_text("名册、问卷和日期从现在起都不能再改")).to_be_visible()
    address = page.url.partition("#")[0]
    looked_at(page)
    page.get_by_role("link", name="领票卡", exact=True).click()
    looked_at(page)
    page.get_by_role("link", name="打印领票卡").click()
    codes = page.locator(".cut-code").all_inner_texts()
    assert len(codes) == 16
    assert all(re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", code) for code in codes)
    assert sheets_of(page.pdf(prefer_css_page_size=True)) == [(595, 842)] * 2
    assert fits_its_card(page)
    looked_at(page)
    page.get_by_role("link", name="返回").click()
    page.get_by_role("link", name="印好了，销毁领票码").click()
    submit(page, "印好了，销毁领票码")
    assert page.get_by_role("link", name="打印领票卡").count() == 0

    page.goto(address)
    expect(page.get_by_text("已领票").first).to_be_visible()
    page.go_back()
    page.goto(f"{address}when/")
    expect(page.get_by_text("已经公布，不能再改")).to_be_visible()
    with another_window(page, site, "shuji") as judged:
        answer = judged.goto(f"{address}cards/print/")
        assert answer.status in (403, 404)
    go(page, "/desk/rounds/")
    looked_at(page)


def fits_its_card(page) -> bool:
    """Nothing is cut off: each card is as high as what it says, on paper."""
    page.emulate_media(media="print")
    fits = page.evaluate(
        "[...document.querySelectorAll('.cut')].every(card => card.scrollHeight <= card.clientHeight + 1)"
    )
    page.emulate_media(media="screen")
    return fits
