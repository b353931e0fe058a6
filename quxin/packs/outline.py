"""The template language of report outlines, read into typed segments.

    {lectures.sessions}              the exact number with its unit: 4期
    {lectures.attendances ~}         hedged by the writer (近/多/余): 近2000人次
    {lectures.attendances ~近2000}   a given wording, checked against the number
    {six_ones.items cn}              in Chinese, without unit: 六, 两
    {tasks.done n}                   without unit: 35
    {cooperation.memoranda names}    the records' names: 陕西、安徽
    {campaign.start month}           the month of a date: 四月; ``date`` prints 2010年4月1日
    {lectures.sessions #F10}         any of them with the id of its figure
    {campaign.title} {period}        words of the campaign (see ``NAMES``)
    {literal:第7号}                  words with digits that are no figure

Reads and finds faults; it must not reckon, look up names or print: reports do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from quxin.packs.base_types import ID_PATTERN

Style = Literal["exact", "hedged", "number", "chinese", "names", "month", "date"]

#: How a style is written in a template.
STYLES: dict[str, Style] = {
    "": "exact", "~": "hedged", "n": "number", "cn": "chinese", "names": "names", "month": "month", "date": "date",
}  # fmt: skip

#: The words that a report fills in without reckoning, with what they mean.
NAMES: dict[str, str] = {
    "campaign.title": "活动名称",
    "campaign.theme": "活动主题",
    "campaign.slogan": "活动口号",
    "campaign.sponsor": "主办单位名称",
    "campaign.period": "活动起止",
    "organisation": "报告单位名称",
    "period": "报告的时间段",
    "period.year": "报告的年份",
}

_FIGURE_ID = re.compile(r"#[A-Za-z][A-Za-z0-9_-]{0,15}")
_MEASURE = re.compile(ID_PATTERN)
_DIGITS = re.compile(r"[0-9０-９]+(?:[.,．][0-9０-９]+)*[%％]?")
_CHINESE_NUMBER = re.compile(
    r"(?<![第一])[二两三四五六七八九十百千]+[多余]?大?(?:人次|个百分点|个|期|次|场|篇|项|名|人|条|份|家|站|支|件)(?!一)"
)


@dataclass(frozen=True)
class Span:
    """A stretch of a text: ``text[start:end]``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Words:
    """Words printed as they are. ``literal`` ones may hold digits that are no figure."""

    text: str
    literal: bool = False
    line: int = 1


@dataclass(frozen=True)
class NameRef:
    """A name out of ``NAMES``."""

    name: str
    line: int = 1


@dataclass(frozen=True)
class FigureRef:
    """A number bound to a measure. ``hedge_text`` is a given wording ("近2000") that must prove right."""

    measure: str
    style: Style = "exact"
    hedge_text: str = ""
    figure_id: str = ""
    line: int = 1


Segment = Words | NameRef | FigureRef


@dataclass(frozen=True)
class Fault:
    """What is wrong at ``span`` of the template."""

    span: Span
    line: int
    message: str
    hint: str
    params: dict[str, str]


@dataclass(frozen=True)
class Outline:
    """A template as read: segments in order, and faults (a faulty piece stays in as words)."""

    segments: tuple[Segment, ...]
    faults: tuple[Fault, ...]

    @property
    def figures(self) -> tuple[FigureRef, ...]:
        """The figures in the order in which they are printed."""
        return tuple(segment for segment in self.segments if isinstance(segment, FigureRef))


def parse_outline(text: str) -> Outline:
    """Read a template. Never raises: faults are values."""
    segments: list[Segment] = []
    faults: list[Fault] = []
    for span, inside in _pieces(text):
        line = text.count("\n", 0, span.start) + 1
        if inside is None:
            segments.append(Words(span.text.replace("{{", "{").replace("}}", "}"), line=line))
            faults += [_stray(text, brace) for brace in _stray_braces(span)]
            continue
        read = _read(inside, line)
        if isinstance(read, tuple):
            faults.append(Fault(span, line, *read))
            read = Words(span.text, literal=True, line=line)
        segments.append(read)
    return Outline(tuple(segments), tuple(faults))


def paragraphs(text: str) -> list[Outline]:
    """The paragraphs of a section: a blank line stands between two, other line breaks are dropped."""
    blocks = re.split(r"\n[ \t]*\n", text.strip())
    return [parse_outline(re.sub(r"[ \t]*\n[ \t]*", "", block.strip())) for block in blocks if block.strip()]


def unbound_digits(text: str, literals: Sequence[str] = ()) -> list[Span]:
    """The Arabic numbers of a template that are bound to no measure.

    ``literals`` are words that may stand as they are (a document's number, a proper name, a date).
    """
    return _unbound(text, literals, _DIGITS)


def unbound_chinese_numbers(text: str, literals: Sequence[str] = ()) -> list[Span]:
    """Numbers written in Chinese before a unit (六次, 两期, 三大项) that are bound to no measure.

    "One" is left out: 一次, 一批 are mostly plain words.
    """
    return _unbound(text, literals, _CHINESE_NUMBER)


def _unbound(text: str, literals: Sequence[str], pattern: re.Pattern[str]) -> list[Span]:
    allowed = [
        (found.start(), found.end())
        for literal in literals
        if literal
        for found in re.finditer(re.escape(literal), text)
    ]
    spans = []
    for piece, inside in _pieces(text):
        if inside is not None:
            continue
        for found in pattern.finditer(piece.text):
            start, end = piece.start + found.start(), piece.start + found.end()
            if not any(first <= start and end <= last for first, last in allowed):
                spans.append(Span(start, end, found[0]))
    return spans


def _pieces(text: str) -> Iterator[tuple[Span, str | None]]:
    """Cut a template into words (``None``) and what stands between braces."""
    begin = 0
    for found in re.finditer(r"\{\{|\}\}|\{([^{}\n]*(?:\n[^{}\n]*)?)\}", text):
        if found[1] is None:
            continue
        if begin < found.start():
            yield Span(begin, found.start(), text[begin : found.start()]), None
        yield Span(found.start(), found.end(), found[0]), found[1]
        begin = found.end()
    if begin < len(text):
        yield Span(begin, len(text), text[begin:]), None


def _stray_braces(span: Span) -> list[int]:
    rest = span.text.replace("{{", "\0\0").replace("}}", "\0\0")
    return [span.start + place for place, sign in enumerate(rest) if sign in "{}"]


def _stray(text: str, place: int) -> Fault:
    line = text.count("\n", 0, place) + 1
    return Fault(
        Span(place, place + 1, text[place]),
        line,
        "花括号“%(brace)s”没有成对",
        "请补上另一半；若要印出花括号本身，请写两个：{{ 或 }}。",
        {"brace": text[place]},
    )


def _read(inside: str, line: int) -> Segment | tuple[str, str, dict[str, str]]:
    """One pair of braces → its segment, or (message, hint, params) of what is wrong."""
    if inside.startswith("literal:"):
        return Words(inside.removeprefix("literal:"), literal=True, line=line)
    words = inside.split()
    if not words:
        return "花括号里是空的", "请写上指标编号，例如 {tasks.done}。", {}
    name, *rest = words
    figure_id = rest.pop() if rest and rest[-1].startswith("#") else ""
    if figure_id and not _FIGURE_ID.fullmatch(figure_id):
        return "数字编号“%(id)s”写法不对", "请写成 #F11 这样：# 后接字母和数字。", {"id": figure_id}
    if name in NAMES and not rest and not figure_id:
        return NameRef(name, line)
    if not _MEASURE.fullmatch(name):
        return (
            "“%(name)s”不是指标编号",
            "指标编号用小写字母、数字、点和下划线，例如 lectures.sessions。",
            {"name": name},
        )
    if len(rest) > 1:
        return "“%(inside)s”里多了内容", "格式是 {指标 样式 #编号}，样式只能有一个。", {"inside": inside}
    written = rest[0] if rest else ""
    if written.startswith("~") and written != "~":
        return FigureRef(name, "hedged", written[1:], figure_id.lstrip("#"), line)
    if written not in STYLES:
        return "不认识的数字样式“%(style)s”", _STYLE_HINT, {"style": written}
    return FigureRef(name, STYLES[written], "", figure_id.lstrip("#"), line)


_STYLE_HINT = "可用的样式：~（约数）、n（不带单位）、cn（中文数字）、names（名单）、month（月份）、date（日期）。"
