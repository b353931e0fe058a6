"""The steps that journeys share, in the words of the person who walks: log in, follow a link, read a number.

Each waits for what it needs on the page and never for a time. Nothing here reaches past the browser.
"""

import json
import re
from contextlib import contextmanager
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, Response, expect

from tests.browser import Site, window

__all__ = ["expect"]

expect.set_options(timeout=15_000)  # a machine that is busy elsewhere is slow, not wrong

CAMPAIGN = "以质取胜、创先争优"


def account(site: Site, username: str) -> dict[str, str]:
    """The demonstration's account, as its log-in page lists it."""
    accounts = json.loads((site.home / "demo").read_text(encoding="utf-8"))["accounts"]
    return next(row for row in accounts if row["username"] == username)


def log_in(page: Page, site: Site, username: str) -> None:
    """Log in on the desk and arrive at what must be done."""
    page.goto("/desk/login/")
    fill_log_in(page, site, username)
    page.wait_for_url("**/desk/")


def fill_log_in(page: Page, site: Site, username: str) -> None:
    """Fill the log-in page that is open, and send it."""
    page.fill("#username", username)
    page.fill("#password", account(site, username)["password"])
    page.locator("main button.main").click()


@contextmanager
def another_window(page: Page, site: Site, username: str = "", **options):
    """A second person with a browser of their own, logged in if a name is given."""
    size = options.pop("size", {"width": 1440, "height": 900})
    with window(page.context.browser, site, size, **options) as opened:
        if username:
            log_in(opened, site, username)
        yield opened


def open_place(page: Page, title: str) -> None:
    """Open a place of the left navigation."""
    page.locator("nav a:visible").filter(has_text=re.compile(rf"^\s*{title}\s*$")).first.click()
    page.wait_for_load_state()


def go(page: Page, address: str, **query: str) -> Response:
    """Open an address; it must answer 200."""
    answer = page.goto(f"{address}?{urlencode(query)}" if query else address)
    assert answer is not None
    assert answer.status == 200, f"{address} answered {answer.status}"
    return answer


def open_report(page: Page) -> None:
    """报告, and there the report of the campaign of 2010."""
    open_place(page, "报告")
    card = page.locator("main .card").filter(has_text=CAMPAIGN).first
    card.get_by_role("link").first.click()
    page.locator("article.doc, .paper").first.wait_for()


def number(page: Page, text: str) -> Locator:
    """A number on the page that is a link, by what it prints."""
    return page.locator("a.fig").filter(has_text=re.compile(rf"^\s*{re.escape(text)}\s*$"))


def open_figure(page: Page, text: str) -> Locator:
    """Click a number; its workings, in the panel beside it."""
    number(page, text).first.click()
    panel = page.locator("#panel")
    expect(panel.locator("[data-panel-title]")).to_be_focused()
    return panel


def heads_of(rows: Locator) -> list[int]:
    """The quantities in the rows of a figure's workings."""
    return [int(text.replace(",", "").replace(" ", "")) for text in rows.locator("td.r").all_inner_texts()]


def fill_date(page: Page, name: str, day: str) -> None:
    """Put an ISO day into a date field."""
    page.fill(f"main [name={name}]", day)


def submit(page: Page, title: str = "") -> None:
    """Press the main button of the page's form (or the one so titled), and wait for what answers."""
    button = page.get_by_role("button", name=title, exact=True) if title else page.locator("main button.main")
    with page.expect_navigation():
        button.first.click()


def said(page: Page) -> str:
    """What the page says, without its frame."""
    return page.locator("main").inner_text()


def open_campaign(page: Page, title: str = CAMPAIGN) -> None:
    """部署, and there the board of a campaign."""
    open_place(page, "部署")
    page.locator("main").get_by_role("link", name=title, exact=True).first.click()
    page.wait_for_url("**/desk/campaigns/*/**")
