from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from quxin.reports.document import Attachment, Section
from quxin.reports.paper import html

from .papers import figure, paragraph, summary


class Reader(HTMLParser):
    """Collects tags with attributes, and the text."""

    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.tags, self.words = [], []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def test_each_figure_is_a_link_to_its_workings():
    links = [attrs for tag, attrs in Reader(html(summary())).tags if tag == "a"]
    address = "/figures/lectures.attendances/?org=aqsiq&from=2010-04-01&to=2010-11-30"
    assert len(links) == 3
    assert links[1] == {
        "class": "fig", "href": address, "hx-get": address, "data-figure": "F11", "data-verdict": "hedged",
    }  # fmt: skip


def test_the_outline_is_semantic():
    reader = Reader(html(summary(attachments=(Attachment("名单", (paragraph("甲"),)),))))
    tags = [tag for tag, _ in reader.tags]
    assert tags[0] == "article"
    assert tags.count("h1") == 1
    text = "".join(reader.words)
    for words in ("一、学习武装", "（一）集中学习", "各直属检验检疫局：", "2010年11月8日", "附件 名单"):
        assert words in text


def test_templates_print_it_unescaped():
    from django.utils.html import conditional_escape

    fragment = html(summary())
    assert conditional_escape(fragment) == str(fragment)


@given(st.text())
def test_no_text_becomes_markup(text):
    hostile = text + "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    document = summary(
        title=hostile.replace("\n", " "),
        issuer=hostile,
        number=hostile,
        recipients=(hostile,),
        sections=(Section(1, hostile, (paragraph(hostile, figure(figure_id=hostile, text=hostile, href=hostile)),)),),
        attachments=(Attachment(hostile, (paragraph(hostile),)),),
    )
    reader = Reader(html(document))
    assert {tag for tag, _ in reader.tags} <= {
        "article", "h1", "h2", "p", "br", "span", "footer", "time", "section",
    }  # fmt: skip
    assert not any(name.startswith("on") for _, attrs in reader.tags for name in attrs)


def test_a_hostile_address_is_no_link():
    document = summary(sections=(Section(1, "甲", (paragraph(figure(href="javascript:alert(1)")),)),))
    markup = html(document)
    assert "javascript" not in markup
    assert '<span class="fig"' in markup


def test_a_number_without_a_source_is_marked():
    paper = summary(sections=(Section(1, "一", (paragraph("全年走访3000多人，2010年4月起，发出", figure(), "。"),)),))
    fragment = html(paper)
    assert '全年走访<span class="loose">3000多人</span>，2010年4月起' in fragment
    assert fragment.count('class="loose"') == 1  # dates and measured figures are not loose
