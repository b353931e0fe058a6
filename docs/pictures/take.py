"""Take the README's pictures from a fresh demonstration, in a real browser: `make pictures`.

Each picture is named by page, width, theme and language, so that a reviewer can go through all of them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests.browser import chromium_path, free_port  # noqa: E402

SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 780}}
README = {"desk-report", "desk-board", "desk-home", "portal-promise", "portal-evaluate", "portal-wall"}


def pages(page: Page, url: str) -> dict[str, str]:
    """Name → address of the pages to take; addresses with codes are found by following links."""
    found = {
        "portal-wall": "/",
        "portal-organisations": "/organisations/",
        "portal-seals": "/seals/",
        "desk-home": "/desk/",
        "desk-campaigns": "/desk/campaigns/",
        "desk-commitments": "/desk/commitments/",
        "desk-activities": "/desk/activities/?period=2010-04..2010-11",
        "desk-activity-new": "/desk/activities/new/",
        "desk-progress": "/desk/progress/?period=2010-04..2010-11",
        "desk-rounds": "/desk/rounds/",
        "desk-reports": "/desk/reports/",
        "desk-organisations": "/desk/organisations/",
        "desk-imports": "/desk/imports/",
        "desk-ledger": "/desk/ledger/",
    }
    for name, start, pattern in (
        ("portal-promise", "/", "/promises/"),
        ("portal-organisation", "/organisations/", "/organisations/"),
        ("desk-board", "/desk/campaigns/", "/desk/campaigns/"),
        ("desk-commitment", "/desk/commitments/", "/desk/commitments/"),
        ("desk-activity", "/desk/activities/?period=2010-04..2010-11", "/desk/activities/"),
        ("desk-report", "/desk/reports/", "/desk/reports/"),
        ("desk-organisation", "/desk/organisations/", "/desk/organisations/"),
        ("desk-round", "/desk/rounds/", "/desk/rounds/"),
    ):
        page.goto(url + start)
        hrefs = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.getAttribute('href'))")
        wanted = [href for href in hrefs if _is_one(href, pattern)]
        if wanted:
            found[name] = wanted[0]
    page.goto(url + "/rounds/")
    rounds = page.eval_on_selector_all("main a[href^='/rounds/']", "links => links.map(l => l.getAttribute('href'))")
    for address in rounds:
        page.goto(url + address)
        link = page.query_selector("main a[href^='/e/']")
        if link:
            found["portal-evaluate"] = str(link.get_attribute("href"))
            break
    found["desk-report"] = _report_of_2010(page, url)
    page.goto(url + "/desk/campaigns/")
    board = page.query_selector("main a[href^='/desk/campaigns/']:has-text('以质取胜')")
    found["desk-board"] = str(board.get_attribute("href")) if board else found["desk-campaigns"]
    return found


def _report_of_2010(page: Page, url: str) -> str:
    """The report that the README speaks of, for the period of the text."""
    page.goto(url + "/desk/reports/")
    link = page.query_selector("main a[href^='/desk/reports/']:has-text('以质取胜')")
    assert link, "no report of 2010 in the list"
    return str(link.get_attribute("href")) + "&period=2010-04..2010-11"


def _is_one(href: str, pattern: str) -> bool:
    """Whether an address is that of one thing below `pattern`."""
    rest = href.split("?")[0].removeprefix(pattern)
    return href.startswith(pattern) and len(rest.strip("/")) >= 8 and "/" not in rest.strip("/")


def take(browser: Browser, url: str, out: Path, username: str, password: str, everything: bool) -> None:
    """Every page at each size, theme and language (or only the README's, wide and light)."""
    themes = ("light", "dark") if everything else ("light",)
    languages = ("zh-hans", "en") if everything else ("zh-hans",)
    addresses: dict[str, str] = {}
    for language in languages:
        for theme in themes:
            for size, viewport in SIZES.items():
                look = {"viewport": viewport, "color_scheme": theme, "locale": "zh-CN"}
                contexts = [browser.new_context(**look) for _ in range(2)]
                for context in contexts:
                    context.add_cookies([{"name": "django_language", "value": language, "url": url}])
                staff, public = (context.new_page() for context in contexts)
                log_in(staff, url, username, password)
                addresses = addresses or pages(staff, url)
                for name, address in addresses.items():
                    if not everything and name not in README:
                        continue
                    # Who organises does not judge: the public pages are taken by somebody who is not logged in.
                    page = public if name.startswith("portal-") else staff
                    page.goto(url + address)
                    page.wait_for_load_state("networkidle")
                    if name == "desk-report" and size == "wide" and language == "zh-hans":
                        page.click("a.fig:has-text('近2000')")
                        page.wait_for_selector("#panel h2")
                        page.wait_for_load_state("networkidle")
                    label = f"{name}-{size}" + (f"-{theme}-{language}" if everything else "")
                    page.screenshot(path=str(out / f"{label}.png"), full_page=everything and size == "phone")
                for context in contexts:
                    context.close()


def log_in(page: Page, url: str, username: str, password: str) -> None:
    """Log in on the desk."""
    page.goto(f"{url}/desk/login/")
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("button.main")
    page.wait_for_url("**/desk/")


def main() -> None:
    """Serve a demonstration (or use --url) and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every page, both sizes, themes and languages")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--home", type=Path, help="the QUXIN_HOME of a demonstration that is there already")
    parser.add_argument("--as", dest="username", default="zongju")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        home = options.home or Path(scratch)
        port = free_port()
        env = {**os.environ, "QUXIN_HOME": str(home), "PORT": str(port)}
        quxin = ROOT / ".venv" / "bin" / "quxin"
        subprocess.run([quxin, "setup", "--demo"], env=env, check=True)
        server = subprocess.Popen([quxin, "serve"], env=env, stdout=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            wait(url)
            password = _password(home, options.username)
            with sync_playwright() as playwright:
                arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
                browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
                take(browser, url, options.out, options.username, password, options.all)
                browser.close()
        finally:
            server.terminate()
            server.wait(20)


def _password(home: Path, username: str) -> str:
    import json

    accounts = json.loads((home / "demo").read_text(encoding="utf-8"))["accounts"]
    return next(row["password"] for row in accounts if row["username"] == username)


def wait(url: str) -> None:
    """Until the server answers."""
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{url}/desk/login/", timeout=2)
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"{url} does not answer")


if __name__ == "__main__":
    main()
