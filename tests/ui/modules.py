"""A browser's page with the modules of the ballot, without a server.

The modules are served from their folder under an address that browsers trust (localhost). Import `tab` to use it.
"""

import json
from pathlib import Path

import pytest

import quxin.ui

STATIC = Path(quxin.ui.__file__).parent / "static" / "ui"
MODULES = ("blind", "ballot", "bytes", "sha256", "work", "witness")
BLANK = "<!doctype html><html lang=zh><title>-</title>"
HELPERS = """
    window.hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    window.raw = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
    window.code = async (act) => { 
        try { await act(); return "nothing"; } catch (e) { return typeof e.code === "string" ? e.code : e.name; }
    };
    window.loaded = (async () => { for (const name of %s) window[name + "_"] = await import(`/${name}.js`); })();
    return window.loaded;
"""


def opened(browser, origin):
    """A blank page of `origin` with all modules as `blind_`, `ballot_` …"""

    def serve(route):
        name = route.request.url.rpartition("/")[2]
        if name:
            route.fulfill(path=STATIC / name, content_type="text/javascript")
        else:
            route.fulfill(body=BLANK, content_type="text/html")

    page = browser.new_page()
    page.route("**/*", serve)
    page.goto(origin + "/")
    page.evaluate("() => {" + HELPERS % json.dumps(MODULES) + "}")
    return page


@pytest.fixture(scope="module")
def tab(browser):
    page = opened(browser, "http://localhost")
    yield page
    page.close()
