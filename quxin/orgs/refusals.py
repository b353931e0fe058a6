"""What imports share: a refused row with its reason, the outcome of an import, and giving refused rows back as Excel.

Knows neither organisations nor people.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from quxin.kernel.errors import QuxinError, say
from quxin.sheets.cells import show
from quxin.sheets.columns import PERSONAL_KINDS, Column
from quxin.sheets.reading import Mapped, Row, Table
from quxin.sheets.writing import Layout, Refused, write_refused

CHUNK = 500
Progress = Callable[[int, int], None]
"""Called with (done, total) after each chunk."""
ShouldStop = Callable[[], bool]
"""Asked before each chunk; what is done by then stays done."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was refused: `column` by letters with its `header`, the value as shown (personal ones masked).

    `reason` and `hint` are msgids with placeholders for `params`; `id` is the column's id, `cells` the row as it came.
    """

    row: int
    id: str
    column: str
    header: str
    value: str
    reason: str
    hint: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    cells: Sequence[Any] = ()

    def text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """The reason with its values."""
        return say(self.reason, self.params, translate)

    def hint_text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """What to do, with its values."""
        return say(self.hint, self.params, translate)

    def as_json(self) -> dict[str, Any]:
        """For machine readers."""
        return {
            "row": self.row,
            "column": self.column,
            "header": self.header,
            "value": self.value,
            "reason": self.text(),
            "hint": self.hint_text(),
        }


@dataclass(frozen=True, slots=True)
class Source:
    """The table that rows came from: sheet, row of the header, mapping (to show before importing), layout to give back.

    `letters` and `headers` are by column id. Empty for rows that came from elsewhere.
    """

    sheet: str = ""
    header_row: int = 0
    mapping: tuple[Mapped, ...] = ()
    guessed: bool = False
    skipped: int = 0
    layout: Layout | None = None

    @classmethod
    def of(cls, table: Table) -> "Source":
        """The source that a table is; complete once its rows have been read."""
        return cls(
            sheet=table.sheet,
            header_row=table.header_row,
            mapping=tuple(table.mapping),
            guessed=table.guessed,
            skipped=len(table.skipped),
            layout=Layout.of(table),
        )


class Refuser:
    """Makes refusals for the columns of one source and collects them."""

    def __init__(self, columns: Sequence[Column], source: Source) -> None:
        self._columns = {column.id: column for column in columns}
        self._mapped = {one.column: one for one in source.mapping}
        self.refused: list[Refusal] = []

    def problems(self, row: Row) -> None:
        """Refuse a row for what does not fit in its cells."""
        for one in row.problems:
            self.refused.append(
                Refusal(
                    row.number,
                    one.id,
                    one.column,
                    one.header,
                    one.value,
                    one.reason,
                    one.hint,
                    one.params,
                    tuple(row.cells),
                )
            )

    def refuse(
        self, number: int, cells: Sequence[Any], id: str, value: object, reason: str, hint: str = "", /, **params: Any
    ) -> None:
        """Refuse a row for the value at column `id`."""
        mapped, column = self._mapped.get(id), self._columns.get(id)
        personal = column is not None and column.kind in PERSONAL_KINDS
        self.refused.append(
            Refusal(
                row=number,
                id=id,
                column=mapped.letter if mapped else "",
                header=mapped.header if mapped else (column.title if column else ""),
                value=show(value, masked=personal) if value not in (None, "") else "",
                reason=reason,
                hint=hint,
                params=params,
                cells=tuple(cells),
            )
        )

    def refuse_for(self, number: int, cells: Sequence[Any], id: str, value: object, error: QuxinError) -> None:
        """Refuse a row for an operation's own error."""
        self.refuse(number, cells, id, value, error.message, error.hint, **error.params)


@dataclass(slots=True)
class Outcome:
    """What an import did. Each accepted row is counted once; `stopped` when it was asked to stop before its end."""

    created: int = 0
    changed: int = 0
    moved: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    stopped: bool = False

    @property
    def accepted(self) -> int:
        """Rows that were not refused."""
        return self.created + self.changed + self.moved + self.unchanged

    def as_json(self) -> dict[str, Any]:
        """For machine readers."""
        return {
            "accepted": self.accepted,
            "created": self.created,
            "changed": self.changed,
            "moved": self.moved,
            "unchanged": self.unchanged,
            "stopped": self.stopped,
            "refused": [one.as_json() for one in self.refused],
        }


def give_back(
    stream: IO[bytes], *, title: str, columns: Sequence[Column], source: Source, refused: Iterable[Refusal]
) -> int:
    """Write the refused rows as an Excel file with the reason in a column, to be mended and sent again; their number."""
    by_row: dict[int, list[Refusal]] = {}
    for one in refused:
        by_row.setdefault(one.row, []).append(one)
    rows = [
        Refused(
            number=number,
            cells=found[0].cells,
            reason="；".join(_told(one) for one in found),
            columns=tuple(dict.fromkeys(one.id for one in found)),
        )
        for number, found in sorted(by_row.items())
    ]
    layout = source.layout or Layout(title, tuple(column.title for column in columns), {})
    return write_refused(stream, title=title, columns=columns, layout=layout, refused=rows)


def _told(one: Refusal) -> str:
    hint = one.hint_text()
    return f"“{one.header}”{one.text()}" + (f"（{hint.rstrip('。')}）" if hint else "")
