"""Nothing typed is lost: not by a dead line, not by the back button, not by a log-in that ran out."""

import pytest

from tests.journeys.steps import expect, fill_log_in, go, log_in, submit

TITLE = "专题学习：电梯检验新规"
MINUTES = "先学新规，再议三个难题。"


@pytest.fixture
def officer(site, page):
    """The branch secretary in the midst of typing an activity."""
    log_in(page, site, "shuji")
    go(page, "/desk/activities/new/")
    page.select_option("[name=kind]", label="集中学习")
    page.fill("[name=title]", TITLE)
    page.get_by_text("时间、地点、议程、记录").click()
    page.fill("[name=minutes]", MINUTES)
    page.fill("[name=audience]", "12")
    expect(page.locator("[data-draft-state]").first).not_to_be_empty()
    return page


def assert_all_is_there(page) -> None:
    """What was typed stands in the form again."""
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    expect(page.locator("[name=minutes]")).to_have_value(MINUTES)
    expect(page.locator("[name=audience]")).to_have_value("12")


def test_the_line_breaks_and_the_page_is_opened_again(officer):
    officer.context.set_offline(True)
    officer.get_by_role("button", name="登记", exact=True).click()
    expect(officer.locator("main .notice").first).to_be_visible()
    assert_all_is_there(officer)

    officer.context.set_offline(False)
    officer.reload()
    assert officer.url.endswith("/new/")
    restore(officer)
    assert_all_is_there(officer)

    submit(officer, "登记")
    expect(officer.locator("h1").first).to_have_text(TITLE)
    go(officer, "/desk/activities/new/")
    assert officer.input_value("[name=title]") == "", "what arrived is no draft any more"


def restore(page) -> None:
    """Take the draft back, where the page asks whether to."""
    button = page.get_by_role("button", name="恢复")
    if button.count():
        button.first.click()


def test_the_back_button_brings_it_back(officer):
    go(officer, "/desk/commitments/")
    officer.go_back()
    officer.wait_for_url("**/activities/new/")
    restore(officer)
    assert_all_is_there(officer)


def test_the_log_in_runs_out_while_typing(site, officer):
    officer.context.clear_cookies(name="sessionid")
    with officer.expect_navigation():
        officer.get_by_role("button", name="登记", exact=True).click()
    officer.wait_for_url("**/desk/login/**")
    with officer.expect_navigation():
        fill_log_in(officer, site, "shuji")
    officer.wait_for_url("**/activities/new/**")
    restore(officer)
    assert_all_is_there(officer)
    submit(officer, "登记")
    expect(officer.locator("h1").first).to_have_text(TITLE)
