"""A report as a file: Word in the official layout, HTML, or JSON with every figure listed."""

import json
from html import escape
from typing import Any

from quxin.briefs.reports import ReportBrief
from quxin.kernel.errors import QuxinError
from quxin.reports.document import Document, json_figures
from quxin.reports.paper import html
from quxin.reports.remarks import remarks
from quxin.reports.word import write_docx

PAGE = """<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title></head><body>
{body}
</body></html>
"""


class UnknownFormat(QuxinError):
    """A file name whose ending is none of ours."""

    default_message = "不能写成“%(suffix)s”格式。"
    default_hint = "输出文件请以 .docx、.html 或 .json 结尾。"


class LetterheadMisplaced(QuxinError):
    """A letterhead for a file that is no Word file."""

    default_message = "红头只能排在 Word 文件里，不能写进“%(suffix)s”。"
    default_hint = "输出文件请以 .docx 结尾，或者不要红头。"


def report_data(brief: ReportBrief, document: Document) -> dict[str, Any]:
    """The report for a program: title, organisation, period, figures, remarks."""
    return {
        "title": document.title,
        "organisation": brief.issuer,
        "organisation_code": brief.organisation.official_code or brief.organisation.code,
        "campaign": brief.campaign.key,
        "period": str(brief.period),
        "figures": json_figures(document),
        "remarks": [
            {"code": remark.code, "message": remark.text(), "hint": remark.hint_text()} for remark in remarks(document)
        ],
    }


def write_report(brief: ReportBrief, document: Document, suffix: str, *, draft: bool = False) -> bytes:
    """The bytes of the report as ".docx" (of a ``draft``: with its loose numbers marked), ".html" or ".json".

    Raises UnknownFormat.
    """
    if suffix == ".docx":
        return write_docx(document, draft=draft)
    if suffix == ".html":
        return PAGE.format(title=escape(document.title), body=html(document)).encode()
    if suffix == ".json":
        return json.dumps(report_data(brief, document), ensure_ascii=False, indent=2, default=str).encode()
    raise UnknownFormat(suffix=suffix)
