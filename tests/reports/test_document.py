import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.missing import Missing
from quxin.reports.document import (
    UNRECORDED,
    Section,
    chinese,
    clean,
    json_figures,
    long_date,
    numbered,
    safe_link,
    shown_value,
)
from quxin.reports.titles import title_lines, width

from .papers import figure, paragraph, summary


def test_headings_count_by_level_and_restart():
    levels = [(1, "甲"), (2, "乙"), (2, "丙"), (3, "丁"), (4, "戊"), (4, "己"), (1, "庚"), (2, "辛"), (3, "壬")]
    document = summary(sections=tuple(Section(level, head) for level, head in levels))
    assert [mark for mark, _ in numbered(document)] == [
        "一、", "（一）", "（二）", "1.", "（1）", "（2）", "二、", "（一）", "1.",
    ]  # fmt: skip


def test_an_opening_is_not_numbered():
    assert [mark for mark, _ in numbered(summary())] == ["", "一、", "（一）"]


@pytest.mark.parametrize(("n", "words"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")])
def test_chinese_numerals(n, words):
    assert chinese(n) == words


def test_levels_beyond_four_are_refused():
    with pytest.raises(ValueError, match="levels 1 to 4"):
        Section(5, "太深")


def test_unknown_verdict_is_refused():
    with pytest.raises(ValueError, match="verdict"):
        figure(verdict="fine")


def test_dates_without_leading_zeros():
    assert long_date(dt.date(2026, 1, 5)) == "2026年1月5日"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1960, "1,960"),
        (Decimal("87.5"), "87.5"),
        (Decimal("3000"), "3,000"),
        (Decimal("1E+5"), "100,000"),
        (dt.date(2010, 4, 1), "2010年4月1日"),
        (Missing("没有数据"), "没有数据"),
        (0, "0"),
    ],
)
def test_shown_values(value, shown):
    assert shown_value(value) == shown


def test_each_printed_figure_has_one_source_row():
    document = summary()
    assert [(row.no, row.printed, row.basis) for row in document.sources] == [(1, "4期", 4), (2, "近2000人次", 4)]
    assert [f.text for f in document.figures()] == ["4期", "近2000人次", "近2000人次"]


def test_json_figures():
    listed = json_figures(summary())
    assert listed[1] == {
        "id": "F11",
        "value": 1960,
        "unit": "人次",
        "printed": "近2000人次",
        "measure": "lectures.attendances",
        "measure_label": "大讲堂·参加人次",
        "facts": 4,
        "link": "https://quxin.example.cn/figures/lectures.attendances/?org=aqsiq&from=2010-04-01&to=2010-11-30",
        "verdict": "hedged",
    }
    assert len(listed) == 2
    json.dumps(listed)


def test_json_values_do_not_lie():
    runs = [
        figure("a", "87.5%", Decimal("87.50")),
        figure("b", "7个", Decimal("7.000")),
        figure("c", "四月", dt.date(2010, 4, 1)),
        figure("d", "未记录", Missing(), verdict=UNRECORDED),
    ]
    listed = json_figures(summary(sections=(Section(1, "甲", (paragraph(*runs),)),)))
    assert [row["value"] for row in listed] == ["87.50", 7, "2010-04-01", None]


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "//evil.example/x", "data:text/html,x", "file:///etc/passwd",
     "/\\evil.example", "\\\\evil", "java\x00script:alert(1)", "http:///x", "relative", "", "/a b", "http://[x"],
)  # fmt: skip
def test_strange_addresses_give_no_link(href):
    assert safe_link(href) == ""
    assert safe_link(href, "https://quxin.example.cn") == ""


def test_good_addresses():
    assert safe_link("/figures/x/?a=1") == "/figures/x/?a=1"
    assert safe_link("/figures/x/", "https://quxin.example.cn") == "https://quxin.example.cn/figures/x/"
    assert safe_link("https://a.example/x", "https://b.example") == "https://a.example/x"


@given(st.text())
def test_clean_text_is_good_xml(text):
    from lxml import etree

    element = etree.Element("t")
    element.text = clean(text)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("短标题", ["短标题"]),
        ("关于“以质取胜、创先争优”活动开展情况的综述", ["关于“以质取胜、创先争优”活动", "开展情况的综述"]),
        ("全国质检系统扎实开展“以质取胜、创先争优”活动综述", ["全国质检系统扎实开展", "“以质取胜、创先争优”活动综述"]),
        ("自己\n断行", ["自己", "断行"]),
    ],
)
def test_titles_break_at_natural_points(title, lines):
    assert title_lines(title) == lines


@given(st.text(alphabet="质检系统“”《》的、关于2010活动情况综述", min_size=1, max_size=90))
def test_titles_lose_nothing_and_fit(title):
    lines = title_lines(title)
    assert "".join(lines) == title
    assert all(width(line) <= 20 for line in lines)
