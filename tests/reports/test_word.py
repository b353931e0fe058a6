import io
import zipfile
from xml.etree import ElementTree

import docx
import pytest
from docx.oxml.ns import qn

from quxin.kernel.missing import Missing
from quxin.reports import word
from quxin.reports.document import UNRECORDED, Attachment, Section
from quxin.reports.word import missing_fonts, write_docx

from .papers import figure, paragraph, summary


def opened(document):
    return docx.Document(io.BytesIO(write_docx(document)))


def texts(document):
    return [
        "".join(t.text or ("\n" if t.tag == qn("w:br") else "") for t in p.iter(qn("w:t"), qn("w:br")))
        for p in opened(document).element.body.iter(qn("w:p"))
    ]


def test_equal_documents_give_equal_bytes():
    assert write_docx(summary()) == write_docx(summary())


def test_another_number_gives_another_file():
    other = summary(sections=(Section(1, "甲", (paragraph(figure(value=1961)),)),))
    assert write_docx(summary()) != write_docx(other)


def test_the_package_holds_nothing_of_the_template():
    package = zipfile.ZipFile(io.BytesIO(write_docx(summary())))
    assert not [n for n in package.namelist() if "thumbnail" in n or "customXml" in n or "app.xml" in n]
    assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    for name in package.namelist():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(package.read(name))
    assert b"python-docx" not in b"".join(package.read(name) for name in package.namelist())


def test_metadata_are_those_of_the_paper():
    properties = opened(summary()).core_properties
    assert properties.title == "关于“以质取胜、创先争优”活动开展情况的综述"
    assert properties.author == properties.last_modified_by == "国家质量监督检验检疫总局"
    assert (properties.created.year, properties.created.month, properties.created.day) == (2010, 11, 8)
    assert properties.comments == ""


def test_page_and_grid():
    section = opened(summary()).sections[0]
    assert [round(x.mm) for x in (section.page_width, section.page_height)] == [210, 297]
    margins = (section.top_margin, section.left_margin, section.bottom_margin, section.right_margin)
    assert [round(x.mm, 1) for x in margins] == [37.0, 28.0, 35.0, 26.0]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "578")


def test_styles_name_the_faces_of_the_standard():
    styles = opened(summary()).styles
    faces = {
        key: styles.element.xpath(f'w:style[@w:styleId="{key}"]/w:rPr/w:rFonts/@w:eastAsia')[0]
        for key in ("Title", "Heading1", "Heading2", "Heading3", "Heading4")
    }
    assert faces == {
        "Title": "方正小标宋简体",
        "Heading1": "黑体",
        "Heading2": "楷体_GB2312",
        "Heading3": "仿宋_GB2312",
        "Heading4": "仿宋_GB2312",
    }
    defaults = styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr")[0]
    assert defaults.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert (defaults.find(qn("w:sz")).get(qn("w:val")), defaults.find(qn("w:spacing")).get(qn("w:val"))) == (
        "32",
        "-5",
    )


def test_each_face_names_what_may_stand_in():
    table = zipfile.ZipFile(io.BytesIO(write_docx(summary()))).read("word/fontTable.xml").decode()
    root = ElementTree.fromstring(table)
    names = {f.get(qn("w:name")): f.find(qn("w:altName")).get(qn("w:val")) for f in root}
    assert "仿宋" in names["仿宋_GB2312"].split(",")
    assert set(names) >= {"方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"}


def test_text_reads_in_order():
    lines = [line for line in texts(summary()) if line]
    assert lines[:7] == [
        "国质检〔2010〕14号",
        "关于“以质取胜、创先争优”活动\n开展情况的综述",
        "各直属检验检疫局：",
        "四月份以来，全系统迅速行动。",
        "一、学习武装",
        "举办“质检大讲堂”4期。",
        "（一）集中学习",
    ]
    assert lines[8:11] == ["附件：数字来源", "国家质量监督检验检疫总局", "2010年11月8日"]


def test_quotation_marks_are_hinted_as_chinese():
    for run in opened(summary()).element.body.iter(qn("w:r")):
        assert run.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:hint")) == "eastAsia"


def test_each_figure_leads_to_its_row_and_back():
    body = opened(summary()).element.body
    marks = [b.get(qn("w:name")) for b in body.iter(qn("w:bookmarkStart"))]
    ids = [b.get(qn("w:id")) for b in body.iter(qn("w:bookmarkStart"))]
    assert sorted(marks) == ["figure_1", "figure_2", "source_1", "source_2"]
    assert len(set(ids)) == 4
    anchors = [a for h in body.iter(qn("w:hyperlink")) if (a := h.get(qn("w:anchor")))]
    assert anchors == ["source_1", "source_2", "source_2", "figure_1", "figure_2"]


def test_the_appendix_tells_value_measure_facts_and_link():
    opened_file = opened(summary())
    (table,) = opened_file.tables
    cells = [["".join(t.text for t in c._tc.iter(qn("w:t"))) for c in row.cells] for row in table.rows]
    assert cells[0] == ["序号", "文中写法", "实数", "指标", "记录数", "出处"]
    assert cells[2] == ["2", "近2000人次", "1,960人次", "大讲堂·参加人次", "4", "查看"]
    assert "期间：2010年4月—11月；范围：质检总局（含直属）" in texts(summary())
    targets = [r.target_ref for r in opened_file.part.rels.values() if r.is_external]
    assert targets[0].startswith("https://quxin.example.cn/figures/lectures.attendances/")


def test_without_a_site_there_is_no_dead_link():
    opened_file = opened(summary(site=""))
    assert not [r for r in opened_file.part.rels.values() if r.is_external]
    assert opened_file.tables[0].rows[1].cells[-1].text == "—"


def test_missing_data_are_not_zero_in_the_appendix():
    gone = figure("F9", "若干次", Missing(), "次", verdict=UNRECORDED)
    table = opened(summary(sections=(Section(1, "甲", (paragraph(gone),)),))).tables[0]
    assert table.rows[1].cells[2].text == "没有数据"


def test_several_attachments_are_numbered():
    found = texts(summary(attachments=(Attachment("名单", (paragraph("内容"),)), Attachment("另送"))))
    assert "附件：1.名单" in found
    assert "2.另送" in found
    assert "3.数字来源" in found
    assert [line for line in found if line in {"附件1", "附件2", "附件3"}] == ["附件1", "附件3"]


def test_hostile_text_stays_text():
    hostile = "<w:p>]]>&\x00\x0b\ud800"
    found = texts(summary(sections=(Section(1, hostile, (paragraph(hostile),)),), issuer=hostile))
    assert "一、<w:p>]]>&" in found


@pytest.mark.parametrize(
    ("issuer", "starts"),
    [
        # The date is shorter: two characters free after the issuer, the date begins two after it.
        ("国家质量监督检验检疫总局", (14, 16)),
        # The date is longer: it keeps two free, the issuer moves left with it.
        ("某局", (17, 19)),
    ],
)
def test_signature(issuer, starts):
    paragraphs = [p for p in opened(summary(issuer=issuer)).paragraphs if p.style.name == "Signature" and p.text]
    assert [round(p.paragraph_format.left_indent.twips / 315) for p in paragraphs] == list(starts)


def test_missing_fonts_asks_the_machine(monkeypatch):
    class Answer:
        stdout = "FangSong_GB2312\nSimHei,黑体\n"

    monkeypatch.setattr(word.shutil, "which", lambda name: "/usr/bin/fc-list")
    monkeypatch.setattr(word.subprocess, "run", lambda *a, **k: Answer())
    assert missing_fonts() == ["方正小标宋简体", "楷体_GB2312", "宋体"]
    monkeypatch.setattr(word.shutil, "which", lambda name: None)
    assert missing_fonts() == []


def highlighted(document, **how):
    """The words highlighted in the Word file, and all of its text."""
    opened_file = docx.Document(io.BytesIO(write_docx(document, **how)))
    runs = [run for one in opened_file.paragraphs for run in one.runs]
    return [run.text for run in runs if run.font.highlight_color], "".join(run.text for run in runs)


def test_a_draft_marks_numbers_without_a_source_and_the_final_does_not():
    paper = summary(sections=(Section(1, "一", (paragraph("全年走访3000多人，发出", figure(), "。"),)),))
    drafted, text = highlighted(paper, draft=True)
    final, same = highlighted(paper)
    assert (drafted, final) == (["3000多人"], [])
    assert text == same
