"""Installing packs: a new version is a new row, an old one stays; the current one is what new campaigns start from.

Must not touch campaigns: a running one keeps the version it was deployed from.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from quxin.access import Action, Actor, require, scopes
from quxin.kernel.errors import QuxinError
from quxin.kernel.paths import depth
from quxin.ledger.operations import audit
from quxin.packs.check import checked
from quxin.packs.diff import Difference, difference
from quxin.packs.load import Loaded
from quxin.packs.models import PackVersion
from quxin.packs.problems import Problem
from quxin.packs.queries import all_current, pack_of
from quxin.packs.types import Pack, pack_content


class PackRefused(QuxinError):
    """The pack has errors; ``problems`` holds them all."""

    default_message = "包里有 %(count)d 处错误，没有安装"
    default_hint = "请按提示逐条修改后再安装。第一处：%(first)s"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(count=len(problems), first=str(problems[0]) if problems else "")


class VersionTaken(QuxinError):
    """The same version number is already installed with another content."""

    default_message = "%(pack)s 的 %(version)s 版已经安装，内容不同"
    default_hint = "版本一经安装不再改变：请把 version 改大再安装。"


class VersionOlder(QuxinError):
    """An older version than the current one."""

    default_message = "%(pack)s 现用 %(current)s 版，不能装回较旧的 %(version)s 版"
    default_hint = "要恢复旧内容，请把它作为新版本（version 改大）安装。"


class RequirementMissing(QuxinError):
    """A pack that this one needs is not installed, or too old."""

    default_message = "需要先安装 %(needed)s %(version)s 版或更新的版本"
    default_hint = "请先安装所需的包。"


class MeasureTaken(QuxinError):
    """Another installed pack declares the same measure id otherwise."""

    default_message = "指标“%(measure)s”已由 %(pack)s 规定，算法不同"
    default_hint = "指标编号全系统唯一：请换一个编号，或写得与它完全相同。"


@dataclass(frozen=True)
class Installed:
    """What came of an installation. ``diff`` is ``None`` at the first; ``changed`` is false when nothing was new."""

    version: PackVersion
    diff: Difference | None
    changed: bool = True


def checksum_of(content: dict[str, Any]) -> str:
    """SHA-256 of the content in canonical JSON."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def preview(loaded: Loaded) -> Difference | None:
    """What installing would change against the current version; ``None`` when there is none. Writes nothing.

    Raises the errors of :func:`install`.
    """
    pack = _accepted(loaded)
    _require_fit(pack)
    row = PackVersion.objects.filter(pack=pack.pack, is_current=True).first()
    if row is None:
        return None
    _require_newer(pack, row, checksum_of(pack_content(pack)))
    return difference(pack_of(row), pack)


@transaction.atomic
def install(*, actor: Actor, loaded: Loaded, now: datetime) -> Installed:
    """Install a loaded pack as the current version. Installing the same again changes nothing.

    Packs hold for the whole house, so the actor needs the right at its topmost organisation. Raises Refused,
    PackRefused, VersionTaken, VersionOlder, RequirementMissing, MeasureTaken.
    """
    require(actor, Action.INSTALL_PACK, _top_of(actor))
    pack = _accepted(loaded)
    content = pack_content(pack)
    checksum = checksum_of(content)
    current = PackVersion.objects.select_for_update().filter(pack=pack.pack, is_current=True).first()
    if current and current.version == pack.version and current.checksum == checksum:
        return Installed(current, difference(pack_of(current), pack), changed=False)
    if current:
        _require_newer(pack, current, checksum)
    _require_fit(pack)
    diff = difference(pack_of(current), pack) if current else None
    PackVersion.objects.filter(pack=pack.pack, is_current=True).update(is_current=False)
    row = PackVersion.objects.create(
        pack=pack.pack,
        version=pack.version,
        title=pack.title.zh,
        content=content,
        checksum=checksum,
        installed_at=now,
        installed_by=actor.account,
        is_current=True,
    )
    audit(
        "pack.install",
        f"pack:{row.pk}",
        actor=actor.account,
        now=now,
        pack=pack.pack,
        version=pack.version,
        checksum=checksum,
    )
    return Installed(row, diff)


def _top_of(actor: Actor) -> str:
    """The topmost organisation for which the actor may install; empty (which only the system may) when there is none."""
    tops = [path for path in scopes(actor, Action.INSTALL_PACK) if path and depth(path) == 1]
    return tops[0] if tops else ""


def _accepted(loaded: Loaded) -> Pack:
    """The pack of ``loaded`` after a check of its own; raises PackRefused when anything is wrong."""
    if loaded.pack is None:
        raise PackRefused(loaded.errors)
    errors = checked(Loaded(loaded.pack, (), loaded.places)).errors
    if errors or loaded.errors:
        raise PackRefused(loaded.errors or errors)
    return loaded.pack


def _require_newer(pack: Pack, current: PackVersion, checksum: str) -> None:
    params = {"pack": pack.pack, "version": pack.version, "current": current.version}
    if current.version == pack.version and current.checksum != checksum:
        raise VersionTaken(**params)
    if _number(pack.version) < _number(current.version):
        raise VersionOlder(**params)


def _require_fit(pack: Pack) -> None:
    """The packs that are needed are there, and no measure contradicts another pack's."""
    others = {other.pack: other for other in all_current() if other.pack != pack.pack}
    for needed, least in pack.requires.items():
        if needed not in others or _number(others[needed].version) < _number(least):
            raise RequirementMissing(needed=needed, version=least)
    mine = pack.folds()
    for other in others.values():
        folds = other.folds()
        for key in mine.keys() & folds.keys():
            if mine[key] != folds[key]:
                raise MeasureTaken(measure=key, pack=other.title.zh)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
