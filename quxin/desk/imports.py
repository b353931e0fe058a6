"""What can be imported on the desk: each kind with its blank form, and who may. Reading and writing rows is the worker's.

Not for the command line, which reads files itself.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quxin.access import Action, Actor, scopes
from quxin.briefs.progress import progress_kinds
from quxin.desk.entry import FilesInput
from quxin.desk.formkit import set_choices
from quxin.files.operations import keep_sheet
from quxin.kernel.errors import QuxinError, say
from quxin.orgs import import_words, imports, people_imports, people_words
from quxin.records.intake.forms import all_forms
from quxin.runs.models import Run
from quxin.runs.queries import ToldRow, told_row
from quxin.sheets.columns import Column, index_of, letter
from quxin.sheets.templates import write_template
from quxin.sheets.writing import Layout, Refused, restored_cells, write_refused

ORGANISATIONS, PEOPLE = "organisations", "people"
MOST_FILES = 300
PREVIEW, IMPORT = ".preview", ".import"


@dataclass(frozen=True, slots=True)
class Importable:
    """A kind that can be imported: its id and title, its columns, and the kinds of run that look and carry out.

    `is_special`: the form of a single kind of simple record, beside the general one.
    """

    id: str
    title: str
    columns: Sequence[Column]
    family: str
    instructions: tuple[str, ...] = ()
    is_special: bool = False

    @property
    def preview(self) -> str:
        """The kind of run that looks at files."""
        return f"{self.family}{PREVIEW}"

    @property
    def carry_out(self) -> str:
        """The kind of run that imports them."""
        return f"{self.family}{IMPORT}"

    def blank_form(self) -> bytes:
        """The Excel form to be filled in."""
        stream = io.BytesIO()
        write_template(stream, title=self.title, columns=self.columns, template=self.id, instructions=self.instructions)
        return stream.getvalue()


def importables(actor: Actor) -> dict[str, Importable]:
    """What `actor` may import, by id: records where he may enter them, lists where he may keep them."""
    found: list[Importable] = []
    if scopes(actor, Action.REPORT_PROGRESS):
        special = {option.kind.id for option in progress_kinds().values()}
        found += [
            Importable(form.id, form.title, form.columns, "records", form.instructions, form.id in special)
            for form in all_forms().values()
        ]
    if scopes(actor, Action.MANAGE_PEOPLE):
        found.append(Importable(PEOPLE, people_imports.TITLE, people_words.COLUMNS, PEOPLE))
    if scopes(actor, Action.MANAGE_ORGANISATIONS):
        found.append(Importable(ORGANISATIONS, imports.TITLE, import_words.COLUMNS, ORGANISATIONS))
    # What every office has comes first; the forms of single kinds of record, one for each, after.
    first = ["activities", "attendance", "progress"]
    order = {name: number for number, name in enumerate(first)}
    return {one.id: one for one in sorted(found, key=lambda one: (one.is_special, order.get(one.id, len(first))))}


class SheetsField(forms.FileField):
    """One Excel file or three hundred, each kept as soon as its size and name are in order."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[dict[str, str]]:
        """{"name", "sha256"} of each file; raises ValidationError with what is wrong with each."""
        given: list[UploadedFile] = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given:
            raise forms.ValidationError(now_("请选择要导入的文件。"))
        if len(given) > MOST_FILES:
            raise forms.ValidationError(now_("一次最多 %(n)s 个文件。") % {"n": MOST_FILES})
        kept, wrong = [], []
        for upload in given:
            try:
                kept.append({"name": str(upload.name)[:200], "sha256": keep_sheet(upload)})
            except QuxinError as error:
                wrong.append(f"{error.text(now_)} {error.hint_text(now_)}".strip())
        if wrong:
            raise forms.ValidationError(wrong)
        return kept


class ImportForm(forms.Form):
    """Which kind, and which files."""

    kind = forms.ChoiceField(label=_("导入什么"))
    files = SheetsField(  # type: ignore[assignment]  # the stubs keep `files` for uploads as they came
        label=pgettext_lazy("upload", "文件"),
        help_text=_("xlsx 或 csv，可以一次选多个。表头上面有标题、合并单元格、文本数字都可以；先预览，再导入。"),
    )

    def __init__(self, *args: Any, kinds: dict[str, Importable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = [(one.id, _(one.title)) for one in kinds.values() if not one.is_special]
        special = [(one.id, _(one.title)) for one in kinds.values() if one.is_special]
        set_choices(self, "kind", [*usual, *([(_("单独一种记录"), special)] if special else [])])
        self.fields["files"].widget.attrs["accept"] = ".xlsx,.csv"


# --- what a run told ---


def mapping_choices(told: dict[str, Any]) -> list[tuple[str, str]]:
    """The columns of a file as (letters, "C 日期"), for choosing which is which; empty for a file that was not read."""
    layout = told.get("layout")
    if not layout or not told.get("mapping"):
        return []
    one = told["mapping"][0]
    first = index_of(one["letter"]) - layout["mapping"][one["column"]]
    return [(letter(first + at), f"{letter(first + at)} {text}".strip()) for at, text in enumerate(layout["headers"])]


def refused_file(run: Run, number: int, kind: Importable) -> tuple[bytes, str] | None:
    """The refused rows of the file `number` of a run as Excel, to be mended and sent again, and its name."""
    files = run.result.get("files", [])
    if not 0 <= number < len(files) or not files[number].get("layout"):
        return None
    told = files[number]
    layout = Layout(told["layout"]["sheet"], tuple(told["layout"]["headers"]), told["layout"]["mapping"])
    by_row: dict[int, list[Any]] = {}
    for row in run.refused_rows.filter(file=told["file"]).order_by("row", "pk"):
        by_row.setdefault(row.row, []).append(row)
    if not by_row:
        return None
    refused = [
        Refused(
            number=at,
            cells=restored_cells(rows[0].cells),
            reason=now_("；").join(_in_words(told_row(row, now_)) for row in rows),
            columns=tuple(_column_ids(rows, told["mapping"])),
        )
        for at, rows in by_row.items()
    ]
    stream = io.BytesIO()
    title = now_(kind.title)
    write_refused(stream, title=title, columns=kind.columns, layout=layout, refused=refused, translate=now_)
    return stream.getvalue(), f"{now_('退回')}-{told['file'].rpartition('.')[0] or told['file']}.xlsx"


def file_error(told: dict[str, Any]) -> dict[str, str] | None:
    """Why a file could not be read, in the reader's language: {"reason", "hint"}; None when it could."""
    error = told.get("error")
    if not error:
        return None
    return {name: say(error.get(name, ""), error.get("params", {}), now_) for name in ("reason", "hint")}


def _in_words(row: ToldRow) -> str:
    values = {"column": row.column, "told": row.reason, "hint": row.hint.rstrip("。.")}
    return str((_("“%(column)s”%(told)s（%(hint)s）") if row.hint else _("“%(column)s”%(told)s")) % values)


def _column_ids(rows: Sequence[Any], mapping: Sequence[dict[str, Any]]) -> list[str]:
    letters = {row.column.partition(" ")[0] for row in rows}
    return [one["column"] for one in mapping if one["letter"] in letters]
