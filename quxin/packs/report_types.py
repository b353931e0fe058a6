"""The types of reports: an outline of sections, when reports are due, and where things are shown.

Words only: the template language inside ``text`` is read by :mod:`quxin.packs.outline`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from quxin.packs.base_types import ForClass, Id, KeyId, Strict, Words, about


def _limit(value: Any) -> Any:
    """``5000 字`` → 5000."""
    found = re.fullmatch(r"\s*(\d+)\s*字?\s*", value) if isinstance(value, str) else None
    return int(found[1]) if found else value


class Section(Strict):
    """A section: a heading, paragraphs (a blank line between two), and sections below."""

    id: Id = about("编号", "id")
    title: str = about("标题", "heading", min_length=1)
    text: str = about("正文模板", "text template", "")
    board: Literal["overall", "ahead", "late", "due"] | None = about(
        "通报里由任务推进表写成的内容：总体、居前、逾期、将到期",
        "in a bulletin, what the board writes: overall, ahead, late, due",
        None,
    )
    sections: list[Section] = about("下级标题", "sections below", list)


class Report(Strict):
    """The outline of one report."""

    id: KeyId = about("编号，取自键", "id, taken from the key", "")
    title: str = about("标题模板", "title template", min_length=1)
    limit: Annotated[int, BeforeValidator(_limit, json_schema_input_type=int | str)] = about(
        "字数上限，超过只提醒", "length in characters, warned above", 5000, ge=100
    )
    literals: list[str] = about(
        "允许照抄的含数字文字（文号、专名、日期）", "words with digits allowed as they are", list
    )
    sections: list[Section] = about("章节", "sections", min_length=1)

    def walk(self) -> list[Section]:
        """All sections, depth first."""
        found: list[Section] = []

        def visit(sections: list[Section]) -> None:
            for section in sections:
                found.append(section)
                visit(section.sections)

        visit(self.sections)
        return found


class Reporting(Strict):
    """A report that somebody owes at a rhythm."""

    id: Id = about("编号", "id")
    title: Words = about("名称", "title")
    every: Literal["month", "quarter", "half-year", "year", "once", "on-demand"] = about("周期", "rhythm")
    for_: ForClass = about("由谁报告", "who reports", alias="for")
    to: str = about("向谁报告", "to whom", "")
    report: Id | None = about("用哪个提纲", "which outline", None)
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)


class Publication(Strict):
    """A place where the public sees something."""

    id: Id = about("编号", "id")
    title: Words = about("栏目或场所", "column or place")
    place: Literal["notice-board", "web-column", "newspaper", "exhibition", "service-hall", "poster"] = about(
        "形式", "form"
    )
    shows: list[Literal["promises", "progress", "evaluations", "honours", "articles", "services", "words"]] = about(
        "公开什么", "what is shown", list
    )
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)
