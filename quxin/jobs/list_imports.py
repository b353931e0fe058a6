"""The worker's part of importing lists of organisations and of people: look at the files, then carry them out.

What is done stays done when a run is stopped or killed; the same file again goes on where it stopped.
"""

from collections.abc import Callable, Iterable
from typing import Any

from quxin.access import Actor
from quxin.files.operations import forget_sheet, place_of
from quxin.jobs.imports import _actor, stored_error, stored_refusal
from quxin.jobs.worker import handles
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.orgs import imports as organisations
from quxin.orgs import people_imports as people
from quxin.orgs.refusals import Outcome, Source
from quxin.records.intake.plans import unread
from quxin.runs.models import Run
from quxin.runs.operations import Progress, Refusal
from quxin.sheets.columns import PERSONAL_KINDS

Plan = Any
Show = Callable[[int, int], None]


@handles("organisations.preview")
def preview_organisations(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """What importing the files of organisations would do."""
    return _each(run, progress, _plan_organisations, lambda plan, actor, show: plan.outcome())


@handles("organisations.import")
def import_organisations(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """Import the files of organisations, one after the other."""
    return _each(run, progress, _plan_organisations, _apply_organisations)


@handles("people.preview")
def preview_people(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """What importing the files of people would do."""
    return _each(run, progress, _plan_people, lambda plan, actor, show: plan.outcome())


@handles("people.import")
def import_people(run: Run, progress: Progress) -> tuple[dict[str, Any], Iterable[Refusal]]:
    """Import the files of people, one after the other; then the files, with their numbers in clear, are let go."""
    told = _each(run, progress, _plan_people, _apply_people)
    for one in run.parameters["files"]:
        forget_sheet(one["sha256"])
    return told


def _plan_organisations(place: Any, actor: Actor, mapping: dict[str, str] | None) -> Plan:
    return organisations.preview_file(place, actor=actor, mapping=mapping)


def _apply_organisations(plan: Plan, actor: Actor, show: Show) -> Outcome:
    return organisations.apply_plan(plan, actor=actor, now=clock.now(), progress=show)


def _plan_people(place: Any, actor: Actor, mapping: dict[str, str] | None) -> Plan:
    return people.preview_people_file(place, actor=actor, on=clock.today(), mapping=mapping)


def _apply_people(plan: Plan, actor: Actor, show: Show) -> Outcome:
    return people.apply_people(plan, actor=actor, now=clock.now(), on=clock.today(), progress=show)


def _each(
    run: Run,
    progress: Progress,
    plan_of: Callable[[Any, Actor, dict[str, str] | None], Plan],
    carry_out: Callable[[Plan, Actor, Show], Outcome],
) -> tuple[dict[str, Any], list[Refusal]]:
    """Take the files in order; one that cannot be read spoils no other."""
    actor = _actor(run)
    progress.start(None)
    files: list[dict[str, Any]] = []
    refusals: list[Refusal] = []
    for one in run.parameters["files"]:
        name = str(one["name"])
        try:
            plan = plan_of(place_of(one["sha256"]), actor, one.get("mapping") or None)
        except (QuxinError, OSError) as error:
            told = {"file": name, "new": 0, "already": 0, "refused": 0, "mapping": []}
            files.append(told | {"error": stored_error(unread(name, error))})
            continue
        outcome = carry_out(plan, actor, _show(progress))
        files.append(_told(name, plan.source, outcome))
        personal = _personal(plan.source)
        refusals += [stored_refusal(name, cell, personal) for cell in outcome.refused]
    names = ("new", "changed", "moved", "already", "refused")
    return {key: sum(one.get(key, 0) for one in files) for key in names} | {"files": files}, refusals


def _show(progress: Progress) -> Show:
    """The callback of one file, on top of what the files before it did."""
    before = progress.done

    def told(done: int, total: int) -> None:
        progress.step(before + done - progress.done)

    return told


def _told(name: str, source: Source, outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {
        "file": name,
        "sheet": source.sheet,
        "mapping": [one._asdict() for one in source.mapping],
        "new": outcome.created,
        "changed": outcome.changed,
        "moved": outcome.moved,
        "already": outcome.unchanged,
        "refused": len({one.row for one in outcome.refused}),
    }
    if source.layout is not None:
        layout = source.layout
        told["layout"] = {"sheet": layout.sheet, "headers": list(layout.headers), "mapping": dict(layout.mapping)}
    return told


def _personal(source: Source) -> frozenset[int]:
    """Which cells of a row hold identity or phone numbers: those are never kept beside the encrypted ones."""
    mapping = source.layout.mapping if source.layout else {}
    kinds = {column.id: column.kind for column in people.COLUMNS}
    return frozenset(at for key, at in mapping.items() if kinds.get(key) in PERSONAL_KINDS)
