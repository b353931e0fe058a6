"""Letterhead and imprint as XML of a Word file: where GB/T 9704-2012 wants them, in lengths that office programs keep.

All lines have an exact height, so that the place of each follows from sums and not from the font that stands in.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from quxin.reports import layout
from quxin.reports.document import clean, long_date
from quxin.reports.layout import CHARACTER_TWIPS, Face, twips
from quxin.reports.letterhead import Letterhead
from quxin.reports.titles import title_lines, width
from quxin.reports.word_parts import NS

_WIDE = twips(layout.PAGE_WIDTH_MM - layout.MARGIN_BINDING_MM - layout.MARGIN_OUTER_MM)
_RULES_TWIPS = 80  # room for three rules
_EMU = 635  # to a twip
_DRAWING = " ".join(
    f'xmlns:{prefix}="http://schemas.{where}"'
    for prefix, where in (
        ("wp", "openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
        ("a", "openxmlformats.org/drawingml/2006/main"),
        ("wps", "microsoft.com/office/word/2010/wordprocessingShape"),
    )
)


def head(letterhead: Letterhead) -> list[str]:
    """The paragraphs above the title: mark, number with signer, red rule; blank lines between as the standard counts."""
    lines, size = mark_lines(letterhead.mark)
    slack = round(size * 20 * layout.MARK_SLACK)
    runs = "<w:r><w:br/></w:r>".join(_run(line, layout.TITLE_FACE, size, spacing=0, red=True) for line in lines)
    blank = _paragraph("", layout.LINE_PITCH_TWIPS)
    return [
        _paragraph("", twips(layout.MARK_TOP_MM) - slack),
        _paragraph(runs, round(size * 20 * layout.MARK_LINE), jc="center"),
        blank,
        blank,
        _number_line(letterhead),
        blank,
        blank,
    ]


def imprint(letterhead: Letterhead) -> str:
    """The last paragraph, which takes no room and holds the imprint: whom copies go to, who prints, and when.

    A text box that keeps to the lower edge of the type area and lets no text beside it: what LibreOffice leaves in the
    flow of the text when it is a frame or a floating table.
    """
    one = round(layout.IMPRINT_PT * 20)
    thick, thin = layout.IMPRINT_THICK_EIGHTHS, layout.IMPRINT_THIN_EIGHTHS
    # Rules are drawn from indent to indent: the first one is that of a paragraph without any.
    paragraphs, lines = [_paragraph("", 20, border=_rules(top=thick))], 0
    if letterhead.copies:
        words = f"抄送：{'，'.join(letterhead.copies)}。"
        hang = f'<w:ind w:left="{4 * one}" w:right="{one}" w:hanging="{3 * one}"/>'
        paragraphs.append(_paragraph(_small(words), layout.IMPRINT_LINE_TWIPS, indent=hang))
        # Two characters of a line in hand: Word cuts off what a box has no room for, and marks don't begin lines.
        lines += -(-int(width(words) - 2) // (_WIDE // one - 7))
    day = f"{long_date(letterhead.printed_on)}印发"
    # A long name and the day don't share a line.
    is_apart = width(letterhead.printer) + width(day) > _WIDE / one - 3
    rules = _rules(top=thin, bottom=thick) if letterhead.copies else _rules(bottom=thick)
    paragraphs.append(_printed(letterhead.printer, day, is_apart, _WIDE - one, rules))
    lines += 1 + is_apart
    return _paragraph(_box("".join(paragraphs), lines * layout.IMPRINT_LINE_TWIPS + _RULES_TWIPS), 20)


def _printed(printer: str, day: str, is_apart: bool, end: int, rules: str) -> str:
    """Who prints on the left, the day on the right, one character free on both sides."""
    between = f"<w:r>{'<w:br/>' if is_apart else ''}<w:tab/></w:r>"
    runs = f"{_small('　' + printer)}{between}{_small(day)}"
    return _paragraph(runs, layout.IMPRINT_LINE_TWIPS, border=rules, tab=end)


def _box(content: str, height: int) -> str:
    """A run with a text box of the width of the type area and `height` twips; its words stand on its lower edge.

    No automatic height: LibreOffice reckons it after it has placed the box, 2 mm too high.
    """
    size = f'cx="{_WIDE * _EMU}" cy="{height * _EMU}"'
    return (
        f'<w:r><w:drawing><wp:anchor {_DRAWING} distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" '
        'behindDoc="0" locked="0" layoutInCell="1" allowOverlap="0"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="margin"><wp:align>left</wp:align></wp:positionH>'
        '<wp:positionV relativeFrom="margin"><wp:align>bottom</wp:align></wp:positionV>'
        f'<wp:extent {size}/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapTopAndBottom/>'
        '<wp:docPr id="1" name="版记"/><wp:cNvGraphicFramePr/>'
        '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>'
        f'<wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>'
        f"<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx>"
        '<wps:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"><a:noAutofit/></wps:bodyPr>'
        "</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"
    )


def mark_lines(mark: str) -> tuple[list[str], float]:
    """The mark in as few lines as let it be large, and its size in points: what the width of the type area allows."""
    mark = " ".join(clean(mark).split())
    count = -(-int(width(mark) + 0.5) // layout.MARK_CHARACTERS)
    lines = title_lines(mark, layout.MARK_CHARACTERS) if count > 1 else [mark]
    room = layout.LINE_WIDTH_TWIPS / 20 / max(*map(width, lines), 1)
    return lines, min(layout.MARK_PT, int(room * 2) / 2)


def _number_line(letterhead: Letterhead) -> str:
    """The number over the red rule: in the middle, or on the left with the signer on the right."""
    border = (
        f'<w:pBdr><w:bottom w:val="single" w:sz="{layout.RULE_EIGHTHS}" w:space="{layout.RULE_SPACE_PT}" '
        f'w:color="{layout.RED}"/></w:pBdr>'
    )
    number = _body(letterhead.number)
    if not letterhead.signer:
        return _paragraph(number, layout.NUMBER_LINE_TWIPS, border=border, jc="center")
    # The free character on the left is a blank: the rule would follow an indent.
    words = f"{_body('　')}{number}<w:r><w:tab/></w:r>{_body('签发人：')}{_body(letterhead.signer, layout.SECOND_FACE)}"
    end = layout.LINE_WIDTH_TWIPS - CHARACTER_TWIPS
    return _paragraph(words, layout.NUMBER_LINE_TWIPS, border=border, tab=end)


def _rules(**sides: int) -> str:
    """Black rules of so many eighths of a point."""
    drawn = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>' for side, size in sides.items()
    )
    return f"<w:pBdr>{drawn}</w:pBdr>"


def _body(text: str, face: Face = layout.BODY_FACE) -> str:
    return _run(text, face, layout.BODY_PT, spacing=layout.BODY_SPACING_TWIPS)


def _small(text: str) -> str:
    return _run(text, layout.BODY_FACE, layout.IMPRINT_PT, spacing=0)


def _run(text: str, face: Face, points: float, *, spacing: int, red: bool = False) -> str:
    """A run of `text`; the hint makes quotation marks and dashes Chinese ones."""
    half, latin = round(points * 2), layout.LATIN_FACE.name
    colour = f'<w:color w:val="{layout.RED}"/>' if red else ""
    return (
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia" w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{face.name}"/>'
        f'{colour}<w:spacing w:val="{spacing}"/><w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r>'
    )


def _paragraph(runs: str, height: int, *, border: str = "", tab: int = 0, indent: str = "", jc: str = "left") -> str:
    """A paragraph of exact `height` (twips), off the grid; `tab` is a stop at which words end."""
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{tab}"/></w:tabs>' if tab else ""
    return (
        f'<w:p {NS}><w:pPr>{border}{tabs}<w:snapToGrid w:val="0"/>'
        f'<w:spacing w:before="0" w:after="0" w:line="{height}" w:lineRule="exact"/>{indent}<w:jc w:val="{jc}"/></w:pPr>'
        f"{runs}</w:p>"
    )
