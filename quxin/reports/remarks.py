"""What a careful reader would say of a report before it goes out: too long, a number without a source, a
wrong hedge.

Remarks are values and never stop anything: the writer of the report decides. Numbers typed by hand are found
by their digits (and by Chinese numerals from ten upwards before a unit); dates, document numbers, standards
and names in 《》 are not numbers that a ledger could hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from quxin.kernel.errors import say
from quxin.reports.document import (
    UNRECORDED,
    WRONG,
    Document,
    FigureRun,
    Paragraph,
    Words,
    numbered,
    shown_value,
)
from quxin.reports.layout import GENERAL_LIMIT, SPECIAL_LIMIT

ReportKind = Literal["general", "special"]

_NO_NUMBER = re.compile(
    r"""
    《[^《》]*》                                          # names of papers
  | 〔\d{4}〕\s*\d+\s*号                                  # document numbers
  | (?:GB|ISO|IEC|DB|JJF|JJG|CNAS)[/A-Z]*\s*/?\s*[\d.:—-]*\d   # standards
  | \d{4}年(?:度)?(?:\s*\d{1,2}月(?:\s*\d{1,2}[日号])?)?     # dates, whole or in part
  | \d{1,2}月(?:份)?(?:\s*\d{1,2}[日号])?
  | (?:至|到|—|-|、)\s*\d{1,2}[日号]
    """,
    re.VERBOSE,
)
_DIGITS = re.compile(r"[近约超]?\d[\d,.]*\s*(?:[%‰]|[十百千万亿]*[多余]?(?:人次|[个名人项期场次篇家户件份批条]))?")
_NUMERALS = re.compile(
    r"(?<![\d多余第〇零一二三四五六七八九十百千万亿两几])"
    r"[〇零一二三四五六七八九十两几百千万亿]*[十百千万亿][〇零一二三四五六七八九十百千万亿]*[多余]?"
    r"(?:人次|[个名人项期场次篇家户件份批条])"
)
_COUNTED = re.compile(r"[A-Za-z0-9]+(?:[.,'/-][A-Za-z0-9]+)*|\S")


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark: a stable ``code``, Chinese msgids with placeholders as in errors, and the passage it is
    about.
    """

    code: str
    message: str
    hint: str
    where: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """The message with its values, after ``translate``."""
        return say(self.message, self.params, translate)

    def hint_text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """What to do, with its values."""
        return say(self.hint, self.params, translate)


def length(document: Document) -> int:
    """Characters of the running text and its headings, counted as office programs do: a Latin word or a
    number is one.
    """
    text = "\n".join(section.heading for section in document.sections)
    body = "\n".join(p.text for section in document.sections for p in section.paragraphs)
    return len(_COUNTED.findall(text)) + len(_COUNTED.findall(body))


def remarks(document: Document, *, kind: ReportKind = "general") -> list[Remark]:
    """Everything to say of ``document``, in reading order; an empty list is praise."""
    return [*_too_long(document, kind), *_unbound(document), *_doubtful(document)]


def unbound_digits(text: str) -> list[str]:
    """The numbers in ``text`` that a ledger should have measured: ["3000多人"]; dates and names are left
    out.
    """
    return [text[start:end] for start, end in _unbound_spans(text)]


def loose_parts(text: str) -> Iterator[tuple[str, bool]]:
    """``text`` in pieces that make it up again, each with whether it is a number bound to nothing."""
    at = 0
    for start, end in _unbound_spans(text):
        if start > at:
            yield text[at:start], False
        if end > at:
            yield text[max(at, start) : end], True
        at = max(at, end)
    if at < len(text):
        yield text[at:], False


def _unbound_spans(text: str) -> list[tuple[int, int]]:
    """Where the numbers stand, in reading order."""
    bare = _NO_NUMBER.sub(lambda match: "\n" * len(match[0]), text)
    found = [(m.start(), m[0]) for pattern in (_DIGITS, _NUMERALS) for m in pattern.finditer(bare)]
    return sorted((start, start + len(words.rstrip())) for start, words in found)


def _too_long(document: Document, kind: ReportKind) -> Iterator[Remark]:
    limit = SPECIAL_LIMIT if kind == "special" else GENERAL_LIMIT
    count = length(document)
    if count > limit:
        yield Remark(
            "too-long",
            "全文%(count)s字，超过%(limit)s字",
            "一般报告不超过5000字，专项报告不超过4000字：请删减，或把细节移入附件",
            params={"count": count, "limit": limit},
        )


def _unbound(document: Document) -> Iterator[Remark]:
    for where, text in _typed(document):
        for words in unbound_digits(text):
            yield Remark(
                "unbound-number",
                "“%(words)s”没有出处",
                "请把它换成指标，或改写成不含数字的话",
                where=where,
                params={"words": words},
            )


def _typed(document: Document) -> Iterator[tuple[str, str]]:
    """Each passage that was typed and not measured, with the place where it stands."""
    for number, section in numbered(document):
        place = number + section.heading
        yield place, section.heading
        yield from ((place, text) for text in _words(section.paragraphs))
    for attachment in document.attachments:
        yield from ((attachment.title, text) for text in _words(attachment.paragraphs))


def _words(paragraphs: Iterable[Paragraph]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from (run.text for run in paragraph.runs if isinstance(run, Words))


def _doubtful(document: Document) -> Iterator[Remark]:
    said: set[tuple[str, str]] = set()
    for figure in document.figures():
        key = (figure.figure_id, figure.text)
        if key in said or figure.verdict not in {WRONG, UNRECORDED}:
            continue
        said.add(key)
        yield _doubt(figure)


def _doubt(figure: FigureRun) -> Remark:
    params = {"text": figure.text, "label": figure.measure_label, "value": shown_value(figure.value)}
    if figure.verdict == UNRECORDED:
        return Remark(
            "no-data",
            "“%(label)s”还没有人记录",
            "请先补录，或删去这句话；没有记录不等于零",
            figure.figure_id,
            params,
        )
    return Remark(
        "wrong-words",
        "“%(text)s”与实数%(value)s不符",
        "请改用合适的写法：近、多、余、约各有界限",
        figure.figure_id,
        params,
    )
