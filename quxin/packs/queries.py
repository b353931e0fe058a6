"""Reading installed packs. A pack's content never changes, so what was read once is kept by its checksum.

Packs hold no personal data and are public inside the house: these queries ask for no actor.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from quxin.kernel.errors import QuxinError
from quxin.packs.builtin import BUILTIN
from quxin.packs.measure_types import Fold, MeasureSpec, fold_of
from quxin.packs.models import PackVersion
from quxin.packs.types import Pack

_KEPT = 64
_packs: OrderedDict[str, Pack] = OrderedDict()
_lock = Lock()


class NoSuchPack(QuxinError):
    """No version of that pack is installed."""

    default_message = "没有安装“%(pack)s”这个包"
    default_hint = "请先用 quxin packs install 安装，或核对编号。"


def pack_of(row: PackVersion) -> Pack:
    """The typed pack of a version (read once per checksum)."""
    with _lock:
        kept = _packs.get(row.checksum)
        if kept is not None:
            _packs.move_to_end(row.checksum)
            return kept
    pack = Pack.model_validate(row.content)
    with _lock:
        _packs[row.checksum] = pack
        while len(_packs) > _KEPT:
            _packs.popitem(last=False)
    return pack


def current(pack_id: str) -> Pack:
    """The current version of a pack. Raises NoSuchPack."""
    return pack_of(current_version(pack_id))


def current_version(pack_id: str) -> PackVersion:
    """The row of the current version of a pack. Raises NoSuchPack."""
    row = PackVersion.objects.filter(pack=pack_id, is_current=True).first()
    if row is None:
        raise NoSuchPack(pack=pack_id[:60])
    return row


def version(pack_id: str, number: str) -> Pack:
    """One installed version of a pack, current or not. Raises NoSuchPack."""
    row = PackVersion.objects.filter(pack=pack_id, version=number).first()
    if row is None:
        raise NoSuchPack(pack=f"{pack_id[:60]} {number[:20]}")
    return pack_of(row)


def all_current() -> list[Pack]:
    """The current version of every installed pack, by pack id. One query; content is fetched only when not kept."""
    rows = PackVersion.objects.filter(is_current=True).order_by("pack").defer("content")
    return [pack_of(row) for row in rows]


def all_earlier() -> list[Pack]:
    """Every installed version that is no longer current, the newest first.

    What only they declare is retired, not gone: campaigns that were deployed from them still run, and old reports
    still link to their figures.
    """
    rows = PackVersion.objects.filter(is_current=False).order_by("-installed_at", "-pk").defer("content")
    return [pack_of(row) for row in rows]


def measure_specs() -> dict[str, tuple[MeasureSpec, Pack | None]]:
    """Every measure there is, retired ones included: id → (spec, its pack or ``None`` for a built-in one)."""
    found: dict[str, tuple[MeasureSpec, Pack | None]] = {key: (spec, None) for key, spec in BUILTIN.items()}
    for pack in [*all_current(), *all_earlier()]:
        for key, spec in pack.measures.items():
            found.setdefault(key, (spec, pack))
    return found


def folds() -> dict[str, Fold]:
    """Every measure there is, resolved to fact kind and label."""
    return {key: fold_of(spec, pack) for key, (spec, pack) in measure_specs().items()}
