"""Every place that somebody's navigation offers opens, fits and reads well: wide and narrow, Chinese and English, light and dark."""

from urllib.parse import urldefrag, urlsplit

import pytest

from tests.browser import DESK_SIZE, PHONE_SIZE, assert_accessible, assert_fits, window
from tests.journeys.steps import expect, go, log_in

# Who sees the most first; the others open the places that only they have.
EVERYBODY = ("zongju", "shuji", "dangyuan", "lingdao", "shenhe", "ducha", "xitong", "anquan", "shenji")
PORTAL = ("/", "/organisations/", "/rounds/", "/receipts/", "/seals/", "/desk/login/")


def places(page) -> list[str]:
    """The addresses that the navigation offers, each once."""
    hrefs = page.locator("nav a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return list(dict.fromkeys(urldefrag(href).url for href in hrefs))


def things(page) -> list[str]:
    """One thing that the page lists: the first link in its main part that goes deeper."""
    here = urlsplit(page.url).path
    hrefs = page.locator("main table a[href], main .card a[href]").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    deeper = [
        href for href in hrefs if href.startswith(here) and urlsplit(href).path != here and "template" not in href
    ]
    return [href for href in deeper if "/file/" not in href][:1]


@pytest.fixture(scope="module")
def visited() -> set[tuple[str, str]]:
    """What was looked at closely already, so that one page is not looked at nine times."""
    return set()


def look(page, address: str) -> None:
    """Open an address and look at it as the browser and a screen reader do."""
    go(page, address)
    assert_fits(page)
    assert_accessible(page)


@pytest.mark.parametrize("username", EVERYBODY)
def test_every_place_of_the_navigation_opens(site, page, username, visited):
    log_in(page, site, username)
    offered = places(page)
    assert offered, "a navigation without places"
    for address in offered:
        if (address, "wide") in visited:
            go(page, address)
            continue
        visited.add((address, "wide"))
        look(page, address)
        for thing in things(page):
            look(page, thing)


def test_the_places_of_an_officer_fit_a_phone(site, phone):
    log_in(phone, site, "shuji")
    for address in places(phone):
        look(phone, address)
        for thing in things(phone):
            look(phone, thing)


@pytest.mark.parametrize("address", PORTAL)
def test_the_public_pages_fit_a_phone(site, phone, address):
    look(phone, address)


def test_in_english_and_in_the_dark(site, browser):
    with window(browser, site, DESK_SIZE, color_scheme="dark") as dark:
        dark.context.add_cookies([{"name": "django_language", "value": "en", "url": site.url}])
        log_in(dark, site, "shuji")
        assert dark.locator("html").get_attribute("lang") == "en"
        for address in ("/desk/", "/desk/activities/new/", "/desk/commitments/", "/desk/reports/", "/", "/rounds/"):
            look(dark, address)


def test_wrong_pages_say_where_to_go(site, page):
    log_in(page, site, "dangyuan")
    for address, code in (
        ("/desk/organisations/zzzzzzzzzz/", 404),
        ("/desk/accounts/", 403),
        ("/promises/zzzzzzzzzz/", 404),
    ):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == code
        expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()
        assert_fits(page)
        assert_accessible(page)


def test_a_small_phone_at_twice_the_size(site, browser):
    with window(browser, site, {**PHONE_SIZE, "width": 320}) as tiny:
        for address in ("/", "/rounds/", "/desk/login/"):
            look(tiny, address)
