"""A report as a Word file in the official layout (GB/T 9704-2012).

Equal documents give equal bytes: no clock, no random names, a fixed order inside the package. The numbers of
the headings are typed as text, because papers that travel between office programs lose or restart automatic
numbering. Every figure leads to its row in the source appendix, and each row back to the figure and on to
its workings. Not for letters or forms; this is one layout for one kind of paper.
"""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
import zipfile
from decimal import Decimal

import docx
from docx.document import Document as Package
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Twips
from docx.table import Table

from quxin.reports import layout, word_letterhead, word_parts
from quxin.reports.document import (
    Attachment,
    Document,
    FigureRun,
    Paragraph,
    SourceRow,
    clean,
    long_date,
    numbered,
    safe_link,
    shown_value,
)
from quxin.reports.layout import CHARACTER_TWIPS, CHARACTERS_PER_LINE, SIGNATURE_DATE_SHIFT, SIGNATURE_FREE
from quxin.reports.remarks import loose_parts
from quxin.reports.titles import title_lines, width

SOURCES_TITLE = "数字来源"
Columns = tuple[tuple[str, int], ...]
# Heading and width in twips; together the width of the type area. The place is said once above the table
# when all rows share it, and its column goes to the measures.
_COLUMNS: Columns = (
    ("序号", 620),
    ("文中写法", 1560),
    ("实数", 1560),
    ("指标", 1900),
    ("期间与范围", 1800),
    ("记录数", 780),
    ("出处", 600),
)
_PLACE = 4
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FOOTER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
_DROPPED = {RT.THUMBNAIL, RT.EXTENDED_PROPERTIES, RT.CUSTOM_XML, RT.NUMBERING, RT.WEB_SETTINGS, RT.THEME}


def write_docx(document: Document, *, draft: bool = False) -> bytes:
    """``document`` as the bytes of a .docx file; the same document always gives the same bytes.

    In a ``draft`` the numbers that are bound to nothing are highlighted, for whoever still writes.
    """
    package = docx.Document()
    _fixed_parts(package)
    _properties(package, document)
    _Writer(package, document, draft).write()
    buffer = io.BytesIO()
    package.save(buffer)
    return _repack(buffer.getvalue())


def missing_fonts() -> list[str]:
    """The faces of the standard that this machine lacks, by their Chinese names.

    A page that offers a preview says so. Empty where the machine cannot be asked (no fontconfig): the Word
    file names its faces either way, and what counts is the machine that opens it.
    """
    program = shutil.which("fc-list")
    if program is None:
        return []
    try:
        answer = subprocess.run(  # noqa: S603 -- a fixed command without input
            [program, ":", "family"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    installed = {name.strip() for line in answer.stdout.splitlines() for name in line.split(",")}
    return [face.name for face in layout.STANDARD_FACES if not installed & {face.name, *face.aliases}]


def _fixed_parts(package: Package) -> None:
    """Put our styles, settings and fonts in the place of the template's, and drop what the template drags
    along.
    """
    part = package.part
    part._styles_part._element = parse_xml(word_parts.styles())
    part._settings_part._element = parse_xml(word_parts.settings())
    for key, relationship in list(part.rels.items()):
        if relationship.reltype in _DROPPED or relationship.reltype.endswith("/stylesWithEffects"):
            del part.rels[key]
        elif relationship.reltype == RT.FONT_TABLE:
            relationship.target_part._blob = word_parts.font_table().encode()
    for key, relationship in list(part.package.rels.items()):
        if relationship.reltype in _DROPPED:
            del part.package.rels[key]
    body = part.element.body
    body.remove(body.sectPr)
    ids = [_footer(package, odd=True), _footer(package, odd=False)]
    body.append(parse_xml(word_parts.section(*ids)))


def _footer(package: Package, *, odd: bool) -> str:
    name = PackURI(f"/word/footer{1 if odd else 2}.xml")
    blob = word_parts.footer(odd=odd).encode()
    return package.part.relate_to(Part(name, _FOOTER_TYPE, blob, package.part.package), RT.FOOTER)


def _properties(package: Package, document: Document) -> None:
    """Title and author as the paper bears them; the file's dates are the paper's date."""
    day = dt.datetime.combine(document.date, dt.time())
    properties = package.core_properties
    properties.title = clean("".join(document.title.split("\n")))[:255]
    properties.author = properties.last_modified_by = clean(document.issuer)[:255]
    properties.created = properties.modified = day
    properties.revision = 1
    properties.language = "zh-CN"
    for empty in ("comments", "keywords", "subject", "category", "content_status", "identifier", "version"):
        setattr(properties, empty, "")


def _repack(raw: bytes) -> bytes:
    """The same package with fixed times and a fixed order of its parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        names = sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0  # the same bytes from every operating system
            target.writestr(info, source.read(name))
    return out.getvalue()


class _Writer:
    """Writes one document into one package, in reading order."""

    def __init__(self, package: Package, document: Document, draft: bool) -> None:
        self.package = package
        self.draft = draft
        self.document = document
        self.body = package.element.body
        self.rows = {(row.figure_id, row.printed): row.no for row in document.sources}
        self.bookmarks = 0
        self.met: set[int] = set()

    def write(self) -> None:
        self._head()
        for number, section in numbered(self.document):
            if section.heading:
                self._paragraph(f"Heading{section.level}", number + section.heading)
            for paragraph in section.paragraphs:
                self._running(paragraph)
        self._list_of_attachments()
        self._signature()
        titles = self._attachment_titles()
        for index, attachment in enumerate(self.document.attachments, start=1):
            if attachment.paragraphs:
                self._attachment(attachment, index, len(titles))
        if self.document.sources:
            self._sources(len(titles))
        self._imprint()

    # -- the paper itself

    def _head(self) -> None:
        if self.document.letterhead is not None:
            for xml in word_letterhead.head(self.document.letterhead):
                self.body.sectPr.addprevious(parse_xml(xml))
        elif self.document.number:
            self._paragraph("Number", self.document.number)
            self._paragraph("Flush", "")
        title = self._paragraph("Title", "")
        _broken(title, title_lines(clean(self.document.title)))
        self._paragraph("Flush", "")
        if self.document.recipients:
            self._paragraph("Flush", "、".join(self.document.recipients) + "：")

    def _imprint(self) -> None:
        """版记: at the foot of the last page, after everything else."""
        if self.document.letterhead is not None:
            self.body.sectPr.addprevious(parse_xml(word_letterhead.imprint(self.document.letterhead)))

    def _running(self, paragraph: Paragraph) -> None:
        element = self._paragraph("BodyText", "")
        for run in paragraph.runs:
            if isinstance(run, FigureRun):
                self._figure(element, run)
            else:
                parts = loose_parts(run.text) if self.draft else [(run.text, False)]
                for part, loose in parts:
                    element.append(_run(part, loose=loose))

    def _figure(self, element: BaseOxmlElement, figure: FigureRun) -> None:
        """A figure in the text: black and plain to the eye, a way to its row in the appendix to the mouse."""
        no = self.rows.get((figure.figure_id, figure.text))
        if no is None:
            element.append(_run(figure.text))
            return
        link = OxmlElement("w:hyperlink", {qn("w:anchor"): f"source_{no}", qn("w:history"): "0"})
        link.append(_run(figure.text, plain_link=True))
        first = no not in self.met
        self.met.add(no)
        self._marked(element, link, f"figure_{no}" if first else "")

    def _marked(self, parent: BaseOxmlElement, child: BaseOxmlElement, name: str) -> None:
        """Append ``child``, between the ends of a bookmark when it has a ``name``."""
        if not name:
            parent.append(child)
            return
        self.bookmarks += 1
        key = str(self.bookmarks)
        parent.append(OxmlElement("w:bookmarkStart", {qn("w:id"): key, qn("w:name"): name}))
        parent.append(child)
        parent.append(OxmlElement("w:bookmarkEnd", {qn("w:id"): key}))

    def _attachment_titles(self) -> list[str]:
        titles = [attachment.title for attachment in self.document.attachments]
        return titles + ([SOURCES_TITLE] if self.document.sources else [])

    def _list_of_attachments(self) -> None:
        """附件：1. … with each title standing under the first one."""
        titles = self._attachment_titles()
        if not titles:
            return
        self._paragraph("Flush", "")
        if len(titles) == 1:
            element = self._paragraph("Flush", f"附件：{titles[0]}")
            _indent(element, left=5 * CHARACTER_TWIPS, hanging=3 * CHARACTER_TWIPS)
            return
        for index, title in enumerate(titles, start=1):
            lead = "附件：" if index == 1 else ""
            element = self._paragraph("Flush", f"{lead}{index}.{title}")
            hang = 4 * CHARACTER_TWIPS if lead else CHARACTER_TWIPS
            _indent(element, left=6 * CHARACTER_TWIPS, hanging=hang)

    def _signature(self) -> None:
        """Issuer and date on the right: the date begins two characters after the issuer, two stay free."""
        issuer, date = clean(self.document.issuer), long_date(self.document.date)
        free = CHARACTERS_PER_LINE - SIGNATURE_FREE
        date_start = min(free - width(issuer) + SIGNATURE_DATE_SHIFT, free - width(date))
        issuer_start = max(date_start - SIGNATURE_DATE_SHIFT, 0)
        for text, start in (("", 0.0), (issuer, issuer_start), (date, max(date_start, 0))):
            element = self._paragraph("Signature", text)
            _indent(element, left=round(start * CHARACTER_TWIPS))

    # -- what goes with it

    def _attachment_head(self, title: str, index: int, count: int) -> None:
        mark = self._paragraph("AttachmentMark", "附件" if count == 1 else f"附件{index}")
        mark.get_or_add_pPr().get_or_add_pageBreakBefore()
        self._paragraph("Flush", "")
        element = self._paragraph("Title", "")
        _broken(element, title_lines(clean(title)))
        self._paragraph("Flush", "")

    def _attachment(self, attachment: Attachment, index: int, count: int) -> None:
        self._attachment_head(attachment.title, index, count)
        for paragraph in attachment.paragraphs:
            self._running(paragraph)

    def _sources(self, count: int) -> None:
        """The source appendix: what is printed, the exact value, what was measured, and where to see it."""
        self._attachment_head(SOURCES_TITLE, count, count)
        places = {(row.period, row.organisation) for row in self.document.sources}
        columns = _COLUMNS
        if len(places) == 1:
            self._place(*places.pop())
            wide = _COLUMNS[_PLACE - 1][1] + _COLUMNS[_PLACE][1]
            columns = (*_COLUMNS[: _PLACE - 1], ("指标", wide), *_COLUMNS[_PLACE + 1 :])
        table = self.package.add_table(rows=0, cols=len(columns))
        _table_frame(table._tbl, columns)
        _row(table, columns, [heading for heading, _ in columns], head=True)
        for row in self.document.sources:
            self._source(table, columns, row)

    def _place(self, period: str, organisation: str) -> None:
        said = [f"期间：{period}"] if period else []
        said += [f"范围：{organisation}"] if organisation else []
        if said:
            self._paragraph("Flush", "；".join(said))

    def _source(self, table: Table, columns: Columns, row: SourceRow) -> None:
        cells = [
            "",
            row.printed,
            _with_unit(row),
            row.measure_label,
            "\n".join(part for part in (row.period, row.organisation) if part),
            str(row.basis),
            "",
        ]
        if len(columns) < len(_COLUMNS):
            del cells[_PLACE]
        line = _row(table, columns, cells)
        back = OxmlElement("w:hyperlink", {qn("w:anchor"): f"figure_{row.no}", qn("w:history"): "0"})
        back.append(_run(str(row.no), plain_link=True))
        self._marked(line[0], back, f"source_{row.no}")
        line[-1].append(self._outward(row.link))

    def _outward(self, href: str) -> BaseOxmlElement:
        """A link to the workings; a word without a link where the address is relative or of a strange
        kind.
        """
        target = safe_link(href, self.document.site)
        if not target.startswith(("http://", "https://")):
            return _run("—")
        key = self.package.part.relate_to(target, RT.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink", {qn("r:id"): key, qn("w:history"): "0"})
        link.append(_run("查看", underlined=True))
        return link

    # -- the smallest pieces

    def _paragraph(self, style: str, text: str) -> BaseOxmlElement:
        element = OxmlElement("w:p")
        _styled(element, style)
        if text:
            element.append(_run(text))
        self.body.sectPr.addprevious(element)
        return element


def _broken(element: BaseOxmlElement, lines: list[str]) -> None:
    """Put ``lines`` into a paragraph, with line breaks between them."""
    for index, line in enumerate(lines):
        if not line:
            continue
        run = _run(line)
        if index:
            run.insert(1, OxmlElement("w:br"))
        element.append(run)


def _with_unit(row: SourceRow) -> str:
    """The exact value as the appendix shows it: 1,960人次; dates and "no data" take no unit."""
    value = shown_value(row.value)
    return value + row.unit if isinstance(row.value, int | Decimal) else value


def _row(table: Table, columns: Columns, cells: list[str], *, head: bool = False) -> list[BaseOxmlElement]:
    """Add a row that no page break cuts; gives the paragraph of each cell."""
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))
    found = []
    for cell, text, (_, wide) in zip(row.cells, cells, columns, strict=True):
        cell.width = Twips(wide)
        element = cell.paragraphs[0]._p
        _styled(element, "TableHead" if head else "Table")
        _broken(element, clean(text).split("\n"))
        found.append(element)
    return found


def _styled(element: BaseOxmlElement, style: str) -> None:
    element.get_or_add_pPr().get_or_add_pStyle().set(qn("w:val"), style)


def _indent(element: BaseOxmlElement, **lengths: int) -> None:
    indent = element.get_or_add_pPr().get_or_add_ind()
    for name, value in lengths.items():
        indent.set(qn(f"w:{name}"), str(value))


def _run(text: str, *, plain_link: bool = False, underlined: bool = False, loose: bool = False) -> BaseOxmlElement:
    """A run; the hint makes quotation marks, dashes and ellipses Chinese ones, of full width."""
    run = OxmlElement("w:r")
    properties = OxmlElement("w:rPr")
    properties.append(OxmlElement("w:rFonts", {qn("w:hint"): "eastAsia"}))
    if plain_link or underlined:
        properties.append(OxmlElement("w:color", {qn("w:val"): "000000"}))
        properties.append(OxmlElement("w:u", {qn("w:val"): "single" if underlined else "none"}))
    if loose:
        properties.append(OxmlElement("w:highlight", {qn("w:val"): "yellow"}))
    run.append(properties)
    words = OxmlElement("w:t", {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    words.text = " ".join(clean(text).replace("\n", " ").split(" "))
    run.append(words)
    return run


def _table_frame(table: BaseOxmlElement, columns: Columns) -> None:
    """Thin black rules all round, fixed columns over the whole type area."""
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    total = sum(wide for _, wide in columns)
    properties = parse_xml(
        f'<w:tblPr {word_parts.NS}><w:tblW w:w="{total}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    )
    table.replace(table.tblPr, properties)
    for column, (_, wide) in zip(table.tblGrid.findall(qn("w:gridCol")), columns, strict=True):
        column.set(qn("w:w"), str(wide))
