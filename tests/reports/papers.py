"""Documents that the tests of the reports share."""

import datetime as dt

from quxin.reports.document import HEDGED, Document, FigureRun, Paragraph, Section, Words, with_sources

RUNNING = "质量是兴国之道强国之策全国质检系统坚持以质取胜狠抓落实务求实效"


def figure(figure_id="F11", text="近2000人次", value=1960, unit="人次", **changes) -> FigureRun:
    """近2000人次 of 1,960 attendances, from four facts."""
    fields = {
        "figure_id": figure_id,
        "text": text,
        "value": value,
        "unit": unit,
        "measure": "lectures.attendances",
        "measure_label": "大讲堂·参加人次",
        "basis": 4,
        "href": "/figures/lectures.attendances/?org=aqsiq&from=2010-04-01&to=2010-11-30",
        "verdict": HEDGED,
    }
    return FigureRun(**{**fields, **changes})


def paragraph(*runs) -> Paragraph:
    """A paragraph of strings and figures."""
    return Paragraph(tuple(Words(run) if isinstance(run, str) else run for run in runs))


def summary(**changes) -> Document:
    """A short report with two figures, one of them printed twice."""
    fields = {
        "title": "关于“以质取胜、创先争优”活动开展情况的综述",
        "issuer": "国家质量监督检验检疫总局",
        "date": dt.date(2010, 11, 8),
        "number": "国质检〔2010〕14号",
        "recipients": ("各直属检验检疫局",),
        "site": "https://quxin.example.cn",
        "sections": (
            Section(1, "", (paragraph("四月份以来，全系统迅速行动。"),)),
            Section(1, "学习武装", (paragraph("举办“质检大讲堂”", figure("F10", "4期", 4, "期"), "。"),)),
            Section(2, "集中学习", (paragraph(figure(), "参加学习——", figure(), "。"),)),
        ),
    }
    return with_sources(Document(**{**fields, **changes}), period="2010年4月—11月", organisation="质检总局（含直属）")


def long_paper(pages: int = 3) -> Document:
    """A paper of one long paragraph that fills ``pages`` pages and a little more."""
    text = RUNNING * (pages * 22 * 28 // len(RUNNING) + 1)
    return Document("短标题", "某局", dt.date(2026, 1, 5), (Section(1, "", (paragraph(text),)),))
