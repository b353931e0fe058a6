"""The page frames: desk, portal, sheet, error pages, and who may see the gallery."""

import re

import pytest

PAGES = ["/gallery/", "/gallery/promise/", "/gallery/evaluate/", "/gallery/poster/"]
ERRORS = ["403", "404", "413", "500", "csrf"]


@pytest.mark.parametrize("address", PAGES)
def test_each_page_has_language_title_one_main_and_one_h1(client, address):
    html = client.get(address).content.decode()
    assert '<html lang="zh-Hans"' in html
    assert re.search(r"<title>[^<]+ · 取信</title>", html)
    assert html.count("<main ") == 1
    assert html.count("<h1") >= 1
    assert 'class="skip" href="#main"' in html


@pytest.mark.parametrize("address", PAGES)
def test_ids_are_unique(client, address):
    ids = re.findall(r'\bid="([^"]+)"', client.get(address).content.decode())
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_inline(client, address):
    html = client.get(address).content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)


def test_the_desk_marks_the_current_place_once_in_each_navigation(client):
    html = client.get("/gallery/").content.decode()
    navs = re.findall(r'<nav class="nav".*?</nav>', html, re.DOTALL)
    assert len(navs) == 2
    for nav in navs:
        assert nav.count('aria-current="page"') == 1
        assert nav.index("部署") < nav.index("承诺") < nav.index("整改") < nav.index("制度") < nav.index("组织")


def test_a_frame_with_nothing_in_it_still_stands(draw):
    for name in ("desk", "portal", "document"):
        assert 'id="main"' in draw(f'{{% include "ui/{name}.html" %}}')


@pytest.mark.parametrize("name", ERRORS)
def test_error_pages_say_what_happened_and_where_to_go(client, name):
    html = client.get(f"/errors/{name}/").content.decode()
    assert re.search(r"<h1>[\u4e00-\u9fff，]+</h1>", html)
    assert '<span lang="en">' in html
    assert 'href="/"' in html
    assert "<script" not in html


def test_error_pages_need_no_request():
    from django.template.loader import render_to_string

    assert "系统出了问题" in render_to_string("ui/errors/500.html")


def test_an_error_page_escapes_its_reason():
    from django.template.loader import render_to_string

    assert "<b>" not in render_to_string("ui/errors/403.html", {"reason": "<b>", "message": "<b>", "hint": "<b>"})


def test_the_gallery_is_closed_where_neither_debug_nor_demonstration_is_on(client, settings):
    settings.DEMO = settings.DEBUG = False
    assert client.get("/gallery/").status_code == 404


def test_unknown_gallery_pages_are_not_found(client):
    assert client.get("/gallery/nothing/").status_code == 404


def test_the_panel_alone_is_served_to_htmx(client):
    html = client.get("/gallery/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert "1,960" in html
    assert "data-panel-title" in html
