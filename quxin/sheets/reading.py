"""Reading a table out of a workbook: where it stands, which column is which, and its rows as typed values.

Streams: a row is made when it is asked for and can be forgotten at once. Nothing here decides about a row; it says
what stands in it and what does not fit, by row and column as Excel shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from quxin.kernel.errors import QuxinError
from quxin.sheets import headers
from quxin.sheets.cells import BLANKS, CellProblem, Convert, Unfit, converter, nearest, problem_of, show
from quxin.sheets.columns import Column, letter
from quxin.sheets.forms import FORM_SHEET, Form, example_key, read_form
from quxin.sheets.headers import MARK_TITLES, Header, How, Matcher, plain
from quxin.sheets.workbook import Cells, Sheet, Workbook


class NoTable(QuxinError):
    """No sheet of the workbook has a header that we know."""

    default_message = "没有找到表头"
    default_hint = "表头里至少要有这些列：%(titles)s。也可以下载我们的模板，把数据复制进去。"


class NoSuchSheet(QuxinError):
    """The sheet asked for is not there."""

    default_message = "没有名为“%(sheet)s”的工作表"
    default_hint = "文件里有：%(sheets)s。"


class MissingColumn(QuxinError):
    """A required column is not in the header. ``params['missing']`` lists the titles, ``nearest`` the header."""

    default_message = "工作表“%(sheet)s”第 %(row)s 行的表头缺少必需的列：%(missing)s"
    default_hint = "表头里有：%(headers)s。请改正表头，或者指定哪一列是“%(first)s”。"


class WrongForm(QuxinError):
    """One of our own forms, but for something else."""

    default_message = "这是“%(found)s”的模板，不是“%(wanted)s”的"
    default_hint = "请检查是否选错了文件，或者下载正确的模板。"


class Mapped(NamedTuple):
    """One column of the mapping: shown to a person before anything is imported."""

    column: str
    header: str
    how: How
    confidence: float
    letter: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data. ``number`` as Excel shows it; ``values`` by column id, None for blank or unfit.

    ``cells`` is the row as it came, under ``Table.headers``, for giving it back.
    """

    number: int
    values: dict[str, Any]
    problems: tuple[CellProblem, ...]
    cells: Cells


class Skipped(NamedTuple):
    """A row that is not data, why (a msgid), and what it says."""

    number: int
    why: str
    text: str


TOTAL_LINE = "合计行"
FOOTNOTE = "表尾说明"
REPEATED_HEADER = "重复的表头"
NUMBERING_LINE = "栏次行"
EXAMPLE_ROW = "示例行"
CHANGED_EXAMPLE = "标着“示例”但内容改过；如果是要导入的数据，请删去“示例”标记"

_TOTAL = re.compile(r"(本页|本年|全省|全市|全国|全部)?(合计|总计|小计|共计|累计|总数)(数|人数|数量|[:(].*)?")
_FOOT = re.compile(
    r"(注|说明|备注|附注|填表说明|注意事项)\d?[:、.].*"
    r"|(填表人|填报人|制表人?|经办人|审核人?|复核人?|单位负责人|负责人|联系人|联系电话|填表(日期|时间)|填报(日期|时间|单位)"
    r"|制表(日期|时间)|单位(公章|盖章|签章)|打印(日期|时间))([:(].*)?"
)
_FOOT_STARTS = frozenset("本全合总小共累注说备附填制经审复单负联打")
_STEMS = "甲乙丙丁戊己庚辛"
_NUMBERING = re.compile(r"[(\[]?(\d{1,2})(?:\.0)?[)\]]?(?:=.*)?")


def find_table(
    workbook: Workbook,
    columns: Sequence[Column],
    *,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    template: str | None = None,
) -> Table:
    """Find the table that ``columns`` describe.

    ``sheet`` names the sheet to look at (default: the visible sheet whose header fits best). ``mapping`` is a person's
    word: column id -> header text or letters of the column; columns it leaves out are then not read. ``template`` is the
    form that is wanted: another form of ours is refused. Raises ``NoTable``, ``NoSuchSheet``, ``MissingColumn``,
    ``WrongForm``, or a ``BadWorkbook``.
    """
    form = _form(workbook, template)
    names = _sheets_to_try(workbook, sheet, form)
    matcher = Matcher(columns)
    best: tuple[Sheet, Header] | None = None
    missing: list[str] = []
    for name in names:
        page = workbook.sheet(name)
        header, lacking = _header(page, columns, matcher, mapping, form)
        if header is not None and (best is None or header.score > best[1].score):
            best, missing = (page, header), lacking
            if len(header.matches) == len(columns) and header.score >= 0.94 * len(columns):
                break
    if best is None:
        titles = "、".join(column.title for column in columns if column.required) or columns[0].title
        raise NoTable(titles=titles, sheets="、".join(names))
    page, found = best
    table = Table(page, columns, found, form, workbook.max_rows)
    _require(table, columns, missing, mapping)
    return table


def _form(workbook: Workbook, template: str | None) -> Form | None:
    if FORM_SHEET not in (*workbook.hidden, *workbook.sheets):
        return None
    form = read_form(workbook.sheet(FORM_SHEET))
    if form is not None and template is not None and form.template != template:
        raise WrongForm(found=form.title or form.template, wanted=template)
    return form


def _sheets_to_try(workbook: Workbook, sheet: str | None, form: Form | None) -> Sequence[str]:
    names = [name for name in workbook.sheets if name != FORM_SHEET]
    if sheet is not None:
        if sheet not in (*workbook.sheets, *workbook.hidden):
            raise NoSuchSheet(sheet=sheet, sheets="、".join(names))
        return [sheet]
    if form is not None and form.sheet in names:
        return [form.sheet]
    return names


def _header(
    page: Sheet,
    columns: Sequence[Column],
    matcher: Matcher,
    mapping: Mapping[str, str] | None,
    form: Form | None,
) -> tuple[Header | None, list[str]]:
    head = Workbook.head(page, headers.HEAD_ROWS + 1)
    merges = [((t, left - page.offset), (b, right - page.offset)) for (t, left), (b, right) in page.merges()]
    if mapping:
        return headers.given_header(head, merges, columns, mapping, page.offset)
    found = headers.find_header(head, merges, columns, matcher)
    if form is not None and form.headers:
        found = _by_form(head, columns, form, found)
    return found, []


def _by_form(head: Sequence[Cells], columns: Sequence[Column], form: Form, found: Header | None) -> Header | None:
    """What our own form says about its header outranks every guess, as long as the header still stands there."""
    wanted = {plain(text): column for column, text in form.headers.items()}
    positions = {column.id: index for index, column in enumerate(columns)}
    for row, cells in enumerate(head):
        by_text = {plain(cell): index for index, cell in enumerate(cells)}
        known = [text for text in wanted if text in by_text]
        if len(known) * 2 <= len(wanted):
            continue
        matches = tuple(
            headers.Match(positions[wanted[text]], by_text[text], "form", 1.0)
            for text in known
            if wanted[text] in positions
        )
        rest = () if found is None or found.first != row else found.matches
        taken = {one.column for one in matches}, {one.index for one in matches}
        more = tuple(one for one in rest if one.column not in taken[0] and one.index not in taken[1])
        ordered = sorted(matches + more, key=lambda one: one.column)
        return Header(row, row, tuple(show(cell) for cell in cells), tuple(ordered))
    return found


def _require(
    table: Table, columns: Sequence[Column], missing: Sequence[str], mapping: Mapping[str, str] | None
) -> None:
    there = {one.column for one in table.mapping}
    lacking = [c for c in columns if (c.required and c.id not in there) or c.id in missing]
    if not lacking:
        return
    free = [text for text in table.extra if plain(text) not in map(plain, MARK_TITLES)]
    first = lacking[0]
    wanted = (mapping or {}).get(first.id, first.title)
    near = nearest(wanted, free)
    raise MissingColumn(
        hint="最接近的是“%(nearest)s”：如果就是它，请指定它为“%(first)s”，或者改正表头。" if near else "",
        sheet=table.sheet,
        row=table.header_row,
        missing="、".join(column.title for column in lacking),
        first=first.title,
        nearest=near,
        headers="、".join(text for text in table.headers if text)[:300],
    )


class Table:
    """A table found in a sheet: what was recognised, and its rows.

    ``mapping`` is what is read from where; ``extra`` the headers nobody reads; ``guessed`` whether a person should
    look at the mapping first; ``first_cell`` the 0-based column of the first cell of each row. ``skipped`` and
    ``blank_rows`` are complete once ``rows()`` has run to its end.
    """

    def __init__(
        self, page: Sheet, columns: Sequence[Column], header: Header, form: Form | None, max_rows: int
    ) -> None:
        self.sheet = page.name
        self.form = form
        self.header_row = header.first + 1
        self.first_cell = page.offset
        self.headers = header.texts
        self.skipped: list[Skipped] = []
        self.blank_rows = 0
        self._page, self._header, self._max_rows = page, header, max_rows
        self._columns = [(columns[one.column], one) for one in header.matches]
        used = {one.index for one in header.matches}
        self.mapping = [
            Mapped(c.id, header.texts[m.index], m.how, m.confidence, self._letter(m.index)) for c, m in self._columns
        ]
        self.extra = [
            text for index, text in enumerate(header.texts) if text and index not in used and text not in MARK_TITLES
        ]
        self._mark = next((i for i, text in enumerate(header.texts) if text == MARK_TITLES[0]), None)

    @property
    def guessed(self) -> bool:
        """Whether any column was only guessed."""
        return any(one.how == "guess" for one in self.mapping)

    def _letter(self, index: int) -> str:
        return letter(index + self._page.offset)

    def rows(self) -> Iterator[Row]:
        """The rows of data, from the one below the header to the last; may be called again."""
        self.skipped, self.blank_rows = [], 0
        plan = self._plan()
        not_data = self._not_data()
        last = self._header.last + 1
        for number, cells in enumerate(self._page.rows(), start=1):
            if number <= last:
                continue
            first = next((cell for cell in cells if cell != ""), None)
            if first is None or (type(first) is str and _is_blank(cells)):
                self.blank_rows += 1
                continue
            why = not_data(number, first, cells)
            if why:
                self.skipped.append(Skipped(number, why, _line(cells)))
                continue
            row = self._row(number, cells, plan)
            if row.problems and _is_blank([cells[index] for _, index, _, _ in plan if index < len(cells)]):
                # Forms often come with their serial numbers printed and the rest left empty.
                self.blank_rows += 1
                continue
            yield row

    def _plan(self) -> list[tuple[str, int, Convert, Column]]:
        return [(column.id, match.index, converter(column), column) for column, match in self._columns]

    def _row(self, number: int, cells: Cells, plan: list[tuple[str, int, Convert, Column]]) -> Row:
        values: dict[str, Any] = {}
        problems: list[CellProblem] = []
        width = len(cells)
        for key, index, convert, column in plan:
            value = cells[index] if index < width else ""
            try:
                fit = convert(value) if value != "" else None
                if fit is None and column.required:
                    raise Unfit("必填，不能空着", "请填写“%(title)s”。", title=column.title)
            except Unfit as unfit:
                fit = None
                header, at = self.headers[index], self._letter(index)
                problem = problem_of(unfit, row=number, letters=at, header=header, value=value, column=column)
                problems.append(problem)
            values[key] = fit
        return Row(number, values, tuple(problems), cells)

    def _not_data(self) -> Callable[[int, Any, Cells], str]:
        """Tells why a row is not data, or an empty string."""
        after_header = self._header.last + 2
        texts = [plain(text) for text in self.headers]
        # A header text that recurs as the first filled cell of a row is worth a closer look.
        starts = {text for text in texts if text}
        required = [match.index for column, match in self._columns if column.required]
        form = self.form
        examples = form.examples if form else frozenset()
        keys = [(column.id, match.index) for column, match in self._columns]

        def why(number: int, first: Any, cells: Cells) -> str:
            if number == after_header and _is_numbering(cells, len(starts)):
                return NUMBERING_LINE
            if self._mark is not None and self._mark < len(cells):
                mark = cells[self._mark]
                if type(mark) is str and mark.strip(BLANKS).startswith("示例"):
                    same = not examples or example_key(keys, cells) in examples
                    return EXAMPLE_ROW if same else CHANGED_EXAMPLE
            if examples and example_key(keys, cells) in examples:
                return EXAMPLE_ROW
            if type(first) is not str:
                return ""
            start = first.strip(BLANKS)[:1]
            if start in _FOOT_STARTS:
                text = plain(first)
                if _TOTAL.fullmatch(text):
                    return TOTAL_LINE
                if _FOOT.fullmatch(text) and not all(i < len(cells) and cells[i] != "" for i in required or [-1]):
                    return FOOTNOTE
            if first in self.headers and plain(first) in starts:
                row = [plain(cell) for cell in cells]
                if sum(1 for mine, its in zip(row, texts, strict=False) if mine and mine == its) * 2 > len(starts):
                    return REPEATED_HEADER
            return ""

        return why


def _is_blank(cells: Cells) -> bool:
    return not any(cell.strip(BLANKS) if type(cell) is str else cell != "" for cell in cells)


def _is_numbering(cells: Cells, count: int) -> bool:
    """A line of column numbers under the header: 甲 乙 1 2 3, or (1) (2) (3)."""
    filled = [plain(show(cell)) for cell in cells if cell != ""]
    if len(filled) < 3 or len(filled) * 2 < count:
        return False
    stems = 0
    while stems < min(len(filled), len(_STEMS)) and filled[stems] == _STEMS[stems]:
        stems += 1
    numbers = [_NUMBERING.fullmatch(text) for text in filled[stems:]]
    return all(found is not None and int(found[1]) == at for at, found in enumerate(numbers, start=1))


def _line(cells: Cells) -> str:
    return show(" ".join(show(cell) for cell in cells if cell != ""))
