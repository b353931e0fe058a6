"""The plan of an import of people: pure, from rows and who is known, to who would be created, changed, moved, refused.

Reads no database and writes nothing: `people_imports` does. Identity numbers are compared by their blind hash only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from quxin.kernel.identifiers import check_citizen_number
from quxin.kernel.paths import is_within
from quxin.kernel.text import narrow, nearest, squeeze
from quxin.orgs import people
from quxin.orgs.people_words import COLUMNS, STATUS_OF
from quxin.orgs.refusals import Outcome, Refusal, Refuser, Source
from quxin.sheets.reading import Row


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person who is there, with the open membership and the titles held in its organisation."""

    pk: int
    name: str
    membership: int | None
    organisation: int | None
    path: str
    status: str
    joined_on: date | None
    titles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """A party organisation that may have members."""

    pk: int
    code: str
    name: str
    path: str
    closed: bool


@dataclass(slots=True)
class Known:
    """What is there: people by staff number and by blind hash, party organisations by code and by unique name."""

    by_staff_number: dict[str, KnownPerson] = field(default_factory=dict)
    by_identity: dict[str, KnownPerson] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(slots=True)
class WantedPerson:
    """What a row asks for; `identity` stays out of repr and so out of logs."""

    row: int
    name: str
    staff_number: str
    identity: str = field(repr=False)
    phone: str = field(repr=False)
    place: Place
    status: str
    joined_on: date | None
    post: str
    cells: Sequence[Any] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A row about somebody who is there and differs: `what` of name, status, place, joined_on, post."""

    wanted: WantedPerson
    known: KnownPerson
    what: frozenset[str]


@dataclass(slots=True)
class PeoplePlan:
    """What an import of people would do; `accepted` counts each row once."""

    created: list[WantedPerson] = field(default_factory=list)
    changed: list[PersonChange] = field(default_factory=list)
    moved: list[PersonChange] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    source: Source = field(default_factory=Source)

    @property
    def accepted(self) -> int:
        """Rows that are not refused."""
        return len(self.created) + len(self.changed) + len(self.moved) + self.unchanged

    def outcome(self) -> Outcome:
        """The plan in numbers, as if it were carried out without a hitch."""
        return Outcome(len(self.created), len(self.changed), len(self.moved), self.unchanged, list(self.refused))

    def as_json(self) -> dict[str, Any]:
        """For machine readers: the numbers, and which column was read as what."""
        return self.outcome().as_json() | {
            "sheet": self.source.sheet,
            "mapping": [one._asdict() for one in self.source.mapping],
        }


def plan_people(
    rows: Iterable[Row], *, known: Known, scopes: Sequence[str], on: date, source: Source | None = None
) -> PeoplePlan:
    """What importing `rows` would do. `scopes` are the paths within which people may be managed, "" for everywhere."""
    plan = PeoplePlan(source=source or Source())
    planner = _Planner(known, scopes, on, Refuser(COLUMNS, plan.source))
    for row in rows:
        planner.take(row, plan)
    plan.refused = sorted(planner.refuser.refused, key=lambda refusal: refusal.row)
    return plan


class _Planner:
    def __init__(self, known: Known, scopes: Sequence[str], on: date, refuser: Refuser) -> None:
        self.known, self.scopes, self.on, self.refuser = known, scopes, on, refuser
        self.seen: dict[str, int] = {}

    def take(self, row: Row, plan: PeoplePlan) -> None:
        if row.problems:
            self.refuser.problems(row)
            return
        values = row.values
        name = squeeze(values["name"]) if not values["name"].isascii() else narrow(values["name"])
        number = squeeze(values.get("staff_number") or "")
        identity = self._identity(row)
        place = self._place(row)
        status = self._status(row)
        if identity is None or place is None or not status or not self._new_in_file(row, number, identity):
            return
        wanted = WantedPerson(
            row=row.number,
            name=name,
            staff_number=number,
            identity=identity,
            phone=values.get("phone") or "",
            place=place,
            status=status,
            joined_on=values.get("joined_on"),
            post=narrow(values.get("post") or ""),
            cells=row.cells,
        )
        if wanted.joined_on and wanted.joined_on > self.on:
            self._no(
                row, "joined_on", wanted.joined_on, "入党日期在 %(day)s 之后", "请核对日期。", day=self.on.isoformat()
            )
            return
        if len(name) > 60:
            self._no(row, "name", name, "姓名超过60个字", "请核对。")
            return
        self._classify(wanted, row, plan)

    def _no(self, row: Row, id: str, value: object, reason: str, hint: str = "", /, **params: Any) -> None:
        self.refuser.refuse(row.number, row.cells, id, value, reason, hint, **params)

    def _identity(self, row: Row) -> str | None:
        """The tidy number, "" for none, None when it was refused."""
        given = row.values.get("identity")
        if not given:
            if not row.values.get("staff_number"):
                self._no(row, "identity", "", "工号和身份号码都空着", "请至少填一项，以后才认得出是同一个人。")
                return None
            return ""
        checked = check_citizen_number(given, today=self.on)
        if not checked.ok:
            self._no(row, "identity", given, "；".join(checked.problems), people.BadNumber.default_hint)
            return None
        return checked.number

    def _status(self, row: Row) -> str:
        given = squeeze(row.values["status"])
        if given not in STATUS_OF:
            self._no(
                row,
                "status",
                given,
                "没有“%(given)s”这种党员类别",
                "可填：正式党员、预备党员、发展对象、入党积极分子。",
                given=given,
            )
        return STATUS_OF.get(given, "")

    def _place(self, row: Row) -> Place | None:
        given = squeeze(row.values["organisation"])
        place = self.known.places.get(given.upper()) or self.known.places.get(given)
        if place is None:
            near = nearest(given, self.known.places, 1)
            hint = "是不是“%(near)s”？" if near else "请填写党组织的代码；新的党组织请先导入机构。"
            self._no(row, "organisation", given, "没有“%(given)s”这个党组织", hint, given=given, near="".join(near))
        elif place.closed:
            self._no(row, "organisation", given, "“%(name)s”已经撤销", "请填写承接它的党组织。", name=place.name)
        elif not any(scope == "" or is_within(place.path, scope) for scope in self.scopes):
            self._no(row, "organisation", given, "这个党组织不在您管理的范围内", "请由它的上级党组织导入。")
        else:
            return place
        return None

    def _new_in_file(self, row: Row, number: str, identity: str) -> bool:
        for id, what, key in (("identity", "身份号码", identity), ("staff_number", "工号", number)):
            if key and (earlier := self.seen.get(f"{id}:{key}")):
                hint = "请核对是不是同一个人，删去多余的一行。"
                self._no(row, id, key, "%(what)s与第 %(at)s 行重复", hint, what=what, at=earlier)
                return False
        for id, key in (("identity", identity), ("staff_number", number)):
            if key:
                self.seen[f"{id}:{key}"] = row.number
        return True

    def _classify(self, wanted: WantedPerson, row: Row, plan: PeoplePlan) -> None:
        by_identity = self.known.by_identity.get(people.identity_hash(wanted.identity)) if wanted.identity else None
        by_number = self.known.by_staff_number.get(wanted.staff_number) if wanted.staff_number else None
        known = by_identity or by_number
        if by_identity and by_number and by_identity.pk != by_number.pk:
            self._no(row, "staff_number", wanted.staff_number, "工号是另一个人的", "请核对工号和身份号码。")
            return
        if known is None:
            plan.created.append(wanted)
            return
        if known.name != wanted.name and by_identity is None:
            hint = "更名请在人员页面上办理；如果是另一个人，请改正工号。"
            self._no(
                row,
                "name",
                wanted.name,
                "工号 %(number)s 是“%(name)s”的",
                hint,
                number=wanted.staff_number,
                name=known.name,
            )
            return
        what = _differences(wanted, known)
        if not what:
            plan.unchanged += 1
        elif known.path and not any(scope == "" or is_within(known.path, scope) for scope in self.scopes):
            self._no(row, "organisation", wanted.place.name, "组织关系在您管理的范围之外", "请由原党组织办理转接。")
        elif "place" in what and known.organisation is not None:
            plan.moved.append(PersonChange(wanted, known, what))
        else:
            plan.changed.append(PersonChange(wanted, known, what))


def _differences(wanted: WantedPerson, known: KnownPerson) -> frozenset[str]:
    differs = {
        "name": wanted.name != known.name,
        "status": wanted.status != known.status,
        "place": wanted.place.pk != known.organisation,
        "joined_on": wanted.joined_on is not None and wanted.joined_on != known.joined_on,
        "post": bool(wanted.post) and wanted.post not in known.titles,
    }
    return frozenset(what for what, yes in differs.items() if yes)
