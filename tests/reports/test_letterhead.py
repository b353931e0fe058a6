"""The red letterhead: what its words are, and where the Word file puts them."""

import datetime as dt
import io
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn

from quxin.reports import layout
from quxin.reports.letterhead import NumberWrong, letterhead, tidy_number
from quxin.reports.titles import width
from quxin.reports.word import write_docx
from quxin.reports.word_letterhead import mark_lines

from .papers import summary

ON = dt.date(2024, 5, 6)


def opened(**said):
    """The Word file of a report with a letterhead."""
    red = letterhead("江苏省市场监督管理局", ON, **said)
    return docx.Document(io.BytesIO(write_docx(summary(letterhead=red))))


def said_in(part) -> str:
    """All words of a part of the file."""
    return "".join(node.text or "" for node in part.iter(qn("w:t")))


@pytest.mark.parametrize(
    "typed", ["苏市监党〔2024〕5号", "苏市监党[2024]5号", " 苏市监党（2024） 5 号", "苏市监党【2024】5号"]
)
def test_a_number_gets_the_brackets_of_the_standard(typed):
    assert tidy_number(typed) == "苏市监党〔2024〕5号"


@pytest.mark.parametrize(
    "typed", ["苏市监党〔2024〕第5号", "苏市监党〔2024〕05号", "苏市监党〔24〕5号", "5号", "苏市监党2024 5号"]
)
def test_another_number_is_refused_with_what_to_do(typed):
    with pytest.raises(NumberWrong, match="不是发文字号") as caught:
        tidy_number(typed)
    assert "不补 0" in caught.value.hint_text()


def test_what_is_not_given_follows_from_the_organisation():
    red = letterhead("江苏省市场监督管理局", ON)
    assert (red.mark, red.printer, red.printed_on) == ("江苏省市场监督管理局文件", "江苏省市场监督管理局", ON)
    assert red.number == "　　　〔2024〕　　号"


def test_copies_are_parted_by_commas_and_lines():
    red = letterhead("某局", ON, copies="省委办公厅，省政府办公厅\n各设区市、县局。,")
    assert red.copies == ("省委办公厅", "省政府办公厅", "各设区市、县局")


def test_the_mark_is_red_and_stands_first():
    first = next(one for one in opened().paragraphs if one.text)
    assert first.text == "江苏省市场监督管理局文件"
    assert str(first.runs[0].font.color.rgb) == layout.RED


def test_the_letterhead_takes_the_place_of_the_plain_number():
    texts = [one.text for one in opened(number="苏市监党〔2024〕5号").paragraphs]
    assert "苏市监党〔2024〕5号" in texts
    assert "国质检〔2010〕14号" not in texts


def test_the_imprint_is_the_last_of_the_file():
    body = opened(copies="省委办公厅", printer="省局办公室", printed_on=dt.date(2024, 5, 7)).element.body
    assert said_in(body).endswith("抄送：省委办公厅。　省局办公室2024年5月7日印发")


def test_without_a_letterhead_nothing_is_red():
    xml = docx.Document(io.BytesIO(write_docx(summary()))).element.xml
    assert layout.RED not in xml
    assert "印发" not in xml


def test_a_mark_is_as_large_as_the_line_allows():
    assert mark_lines("某局文件") == (["某局文件"], layout.MARK_PT)
    for mark in ("国家质量监督检验检疫总局文件", "中国共产党江苏省市场监督管理局机关委员会纪律检查工作委员会文件"):
        lines, size = mark_lines(mark)
        assert "".join(lines) == mark
        assert size > layout.TITLE_PT
        assert max(map(width, lines)) * size * 20 <= layout.LINE_WIDTH_TWIPS


def test_words_of_people_do_not_break_the_file():
    said = said_in(opened(mark="<甲>&“乙”\x00文件", signer="张&三", copies="<b>").element.body)
    assert "<甲>&“乙”文件" in said
    assert "签发人：张&三" in said


def test_equal_papers_give_equal_bytes():
    paper = summary(letterhead=letterhead("某局", ON))
    assert write_docx(paper) == write_docx(replace(paper))
