"""Set up and name organisations: create, rename, correct. Moving and ending them is in `reorganise`."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from quxin.access import Action, Actor, require
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError
from quxin.kernel.paths import depth
from quxin.kernel.text import squeeze
from quxin.orgs import nodes
from quxin.orgs.models import Organisation, OrganisationChange, OrganisationKind, Placement

Kind = OrganisationChange.Kind


class CodeTaken(QuxinError):
    """Another organisation has this official code."""

    default_message = "代码 %(code)s 已经是“%(name)s”的代码"
    default_hint = "请核对代码；如果是同一个机构，请在它的页面上修改。"


class NothingChanged(QuxinError):
    """The new value is the old one."""

    default_message = "内容与现在的一样，没有改动"
    default_hint = "请填写新的内容，或者取消。"


def create_organisation(
    *,
    name: str,
    kind: str,
    parent: Organisation | None,
    actor: Actor,
    now: datetime,
    on: date | None = None,
    official_code: str = "",
    short_name: str = "",
    party_type: str = "",
    level: str = "",
    note: str = "",
    reason: str = "",
) -> Organisation:
    """Set up an organisation under `parent` (None: a root, which only the system may) on the day `on`.

    Without `on` the day is unknown: it counts as always having stood there. Raises Refused, BadName, CodeTaken, Closed,
    BadDay, WrongParent, WrongPartyType, TooDeep.
    """
    kind = str(OrganisationKind(kind))
    require(actor, Action.MANAGE_ORGANISATIONS, parent.path if parent else "")
    name = nodes.tidy_name(name)
    nodes.check_party_type(kind, party_type)
    if on is not None and on > local_date(now):
        raise nodes.BadDay(day=on.isoformat(), why="还没有到这一天")
    with transaction.atomic():
        if parent is not None:
            nodes.lock_tree(parent.path)
            parent = nodes.fresh(parent)
            nodes.require_open(parent, on or local_date(now))
            nodes.require_parent(kind, parent)
        code = free_code(official_code)
        path = nodes.take_path(parent)
        key, letters = nodes.pinyin(name, person=False)
        try:
            with transaction.atomic():
                organisation = Organisation.objects.create(
                    name=name,
                    short_name=squeeze(short_name)[:60],
                    official_code=code,
                    kind=kind,
                    party_type=party_type,
                    level=level,
                    parent=parent,
                    path=path,
                    depth=depth(path),
                    opened_on=on,
                    sort_key=key,
                    initials=letters,
                    note=note,
                )
        except IntegrityError:
            free_code(official_code)
            raise
        nodes.place(organisation, on or nodes.BEGINNING)
        nodes.record_change(
            organisation,
            Kind.CREATED,
            on=on or local_date(now),
            actor=actor,
            now=now,
            after={"name": name, "parent": parent.pk if parent else None, "path": path},
            reason=reason,
        )
    return organisation


def free_code(official_code: str, *, but: int | None = None) -> str | None:
    """The tidy official code, or None for none. Raises CodeTaken when another organisation (not `but`) has it."""
    code = squeeze(official_code).upper()
    if not code:
        return None
    holders = Organisation.objects.filter(official_code=code)
    holder = (holders.exclude(pk=but) if but is not None else holders).first()
    if holder is not None:
        raise CodeTaken(code=code, name=holder.name)
    return code


def rename(
    organisation: Organisation,
    *,
    name: str,
    on: date,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    short_name: str | None = None,
    reason: str = "",
) -> Organisation:
    """Give the organisation a new name from `on`; before that day it keeps the old one.

    `version` is the version that the user saw. Raises Refused, Stale, BadName, BadDay, Closed, NothingChanged.
    """
    name = nodes.tidy_name(name)
    with transaction.atomic():
        # The rights are asked of the fresh row: it may have moved since the page was shown.
        organisation = nodes.fresh(organisation, version=version, mine=name)
        require(actor, Action.MANAGE_ORGANISATIONS, organisation.path)
        nodes.require_open(organisation, on)
        nodes.require_day(organisation, on, now)
        before = {"name": organisation.name}
        if name == organisation.name and short_name in (None, organisation.short_name):
            raise NothingChanged()
        _set_name(organisation, name, short_name)
        nodes.replace(Organisation.objects.filter(pk=organisation.pk), on)
        nodes.record_change(
            organisation,
            Kind.RENAMED,
            on=on,
            actor=actor,
            now=now,
            before=before,
            after={"name": name},
            reason=reason,
        )
    return organisation


def correct_name(
    organisation: Organisation,
    *,
    name: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    reason: str = "",
) -> Organisation:
    """Correct a name that was never right: the open stretch of history is corrected with it, and the change is kept.

    Raises as `rename`.
    """
    name = nodes.tidy_name(name)
    with transaction.atomic():
        organisation = nodes.fresh(organisation, version=version, mine=name)
        require(actor, Action.MANAGE_ORGANISATIONS, organisation.path)
        if name == organisation.name:
            raise NothingChanged()
        before = {"name": organisation.name}
        _set_name(organisation, name, None)
        Placement.objects.filter(organisation=organisation, until_on__isnull=True).update(name=name)
        nodes.record_change(
            organisation,
            Kind.CORRECTED,
            on=local_date(now),
            actor=actor,
            now=now,
            before=before,
            after={"name": name},
            reason=reason,
        )
    return organisation


def correct_details(
    organisation: Organisation,
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    official_code: str | None = None,
    short_name: str | None = None,
    level: str | None = None,
    party_type: str | None = None,
    note: str | None = None,
    reason: str = "",
) -> Organisation:
    """Correct what has no history of its own; None leaves a value as it is. Raises Refused, Stale, CodeTaken,
    WrongPartyType, NothingChanged.
    """
    wanted = {
        "official_code": official_code,
        "short_name": short_name,
        "level": level,
        "party_type": party_type,
        "note": note,
    }
    with transaction.atomic():
        organisation = nodes.fresh(organisation, version=version, mine=reason)
        require(actor, Action.MANAGE_ORGANISATIONS, organisation.path)
        if official_code is not None:
            wanted["official_code"] = free_code(official_code, but=organisation.pk) or ""
        changed = {
            field: value
            for field, value in wanted.items()
            if value is not None and value != (getattr(organisation, field) or "")
        }
        if not changed:
            raise NothingChanged()
        nodes.check_party_type(organisation.kind, changed.get("party_type", organisation.party_type))
        before = {field: getattr(organisation, field) for field in changed}
        for field, value in changed.items():
            setattr(organisation, field, value or None if field == "official_code" else value)
        organisation.version += 1
        organisation.save(update_fields=[*changed, "version"])
        nodes.record_change(
            organisation,
            Kind.CORRECTED,
            on=local_date(now),
            actor=actor,
            now=now,
            before=before,
            after=changed,
            reason=reason,
        )
    return organisation


def _set_name(organisation: Organisation, name: str, short_name: str | None) -> None:
    organisation.name = name
    if short_name is not None:
        organisation.short_name = squeeze(short_name)[:60]
    organisation.sort_key, organisation.initials = nodes.pinyin(name, person=False)
    organisation.version += 1
    organisation.save(update_fields=["name", "short_name", "sort_key", "initials", "version"])
