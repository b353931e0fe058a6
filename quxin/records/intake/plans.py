"""What an import would do: each row of each file is new, there already, or refused with a reason. Writes nothing.

The same row never counts twice: its identity is looked for in the database and in what came before it in these files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import IO, Any, NamedTuple

from quxin.access import Actor
from quxin.kernel.errors import QuxinError, say
from quxin.kernel.hashes import canonical, digest
from quxin.kernel.memory import piling_up
from quxin.orgs.refusals import CHUNK, Refusal, Refuser, Source, give_back
from quxin.records.intake.forms import RecordForm, RowRefused, Rows
from quxin.sheets.guard import Source as Content
from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import Row, Table, WrongForm, find_table
from quxin.sheets.writing import REFUSED_TEMPLATE

Show = Callable[[int, int | None], None]
"""Called with (rows read, total or None)."""


@dataclass(frozen=True, slots=True)
class InFile:
    """A file to import: its name as people know it, and its content (a path, bytes or a stream)."""

    name: str
    content: Content
    mapping: Mapping[str, str] | None = None


class Ready(NamedTuple):
    """A row that will become a record."""

    row: int
    key: str
    draft: Any
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Already:
    """A row that is not entered again: `file` and `at` say where it stood before, "" and 0 when it is recorded."""

    row: int
    file: str = ""
    at: int = 0

    def where(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """Where it is already, in words."""
        return say("与“%(file)s”第 %(at)s 行相同" if self.file else "以前已经录入", asdict(self), translate)


@dataclass(slots=True)
class FilePlan:
    """What one file would do. `error` is why the file as a whole cannot be read."""

    name: str
    source: Source = field(default_factory=Source)
    new: list[Ready] = field(default_factory=list)
    already: list[Already] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    error: QuxinError | None = None

    def refused_rows(self) -> int:
        """How many rows are refused; a row with two faults counts once."""
        return len({one.row for one in self.refused})

    def as_json(self) -> dict[str, Any]:
        """For machine readers."""
        told: dict[str, Any] = {
            "file": self.name,
            "sheet": self.source.sheet,
            "mapping": [one._asdict() for one in self.source.mapping],
            "new": len(self.new),
            "already": len(self.already),
            "refused": self.refused_rows(),
        }
        if self.error is not None:
            told["error"] = {"reason": str(self.error), "hint": self.error.hint_text()}
        return told


@dataclass(slots=True)
class Plan:
    """What an import of several files would do, by file."""

    form: RecordForm
    rows: Rows
    files: list[FilePlan]

    @property
    def new(self) -> int:
        """Rows that will become records."""
        return sum(len(one.new) for one in self.files)

    @property
    def already(self) -> int:
        """Rows that are there already, or stand twice in these files."""
        return sum(len(one.already) for one in self.files)

    @property
    def recorded(self) -> int:
        """Of those, the rows that were recorded by an earlier import (or the same one, interrupted)."""
        return sum(1 for one in self.files for row in one.already if not row.file)

    @property
    def refused(self) -> int:
        """Rows that cannot be taken; one with two faults counts once."""
        return sum(one.refused_rows() for one in self.files)

    @property
    def unreadable(self) -> list[FilePlan]:
        """Files that cannot be read at all."""
        return [one for one in self.files if one.error is not None]


def plan_files(
    files: Iterable[InFile], form: RecordForm, *, actor: Actor, today: date, show: Show | None = None
) -> Plan:
    """Read `files` and say what importing them would do for `actor`. A file that cannot be read spoils no other."""
    with piling_up() as keep:
        planner = _Planner(form, form.open(actor, today), show, keep)
        return Plan(form, planner.rows, [planner.file(one) for one in files])


def row_key(form: RecordForm, identity: tuple[Any, ...]) -> str:
    """The key under which a row is recorded: 64 hexadecimal digits of its identity."""
    # Forms of one family share a key space: a row sent once under "progress" and once under "article" is one row.
    return digest(canonical(identity)).hex()


def write_refused(plan: Plan, one: FilePlan, stream: IO[bytes]) -> int:
    """Write the refused rows of a file as Excel with the reason in front, to be mended and sent again; their number."""
    return give_back(stream, title=plan.form.title, columns=plan.form.columns, source=one.source, refused=one.refused)


def refuse(refuser: Refuser, number: int, cells: Sequence[Any], column: str, value: object, error: QuxinError) -> None:
    """Refuse row `number` for `error`, which names its values as it likes ("reason" among them)."""
    refuser.refuse(number, cells, column, value, error.message, error.hint)
    refuser.refused[-1] = replace(refuser.refused[-1], params=error.params)


class _Planner:
    def __init__(self, form: RecordForm, rows: Rows, show: Show | None, keep: Callable[[], None]) -> None:
        self.form, self.rows, self.show, self.keep = form, rows, show, keep
        self.seen: dict[str, tuple[str, int]] = {}
        self.read = 0

    def file(self, one: InFile) -> FilePlan:
        """The plan of one file, after those before it."""
        plan = FilePlan(one.name)
        try:
            table = find_table(open_workbook(one.content), self.form.columns, mapping=one.mapping)
            _require_form(table, self.form)
        except (QuxinError, OSError) as error:
            plan.error = unread(one.name, error)
            return plan
        plan.source = Source.of(table)
        refuser = Refuser(self.form.columns, plan.source)
        for chunk in _chunks(table.rows()):
            self._take(chunk, plan, refuser)
            self.keep()
            self.read += len(chunk)
            if self.show is not None:
                self.show(self.read, None)
        plan.source = Source.of(table)
        plan.refused = refuser.refused
        return plan

    def _take(self, chunk: list[Row], plan: FilePlan, refuser: Refuser) -> None:
        fresh: dict[str, Ready] = {}
        for row in chunk:
            if row.problems:
                refuser.problems(row)
                continue
            try:
                draft = self.rows.draft(row.values)
            except QuxinError as error:
                column = self.form.column_of(error)
                value = error.value if isinstance(error, RowRefused) else row.values.get(column)
                refuse(refuser, row.number, row.cells, column, value, error)
                continue
            key = row_key(self.form, self.rows.identity(draft))
            if key in self.seen:
                plan.already.append(Already(row.number, *self.seen[key]))
            else:
                self.seen[key] = (plan.name, row.number)
                fresh[key] = Ready(row.number, key, draft, tuple(row.cells))
        there = self.rows.there({key: one.draft for key, one in fresh.items()}) if fresh else ()
        for key, one in fresh.items():
            if key in there:
                plan.already.append(Already(one.row))
            else:
                plan.new.append(one)


class Unread(QuxinError):
    """A file that the system does not hand out."""

    default_message = "读不了“%(name)s”（%(said)s）"
    default_hint = "请核对路径和权限。"


def unread(name: str, error: QuxinError | OSError) -> QuxinError:
    """Why the file `name` could not be read, in words for a person."""
    return error if isinstance(error, QuxinError) else Unread(name=name, said=error.strerror or str(error))


def _require_form(table: Table, form: RecordForm) -> None:
    """Refuse another form of ours, but take our own refused rows, mended."""
    found = table.form
    if found is not None and found.template not in (form.id, REFUSED_TEMPLATE):
        raise WrongForm(found=found.title or found.template, wanted=form.title)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
