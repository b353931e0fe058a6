"""The organiser shares a target out by hand and has the board's bulletin written, on screen and as Word."""

import io
import re
import zipfile

from tests.browser import assert_accessible, assert_fits
from tests.journeys.steps import expect, log_in, open_campaign, said, submit


def test_a_target_is_shared_out_and_what_is_left_stands_in_the_form(site, page):
    log_in(page, site, "shengju")
    page.goto("/desk/campaigns/")
    page.locator("main h2 a").first.click()
    page.wait_for_url("**/desk/campaigns/*/**")
    board = page.url.split("?")[0]
    page.goto(f"{board}?words=首批支部党建品牌")
    page.locator("thead a").filter(has_text="首批支部党建品牌").first.click()
    page.wait_for_url("**/desk/tasks/**")
    task = page.url.split("?")[0]
    page.get_by_role("link", name="目标分解").click()
    page.wait_for_url("**/shares/**")
    with page.expect_navigation():
        page.select_option("#way", "equal")
    assert_accessible(page)
    boxes = page.locator("input[name^=share-]")
    if boxes.count():
        first = boxes.first
        before = float(first.input_value())
        expect(page.locator("[data-left]")).to_have_text("0")
        first.fill(str(int(before) + 1))
        expect(page.locator("[data-left]")).to_have_text("-1")
        page.locator("main button.main").last.click()
        expect(page.locator("main .notice.error")).to_contain_text("多了 1")
        assert first.input_value() == str(int(before) + 1), "what was typed is kept"
        boxes.first.fill(str(int(before)))
    submit(page)
    page.wait_for_url(lambda url: url.split("?")[0] == task)
    assert "平均分" in said(page)


def test_the_bulletin_is_written_in_the_background_and_comes_as_word(site, page):
    log_in(page, site, "zongju")
    open_campaign(page)
    late = page.locator(".stat .is-late").inner_text()
    assert re.search(r"\d", late)
    page.get_by_role("button", name="生成通报").click()
    page.wait_for_url("**/desk/bulletins/*/")
    paper = page.locator("article.doc")
    paper.wait_for(timeout=60_000)
    assert "任务" in paper.inner_text()
    assert "按期率" in paper.inner_text()
    assert_accessible(page)
    assert_fits(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载 Word").click()
    with open(waiting.value.path(), "rb") as file:
        body = zipfile.ZipFile(io.BytesIO(file.read())).read("word/document.xml").decode()
    assert "总体情况" in body
    number = paper.locator("a.fig").first
    text = number.inner_text()
    number.click()
    page.wait_for_url("**/desk/campaigns/**")
    assert text, "a number leads back to the board"
