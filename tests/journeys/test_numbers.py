"""A newcomer opens the report, clicks a number, and stands before the four lectures that it sums."""

from tests.browser import assert_accessible
from tests.journeys.steps import expect, heads_of, log_in, number, open_figure, open_report, said


def test_a_newcomer_reaches_the_four_lectures_behind_a_number(site, page):
    log_in(page, site, "zongju")
    open_report(page)
    assert "以质取胜、创先争优" in page.locator("h1").first.inner_text()

    panel = open_figure(page, "近2000人次")

    rows = panel.locator("tbody tr").filter(has_text="质检大讲堂")
    expect(rows).to_have_count(4)
    assert heads_of(rows) == [450, 510, 480, 520]
    assert sum(heads_of(panel.locator("tbody tr"))) == 1960
    expect(panel.locator("[data-panel-title]")).to_have_text("1960人次")
    assert_accessible(page)

    rows.filter(has_text="廉政准则").get_by_role("link").click()
    page.wait_for_url("**/desk/activities/*/")
    assert "廉政准则" in page.locator("h1").first.inner_text()
    assert "2010年8月12日" in said(page)
    assert "510" in said(page)

    page.go_back()
    expect(number(page, "近2000人次")).to_be_visible()


def test_the_panel_closes_and_gives_the_focus_back(site, page):
    log_in(page, site, "zongju")
    open_report(page)
    link = number(page, "近2000人次")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel [data-panel-title]")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.locator("#panel [data-panel-title]")).to_have_count(0)
    expect(link).to_be_focused()
