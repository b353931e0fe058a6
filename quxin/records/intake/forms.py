"""What a form for importing records is, and where all of them are found.

A kind of record declares its forms in its own `forms` module; nothing here knows a kind. Not for web forms.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Protocol

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from quxin.access import Actor
from quxin.kernel.errors import QuxinError
from quxin.kernel.hashes import Field
from quxin.kernel.text import nearest
from quxin.sheets.columns import Column
from quxin.sheets.templates import write_template


class RowRefused(QuxinError):
    """A row that cannot become a record; `column` is the id of the column to look at, `value` what stands there."""

    def __init__(self, column: str, value: object, message: str, /, *, hint: str = "", **params: Any) -> None:
        super().__init__(message, hint=hint, **params)
        self.column, self.value = column, value


class NoSuchForm(QuxinError):
    """No form has that name."""

    default_message = "没有“%(form)s”这种记录可以导入。"
    default_hint = "是不是：%(forms)s？全部种类见“导入”页面，或运行 quxin records kinds。"


class Rows(Protocol):
    """How rows of one form become records, for one actor on one day. It may keep what it has looked up."""

    def draft(self, values: Mapping[str, Any]) -> Any:
        """What a row says, ready to be written. Raises RowRefused, or an operation's own error."""

    def identity(self, draft: Any) -> tuple[Field, ...]:
        """What makes two rows the same: fields that `kernel.hashes.canonical` takes."""

    def there(self, drafts: Mapping[str, Any]) -> Collection[str]:
        """Those keys of `drafts` (row key → draft) that are recorded already."""

    def write(self, drafts: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
        """Record `drafts` (row key → draft) by the operations, all or none."""


@dataclass(frozen=True, slots=True)
class RecordForm:
    """A form: its columns, what its reader must know, and how its rows become records.

    `blame` says at which column an operation's error is shown: class of error → id of a column.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    open: Callable[[Actor, date], Rows]
    instructions: tuple[str, ...] = ()
    blame: Mapping[type[QuxinError], str] | None = None

    def column_of(self, error: QuxinError) -> str:
        """The id of the column that an error is about; the first when none is named."""
        if isinstance(error, RowRefused):
            return error.column
        for kind, column in (self.blame or {}).items():
            if isinstance(error, kind):
                return column
        return self.columns[0].id

    def write_to(self, stream: IO[bytes]) -> None:
        """Write the form as an Excel file to be filled in."""
        write_template(stream, title=self.title, columns=self.columns, template=self.id, instructions=self.instructions)


def all_forms() -> dict[str, RecordForm]:
    """Every form by its id, in the order of the apps: those of each kind of record, and of the installed packs."""
    return {form.id: form for module in _modules() for form in module.record_forms()}


def form_of(name: str) -> RecordForm:
    """The form `name`. Raises NoSuchForm with the nearest ones."""
    forms = all_forms()
    if name not in forms:
        likely = nearest(name, forms) or ["activities", "attendance", "progress", "commitments", "commitment-progress"]
        raise NoSuchForm(form=name[:60], forms="、".join(likely))
    return forms[name]


def _modules() -> Sequence[Any]:
    """The `forms` modules of the kinds of record."""
    found = [
        config
        for config in apps.get_app_configs()
        if config.name.startswith("quxin.records.") and module_has_submodule(config.module, "forms")
    ]
    return [importlib.import_module(f"{config.name}.forms") for config in found]
