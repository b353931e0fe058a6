"""The fixed parts of the Word file: styles, settings, font table, section and footers, as XML of the
official layout.

Only what is the same in every document stands here; ``word`` puts the text between. Every style is spelled
out, so that the file looks the same whatever template the reading program brings along.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from quxin.reports import layout
from quxin.reports.layout import Face, twips

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NS = f'xmlns:w="{W}" xmlns:r="{R}"'


# No gaps between Chinese and Latin: each character keeps to its cell. LibreOffice (7.4) reads overflowPunct
# the wrong way round, and where it lets a mark hang over a justified line with narrowed spacing it LOSES the
# mark. So hanging is allowed, as office programs do by default: Word hangs, LibreOffice doesn't and prints
# every mark.
_CELLS = (
    '<w:widowControl w:val="0"/><w:kinsoku/><w:overflowPunct w:val="1"/>'
    '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
)


def fonts(face: Face) -> str:
    """``w:rFonts`` for ``face``: Chinese in the face, Latin letters and digits in the Latin face."""
    latin = layout.LATIN_FACE.name
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:cs="{latin}" w:eastAsia="{face.name}"/>'


def _size(points: float) -> str:
    half = round(points * 2)
    return f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'


def _exact(twips_: int) -> str:
    """Exact line height: a fallback font with taller lines cannot push a line off the page."""
    return f'<w:spacing w:before="0" w:after="0" w:line="{twips_}" w:lineRule="exact"/>'


def _style(
    key: str,
    name: str,
    ppr: str = "",
    rpr: str = "",
    *,
    based: str = "Normal",
    default: bool = False,
    following: str = "",
) -> str:
    based_on = "" if default else f'<w:basedOn w:val="{based}"/>'
    then = f'<w:next w:val="{following}"/>' if following else ""
    return (
        f'<w:style w:type="paragraph" {"w:default=" + chr(34) + "1" + chr(34) if default else ""} '
        f'w:styleId="{key}"><w:name w:val="{name}"/>{based_on}{then}<w:qFormat/>'
        f"<w:pPr>{ppr}</w:pPr><w:rPr>{rpr}</w:rPr></w:style>"
    )


def styles() -> str:
    """The whole of ``word/styles.xml``."""
    indent = f'<w:ind w:firstLine="{layout.INDENT_TWIPS}"/>'
    grid = f'<w:spacing w:val="{layout.BODY_SPACING_TWIPS}"/>'
    line = _exact(layout.LINE_PITCH_TWIPS)
    heads = [layout.FIRST_FACE, layout.SECOND_FACE, layout.BODY_FACE, layout.BODY_FACE]
    parts = [
        f"<w:styles {NS}><w:docDefaults><w:rPrDefault><w:rPr>{fonts(layout.BODY_FACE)}"
        '<w:color w:val="000000"/>'
        f'{grid}<w:kern w:val="0"/>{_size(layout.BODY_PT)}'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        f"<w:pPrDefault><w:pPr>{_CELLS}</w:pPr></w:pPrDefault></w:docDefaults>",
        _style(
            "Normal",
            "Normal",
            f'{_CELLS}{line}<w:jc w:val="both"/>',
            default=True,
        ),
        _style("BodyText", "Body Text", indent),
        _style("Flush", "Flush Text", '<w:jc w:val="left"/>'),
        _style(
            "Title",
            "Title",
            # Off the grid: programs give a line taller than a cell two of them. Its exact height keeps the
            # count.
            '<w:keepNext/><w:snapToGrid w:val="0"/><w:jc w:val="center"/>',
            f'{fonts(layout.TITLE_FACE)}<w:spacing w:val="0"/>{_size(layout.TITLE_PT)}',
            following="BodyText",
        ),
        _style("Number", "Document Number", '<w:jc w:val="center"/>'),
        _style("Signature", "Signature", '<w:keepNext/><w:keepLines/><w:jc w:val="left"/>'),
        _style("AttachmentMark", "Attachment Mark", '<w:jc w:val="left"/>', fonts(layout.FIRST_FACE)),
        _style("Table", "Table Text", _cell("left"), _cell_run(layout.BODY_FACE)),
        _style("TableHead", "Table Head", _cell("center"), _cell_run(layout.FIRST_FACE)),
        _style(
            "Footer",
            "footer",
            _exact(layout.PAGE_NUMBER_LINE_TWIPS),
            f'{_page_fonts()}<w:spacing w:val="0"/>{_size(layout.PAGE_NUMBER_PT)}',
        ),
    ]
    for level, face in enumerate(heads, start=1):
        ppr = f'<w:keepNext/>{indent}<w:outlineLvl w:val="{level - 1}"/>'
        parts.append(
            _style(
                f"Heading{level}",
                f"heading {level}",
                ppr,
                f'{fonts(face)}<w:b w:val="0"/>',
                following="BodyText",
            )
        )
    parts.append("</w:styles>")
    return "".join(parts)


def _cell(jc: str) -> str:
    return f'<w:snapToGrid w:val="0"/>{_exact(layout.TABLE_LINE_TWIPS)}<w:jc w:val="{jc}"/>'


def _cell_run(face: Face) -> str:
    return f'{fonts(face)}<w:spacing w:val="0"/>{_size(layout.TABLE_PT)}'


def _page_fonts() -> str:
    name = layout.NUMBER_FACE.name  # the standard asks for half-width digits of this very face
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'


def settings() -> str:
    """The whole of ``word/settings.xml``: mirrored margins, different footers left and right, nothing
    compressed.
    """
    compat = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (
            ("compatibilityMode", "15"),
            ("overrideTableStyleFontSizeAndJustification", "1"),
            ("enableOpenTypeFeatures", "1"),
            ("doNotFlipMirrorIndents", "1"),
        )
    )
    return (
        f'<w:settings {NS}><w:zoom w:percent="100"/><w:mirrorMargins/>'
        f'<w:defaultTabStop w:val="{layout.INDENT_TWIPS}"/>'
        '<w:evenAndOddHeaders/><w:characterSpacingControl w:val="doNotCompress"/>'
        f'<w:compat><w:useFELayout/>{compat}</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>'
        '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
    )


def font_table() -> str:
    """The whole of ``word/fontTable.xml``: what may stand in for a face that the reader's machine lacks."""
    rows = []
    for face in (*layout.STANDARD_FACES, layout.LATIN_FACE):
        charset, family = ("00", "roman") if face is layout.LATIN_FACE else ("86", "modern")
        names = ",".join((*face.aliases, *face.fallbacks))
        rows.append(
            f"<w:font w:name={quoteattr(face.name)}><w:altName w:val={quoteattr(names)}/>"
            f'<w:charset w:val="{charset}"/><w:family w:val="{family}"/><w:pitch w:val="auto"/></w:font>'
        )
    return f"<w:fonts {NS}>{''.join(rows)}</w:fonts>"


def section(odd_footer: str, even_footer: str) -> str:
    """``w:sectPr``: the sheet, its margins, its footers (relationship ids) and the grid."""
    return (
        f'<w:sectPr {NS}><w:footerReference w:type="default" r:id="{odd_footer}"/>'
        f'<w:footerReference w:type="even" r:id="{even_footer}"/>'
        f'<w:pgSz w:w="{twips(layout.PAGE_WIDTH_MM)}" w:h="{twips(layout.PAGE_HEIGHT_MM)}"/>'
        f'<w:pgMar w:top="{twips(layout.MARGIN_TOP_MM)}" w:right="{twips(layout.MARGIN_OUTER_MM)}" '
        f'w:bottom="{twips(layout.MARGIN_BOTTOM_MM)}" w:left="{twips(layout.MARGIN_BINDING_MM)}" '
        f'w:header="851" w:footer="{twips(layout.FOOTER_MM)}" w:gutter="0"/>'
        f'<w:cols w:space="425"/>'
        f'<w:docGrid w:type="lines" w:linePitch="{layout.LINE_PITCH_TWIPS}"/></w:sectPr>'
    )


def footer(*, odd: bool) -> str:
    """A footer part: "— 1 —" one character in from the outer edge (right on odd pages, left on even ones)."""
    side, jc = ("right", "right") if odd else ("left", "left")
    # Each dash carries the hint, or a program would take the narrow Latin one.
    dash = '<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t xml:space="preserve">{}</w:t></w:r>'
    field = "".join(
        f"<w:r>{piece}</w:r>"
        for piece in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    inset = round(layout.PAGE_NUMBER_PT * 20)
    return (
        f'<w:ftr {NS}><w:p><w:pPr><w:pStyle w:val="Footer"/><w:snapToGrid w:val="0"/>'
        f'<w:ind w:{side}="{inset}"/>'
        f'<w:jc w:val="{jc}"/></w:pPr>{dash.format("— ")}{field}{dash.format(" —")}</w:p></w:ftr>'
    )
