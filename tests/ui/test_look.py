"""The look in a real browser: nothing sticks out, axe-core finds nothing grave, the scripts keep their promises."""

import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler

from tests.browser import DESK_SIZE, PHONE_SIZE, Site, assert_accessible, assert_fits, window

pytestmark = pytest.mark.journey
PAGES = ["/gallery/", "/gallery/promise/", "/gallery/evaluate/", "/gallery/poster/", "/errors/404/"]
FORM = "form[data-draft]"


class Silent(WSGIRequestHandler):
    """Answers without a line in the log for each file."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingMixIn, WSGIServer):
    """One thread for each connection: browsers hold some open."""

    daemon_threads = True


@pytest.fixture
def look(tmp_path, gallery_settings):
    """The gallery on a port of its own; no database stands behind it."""
    server = make_server("127.0.0.1", 0, WSGIHandler(), Server, Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", tmp_path, tmp_path / "log")
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "size", [DESK_SIZE, PHONE_SIZE, {"width": 320, "height": 640}], ids=["desk", "phone", "narrow"]
)
def test_every_page_fits_and_is_accessible(browser, look, size, theme):
    with window(browser, look, size, color_scheme=theme) as page:
        for address in PAGES:
            page.goto(address)
            assert_fits(page)
            assert_accessible(page)


def test_a_figure_opens_beside_the_page_and_gives_the_focus_back(browser, look):
    with window(browser, look, DESK_SIZE) as page:
        page.goto("/gallery/")
        figure = page.locator(".strip a.fig").first
        figure.click()
        title = page.locator("#panel h2")
        title.wait_for()
        page.wait_for_function("document.activeElement.matches('#panel h2')")
        assert title.inner_text() == "近2000人次"
        assert figure.get_attribute("aria-expanded") == "true"
        assert_accessible(page)
        page.keyboard.press("Escape")
        assert page.locator("#panel > *").count() == 0
        assert page.evaluate("document.activeElement.matches('.strip a.fig')")


def test_without_script_a_figure_is_a_page_and_the_menu_opens(browser, look):
    with window(browser, look, PHONE_SIZE, java_script_enabled=False) as page:
        page.goto("/gallery/")
        page.click(".menu > summary")
        assert page.locator(".menu .nav").is_visible()
        page.click(".menu > summary")
        page.locator(".strip a.fig").first.click()
        assert "panel=1" in page.url


def test_nothing_typed_is_lost(browser, look):
    with window(browser, look, DESK_SIZE) as page:
        page.goto("/gallery/")
        page.fill(f"{FORM} [name=title]", "第五讲")
        page.check(f"{FORM} [name=tasks][value='13']")
        page.locator("[data-draft-state]", has_text="草稿").wait_for()
        page.reload()
        assert page.input_value(f"{FORM} [name=title]") == "第五讲"
        assert page.is_checked(f"{FORM} [name=tasks][value='13']")
        page.get_by_role("button", name="放弃草稿").click()
        assert page.input_value(f"{FORM} [name=title]") == ""
        page.reload()
        assert page.input_value(f"{FORM} [name=title]") == ""


def test_typing_just_before_leaving_is_kept_too(browser, look):
    with window(browser, look, DESK_SIZE) as page:
        page.goto("/gallery/")
        page.fill(f"{FORM} [name=title]", "第五讲")
        page.goto("/gallery/promise/")
        page.goto("/gallery/")
        assert page.input_value(f"{FORM} [name=title]") == "第五讲"


def test_a_draft_of_an_older_version_is_offered_and_not_put_back(browser, look):
    with window(browser, look, DESK_SIZE) as page:
        page.goto("/gallery/")
        page.fill(f"{FORM} [name=title]", "我的改动")
        page.locator("[data-draft-state]", has_text="草稿").wait_for()
        page.route("**/gallery/", lambda route: older(route))
        page.goto("/gallery/")
        assert page.input_value(f"{FORM} [name=title]") == ""
        page.get_by_role("button", name="恢复", exact=True).click()
        assert page.input_value(f"{FORM} [name=title]") == "我的改动"


def older(route) -> None:
    """Answer as if somebody else had saved the record in between."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('data-version="1"', 'data-version="2"'))


def test_a_dead_line_keeps_the_form_on_the_screen(browser, look):
    with window(browser, look, DESK_SIZE) as page:
        page.goto("/gallery/")
        page.fill(f"{FORM} [name=title]", "第五讲")
        page.context.set_offline(True)
        page.click(f"{FORM} button.main")
        page.locator("main > .notice", has_text="网络断了").wait_for()
        assert page.input_value(f"{FORM} [name=title]") == "第五讲"


def test_two_clicks_send_once(browser, look):
    with window(browser, look, DESK_SIZE) as page:
        page.goto("/gallery/")
        sent: list[str] = []
        page.route("**/*", lambda route: sent.append(route.request.url) if route.request.method == "POST" else None)
        page.evaluate(
            f"() => {{ const b = document.querySelector('{FORM} button.main'); b.click(); setTimeout(() => b.click(), 50); }}"
        )
        page.wait_for_timeout(400)
        assert len(sent) == 1


def test_after_an_unanswered_submit_the_draft_is_offered(browser, look):
    with window(browser, look, DESK_SIZE) as page:
        page.goto("/gallery/")
        page.fill(f"{FORM} [name=title]", "第五讲")
        page.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        page.click(f"{FORM} button.main", no_wait_after=True)
        page.wait_for_timeout(300)
        page.goto("/gallery/")
        assert page.input_value(f"{FORM} [name=title]") == ""
        page.get_by_role("button", name="恢复", exact=True).click()
        assert page.input_value(f"{FORM} [name=title]") == "第五讲"


def test_keys_reach_search_help_and_places_and_can_be_switched_off(browser, look):
    with window(browser, look, DESK_SIZE) as page:
        page.goto("/gallery/promise/")
        page.goto("/gallery/")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("?")
        assert page.locator("#keys").is_visible()
        page.uncheck("[data-keys-on]")
        page.keyboard.press("Escape")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("?")
        assert not page.locator("#keys").is_visible()


def test_the_chosen_theme_is_there_at_the_first_paint_of_the_next_page(browser, look):
    with window(browser, look, DESK_SIZE, color_scheme="light") as page:
        page.goto("/gallery/")
        page.click(".top .drop.end > summary")
        page.click("[data-theme-toggle]")
        answer = page.goto("/gallery/promise/")
        assert 'data-theme="dark"' in answer.text()
