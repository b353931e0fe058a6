"""The template language of reports."""

from hypothesis import given
from hypothesis import strategies as st

from quxin.packs.outline import (
    FigureRef,
    NameRef,
    Words,
    paragraphs,
    parse_outline,
    unbound_chinese_numbers,
    unbound_digits,
)


def test_every_way_to_write_a_figure():
    text = "{a.b}{a.b ~}{a.b ~近2000 #F11}{a.b n}{a.b cn #F2}{a.b names}{c month}{c date}"
    assert parse_outline(text).segments == (
        FigureRef("a.b"),
        FigureRef("a.b", "hedged"),
        FigureRef("a.b", "hedged", "近2000", "F11"),
        FigureRef("a.b", "number"),
        FigureRef("a.b", "chinese", "", "F2"),
        FigureRef("a.b", "names"),
        FigureRef("c", "month"),
        FigureRef("c", "date"),
    )


def test_names_literals_and_braces():
    segments = parse_outline("{campaign.title}：{literal:第7号}和{{x}}").segments
    assert segments == (NameRef("campaign.title"), Words("：", line=1), Words("第7号", literal=True), Words("和{x}"))


def test_a_measure_may_look_like_a_name():
    assert parse_outline("{campaign.start month}").segments == (FigureRef("campaign.start", "month"),)


def test_faults_are_values_and_the_text_stays():
    outline = parse_outline("甲{}乙{Bad}\n丙{a b c}{a ?}{a #1}{")
    assert [fault.line for fault in outline.faults] == [1, 1, 2, 2, 2, 2]
    assert "".join(segment.text for segment in outline.segments) == "甲{}乙{Bad}\n丙{a b c}{a ?}{a #1}{"
    assert all(fault.hint for fault in outline.faults)


def test_paragraphs_join_lines_and_part_at_blank_ones():
    one, two = paragraphs("甲{a}\n乙\n\n  丙\n")
    assert one.segments == (Words("甲"), FigureRef("a"), Words("乙"))
    assert two.segments == (Words("丙"),)


def test_loose_digits():
    text = "2010年{a}，第７号，{literal:3个}，增长7.4%，ISO 9000，1,960人"
    found = unbound_digits(text, ["2010年", "ISO 9000"])
    assert [span.text for span in found] == ["７", "7.4%", "1,960"]
    assert all(text[span.start : span.end] == span.text for span in found)


def test_loose_chinese_numbers_leave_plain_words_alone():
    text = "学了六次，办两期，近三十多场；一次会、第三期、唯一、六个一、万家企业、三大方面"
    assert [span.text for span in unbound_chinese_numbers(text)] == ["六次", "两期", "三十多场"]


@given(st.text(alphabet="甲{} \n#~a.1n", max_size=60))
def test_words_and_spans_cover_any_text(text):
    outline = parse_outline(text)
    assert all(0 <= fault.span.start < fault.span.end <= len(text) for fault in outline.faults)
    assert all(text[span.start : span.end] == span.text for span in unbound_digits(text))
    if "{" not in text and "}" not in text:
        assert "".join(segment.text for segment in outline.segments) == text
        assert [span.text for span in unbound_digits(text)] == [] or any(sign.isdigit() for sign in text)
