"""Import organisations from Excel as offices send it: preview, then carry out in chunks that may be interrupted.

A code names an organisation: importing the same file again changes nothing, and an import that was killed goes on where
it stopped when it is run again. Not for people: `people_imports`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import IO, Any, NamedTuple

from django.db import transaction

from quxin.access import Action, Actor, require, scopes
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError
from quxin.kernel.paths import child_path
from quxin.ledger.bulk import insert_many, set_many, take_stock, those_there
from quxin.ledger.operations import audit, open_book
from quxin.orgs import nodes
from quxin.orgs.import_words import COLUMNS
from quxin.orgs.models import Level, Organisation, OrganisationChange, OrganisationKind, Placement
from quxin.orgs.plans import Change, Known, Plan, Wanted, plan_import
from quxin.orgs.refusals import CHUNK, Outcome, Progress, Refuser, ShouldStop, Source, give_back
from quxin.orgs.reorganise import move
from quxin.sheets.guard import Source as File
from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import find_table

TITLE = "机构名录"
REASON = "导入"
LARGE = 20 * CHUNK
"""From so many new organisations on an import is large: larger transactions, and the planner learns of them."""
Kind = OrganisationChange.Kind


def known_organisations() -> dict[str, Known]:
    """Every organisation that has an official code, by that code; one query."""
    rows = Organisation.objects.filter(official_code__isnull=False).values_list(
        "pk",
        "official_code",
        "name",
        "kind",
        "party_type",
        "level",
        "parent_id",
        "parent__official_code",
        "path",
        "closed_on",
    )
    return {
        code: Known(
            pk,
            code,
            name,
            kind,
            party_type,
            level,
            (parent_code or f"#{parent}") if parent else "",
            path,
            closed_on is not None,
        )
        for pk, code, name, kind, party_type, level, parent, parent_code, path, closed_on in rows.iterator(5000)
        if code is not None
    }


def preview_file(
    file: File, *, actor: Actor, sheet: str | None = None, mapping: Mapping[str, str] | None = None
) -> Plan:
    """What importing `file` would do; writes nothing. `mapping` is column id -> header or letters, a person's word.

    Raises what `sheets.guard` and `sheets.reading` raise: bad workbook, no table, missing column.
    """
    table = find_table(open_workbook(file), COLUMNS, sheet=sheet, mapping=mapping)
    plan = plan_import(
        table.rows(),
        known=known_organisations(),
        scopes=scopes(actor, Action.MANAGE_ORGANISATIONS),
        source=Source.of(table),
    )
    plan.source = Source.of(table)
    return plan


def import_file(
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
    """Preview `file` and carry the plan out. `on` is the day from which changes hold, by default today.

    Refused rows are written to `refused_to` as Excel, if there are any. Raises as `preview_file`.
    """
    plan = preview_file(file, actor=actor, sheet=sheet, mapping=mapping)
    outcome = apply_plan(plan, actor=actor, now=now, on=on, progress=progress, should_stop=should_stop)
    if refused_to is not None and outcome.refused:
        write_refused_rows(plan, outcome, refused_to)
    return outcome


def write_refused_rows(plan: Plan, outcome: Outcome, stream: IO[bytes]) -> int:
    """Write the refused rows of an import (or, with `plan.outcome()`, of a preview) as Excel; their number."""
    return give_back(stream, title=TITLE, columns=COLUMNS, source=plan.source, refused=outcome.refused)


def apply_plan(
    plan: Plan,
    *,
    actor: Actor,
    now: datetime,
    on: date | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Outcome:
    """Carry out a plan in chunks, each a transaction of its own: created parents first, then changed, then moved.

    Rights are asked again for each place. What cannot be done after all is refused in the outcome. Raises Refused only
    when the rights were lost between plan and now; chunks before that stand.
    """
    return _Applier(plan, actor, now, on or local_date(now)).run(progress, should_stop)


class _New(NamedTuple):
    """The row of an organisation that is created."""

    official_code: str
    name: str
    kind: str
    party_type: str
    level: str
    parent_id: int | None
    path: str
    depth: int
    sort_key: str
    initials: str

    @classmethod
    def of(cls, one: Wanted, parent: Organisation | None) -> "_New":
        """What `one` becomes as the next child of `parent`, which is counted on but not saved."""
        if parent is None:
            path = nodes.take_path(None)
        else:
            path = child_path(parent.path, parent.next_child)
            parent.next_child += 1
        key, letters = nodes.pinyin(one.name, person=False)
        depth = len(path) // nodes.STEP
        parent_id = parent.pk if parent else None
        return cls(one.code, one.name, one.kind, one.party_type, one.level, parent_id, path, depth, key, letters)

    def keeps_accounts(self) -> bool:
        """Whether facts of the organisation and all below it have a book of their own: the root, and each province."""
        is_agency = self.kind == OrganisationKind.AGENCY
        return is_agency and (self.parent_id is None or self.level == Level.PROVINCE)

    def told(self) -> dict[str, Any]:
        """What its history says of its beginning."""
        return {"name": self.name, "parent": self.parent_id, "path": self.path}


class _Applier:
    def __init__(self, plan: Plan, actor: Actor, now: datetime, on: date) -> None:
        self.plan, self.actor, self.now, self.on = plan, actor, now, on
        self.refuser = Refuser(COLUMNS, plan.source)
        self.outcome = Outcome(unchanged=plan.unchanged, refused=list(plan.refused))

    def run(self, progress: Progress | None, should_stop: ShouldStop | None) -> Outcome:
        done, total = 0, len(self.plan.created) + len(self.plan.changed) + len(self.plan.moved)
        for size, step in self._steps():
            if should_stop is not None and should_stop():
                self.outcome.stopped = True
                break
            with transaction.atomic():
                step()
            done += size
            if progress is not None:
                progress(done, total)
        if self.outcome.created >= LARGE:
            take_stock()
        self.outcome.refused += self.refuser.refused
        self.outcome.refused.sort(key=lambda refusal: refusal.row)
        return self.outcome

    def _steps(self) -> Iterator[tuple[int, Callable[[], None]]]:
        # A chunk never holds two levels: parents must have their keys before children are inserted.
        # Siblings stand together, so that a chunk takes the numbers of its children from few parents.
        created = sorted(self.plan.created, key=lambda one: (one.depth, one.parent))
        size = CHUNK if len(created) < LARGE else 10 * CHUNK
        for _, level in groupby(created, key=lambda one: one.depth):
            for chunk in _chunks(list(level), size):
                yield len(chunk), partial(self._create, chunk)
        for chunk in _chunks([*self.plan.changed, *(one for one in self.plan.moved if one.fields)]):
            size = sum(1 for one in chunk if not _moves(one))
            yield size, partial(self._change, chunk)
        # From the top down: what is moved below something that moves too must find it in its new place.
        for chunk in _chunks(sorted(self.plan.moved, key=lambda one: one.wanted.depth)):
            yield len(chunk), partial(self._move, chunk)

    # --- created ---

    def _create(self, chunk: Sequence[Wanted]) -> None:
        parents = self._parents(chunk)
        present = those_there(Organisation, "official_code", [one.code for one in chunk])
        wanted = [one for one in chunk if one.code not in present and self._has_parent(one, parents)]
        made = [_New.of(one, parents.get(one.parent)) for one in wanted]
        pks = insert_many(Organisation, _New._fields, made)
        set_many(Organisation, "next_child", {parent.pk: parent.next_child for parent in parents.values()})
        self._record_created(pks, made)
        for one in made:
            if one.keeps_accounts():
                open_book(key=one.official_code, title=one.name, path=one.path)
        self.outcome.created += len(made)
        # Somebody else, or this import before it was interrupted, has made them meanwhile.
        self.outcome.unchanged += len(present)
        self._audit("organisations.imported", created=len(made))

    def _parents(self, chunk: Sequence[Wanted]) -> dict[str, Organisation]:
        codes = {one.parent for one in chunk if one.parent}
        by_code = Organisation.objects.filter(official_code__in=codes)
        paths = list(by_code.values_list("path", flat=True))
        nodes.lock_tree(*paths)
        parents = {parent.official_code or "": parent for parent in by_code.select_for_update()}
        for parent in parents.values():
            require(self.actor, Action.MANAGE_ORGANISATIONS, parent.path)
        return parents

    def _has_parent(self, one: Wanted, parents: Mapping[str, Organisation]) -> bool:
        if not one.parent:
            require(self.actor, Action.MANAGE_ORGANISATIONS, "")
            return True
        parent = parents.get(one.parent)
        if parent is None or (parent.closed_on is not None and parent.closed_on <= self.on):
            self.refuser.refuse(one.row, one.cells, "parent", one.parent, "上级机构已经不在", "请核对后再导入一次。")
            return False
        return True

    def _record_created(self, pks: Sequence[int], made: Sequence["_New"]) -> None:
        insert_many(
            Placement,
            ("organisation_id", "path", "parent_id", "name", "from_on"),
            [(pk, one.path, one.parent_id, one.name, nodes.BEGINNING) for pk, one in zip(pks, made, strict=True)],
        )
        insert_many(
            OrganisationChange,
            ("organisation_id", "kind", "on", "after", "reason", "made_at", "made_by"),
            [
                (pk, str(Kind.CREATED), self.on, one.told(), REASON, self.now, self.actor.account)
                for pk, one in zip(pks, made, strict=True)
            ],
        )

    def _history(
        self, organisation: Organisation, kind: OrganisationChange.Kind, before: dict, after: dict
    ) -> OrganisationChange:
        return OrganisationChange(
            organisation=organisation,
            kind=kind,
            on=self.on,
            before=before,
            after=after,
            reason=REASON,
            made_at=self.now,
            made_by=self.actor.account,
        )

    # --- changed ---

    def _change(self, chunk: Sequence[Change]) -> None:
        """Names and levels in bulk; a new name opens a new stretch of history."""
        rows = {
            row.pk: row
            for row in Organisation.objects.select_for_update().filter(pk__in=[one.known.pk for one in chunk])
        }
        open_since = dict(
            Placement.objects.filter(organisation__in=rows, until_on__isnull=True).values_list(
                "organisation_id", "from_on"
            )
        )
        changed: list[Organisation] = []
        renamed: list[int] = []
        history: list[OrganisationChange] = []
        for one in chunk:
            row = rows[one.known.pk]
            require(self.actor, Action.MANAGE_ORGANISATIONS, row.path)
            before = {name: getattr(row, name) for name in one.fields}
            if "name" in one.fields:
                if open_since[row.pk] > self.on:
                    self._refuse_day(one, open_since[row.pk])
                    continue
                renamed.append(row.pk)
                row.sort_key, row.initials = nodes.pinyin(one.fields["name"], person=False)
            for name, value in one.fields.items():
                setattr(row, name, value)
            row.version += 1
            changed.append(row)
            kind = Kind.RENAMED if "name" in one.fields else Kind.CORRECTED
            history.append(self._history(row, kind, before, dict(one.fields)))
            self.outcome.changed += not _moves(one)
        Organisation.objects.bulk_update(
            changed, ["name", "level", "sort_key", "initials", "version"], batch_size=CHUNK
        )
        nodes.replace(Organisation.objects.filter(pk__in=renamed), self.on)
        OrganisationChange.objects.bulk_create(history, batch_size=CHUNK)
        self._audit("organisations.imported", changed=len(changed))

    def _refuse_day(self, one: Change, since: date) -> None:
        if _moves(one):
            return  # its move is refused for the same day, and a row is refused once
        self.refuser.refuse(
            one.wanted.row,
            one.wanted.cells,
            "name",
            one.wanted.name,
            "%(day)s 之后它又有过变动（%(since)s）",
            "请用较晚的日期导入，或者在它的页面上办理。",
            day=self.on.isoformat(),
            since=since.isoformat(),
        )

    # --- moved ---

    def _move(self, chunk: Sequence[Change]) -> None:
        for one in chunk:
            wanted = one.wanted
            try:
                with transaction.atomic():
                    move(
                        Organisation.objects.get(pk=one.known.pk),
                        to=Organisation.objects.get(official_code=wanted.parent),
                        on=self.on,
                        actor=self.actor,
                        now=self.now,
                        reason=REASON,
                    )
            except QuxinError as error:
                self.refuser.refuse_for(wanted.row, wanted.cells, "parent", wanted.parent, error)
            else:
                self.outcome.moved += 1

    def _audit(self, action: str, **numbers: Any) -> None:
        audit(action, "import:organisations", actor=self.actor.account, now=self.now, **numbers)


def _moves(one: Change) -> bool:
    return bool(one.wanted.parent) and one.wanted.parent != one.known.parent


def _chunks(items: list, size: int = CHUNK) -> Iterator[list]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
