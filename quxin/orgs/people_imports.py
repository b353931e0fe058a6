"""Import people with their party organisation from Excel: plan, then carry out in chunks that may be interrupted.

A person is known again by identity number or staff number, so the same file again changes nothing. Numbers are only
ever compared by their blind hash. Not for organisations: `imports`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any

from django.db import transaction

from quxin.access import Action, Actor, require, scopes
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError
from quxin.kernel.identifiers import check_citizen_number
from quxin.kernel.paths import is_within
from quxin.kernel.text import narrow, nearest, squeeze
from quxin.ledger.operations import audit
from quxin.orgs import membership as members
from quxin.orgs import people, stock
from quxin.orgs.models import Membership, Organisation, OrganisationKind, PartyType, Person, Post
from quxin.orgs.people_words import COLUMNS, STATUS_OF
from quxin.orgs.refusals import CHUNK, Outcome, Progress, Refusal, Refuser, ShouldStop, Source, give_back
from quxin.sheets.guard import Source as File
from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import Row, find_table

TITLE = "党员名册"


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


def known_people() -> Known:
    """Everybody and every party organisation that may have members; four queries."""
    known = Known()
    open_memberships = {
        row.person_id: row
        for row in Membership.objects.filter(until_on__isnull=True).select_related("organisation").iterator(2000)
    }
    titles: dict[tuple[int, int], set[str]] = {}
    posts = Post.objects.filter(until_on__isnull=True).values_list("person_id", "organisation_id", "title")
    for person, organisation, title in posts.iterator(5000):
        titles.setdefault((person, organisation), set()).add(title)
    rows = Person.objects.filter(erased_at__isnull=True)
    for pk, name, number, hashed in rows.values_list("pk", "name", "staff_number", "identity_hash").iterator(5000):
        held = open_memberships.get(pk)
        person = KnownPerson(
            pk,
            name,
            held.pk if held else None,
            held.organisation_id if held else None,
            held.organisation.path if held else "",
            held.status if held else "",
            held.joined_on if held else None,
            frozenset(titles.get((pk, held.organisation_id), ())) if held else frozenset(),
        )
        if number:
            known.by_staff_number[number] = person
        if hashed:
            known.by_identity[hashed] = person
    known.places = _places()
    return known


def _places() -> dict[str, Place]:
    """Party organisations by official code, by address code, and by name where only one has it."""
    found = Organisation.objects.filter(kind=OrganisationKind.PARTY).exclude(party_type=PartyType.LEADING_GROUP)
    places: dict[str, Place] = {}
    by_name: dict[str, list[Place]] = {}
    for pk, official, code, name, path, closed_on in found.values_list(
        "pk", "official_code", "code", "name", "path", "closed_on"
    ).iterator(5000):
        place = Place(pk, official or code, name, path, closed_on is not None)
        places[place.code.upper()] = places[code.upper()] = place
        by_name.setdefault(squeeze(name), []).append(place)
    for name, same in by_name.items():
        if len(same) == 1:
            places.setdefault(name, same[0])
    return places


def plan_people(
    rows: Iterator[Row], *, known: Known, scopes: Sequence[str], on: date, source: Source | None = None
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


def preview_people_file(
    file: File,
    *,
    actor: Actor,
    on: date,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> PeoplePlan:
    """What importing `file` would do on the day `on`; writes nothing. Raises what `sheets` raises for a bad file."""
    table = find_table(open_workbook(file), COLUMNS, sheet=sheet, mapping=mapping)
    source = Source.of(table)
    within = scopes(actor, Action.MANAGE_PEOPLE)
    plan = plan_people(table.rows(), known=known_people(), scopes=within, on=on, source=source)
    plan.source = Source.of(table)
    return plan


def import_people_file(
    file: File,
    *,
    actor: Actor,
    now: datetime,
    on: date | None = None,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    refused_to: IO[bytes] | None = None,
) -> Outcome:
    """Preview `file` and carry the plan out; refused rows are written to `refused_to` as Excel."""
    on = on or local_date(now)
    plan = preview_people_file(file, actor=actor, on=on, sheet=sheet, mapping=mapping)
    outcome = apply_people(plan, actor=actor, now=now, on=on, progress=progress, should_stop=should_stop)
    if refused_to is not None and outcome.refused:
        write_refused_people(plan, outcome, refused_to)
    return outcome


def write_refused_people(plan: PeoplePlan, outcome: Outcome, stream: IO[bytes]) -> int:
    """Write the refused rows as Excel, to be mended and sent again; their number."""
    return give_back(stream, title=TITLE, columns=COLUMNS, source=plan.source, refused=outcome.refused)


def apply_people(
    plan: PeoplePlan,
    *,
    actor: Actor,
    now: datetime,
    on: date,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Outcome:
    """Carry out a plan in chunks, each a transaction. New members join on `on`; the day they joined the party is kept.

    What cannot be done after all is refused in the outcome.
    """
    return _Applier(plan, actor, now, on).run(progress, should_stop)


class _Applier:
    def __init__(self, plan: PeoplePlan, actor: Actor, now: datetime, on: date) -> None:
        self.plan, self.actor, self.now, self.on = plan, actor, now, on
        self.refuser = Refuser(COLUMNS, plan.source)
        self.outcome = Outcome(unchanged=plan.unchanged, refused=list(plan.refused))

    def run(self, progress: Progress | None, should_stop: ShouldStop | None) -> Outcome:
        changes = [*self.plan.changed, *self.plan.moved]
        done, total = 0, len(self.plan.created) + len(changes)
        for items, step in ((self.plan.created, self._create), (changes, self._change)):
            for at in range(0, len(items), CHUNK):
                if should_stop is not None and should_stop():
                    self.outcome.stopped = True
                    return self._finish()
                chunk = items[at : at + CHUNK]
                with transaction.atomic():
                    step(chunk)  # type: ignore[operator]
                done += len(chunk)
                if progress is not None:
                    progress(done, total)
        return self._finish()

    def _finish(self) -> Outcome:
        self.outcome.refused += self.refuser.refused
        self.outcome.refused.sort(key=lambda refusal: refusal.row)
        return self.outcome

    def _create(self, chunk: Sequence[WantedPerson]) -> None:
        places = Organisation.objects.in_bulk({one.place.pk for one in chunk})
        for place in places.values():
            require(self.actor, Action.MANAGE_PEOPLE, place.path)
        fresh = self._not_there_yet(chunk)
        made: list[Person] = []
        for one in fresh:
            made.append(
                people.build_person(
                    name=one.name,
                    staff_number=one.staff_number,
                    identity_number=one.identity,
                    phone=one.phone,
                    now=self.now,
                )
            )
        Person.objects.bulk_create(made, batch_size=CHUNK)
        rows = [
            Membership(
                person=person,
                organisation=places[one.place.pk],
                status=one.status,
                joined_on=one.joined_on,
                from_on=self.on,
            )
            for one, person in zip(fresh, made, strict=True)
        ]
        Membership.objects.bulk_create(rows, batch_size=CHUNK)
        posts = [
            Post(
                person=person,
                organisation=places[one.place.pk],
                title=one.post[:60],
                is_staff_post=False,
                from_on=self.on,
            )
            for one, person in zip(fresh, made, strict=True)
            if one.post
        ]
        Post.objects.bulk_create(posts, batch_size=CHUNK)
        stock.count_members(rows, actor=self.actor, now=self.now)
        self.outcome.created += len(made)
        self.outcome.unchanged += len(chunk) - len(fresh)
        self._audit(created=len(made))

    def _not_there_yet(self, chunk: Sequence[WantedPerson]) -> list[WantedPerson]:
        """The people of `chunk` without those who were entered since the plan was made."""
        hashes = {people.identity_hash(one.identity) for one in chunk if one.identity}
        numbers = {one.staff_number for one in chunk if one.staff_number}
        there = set(Person.objects.filter(identity_hash__in=hashes).values_list("identity_hash", flat=True))
        taken = set(Person.objects.filter(staff_number__in=numbers).values_list("staff_number", flat=True))
        return [
            one
            for one in chunk
            if one.staff_number not in taken and not (one.identity and people.identity_hash(one.identity) in there)
        ]

    def _change(self, chunk: Sequence[PersonChange]) -> None:
        moved = {id(one) for one in self.plan.moved}
        for one in chunk:
            wanted = one.wanted
            try:
                with transaction.atomic():
                    self._change_one(one)
            except QuxinError as error:
                self.refuser.refuse_for(wanted.row, wanted.cells, "name", wanted.name, error)
            else:
                self.outcome.moved += id(one) in moved
                self.outcome.changed += id(one) not in moved

    def _change_one(self, one: PersonChange) -> None:
        how: dict[str, Any] = {"actor": self.actor, "now": self.now}
        wanted, place = one.wanted, Organisation.objects.get(pk=one.wanted.place.pk)
        person = Person.objects.get(pk=one.known.pk)
        if "name" in one.what:
            people.change_person(person, name=wanted.name, **how)
        held = Membership.objects.filter(person=person, until_on__isnull=True).first()
        if held is None:
            held = members.join(
                person, organisation=place, status=wanted.status, on=self.on, joined_on=wanted.joined_on, **how
            )
        elif held.organisation_id != place.pk:
            held = members.transfer(held, to=place, on=self.on, **how)
        if held.status != wanted.status:
            held = members.change_status(held, status=wanted.status, on=self.on, **how)
        if wanted.joined_on and held.joined_on != wanted.joined_on:
            members.correct_joined(held, joined_on=wanted.joined_on, **how)
        if "post" in one.what:
            members.appoint(person, organisation=place, title=wanted.post, on=self.on, is_staff_post=False, **how)

    def _audit(self, **numbers: int) -> None:
        audit("people.imported", "import:people", actor=self.actor.account, now=self.now, **numbers)
