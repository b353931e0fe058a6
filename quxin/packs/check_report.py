"""Whether a report outline holds: its figures are bound to measures, in a style that fits, and no number is loose.

Must not judge style or length of the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from quxin.kernel.errors import QuxinError
from quxin.kernel.hedged import check_hedge
from quxin.packs.base_types import nearest
from quxin.packs.checking import Checking
from quxin.packs.measure_types import MeasureSpec
from quxin.packs.outline import (
    FigureRef,
    NameRef,
    Span,
    parse_outline,
    unbound_chinese_numbers,
    unbound_digits,
)
from quxin.packs.problems import Path, Place
from quxin.packs.report_types import Report, Section
from quxin.packs.vocabulary import ACTIVITY_KINDS


def check_reports(checking: Checking) -> None:
    """Check every report of the pack, and its bulletin."""
    outlines: list[tuple[Path, Report]] = [(("reports", key), one) for key, one in checking.pack.reports.items()]
    if checking.pack.bulletin:
        outlines.append((("bulletin",), checking.pack.bulletin))
    for path, report in outlines:
        seen: dict[str, str] = {}
        ids: list[tuple[Path, str]] = []
        _check_text(checking, (*path, "title"), report.title, report, seen)
        _check_sections(checking, (*path, "sections"), report.sections, report, seen, ids)
        checking.unique((), "章节", ids)


def _check_sections(
    checking: Checking, path: Path, sections: list[Section], report: Report, seen: dict[str, str],
    ids: list[tuple[Path, str]],
) -> None:  # fmt: skip
    for place, section in enumerate(sections):
        here: Path = (*path, place)
        ids.append((here, section.id))
        _check_text(checking, (*here, "title"), section.title, report, seen)
        _check_text(checking, (*here, "text"), section.text, report, seen)
        if section.board and path[0] != "bulletin":
            checking.error((*here, "board"), "只有通报能写 board", "请删去这一行，或把这一节移到 bulletin 里。")
        _check_sections(checking, (*here, "sections"), section.sections, report, seen, ids)


def _check_text(checking: Checking, path: Path, text: str, report: Report, seen: dict[str, str]) -> None:
    outline = parse_outline(text)
    for fault in outline.faults:
        place = _place(checking, path, text, fault.span)
        checking.note(place, fault.message, fault.hint, fault.params)
    _loose_numbers(checking, path, text, report)
    spelled = _spelled_figures(text)
    for segment in outline.segments:
        if isinstance(segment, NameRef) and segment.name.startswith("campaign.") and not checking.pack.campaign:
            checking.error(
                path, "包里没有主题活动，印不出 {%(name)s}", "请删去它，或写上 campaign。", name=segment.name
            )
        if isinstance(segment, FigureRef):
            _check_figure(checking, path, segment, next(spelled), seen)


def _spelled_figures(text: str) -> Iterator[tuple[str, int]]:
    """The figures of a text as they are written, with how often each spelling came before."""
    counts: Counter[str] = Counter()
    for found in re.finditer(r"\{[^{}]*\}", text):
        outline = parse_outline(found[0])
        if outline.figures:
            yield found[0], counts[found[0]]
            counts[found[0]] += 1


def _check_figure(
    checking: Checking, path: Path, figure: FigureRef, spelled: tuple[str, int], seen: dict[str, str]
) -> None:
    place = checking.places.inside(path, *spelled)
    if figure.measure not in checking.measures:
        near = _near(checking, figure.measure)
        hint = "是不是 %(nearest)s？" if near else "请在 measures 里写上它，或核对编号。"
        params = {"measure": figure.measure, "nearest": near}
        checking.note(place, "报告用了没有的指标“%(measure)s”", hint, params)
        return
    fault = _style_fault(checking, figure, checking.measures[figure.measure])
    if fault:
        checking.note(place, *fault, {"measure": figure.measure})
    if figure.hedge_text and not _is_hedge(figure.hedge_text):
        hint = "请写成 近2000、2000多、160余、约10万 这样；单位由指标带出。"
        checking.note(place, "看不懂约数“%(hedge)s”", hint, {"hedge": figure.hedge_text})
    if figure.figure_id:
        if figure.figure_id in seen:
            checking.note(place, "数字编号“%(id)s”重复了", "同一份报告里每个编号只能用一次。", {"id": figure.figure_id})
        seen[figure.figure_id] = figure.measure


def _is_hedge(text: str) -> bool:
    """Whether the writer of numbers understands ``text``; whether it is right shows when the report is written."""
    try:
        check_hedge(text, 1)
    except QuxinError:
        return False
    return True


def _near(checking: Checking, measure: str) -> str:
    return nearest(measure, list(checking.measures))


def _style_fault(checking: Checking, figure: FigureRef, spec: MeasureSpec) -> tuple[str, str] | None:
    dated = figure.style in ("month", "date")
    if dated and spec.form != "first":
        return "“%(measure)s”不是日期，不能印成月份或日期", "请去掉 month 或 date，或改用 first 指标。"
    if spec.form == "first" and not dated:
        return "“%(measure)s”是日期，要说明怎样印", "请写 {%(measure)s month} 或 {%(measure)s date}。"
    if figure.style == "names" and not _has_names(checking, spec):
        return "“%(measure)s”没有可列举的名称", "只有简单记录能列举：请在记录类别里写 named_by。"
    return None


def _has_names(checking: Checking, spec: MeasureSpec) -> bool:
    """Whether the records behind a measure carry a name (a field, or the title of an activity)."""
    pack, where = checking.pack, spec.where
    if where is None:
        return False
    if (where.record or where.series) not in {None, *pack.records, *pack.series}:
        return True  # an unknown one has its own problem
    kind = where.record or (pack.series[where.series].kind if where.series in pack.series else where.activity)
    if kind in pack.records:
        return pack.records[kind].named_by is not None
    return kind in ACTIVITY_KINDS


def _loose_numbers(checking: Checking, path: Path, text: str, report: Report) -> None:
    for span in unbound_digits(text, report.literals):
        checking.note(
            _place(checking, path, text, span), "“%(number)s”没有绑定到任何指标",
            "请改成 {指标}；若是文号、专名或日期，写成 {literal:…} 或列入 literals。", {"number": span.text},
        )  # fmt: skip
    for span in unbound_chinese_numbers(text, report.literals):
        hint = "若是要统计的数，请写成 {指标 cn}；若是固定说法，请列入 literals。"
        place = _place(checking, path, text, span)
        checking.note(place, "“%(number)s”像是一个没有绑定的数", hint, {"number": span.text}, level="warning")


def _place(checking: Checking, path: Path, text: str, span: Span) -> Place:
    before = text[: span.start].count(span.text)
    return checking.places.inside(path, span.text, before)
