"""Marks, links that keep the filters, and what must be escaped."""

import re

import pytest

from quxin.ui.templatetags import ui

EVIL = '"><script>alert(1)</script>'


def test_a_lamp_says_its_state_to_those_who_see_no_colour():
    assert ui.lamp("late") == '<span class="lamp late" title="逾期">逾期</span>'
    assert '<span class="sr">逾期：</span>7/12' in ui.lamp("late", "7/12")
    assert ui.lamp("due", "还剩 9 天", "/x").startswith('<a class="lamp due" href="/x"')


def test_an_unknown_state_is_no_data_and_never_a_kept_promise():
    assert 'class="lamp none"' in ui.lamp("excellent", "x")


def test_a_figure_is_a_link_that_works_without_script():
    html = ui.figure("98.6%", "/desk/figures/on-time/", "按时率")
    assert 'href="/desk/figures/on-time/"' in html
    assert 'hx-get="/desk/figures/on-time/" hx-target="#panel"' in html
    assert 'aria-label="按时率：98.6%"' in html
    assert "hx-" not in ui.figure("98.6%", "/x", panel=False)


def test_a_figure_without_data_or_source_is_no_link():
    assert "—" in ui.figure(None, "/x")
    assert "<a" not in ui.figure(None, "/x")
    assert ui.figure(0, "/x", panel=False) == '<a class="fig" href="/x">0</a>'
    assert "<a" not in ui.figure("12")


@pytest.mark.parametrize(
    "html",
    [
        ui.lamp("kept", EVIL, EVIL, EVIL),
        ui.figure(EVIL, EVIL, EVIL),
        ui.bar(50, "kept", EVIL),
        ui.flat({"data-x": EVIL, "onclick": "go()", 'x" y': "z"}),
        ui.trend_svg([(EVIL, 1), (EVIL, 2)], EVIL),
        ui.dots_svg([(EVIL, 1), ("b", 2)], EVIL, EVIL, EVIL),
    ],
)
def test_nothing_typed_becomes_markup(html):
    assert "<script" not in html
    assert "onclick" not in html
    assert not re.search(r'x" y=', html)


@pytest.mark.parametrize(
    ("share", "width"),
    [(0, "0%"), (92.35, "92.3%"), (100, "100%"), (140, "100%"), (-3, "0%"), ("?", "0%"), (None, "0%")],
)
def test_bars_stay_within_their_frame(share, width):
    assert f'width="{width}"' in ui.bar(share)


def test_a_share_of_nothing_is_nothing():
    assert ui.share(3, 0) == 0.0
    assert ui.share(3, 12) == 25.0


@pytest.mark.parametrize(
    ("name", "masked"), [("王小明", "王**"), ("李雷", "李*"), ("欧阳修文", "欧阳**"), ("王", "王"), ("", "")]
)
def test_names_are_masked(name, masked):
    assert ui.mask(name) == masked


def test_query_changes_keep_the_other_filters(draw):
    at = "/list/?state=late&level=city&page=3"
    assert draw("{% query page=4 %}", at) == "?state=late&amp;level=city&amp;page=4"
    assert draw('{% query state="" %}', at) == "?level=city"
    assert draw('{% query sort="-due" %}', at) == "?state=late&amp;level=city&amp;sort=-due"


def test_query_escapes_what_the_address_brought(draw):
    assert "<script" not in draw("{% query page=2 %}", "/list/?q=%22%3E%3Cscript%3E")


def test_sorting_turns_round_and_says_so(draw):
    text = '<th{% sort_state "due" %}>{% sort_link "due" "期限" %}</th>'
    assert draw(text, "/list/") == '<th><a class="sort" href="?sort=due">期限</a></th>'
    assert 'aria-sort="ascending"><a class="sort" href="?sort=-due"' in draw(text, "/list/?sort=due")
    assert 'aria-sort="descending"><a class="sort" href="?sort=due"' in draw(text, "/list/?sort=-due")


def test_pager_numbers_show_both_ends_and_the_gap():
    assert ui.pages(1, 1) == [1]
    assert ui.pages(6, 12) == [1, None, 4, 5, 6, 7, 8, None, 12]


def test_only_known_themes_reach_the_page(draw):
    assert draw("<i{% theme %}>", "/", {"theme": '"><b>'}) == "<i>"
    assert draw("<i{% theme %}>", "/", {"theme": "dark"}) == '<i data-theme="dark">'


@pytest.mark.parametrize(
    ("tags", "tone"), [("error", "error"), ("extra success", "ok"), ("warning", "warn"), ("", "info")]
)
def test_message_levels_have_tones(tags, tone):
    assert ui.tone(tags) == tone
