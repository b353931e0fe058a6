"""What cells of a row refer to: organisations and people within the reach of whoever imports.

Whatever lies outside his reach is unknown to him, and is neither found nor suggested.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, QuerySet

from quxin.access import Action, Actor, scopes
from quxin.kernel.paths import is_within
from quxin.kernel.text import narrow, nearest
from quxin.ledger.bulk import those_there
from quxin.orgs.models import Membership, Organisation, Person, Post
from quxin.orgs.querysets import within
from quxin.records.intake.forms import RowRefused
from quxin.sheets.columns import Column

ORGANISATION = Column(
    "organisation",
    "单位",
    aliases=("机构", "单位名称", "机构名称", "填报单位", "党组织", "党组织名称", "单位代码", "机构代码", "所在单位"),
    required=True,
    hint="填机构代码、全称或简称",
    example="320100",
)

# What drafts ask of an organisation, in the order of the model's fields: read once for all, not once for each row.
_FIELDS = (
    "id", "official_code", "name", "short_name", "kind", "party_type", "parent_id", "path", "depth", "opened_on", "closed_on",
)  # fmt: skip

# Comparing a misspelt name with 100,000 others takes a while: a file full of them gets so many suggestions.
MOST_SUGGESTIONS = 50


class Organisations:
    """Organisations by official code, full name or short name, where `actor` may do `action`."""

    def __init__(self, actor: Actor, action: Action) -> None:
        self._scope = within(scopes(actor, action))
        self._by_text: dict[str, list[int]] | None = None
        self._rows: dict[int, tuple[Any, ...]] = {}
        self._made: dict[int, Organisation] = {}
        self._found: dict[str, Organisation | RowRefused] = {}
        self._suggested = 0

    def find(self, text: str, column: str = "organisation") -> Organisation:
        """The organisation that `text` names. Raises RowRefused for none, or for several of one name."""
        found = self._found.get(text)
        if found is None:
            found = self._found[text] = self._look(text, column)
        if isinstance(found, RowRefused):
            raise found
        return found

    def _look(self, text: str, column: str) -> Organisation | RowRefused:
        keys = self._load().get(narrow(text), [])
        if len(keys) == 1:
            return self._organisation(keys[0])
        if keys:
            return self._ambiguous(text, column, keys)
        self._suggested += 1
        near = nearest(text, self._names()) if self._suggested <= MOST_SUGGESTIONS else []
        hint = (
            "是不是“%(near)s”？请改正，或者填机构代码。"
            if near
            else "请核对名称，或者填机构代码；只能填您管理范围内的单位。"
        )
        return RowRefused(column, text, "没有找到单位“%(text)s”", hint=hint, text=text, near="”“".join(near))

    def _organisation(self, pk: int) -> Organisation:
        """The organisation of that key, one object for all its names."""
        if pk not in self._made:
            self._made[pk] = Organisation.from_db(DEFAULT_DB_ALIAS, _FIELDS, self._rows[pk])
        return self._made[pk]

    def _ambiguous(self, text: str, column: str, keys: list[int]) -> RowRefused:
        rows = Organisation.objects.filter(pk__in=keys[:4]).select_related("parent").order_by("path")
        told = "、".join(
            f"{row.official_code or '（无代码）'}（{row.parent.name if row.parent else row.name}）" for row in rows
        )
        return RowRefused(
            column,
            text,
            "有 %(count)s 个单位叫“%(text)s”",
            hint="请改填机构代码：%(told)s。",
            count=len(keys),
            text=text,
            told=told,
        )

    def _load(self) -> dict[str, list[int]]:
        """All texts that name an organisation; a code or a full name outranks the short name of another."""
        if self._by_text is not None:
            return self._by_text
        found: dict[str, list[int]] = {}
        short: dict[str, list[int]] = {}
        for row in self._scope_rows().values_list(*_FIELDS).iterator(5000):
            pk, code, name, short_name = row[:4]
            self._rows[pk] = row
            for text in {code or "", narrow(name)} - {""}:
                found.setdefault(text, []).append(pk)
            if short_name:
                short.setdefault(narrow(short_name), []).append(pk)
        for text, keys in short.items():
            found.setdefault(text, keys)
        self._by_text = found
        return found

    def _names(self) -> list[str]:
        """Every name once, in the order of the tree."""
        return list(dict.fromkeys(row[_FIELDS.index("name")] for row in self._rows.values()))

    def _scope_rows(self) -> QuerySet[Organisation]:
        return Organisation.objects.filter(self._scope).order_by("path")


class People:
    """People by staff number or by name, of organisations where `actor` may do `action`."""

    def __init__(self, actor: Actor, action: Action) -> None:
        self._paths = scopes(actor, action)
        self._by_name: dict[str, list[tuple[int, str]]] | None = None
        self._by_number: dict[str, int] = {}
        self._people: dict[int, Person] = {}

    def find(self, name: str, number: str, organisation: Organisation, column: str = "name") -> Person:
        """The person of that staff number, or of that name: first in `organisation`, then anywhere in reach.

        Raises RowRefused for nobody, for several of one name, and for a number that is somebody else's.
        """
        by_name = self._load()
        if number:
            pk = self._by_number.get(number)
            if pk is None:
                raise RowRefused("number", number, "没有工号为“%(number)s”的人员", hint="请核对工号。", number=number)
            person = self._person(pk)
            if name and narrow(name) != person.name:
                raise RowRefused(
                    "number",
                    number,
                    "工号 %(number)s 不是“%(name)s”",
                    hint="请核对姓名和工号。",
                    number=number,
                    name=name,
                )
            return person
        places = by_name.get(narrow(name), [])
        here = {pk for pk, path in places if is_within(path, organisation.path)}
        found = here or {pk for pk, _ in places}
        if len(found) == 1:
            return self._person(found.pop())
        if found:
            raise RowRefused(
                column, name, "有 %(count)s 位“%(name)s”", hint="请加填工号。", count=len(found), name=name
            )
        raise RowRefused(column, name, "没有找到“%(name)s”", hint="请核对姓名，或者先在人员名册中登记。", name=name)

    def _person(self, pk: int) -> Person:
        if pk not in self._people:
            self._people[pk] = Person.objects.get(pk=pk)
        return self._people[pk]

    def _load(self) -> dict[str, list[tuple[int, str]]]:
        if self._by_name is not None:
            return self._by_name
        self._by_name = {}
        inside = within(self._paths, "organisation__path")
        for model in (Membership, Post):
            rows = model.objects.filter(inside, person__erased_at__isnull=True).values_list(
                "person_id", "person__name", "person__staff_number", "organisation__path"
            )
            for pk, name, number, path in rows.iterator(5000):
                self._by_name.setdefault(name, []).append((pk, path))
                if number:
                    self._by_number[number] = pk
        return self._by_name


def recorded_keys(model: type[Model], keys: Collection[str]) -> set[str]:
    """Those of the row keys `keys` that a record of `model` has."""
    return those_there(model, "row_key", keys)


def require_short(values: Mapping[str, Any], limits: Mapping[str, int]) -> None:
    """Raises RowRefused for the first text that is longer than its limit (column → characters)."""
    for name, limit in limits.items():
        text = values.get(name)
        if text and len(text) > limit:
            raise RowRefused(name, text, "超过 %(limit)s 个字", hint="请写短一些。", limit=limit)


def require_standing(organisation: Organisation, on: date, column: str = "organisation") -> None:
    """Raises RowRefused when the organisation did not exist on the day `on`."""
    closed, opened = organisation.closed_on, organisation.opened_on
    if closed is not None and closed <= on:
        raise RowRefused(
            column,
            organisation.name,
            "“%(name)s”已于 %(day)s 撤销",
            hint="请填当时承接它的单位，或核对日期。",
            name=organisation.name,
            day=closed.isoformat(),
        )
    if opened is not None and opened > on:
        raise RowRefused(
            column,
            organisation.name,
            "“%(name)s”到 %(day)s 才设立",
            hint="请核对单位和日期。",
            name=organisation.name,
            day=opened.isoformat(),
        )
