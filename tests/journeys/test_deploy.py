"""The organiser deploys a pack: what it will cost stands there first, and the branch finds its tasks at home."""

from tests.browser import assert_accessible
from tests.journeys.steps import another_window, expect, log_in, open_place, said, submit

PACK = "打造质监铁军"
KEY = "tiejun-again"


def fill_deployment(page, key: str) -> None:
    """What only the sponsor knows."""
    page.fill("[name=key]", key)
    if page.locator("[name=approval_number]").count():
        page.fill("[name=approval_number]", "苏市监党〔2026〕9号")
    for box in page.locator("main [name^=reason]").all():
        box.fill("台账里的数口径不同")


def test_a_pack_is_deployed_and_reaches_the_branch(site, page):
    log_in(page, site, "shengju")
    open_place(page, "部署")
    page.get_by_role("link", name=PACK).filter(has_text="部署").first.click()
    page.wait_for_url("**/campaigns/deploy/county-tiejun/**")
    burden = said(page)
    assert "分钟" in burden
    assert "小时" in burden
    assert_accessible(page)

    fill_deployment(page, "county-tiejun")
    submit(page)
    expect(page.locator("main .err, main .notice.error").first).to_be_visible()
    assert "/deploy/" in page.url, "the key is taken: two campaigns never share one"

    fill_deployment(page, KEY)
    submit(page)
    page.wait_for_url("**/campaigns/deployments/*/")
    done = page.locator("main .notice.ok")
    expect(done).to_contain_text("已部署", timeout=60_000)
    assert_accessible(page)
    done.get_by_role("link", name="看任务推进情况").click()
    page.wait_for_url("**/desk/campaigns/*/?org=*")

    with another_window(page, site, "shuji") as officer:
        todo = officer.locator("main li").filter(has_text=PACK).filter(has_text="文化建设大讨论")
        todo.get_by_role("link").first.click()
        officer.wait_for_url("**/desk/assignments/*/")
        assert "文化建设大讨论" in officer.locator("h1").first.inner_text()
        assert PACK in said(officer)
