"""A report as words and figures: the outline of a pack, filled from the ledger for one organisation and period."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from quxin.briefs.figures import MISSING, Figure, figure_of
from quxin.briefs.subjects import subjects
from quxin.kernel.periods import Period
from quxin.ledger.queries import standing
from quxin.measures.facts import facts_of
from quxin.measures.reading import measure_many
from quxin.measures.registry import find
from quxin.measures.types import Measured
from quxin.orgs.models import Organisation
from quxin.orgs.names import names_on
from quxin.packs import outline as outlines
from quxin.packs.types import Pack, Report, Section
from quxin.records.campaigns.models import Campaign

Piece = str | Figure


@dataclass(frozen=True, slots=True)
class SectionBrief:
    """A section: level 1–4, heading, paragraphs of words and figures."""

    level: int
    title: str
    paragraphs: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class ReportBrief:
    """A whole report, ready to be shown or written to a file."""

    title: str
    issuer: str
    organisation: Organisation
    campaign: Campaign
    period: Period
    limit: int
    sections: tuple[SectionBrief, ...]

    def figures(self) -> list[Figure]:
        """Every figure in the order of the text, as often as it is printed."""
        return [
            piece
            for section in self.sections
            for paragraph in section.paragraphs
            for piece in paragraph
            if isinstance(piece, Figure)
        ]


def report_brief(
    *,
    pack: Pack,
    campaign: Campaign,
    organisation: Organisation,
    period: Period,
    report_id: str = "",
    as_of: datetime | None = None,
    outline: Report | None = None,
) -> ReportBrief:
    """Fill `outline`, or the pack's outline `report_id` (default: its first). All measures are read in a few queries.

    Organisations are called what they were called when the period ended. `as_of` (aware) answers with what was recorded
    by then. Raises KeyError for an unknown outline (packs.check names it first), UnknownMeasure.
    """
    report = outline or (pack.reports[report_id] if report_id else next(iter(pack.reports.values())))
    called = names_on([organisation, campaign.sponsor], period.end)
    names = _names(pack, campaign, called[organisation.pk], called[campaign.sponsor_id], period)
    parsed = [(level, section, outlines.paragraphs(section.text)) for level, section in _leveled(report.sections)]
    wanted = {
        segment.measure: find(segment.measure, pack)
        for _, _, paragraphs in parsed
        for paragraph in paragraphs
        for segment in paragraph.segments
        if isinstance(segment, outlines.FigureRef)
    }
    measured = measure_many(wanted.values(), [organisation.path], period, as_of=as_of, campaign=campaign.key, pack=pack)

    def figure(ref: outlines.FigureRef) -> Figure:
        value = measured[wanted[ref.measure].id, organisation.path]
        made = figure_of(value, organisation, style=ref.style, wording=ref.hedge_text, figure_id=ref.figure_id)
        made = replace(made, organisation=called[organisation.pk])
        return _with_names(made, value, period) if ref.style == "names" else made

    return ReportBrief(
        title=_plain(outlines.parse_outline(report.title), names),
        issuer=called[organisation.pk],
        organisation=organisation,
        campaign=campaign,
        period=period,
        limit=report.limit,
        sections=tuple(_section(level, section, paragraphs, names, figure) for level, section, paragraphs in parsed),
    )


def _leveled(sections: list[Section], level: int = 1) -> Iterator[tuple[int, Section]]:
    for section in sections:
        yield level, section
        yield from _leveled(section.sections, level + 1)


def _names(pack: Pack, campaign: Campaign, organisation: str, sponsor: str, period: Period) -> dict[str, str]:
    """The words that an outline may ask for (packs.outline.NAMES); organisations by their names of the period."""
    return {
        "campaign.title": campaign.title,
        "campaign.theme": campaign.theme,
        "campaign.slogan": pack.campaign.slogan if pack.campaign else "",
        "campaign.sponsor": sponsor,
        "campaign.period": Period(campaign.starts_on, campaign.ends_on).zh(),
        "organisation": organisation,
        "period": period.zh(),
        "period.year": str(period.end.year),
    }


def _section(level, section, paragraphs, names, figure) -> SectionBrief:
    return SectionBrief(
        level, section.title, tuple(tuple(_pieces(paragraph, names, figure)) for paragraph in paragraphs)
    )


def _pieces(outline: outlines.Outline, names: dict[str, str], figure) -> Iterator[Piece]:
    for segment in outline.segments:
        match segment:
            case outlines.Words():
                yield segment.text
            case outlines.NameRef():
                yield names[segment.name]
            case outlines.FigureRef():
                yield figure(segment)


def _plain(outline: outlines.Outline, names: dict[str, str]) -> str:
    """Title templates hold words and names only."""
    return "".join(str(piece) for piece in _pieces(outline, names, lambda ref: ""))


def _with_names(figure: Figure, measured: Measured, period: Period) -> Figure:
    """Print the names of the records under a number (陕西、安徽 …), each once, in the order of their days."""
    if figure.verdict == MISSING:
        return figure
    chosen = facts_of(measured.id, path=measured.path, period=period, as_of=measured.as_of, campaign=measured.campaign)
    found = list(standing(chosen).order_by("on", "seq").values_list("subject", flat=True))
    known = subjects(found)
    names = list(dict.fromkeys(known[name].name or known[name].title for name in found if name in known))
    return replace(figure, text="、".join(names))
