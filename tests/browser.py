"""The browser journeys' tools: a real server on a copy of the demonstration, and Chromium to walk through it.

A journey takes `site` (a served demonstration of its own) and `page` (or `phone`). Nothing here reaches into
the product: a journey sees what a person sees, and may use the command line as an administrator would.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
QUXIN = Path(sys.executable).parent / "quxin"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these Chromium calls its maker's hosts at every start, which a closed network refuses one by one.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
DESK_SIZE = {"width": 1440, "height": 900}
PHONE_SIZE = {"width": 360, "height": 740}

__all__ = ["browser", "demonstration", "page", "phone", "site"]


@dataclass(frozen=True)
class Site:
    """A running Quxin with data of its own: where it listens, where its data lies."""

    url: str
    home: Path
    log: Path

    def quxin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command as the administrator of this site; when it fails, so does the test, with its words."""
        done = subprocess.run(
            [QUXIN, *arguments], env=site_environment(self.home), capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"quxin {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done


def site_environment(home: Path, **extra: str) -> dict[str, str]:
    """The environment of a site's processes: its own home, on SQLite, whatever the suite runs on."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env.pop("DATABASE_URL", None)
    return {**env, "QUXIN_HOME": str(home), **extra}


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory) -> Path:
    """The home of a freshly set up demonstration, made once for all workers; copy it, never write into it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    home, ready = shared / "demonstration", shared / "demonstration.ready"
    with open(shared / "demonstration.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            made = subprocess.run(
                [QUXIN, "setup", "--demo"],
                env=site_environment(home),
                capture_output=True,
                text=True,
                timeout=600,
            )
            assert made.returncode == 0, f"quxin setup --demo\n{made.stdout}\n{made.stderr}"
            ready.touch()
    return home


@pytest.fixture(scope="module")
def site(demonstration, tmp_path_factory) -> Iterator[Site]:
    """A server of this story's own, as `quxin serve` starts it, on a copy of the demonstration.

    The tests of one file share it: what one writes, the next may find, and none may need.
    """
    with served(demonstration, tmp_path_factory.mktemp("site")) as opened:
        yield opened


@contextlib.contextmanager
def served(demonstration: Path, place: Path) -> Iterator[Site]:
    """Serve a copy of a demonstration from the folder `place` until the block ends."""
    home = place / "home"
    shutil.copytree(demonstration, home)
    port = free_port()
    log = place / "server.log"
    env = site_environment(home, PORT=str(port))
    with open(log, "wb") as out:
        server = subprocess.Popen([QUXIN, "serve"], env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        opened = Site(f"http://127.0.0.1:{port}", home, log)
        wait_until_served(opened, server)
        yield opened
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_served(site: Site, server: subprocess.Popen, seconds: float = 60) -> None:
    """Return when the portal answers; fail with the server's own words when it dies or stays silent."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(site.url + "/", timeout=5):
                return
        except urllib.error.HTTPError as answer:
            pytest.fail(f"{site.url}/ answered {answer.code}\n{site.log.read_text('utf-8')}")
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server at {site.url} does not answer\n{site.log.read_text('utf-8')}")


def chromium_path() -> str:
    """The browser to drive: QUXIN_CHROMIUM or what the PATH has; fails the test when there is none."""
    for name in filter(None, (os.environ.get("QUXIN_CHROMIUM"), *BROWSERS)):
        if found := shutil.which(name):
            return found
    pytest.fail("no Chromium on the PATH: apt-get install chromium, or name one in QUXIN_CHROMIUM")


@pytest.fixture(scope="session")
def browser():
    """One headless Chromium for all journeys of a worker."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, site):
    """A window as wide as an officer's screen, at the site's address."""
    with window(browser, site, DESK_SIZE) as opened:
        yield opened


@pytest.fixture
def phone(browser, site):
    """A window as wide as a small phone, at the site's address."""
    with window(browser, site, PHONE_SIZE, has_touch=True, is_mobile=True) as opened:
        yield opened


@contextlib.contextmanager
def window(browser, site: Site, size: dict[str, int], **options):
    """Open a window with cookies of its own; a script error or a blocked resource in it fails the test."""
    context = browser.new_context(
        base_url=site.url,
        viewport=size,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        accept_downloads=True,
        **options,
    )
    context.set_default_timeout(15_000)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    opened.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        yield opened
        assert not wrong, "\n".join(wrong)
    finally:
        context.close()


def assert_accessible(page, *, where: str | None = None) -> None:
    """Fail when axe-core finds anything serious on the page (or within the selector `where`)."""
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(page, context=where)
    grave = [found for found in results.response["violations"] if found["impact"] in {"serious", "critical"}]
    said = [
        f"{found['id']}: {found['help']}\n" + "\n".join(f"    {node['html'][:200]}" for node in found["nodes"][:5])
        for found in grave
    ]
    assert not grave, f"{page.url}\n" + "\n".join(said)


def assert_fits(page) -> None:
    """Fail when the page is wider than its window, and name what sticks out."""
    wider = page.evaluate(
        """() => {
            const room = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= room) return [];
            return [...document.querySelectorAll('body *')]
                .filter(e => e.getBoundingClientRect().right > room + 1)
                .slice(0, 5).map(e => e.outerHTML.slice(0, 120));
        }"""
    )
    assert not wider, f"{page.url} is wider than its window:\n" + "\n".join(wider)
