"""What every operation on the tree shares: locks, versions, paths of new children, placements and changes.

Not to be called from outside this package: operations ask `access` first, these do not.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from quxin.access import Actor
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError, Stale
from quxin.kernel.paths import STEP, child_path
from quxin.kernel.text import narrow, sort_key
from quxin.ledger.operations import audit
from quxin.orgs.models import Organisation, OrganisationChange, OrganisationKind, PartyType, Placement

BEGINNING = date(1900, 1, 1)
"""From when an organisation stands where we first see it, if nobody told when it was opened."""

MAX_DEPTH = 64 // STEP

_LINE_KINDS: set[str] = {OrganisationKind.AGENCY, OrganisationKind.DEPARTMENT, OrganisationKind.AFFILIATED}
PARENTS: dict[str, set[str]] = {
    OrganisationKind.AGENCY: {OrganisationKind.AGENCY},
    OrganisationKind.DEPARTMENT: _LINE_KINDS,
    OrganisationKind.AFFILIATED: {OrganisationKind.AGENCY, OrganisationKind.AFFILIATED},
    OrganisationKind.PARTY: _LINE_KINDS | {OrganisationKind.PARTY},
}
"""Under what an organisation of each kind may stand."""


class BadName(QuxinError):
    """A name that is empty or too long."""

    default_message = "机构名称应为1至120个字"
    default_hint = "请填写机构的全称。"


class BadDay(QuxinError):
    """A change dated before the last one, or in the future."""

    default_message = "日期 %(day)s 不能用：%(why)s"
    default_hint = "请核对日期；如果以前的记录有误，请先更正以前的记录。"


class Closed(QuxinError):
    """The organisation is closed already, or was on that day."""

    default_message = "“%(name)s”已于 %(day)s 撤销"
    default_hint = "请选用承接它的机构；如果撤销有误，请先恢复。"


class WrongParent(QuxinError):
    """An organisation of this kind cannot stand there."""

    default_message = "%(kind)s不能设在%(parent_kind)s“%(parent)s”之下"
    default_hint = "请另选上级；党组织可以设在任何机构之下。"


class TooDeep(QuxinError):
    """More levels than a path can hold."""

    default_message = "机构层级超过 %(limit)s 层"
    default_hint = "请减少中间层级。"


def tidy_name(name: str, *, limit: int = 120) -> str:
    """`name` without blanks at its ends and doubled blanks within. Raises BadName."""
    tidy = narrow(name or "")
    if not tidy or len(tidy) > limit:
        raise BadName(name=tidy[:40])
    return tidy


def pinyin(name: str, *, person: bool) -> tuple[str, str]:
    """(sort key, initials) of a name, cut to what the columns hold; one reading for both."""
    key = sort_key(name, person=person)
    letters = "".join(map(_initial, key.split()))
    return (key[:200], letters[:30]) if person else (key[:300], letters[:60])


@lru_cache(maxsize=20_000)
def _initial(part: str) -> str:
    """What of a syllable stands among the initials: its first letter, a number whole, of punctuation nothing."""
    if part.isdigit():
        return part.lstrip("0") or "0"
    return part[0] if part[0].isalnum() else ""


def lock_tree(*paths: str) -> None:
    """Lock the roots of the trees of `paths`, in order: whoever changes the shape of a tree does so alone."""
    roots = sorted({path[:STEP] for path in paths if path})
    list(Organisation.objects.select_for_update().filter(path__in=roots).order_by("path").values_list("pk"))


def fresh(organisation: Organisation, *, version: int | None = None, mine: str = "") -> Organisation:
    """The organisation as it is now, locked. Raises Stale when its version is not the one that the user saw."""
    now = Organisation.objects.select_for_update(of=("self",)).select_related("parent").get(pk=organisation.pk)
    if version is not None and version != now.version:
        state = f"{now.parent.name} / {now.name}" if now.parent else now.name
        raise Stale(current={"organisation": state}, attempted={"organisation": mine})
    return now


def require_open(organisation: Organisation, on: date) -> None:
    """Raises Closed when the organisation does not exist any more on `on`."""
    if organisation.closed_on is not None and organisation.closed_on <= on:
        raise Closed(name=organisation.name, day=organisation.closed_on.isoformat())


def require_parent(kind: str, parent: Organisation | None) -> None:
    """Raises WrongParent when `kind` may not stand under `parent`, or TooDeep."""
    if parent is None:
        return
    if parent.kind not in PARENTS[kind]:
        raise WrongParent(
            kind=OrganisationKind(kind).label,
            parent_kind=OrganisationKind(parent.kind).label,
            parent=parent.name,
        )
    require_depth(parent.depth + 1)


def require_depth(levels: int) -> None:
    """Raises TooDeep when a path cannot hold so many levels."""
    if levels > MAX_DEPTH:
        raise TooDeep(limit=MAX_DEPTH)


def require_day(organisation: Organisation, on: date, now: datetime) -> Placement:
    """The open placement, if a change may be dated `on`: not after today, not before the last change."""
    if on > local_date(now):
        raise BadDay(day=on.isoformat(), why="还没有到这一天", hint="变动到当天再登记；现在可以先写在备注里。")
    placement = Placement.objects.get(organisation=organisation, until_on__isnull=True)
    if on < placement.from_on:
        last = placement.from_on.isoformat()
        raise BadDay("日期 %(day)s 早于它上一次变动的日期 %(last)s", day=on.isoformat(), last=last)
    return placement


def take_path(parent: Organisation | None) -> str:
    """The path of a new child; numbers are never used twice, so an old path never means a new organisation."""
    if parent is None:
        last = Organisation.objects.filter(depth=1).order_by("-path").values_list("path", flat=True).first()
        return child_path("", int(last, 36) + 1 if last else 1)
    number = parent.next_child
    parent.next_child = number + 1
    parent.save(update_fields=["next_child"])
    return child_path(parent.path, number)


def place(organisation: Organisation, on: date) -> Placement:
    """Open a placement for where the organisation stands from `on`."""
    return Placement.objects.create(
        organisation=organisation,
        path=organisation.path,
        parent_id=organisation.parent_id,
        name=organisation.name,
        from_on=on,
    )


def replace(organisations: QuerySet[Organisation], on: date) -> None:
    """Close the open placements of `organisations` on `on` and open new ones with what holds now."""
    Placement.objects.filter(organisation__in=organisations, until_on__isnull=True).update(until_on=on)
    batch: list[Placement] = []
    for pk, path, parent, name in organisations.values_list("pk", "path", "parent_id", "name"):
        batch.append(Placement(organisation_id=pk, path=path, parent_id=parent, name=name, from_on=on))
    Placement.objects.bulk_create(batch, batch_size=2000)


def record_change(
    organisation: Organisation,
    kind: OrganisationChange.Kind,
    *,
    on: date,
    actor: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> OrganisationChange:
    """Write the change into the history of the organisation and into the audit."""
    change = OrganisationChange.objects.create(
        organisation=organisation,
        kind=kind,
        on=on,
        before=before or {},
        after=after or {},
        reason=reason[:300],
        made_at=now,
        made_by=actor.account,
    )
    audit(
        f"organisation.{kind}",
        f"organisation:{organisation.pk}",
        actor=actor.account,
        now=now,
        path=organisation.path,
        on=on.isoformat(),
        change=change.pk,
    )
    return change


def check_party_type(kind: str, party_type: str) -> None:
    """Raises WrongPartyType unless party organisations, and only they, have a type."""
    if (kind == OrganisationKind.PARTY) != (party_type in PartyType.values):
        raise WrongPartyType()


class WrongPartyType(QuxinError):
    """A party organisation without a type, or another organisation with one."""

    default_message = "党组织必须选择类型，其他机构不能选"
    default_hint = "类型有：党组、机关党委、党委、党总支、党支部、临时党支部、联合党支部、党小组。"


def open_children(organisation: Organisation, on: date) -> Sequence[Organisation]:
    """The children that exist on `on`, in Chinese order."""
    return list(
        Organisation.objects.filter(parent=organisation)
        .filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))
        .order_by("sort_key", "pk")
    )
