"""What changed between two versions of a pack. Things are matched by their ids, never by their place.

Must not decide whether a version may be installed: every change may; :func:`breaking` says what running campaigns
feel of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from quxin.packs.types import Pack, pack_content


@dataclass(frozen=True)
class Item:
    """One thing of a pack: what kind it is, its id within the kind, its title."""

    kind: str
    id: str
    title: str


@dataclass(frozen=True)
class Change:
    """One field of a thing that stands in both versions; values as in the stored content."""

    kind: str
    id: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two versions."""

    pack: str
    before: str
    after: str
    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    changed: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def as_dict(self) -> dict[str, Any]:
        """For machine-readable output."""
        return {
            "pack": self.pack, "before": self.before, "after": self.after,
            "added": [vars(item) for item in self.added], "removed": [vars(item) for item in self.removed],
            "changed": [vars(change) for change in self.changed],
        }  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """What a running campaign keeps although the new version has it otherwise."""

    kind: str
    id: str
    effect: Literal["retired", "refolded", "frozen"]
    message: str


#: Where the things of a pack stand in its content: kind → (path, is a list). ``*`` stands for every member.
_LISTED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("series", ("series",)),
    ("record", ("records",)),
    ("measure", ("measures",)),
    ("organisation", ("organisations",)),
    ("demand", ("campaign", "demands")),
    ("phase", ("campaign", "phases")),
    ("aspect", ("campaign", "aspects")),
    ("task", ("campaign", "aspects", "*", "tasks")),
    ("task-force", ("campaign", "task_forces")),
    ("checklist", ("campaign", "checklists")),
    ("checklist-item", ("campaign", "checklists", "*", "items")),
    ("study-plan", ("campaign", "study_plans")),
    ("service", ("promises", "services")),
    ("evaluation", ("evaluations",)),
    ("form", ("forms",)),
    ("reporting", ("reporting",)),
    ("publication", ("publications",)),
    ("report", ("reports",)),
    ("section", ("reports", "*", "sections")),
)
#: Parts of a thing that are things of their own.
_OWN = {"aspect": {"tasks"}, "checklist": {"items"}, "report": {"sections"}, "section": {"sections"}}
_APART = {path[:1][0] for _, path in _LISTED} - {"campaign", "promises"}
_NESTED = {"campaign": {"demands", "phases", "aspects", "task_forces", "checklists", "study_plans"}}


def difference(before: Pack, after: Pack) -> Difference:
    """What ``after`` adds, removes and changes. A task moved to another aspect is a change of its aspect."""
    old, new = _things(pack_content(before)), _things(pack_content(after))
    return Difference(
        pack=after.pack,
        before=before.version,
        after=after.version,
        added=tuple(_item(key, new[key]) for key in new if key not in old),
        removed=tuple(_item(key, old[key]) for key in old if key not in new),
        changed=tuple(change for key in new if key in old for change in _changes(key, old[key], new[key])),
    )


def breaking(diff: Difference, running: Collection[str] = ()) -> tuple[Effect, ...]:
    """What running campaigns feel of ``diff``; ``running`` are their keys, empty when none runs.

    Nothing ever breaks: what the new version leaves out stays as retired for campaigns that already run, and a
    measure that is folded otherwise recounts from the same facts, which is said here so that nobody is surprised.
    """
    if not running:
        return ()
    effects = [
        Effect(item.kind, item.id, "retired", "新版已删去，正在进行的活动继续保留，到结束为止")
        for item in diff.removed
        if item.kind in ("measure", "series", "record", "task", "aspect", "checklist", "checklist-item", "phase")
    ]
    fold = {"count", "sum", "distinct", "ratio", "stock", "first", "where", "scope"}
    for change in diff.changed:
        if change.kind == "measure" and change.field in fold:
            effects.append(Effect(change.kind, change.id, "refolded", "算法变了，已有的数会按同样的事实重新计算"))
        if change.kind in ("task", "checklist-item") and change.field in ("for", "satisfied_by", "measure"):
            effects.append(Effect(change.kind, change.id, "frozen", "已分派的任务按原来的规定执行，新分派的按新版"))
        if change.kind == "series" and change.field == "kind":
            effects.append(Effect(change.kind, change.id, "frozen", "已有记录留在原来的标签下，新记录用新的"))
    return tuple(dict.fromkeys(effects))


def _things(content: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """(kind, id) → fields, in the order of the pack. The pack, its campaign and its promises are things too."""
    things: dict[tuple[str, str], dict[str, Any]] = {}
    things["pack", content["pack"]] = {
        key: value
        for key, value in content.items()
        if key not in _APART and key not in ("campaign", "promises", "version")
    }
    for part in ("campaign", "promises"):
        if part in content:
            own = _NESTED.get(part, {"services"})
            things[part, part] = {key: value for key, value in content[part].items() if key not in own}
    for kind, path in _LISTED:
        for prefix, thing in _walk(content, path):
            _take(things, kind, prefix, thing)
    return things


def _take(things: dict[tuple[str, str], dict[str, Any]], kind: str, prefix: str, thing: dict[str, Any]) -> None:
    own = _OWN.get(kind, set())
    fields = {key: value for key, value in thing.items() if key not in own and key != "id"}
    if prefix and kind == "task":
        fields["aspect"] = prefix
    name = thing["id"] if kind == "task" or not prefix else f"{prefix}/{thing['id']}"
    things.setdefault((kind, name), fields)
    if kind == "section":
        for below in thing.get("sections", ()):
            _take(things, kind, prefix, below)


def _walk(content: Any, path: tuple[str, ...], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The things at ``path`` with the id of the thing around them."""
    if not path:
        members = content.values() if isinstance(content, dict) else content
        for member in members or ():
            yield prefix, member
        return
    step, *rest = path
    if step == "*":
        members = content.values() if isinstance(content, dict) else content
        for member in members or ():
            yield from _walk(member, tuple(rest), member["id"])
    else:
        yield from _walk((content or {}).get(step, {}), tuple(rest), prefix)


def _item(key: tuple[str, str], fields: dict[str, Any]) -> Item:
    title = fields.get("title") or fields.get("label") or fields.get("theme") or key[1]
    return Item(key[0], key[1], title["zh"] if isinstance(title, dict) else str(title))


def _changes(key: tuple[str, str], old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    for name in [*old, *(name for name in new if name not in old)]:
        if old.get(name) != new.get(name):
            yield Change(*key, name, old.get(name), new.get(name))
