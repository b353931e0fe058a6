"""What a report is before it becomes a file: words and figures in sections, and where each figure comes from.

The writers (``word``, ``paper``) and the machine-readable list (``json_figures``) all read this one value,
so that no two of them can tell a different number. Nothing here reckons: values arrive measured and already
put into words. Not for pages of the desk or the portal; those are briefs.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

from quxin.kernel.missing import Missing, is_missing
from quxin.reports.letterhead import Letterhead

Value = int | Decimal | dt.date | str | Missing

# What a figure's printed words are worth against its value.
EXACT = "exact"  # printed as it is
HEDGED = "hedged"  # 近 / 多 / 余 / 约, and the hedge is right
WRONG = "wrong"  # the printed words don't follow from the value
UNRECORDED = "missing"  # nobody recorded anything: there is no value
VERDICTS = (EXACT, HEDGED, WRONG, UNRECORDED)

# What XML 1.0 cannot hold, and the marks that turn the direction of text (they make a number read as
# another).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """``text`` without characters that no paper can show (control characters, lone surrogates, direction
    marks).
    """
    return _UNPRINTABLE.sub("", text)


@dataclass(frozen=True, slots=True)
class Words:
    """Running text that holds no measured number."""

    text: str


@dataclass(frozen=True, slots=True)
class FigureRun:
    """A measured number inside running text.

    ``text`` is what is printed ("近2000人次"), ``value`` what was measured (1960; a ``Missing`` when nobody
    recorded anything), ``basis`` how many facts were summed, ``href`` where its workings are shown.
    """

    figure_id: str
    text: str
    value: Value
    unit: str
    measure: str
    measure_label: str
    basis: int
    href: str
    verdict: str = EXACT

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict {self.verdict!r} is none of {', '.join(VERDICTS)}")


Run = Words | FigureRun


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One natural paragraph."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The paragraph as it is printed."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of level 1-4 with the paragraphs under it; without a heading it is an opening, and not
    numbered.
    """

    level: int
    heading: str
    paragraphs: tuple[Paragraph, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.level <= 4:
            raise ValueError(f"an official document has levels 1 to 4, not {self.level}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A paper that goes with the document; without paragraphs it is only listed."""

    title: str
    paragraphs: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A line of the source appendix: where one printed number comes from."""

    no: int
    figure_id: str
    printed: str
    value: Value
    unit: str
    measure_label: str
    period: str
    organisation: str
    basis: int
    link: str


@dataclass(frozen=True, slots=True)
class Document:
    """An official document that carries no secrecy mark (this system holds nothing classified).

    ``number`` is the 发文字号 or empty, ``recipients`` the 主送机关, ``site`` the address that relative
    links of figures are resolved against in files that leave the house ("https://quxin.example.gov.cn"). A
    ``letterhead`` has a number of its own and takes the place of ``number``; only the Word file prints it.
    """

    title: str
    issuer: str
    date: dt.date
    sections: tuple[Section, ...]
    number: str = ""
    recipients: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sources: tuple[SourceRow, ...] = ()
    site: str = ""
    letterhead: Letterhead | None = None

    def paragraphs(self) -> Iterator[Paragraph]:
        """Every paragraph of running text, attachments included, in reading order."""
        for section in self.sections:
            yield from section.paragraphs
        for attachment in self.attachments:
            yield from attachment.paragraphs

    def figures(self) -> Iterator[FigureRun]:
        """Every printed figure in reading order; one that is printed twice comes twice."""
        for paragraph in self.paragraphs():
            yield from (run for run in paragraph.runs if isinstance(run, FigureRun))


def with_sources(document: Document, *, period: str, organisation: str) -> Document:
    """``document`` with its source appendix: one row for each figure and way of printing it, in reading
    order.
    """
    rows: dict[tuple[str, str], SourceRow] = {}
    for figure in document.figures():
        key = (figure.figure_id, figure.text)
        rows.setdefault(
            key,
            SourceRow(
                no=len(rows) + 1,
                figure_id=figure.figure_id,
                printed=figure.text,
                value=figure.value,
                unit=figure.unit,
                measure_label=figure.measure_label,
                period=period,
                organisation=organisation,
                basis=figure.basis,
                link=figure.href,
            ),
        )
    return replace(document, sources=tuple(rows.values()))


def numbered(document: Document) -> Iterator[tuple[str, Section]]:
    """Each section with its number in words: 一、 / （一） / 1. / （1）, restarted under every higher
    heading.
    """
    counts = [0, 0, 0, 0]
    for section in document.sections:
        if not section.heading:
            yield "", section
            continue
        counts[section.level - 1] += 1
        counts[section.level :] = [0] * (4 - section.level)
        yield _mark(section.level, counts[section.level - 1]), section


def _mark(level: int, n: int) -> str:
    if level == 1:
        return f"{chinese(n)}、"
    if level == 2:
        return f"（{chinese(n)}）"
    return f"{n}." if level == 3 else f"（{n}）"


def chinese(n: int) -> str:
    """1-99 in Chinese numerals, as headings count: 一, 十, 十一, 二十一."""
    if not 1 <= n <= 99:
        raise ValueError(f"headings count from 1 to 99, not {n}")
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones else "")


def long_date(day: dt.date) -> str:
    """2026年1月5日: full year, no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def shown_value(value: Value) -> str:
    """The exact value for reading: 1,960; 87.5; 2010年4月1日; the reason when there is none."""
    if is_missing(value):
        return str(value)
    if isinstance(value, dt.date):
        return long_date(value)
    if isinstance(value, Decimal):
        value = value.normalize() if value == value.to_integral_value() else value
        return f"{value:,f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def safe_link(href: str, site: str = "") -> str:
    """``href`` when it is a path of ours or a web address, else empty; with ``site``, made absolute against
    it.

    Anything else (``javascript:``, ``//elsewhere``, ``file:``, a path with a backslash) gives the empty
    string, so that a writer prints the number without a link.
    """
    href = clean(href).strip()
    if not href or any(c in href for c in "\\\n\r\t "):
        return ""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme in {"http", "https"}:
        return href if parts.netloc else ""
    if parts.scheme or parts.netloc or not href.startswith("/") or href.startswith("//"):
        return ""
    return urljoin(site, href) if site else href


def json_figures(document: Document) -> list[dict[str, Any]]:
    """Each figure once per way of printing it: id, value, unit, printed, measure, measure_label, facts,
    link, verdict.

    Whole values are integers, others are strings in plain decimal notation (a float would lie); dates are
    ISO; null is "nobody recorded anything".
    """
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for figure in document.figures():
        seen.setdefault(
            (figure.figure_id, figure.text),
            {
                "id": figure.figure_id,
                "value": _json_value(figure.value),
                "unit": figure.unit,
                "printed": figure.text,
                "measure": figure.measure,
                "measure_label": figure.measure_label,
                "facts": figure.basis,
                "link": safe_link(figure.href, document.site),
                "verdict": figure.verdict,
            },
        )
    return list(seen.values())


def _json_value(value: Value) -> int | str | None:
    if isinstance(value, Missing):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date) else value
