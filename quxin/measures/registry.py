"""Which measures there are: the built-in ones and those of the installed packs, found by id.

A pack's measure has the address `<pack>.<id>`; its bare id also finds it while only one installed pack declares it. Must
not read facts.
"""

from __future__ import annotations

from collections.abc import Iterator

from quxin.kernel.errors import QuxinError
from quxin.measures.types import Declared
from quxin.packs.builtin import BUILTIN
from quxin.packs.measure_types import MeasureSpec, fold_of
from quxin.packs.types import Pack

Wanted = str | MeasureSpec | Declared


class UnknownMeasure(QuxinError):
    """A measure that neither the product nor an installed pack declares."""

    default_message = "没有编号为“%(measure)s”的指标"
    default_hint = "请核对编号，或先安装声明它的活动包。"


class AmbiguousMeasure(QuxinError):
    """A bare id that several installed packs declare."""

    default_message = "指标“%(measure)s”在多个活动包中都有：%(packs)s"
    default_hint = "请写成“活动包编号.指标编号”。"


def find(wanted: Wanted, pack: Pack | None = None) -> Declared:
    """The measure that `wanted` names, or the spec itself made readable; `pack` is where bare ids are looked up first.

    Raises UnknownMeasure, AmbiguousMeasure.
    """
    if isinstance(wanted, Declared):
        return wanted
    if isinstance(wanted, MeasureSpec):
        return _declare(wanted, pack, builtin=BUILTIN.get(wanted.id) == wanted)
    return _by_id(wanted, pack)


def all_measures() -> list[Declared]:
    """Every measure of this installation: built-in ones first, then each pack's."""
    declared = [_declare(spec, None, builtin=True) for spec in BUILTIN.values()]
    for pack in _installed():
        declared += [_declare(spec, pack) for spec in pack.measures.values()]
    return declared


def _by_id(wanted: str, pack: Pack | None) -> Declared:
    if pack is not None:
        bare = wanted.removeprefix(f"{pack.pack}.")
        if bare in pack.measures:
            return _declare(pack.measures[bare], pack)
    if wanted in BUILTIN:
        return _declare(BUILTIN[wanted], None, builtin=True)
    bare_hits = []
    for installed in _installed():
        bare = wanted.removeprefix(f"{installed.pack}.")
        if bare != wanted and bare in installed.measures:
            return _declare(installed.measures[bare], installed)
        if wanted in installed.measures:
            bare_hits.append(installed)
    if not bare_hits:
        retired = _retired(wanted)
        if retired is None:
            raise UnknownMeasure(measure=wanted)
        return retired
    if len(bare_hits) > 1:
        raise AmbiguousMeasure(measure=wanted, packs="、".join(hit.pack for hit in bare_hits))
    return _declare(bare_hits[0].measures[wanted], bare_hits[0])


def _declare(spec: MeasureSpec, pack: Pack | None, builtin: bool = False) -> Declared:
    home = None if builtin else pack
    parts = tuple(_by_id(part, home) for part in spec.ratio) if spec.ratio else ()
    name = f"{home.pack}.{spec.id}" if home and not spec.id.startswith(f"{home.pack}.") else spec.id
    return Declared(name, spec, fold_of(spec, home), home.pack if home else "", parts)


def _retired(wanted: str) -> Declared | None:
    """What only an earlier installed version declares: its figures keep their addresses."""
    from quxin.packs import queries

    for earlier in queries.all_earlier():
        bare = wanted.removeprefix(f"{earlier.pack}.")
        if bare in earlier.measures:
            return _declare(earlier.measures[bare], earlier)
    return None


def _installed() -> Iterator[Pack]:
    from quxin.packs import queries

    yield from queries.all_current()
