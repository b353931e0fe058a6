"""The same document as a fragment of HTML: an article whose figures are links to their workings.

Every text is escaped here and every address checked (``safe_link``), so that a page may print the fragment
as it is. Colours, fonts and the side panel belong to the page. Nothing may be added here that the Word file
lacks, but for marks at numbers without a source, which are for whoever still writes.
"""

from __future__ import annotations

from html import escape

from quxin.reports.document import (
    Attachment,
    Document,
    FigureRun,
    Paragraph,
    clean,
    long_date,
    numbered,
    safe_link,
)
from quxin.reports.remarks import loose_parts
from quxin.reports.titles import title_lines


class Fragment(str):
    """HTML that is safe to print unescaped: templates ask for ``__html__`` before they escape."""

    __slots__ = ()

    def __html__(self) -> str:
        """The fragment itself."""
        return self


def html(document: Document) -> Fragment:
    """``document`` as ``<article class="doc">``: h1, h2-h5 for the levels 1-4, p, and ``a.fig`` for each
    figure.

    A figure is ``<a class="fig" href hx-get data-figure data-verdict>``; one whose address is not ours is a
    ``<span class="fig">`` instead; a number without a source
    is ``<span class="loose">``. The source appendix is left out: in a page, the figure itself leads there.
    """
    parts = ['<article class="doc" lang="zh-Hans">', _head(document)]
    for number, section in numbered(document):
        if section.heading:
            tag = f"h{section.level + 1}"
            parts.append(f"<{tag}>{_text(number + section.heading)}</{tag}>")
        parts += [_paragraph(paragraph) for paragraph in section.paragraphs]
    parts += [
        '<footer class="doc-sign">',
        f"<p>{_text(document.issuer)}</p>",
        f'<p><time datetime="{document.date.isoformat()}">{long_date(document.date)}</time></p></footer>',
    ]
    count = len(document.attachments)
    parts += [_attachment(a, index, count) for index, a in enumerate(document.attachments, start=1)]
    parts.append("</article>")
    return Fragment("\n".join(part for part in parts if part))


def _text(text: str) -> str:
    return escape(clean(text), quote=True)


def _head(document: Document) -> str:
    parts = [f'<p class="doc-number">{_text(document.number)}</p>'] if document.number else []
    title = "<br>".join(_text(line) for line in title_lines(clean(document.title)))
    parts.append(f"<h1>{title}</h1>")
    if document.recipients:
        parts.append(f'<p class="doc-to">{_text("、".join(document.recipients))}：</p>')
    return "\n".join(parts)


def _paragraph(paragraph: Paragraph) -> str:
    inside = "".join(_figure(run) if isinstance(run, FigureRun) else _typed(run.text) for run in paragraph.runs)
    return f"<p>{inside}</p>"


def _typed(text: str) -> str:
    """Words typed by hand; a number among them that is bound to nothing is marked."""
    parts = loose_parts(clean(text))
    return "".join(f'<span class="loose">{_text(part)}</span>' if loose else _text(part) for part, loose in parts)


def _figure(figure: FigureRun) -> str:
    href = _text(safe_link(figure.href))
    data = f'data-figure="{_text(figure.figure_id)}" data-verdict="{figure.verdict}"'
    if not href:
        return f'<span class="fig" {data}>{_text(figure.text)}</span>'
    return f'<a class="fig" href="{href}" hx-get="{href}" {data}>{_text(figure.text)}</a>'


def _attachment(attachment: Attachment, index: int, count: int) -> str:
    mark = "附件" if count == 1 else f"附件{index}"
    body = "\n".join(_paragraph(paragraph) for paragraph in attachment.paragraphs)
    return f'<section class="doc-attachment"><h2>{mark} {_text(attachment.title)}</h2>\n{body}</section>'
