"""Import people with their party organisation from Excel: plan, then carry out in chunks that may be interrupted.

A person is known again by identity number or staff number, so the same file again changes nothing. Not for
organisations: `imports`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import IO, Any

from django.db import transaction

from quxin.access import Action, Actor, require, scopes
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError
from quxin.kernel.text import squeeze
from quxin.ledger.operations import audit
from quxin.orgs import membership as members
from quxin.orgs import people, stock
from quxin.orgs.models import Membership, Organisation, OrganisationKind, PartyType, Person, Post
from quxin.orgs.people_plans import (
    Known,
    KnownPerson,
    PeoplePlan,
    PersonChange,
    Place,
    WantedPerson,
    plan_people,
)
from quxin.orgs.people_words import COLUMNS
from quxin.orgs.refusals import CHUNK, Outcome, Progress, Refuser, ShouldStop, Source, give_back
from quxin.sheets.guard import Source as File
from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import find_table

TITLE = "党员名册"


def known_people() -> Known:
    """Everybody and every party organisation that may have members; four queries."""
    known = Known()
    open_memberships = {
        row.person_id: row
        for row in Membership.objects.filter(until_on__isnull=True).select_related("organisation").iterator(2000)
    }
    titles: dict[tuple[int, int], set[str]] = {}
    posts = Post.objects.filter(until_on__isnull=True).values_list("person_id", "organisation_id", "title")
    for holder, organisation, title in posts.iterator(5000):
        titles.setdefault((holder, organisation), set()).add(title)
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
        for size, step in self._steps(changes):
            if should_stop is not None and should_stop():
                self.outcome.stopped = True
                break
            with transaction.atomic():
                step()
            done += size
            if progress is not None:
                progress(done, total)
        return self._finish()

    def _steps(self, changes: Sequence[PersonChange]) -> Iterator[tuple[int, Callable[[], None]]]:
        for at in range(0, len(self.plan.created), CHUNK):
            created = self.plan.created[at : at + CHUNK]
            yield len(created), partial(self._create, created)
        for at in range(0, len(changes), CHUNK):
            changed = changes[at : at + CHUNK]
            yield len(changed), partial(self._change, changed)

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

    def _audit(self, **numbers: Any) -> None:
        audit("people.imported", "import:people", actor=self.actor.account, now=self.now, **numbers)
