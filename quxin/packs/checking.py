"""What the checks share: the pack, its places, the list of problems, and a few rules used more than once.

Must not hold a rule about one part of a pack: those stand in :mod:`check` and :mod:`check_report`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quxin.kernel.periods import Period, PeriodError
from quxin.packs.base_types import nearest
from quxin.packs.builtin import BUILTIN
from quxin.packs.measure_types import MeasureSpec
from quxin.packs.problems import Level, Path, Place, Places, Problem
from quxin.packs.types import Pack


class Checking:
    """One check of one pack: rules add problems to it."""

    def __init__(self, pack: Pack, places: Places) -> None:
        self.pack, self.places = pack, places
        self.problems: list[Problem] = []
        self.measures: dict[str, MeasureSpec] = {**BUILTIN, **pack.measures}

    def error(self, path: Path, message: str, hint: str, **params: Any) -> None:
        """Note an error at the value of ``path``."""
        self.note(self.places.at(path), message, hint, params)

    def warning(self, path: Path, message: str, hint: str, **params: Any) -> None:
        """Note something doubtful at the value of ``path``."""
        self.note(self.places.at(path), message, hint, params, level="warning")

    def note(self, place: Place, message: str, hint: str, params: Mapping[str, Any], *, level: Level = "error") -> None:
        """Note a problem at a place."""
        self.problems.append(Problem(*place, message, hint, params, level))

    def known(self, path: Path, what: str, value: str | None, known: Mapping[str, Any] | Sequence[str]) -> bool:
        """Whether ``value`` is one of ``known``; an unknown one is noted with the nearest. ``None`` passes."""
        if value is None or value in known:
            return True
        near = nearest(value, list(known))
        hint = "是不是 %(nearest)s？" if near else "请先在包里写上它，或核对编号。"
        self.error(path, "没有这个%(what)s：“%(value)s”", hint, what=what, value=value, nearest=near)
        return False

    def measure(self, path: Path, value: str | None) -> MeasureSpec | None:
        """The measure of that id (of the pack or built in); an unknown one is noted."""
        if value is not None and self.known(path, "指标", value, self.measures):
            return self.measures[value]
        return None

    def unique(self, path: Path, what: str, ids: Iterable[tuple[Path, str]]) -> None:
        """Note each id that stands twice; ``path`` is only used to name the place of the list."""
        seen: set[str] = set()
        for where, value in ids:
            if value in seen:
                self.error(
                    (*path, *where, "id"), "%(what)s编号“%(value)s”重复了", "编号永久有效，请改用别的编号。",
                    what=what, value=value,
                )  # fmt: skip
            seen.add(value)

    def period(self, path: Path, text: str | None) -> Period | None:
        """The period that ``text`` names; a bad one is noted."""
        if text is None:
            return None
        try:
            return Period.parse(text)
        except PeriodError as fault:
            self.error(path, fault.message, fault.hint, **fault.params)
            return None

    def cycles(self, what: str, needs: Mapping[str, Sequence[str]], places: Mapping[str, Path]) -> None:
        """Note every circle among ``needs`` (id → ids) once, at the place of its first member."""
        done: set[str] = set()
        for start in needs:
            if start in done:
                continue
            circle = _circle(start, needs, done)
            if circle:
                self.error(
                    places[circle[0]], "%(what)s互相依赖成了圈：%(circle)s", "请断开其中一处。",
                    what=what, circle=_drawn(circle),
                )  # fmt: skip


def _drawn(circle: list[str]) -> str:
    """``a → b → a``; of a long circle only the beginning."""
    shown = [*circle[:6], f"……（共 {len(circle)} 个）"] if len(circle) > 8 else circle
    return " → ".join([*shown, circle[0]])


def _circle(start: str, needs: Mapping[str, Sequence[str]], done: set[str]) -> list[str]:
    """The first circle that can be reached from ``start``; marks what has been looked at. Not recursive."""
    trail: list[str] = [start]
    pending = [iter(needs.get(start, ()))]
    while pending:
        step = next(pending[-1], None)
        if step is None:
            done.add(trail.pop())
            pending.pop()
        elif step in trail:
            circle = trail[trail.index(step) :]
            done.update(trail)
            return circle
        elif step not in done and step in needs:
            trail.append(step)
            pending.append(iter(needs[step]))
    return []
