import pytest

from quxin.kernel.missing import Missing
from quxin.reports.document import UNRECORDED, WRONG, Attachment, Section
from quxin.reports.remarks import length, remarks, unbound_digits

from .papers import RUNNING, figure, paragraph, summary


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("听众达3000多人", ["3000多人"]),
        ("有近2000人次参加", ["近2000人次"]),
        ("满意率为87.5%，增长1,200件", ["87.5%", "1,200件"]),
        ("三千多人参加，十八项措施", ["三千多人", "十八项"]),
        ("近10万人聆听", ["近10万人"]),
        ("全角３５个", ["３５个"]),
    ],
)
def test_numbers_typed_by_hand_are_found(text, found):
    assert unbound_digits(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "2010年4月1日至8日",
        "4月份以来，7月1日前后",
        "依据GB/T 9704-2012和ISO 9001:2015、ISO/9000",
        "国质检〔2010〕14号",
        "《关于18项措施的通知》",
        "三个层面、第十八届、“六个一”、一是",
    ],
)
def test_dates_names_and_standards_are_no_numbers(text):
    assert unbound_digits(text) == []


def test_a_bound_figure_is_no_remark():
    assert remarks(summary()) == []


def test_remarks_say_where():
    document = summary(
        sections=(Section(1, "甲", (paragraph("共"),)), Section(2, "乙", (paragraph("举办4期，", figure(), "。"),)))
    )
    (one,) = remarks(document)
    assert (one.code, one.where, one.text()) == ("unbound-number", "（一）乙", "“4期”没有出处")
    assert one.hint_text()


def test_attachments_and_headings_are_read_too():
    document = summary(
        sections=(Section(1, "表彰35个单位"),), attachments=(Attachment("名单", (paragraph("共96名"),)),)
    )
    assert [(r.where, r.params["words"]) for r in remarks(document)] == [
        ("一、表彰35个单位", "35个"),
        ("名单", "96名"),
    ]


def test_wrong_words_and_missing_data_are_said_once():
    wrong = figure(value=2040, verdict=WRONG)
    gone = figure("F9", "6次", Missing(), verdict=UNRECORDED)
    found = remarks(summary(sections=(Section(1, "甲", (paragraph(wrong, wrong, gone),)),)))
    assert [(r.code, r.text()) for r in found] == [
        ("wrong-words", "“近2000人次”与实数2,040不符"),
        ("no-data", "“大讲堂·参加人次”还没有人记录"),
    ]


def test_length_counts_a_number_as_one():
    document = summary(sections=(Section(1, "标题", (paragraph("用时1,960分钟 ok。"),)),))
    assert length(document) == len("标题用时分钟。") + 2


@pytest.mark.parametrize(("kind", "count", "codes"), [
    ("general", 5000, []), ("general", 5001, ["too-long"]),
    ("special", 4000, []), ("special", 4001, ["too-long"]),
])  # fmt: skip
def test_limits_of_length(kind, count, codes):
    text = (RUNNING * 200)[:count]
    document = summary(sections=(Section(1, "", (paragraph(text),)),))
    assert [remark.code for remark in remarks(document, kind=kind)] == codes
