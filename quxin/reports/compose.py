"""From a report brief to the document that the writers print: words stay words, figures keep their workings.

Never reckons; whatever is printed was measured and put into words by the brief.
"""

from datetime import date

from quxin.briefs.figures import Figure
from quxin.briefs.reports import Piece, ReportBrief
from quxin.reports.document import Document, FigureRun, Paragraph, Run, Section, Words, with_sources
from quxin.reports.letterhead import Letterhead


def compose(
    brief: ReportBrief, *, on: date, site: str = "", face: str = "/desk/", letterhead: Letterhead | None = None
) -> Document:
    """The document of `brief`, dated `on`; links lead to `face` of `site`. Only Word prints the `letterhead`."""
    document = Document(
        title=brief.title,
        issuer=brief.issuer,
        date=on,
        site=site,
        letterhead=letterhead,
        sections=tuple(
            Section(
                section.level, section.title, tuple(_paragraph(paragraph, face) for paragraph in section.paragraphs)
            )
            for section in brief.sections
        ),
    )
    return with_sources(document, period=brief.period.zh(), organisation=brief.issuer)


def _paragraph(pieces: tuple[Piece, ...], face: str) -> Paragraph:
    return Paragraph(tuple(_run(piece, face) for piece in pieces))


def _run(piece: Piece, face: str) -> Run:
    if isinstance(piece, Figure):
        return FigureRun(
            figure_id=piece.figure_id or piece.measure,
            text=piece.text,
            value=piece.value,
            unit=piece.unit,
            measure=piece.measure,
            measure_label=piece.label,
            basis=piece.basis,
            href=face + piece.address,
            verdict=piece.verdict,
        )
    return Words(piece)
