"""YAML text → plain data with the place of every key and value.

Built straight from the parser's events, so nothing is expanded or constructed that the file does not spell out:
anchors, aliases, tags, merge keys and further documents are refused, and so are duplicate keys and deep nesting.
Must not know what a pack is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from quxin.packs.problems import Path, Place, Places, Problem, Stretch

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_VALUES = 50_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,17}\.[0-9]{1,9}")
_CJK = r"\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’—…"
_FOLD_GAP = re.compile(f"(?<=[{_CJK}}}]) (?=[{_CJK}{{])")


@dataclass
class _Open:
    """A mapping or list that is being read."""

    value: Any
    path: Path
    begin: int
    place: Place
    key: str | None = None
    keys: set[str] = field(default_factory=set)


class _Stop(Exception):
    """Reading cannot go on; the problem is noted."""


class Reader:
    """Reads one text. Use :func:`read_text`."""

    def __init__(self, name: str, text: str, places: Places) -> None:
        self.name, self.text, self.places = name, text, places
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.result: Any = None
        self.count = 0

    def read(self) -> Any:
        """The data, or ``None`` when there is a problem that stops the reading."""
        try:
            for event in yaml.parse(self.text, Loader=_LOADER):
                self._event(event)
        except yaml.YAMLError as fault:
            self._syntax(fault)
            return None
        except _Stop:
            return None
        return self.result

    def _event(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent) and self.result is not None:
            self._stop(event, "一个文件里只能有一份内容", "请删去后面的 --- 及其内容，或另存为一个文件。")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._stop(
                event, "不能使用 YAML 的锚点和别名（& 和 *）", "请把内容写全，或用引号括住以 & 或 * 开头的文字。"
            )
        if isinstance(event, yaml.NodeEvent):
            self.count += 1
            if self.count > MAX_VALUES:
                self._stop(event, "内容太多（超过 %(most)d 项）", "请拆成几个包。", most=MAX_VALUES)
            tag = getattr(event, "tag", None)
            if tag:
                self._stop(event, "不能使用 YAML 标签（%(tag)s）", "请删去以 ! 开头的标签。", tag=str(tag)[:40])
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._start(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end(event)

    def _start(self, event: Any, value: Any) -> None:
        if len(self.open) >= MAX_DEPTH:
            self._stop(event, "层次太深（超过 %(most)d 层）", "请减少嵌套。", most=MAX_DEPTH)
        if self._wants_key():
            self._stop(event, "键必须是文字", "请在冒号前写一个编号。")
        self.open.append(_Open(value, self._path(), event.start_mark.index, self._place(event)))

    def _end(self, event: Any) -> None:
        done = self.open.pop()
        self._note(done.path, done.place, done.begin, event.end_mark.index)
        self._put(done.value)

    def _scalar(self, event: Any) -> None:
        if self._wants_key():
            self._key(event)
            return
        self._note(self._path(), self._place(event), event.start_mark.index, event.end_mark.index)
        self._put(_value_of(event))

    def _key(self, event: Any) -> None:
        top, key = self.open[-1], str(event.value)
        path = (*top.path, key)
        if key in top.keys:
            self._problem(event, "“%(key)s”重复了", "同一层里每个键只能出现一次，请合并或改名。", key=key[:80])
        if key == "<<":
            self._stop(event, "不能使用 YAML 的合并键（<<）", "请把内容写全。")
        top.keys.add(key)
        top.key = key
        self.places.keys[path] = self._place(event)

    def _wants_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def _path(self) -> Path:
        if not self.open:
            return ()
        top = self.open[-1]
        return (*top.path, top.key if isinstance(top.value, dict) else len(top.value))  # type: ignore[arg-type]

    def _put(self, value: Any) -> None:
        if not self.open:
            self.result = value
            return
        top = self.open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            top.value[top.key] = value
            top.key = None

    def _note(self, path: Path, place: Place, begin: int, end: int) -> None:
        self.places.values[path] = Stretch(place, begin, end)

    def _place(self, event: Any) -> Place:
        return Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _problem(self, event: Any, message: str, hint: str, **params: Any) -> None:
        self.problems.append(Problem(*self._place(event), message, hint, params))

    def _stop(self, event: Any, message: str, hint: str, **params: Any) -> None:
        self._problem(event, message, hint, **params)
        raise _Stop

    def _syntax(self, fault: yaml.YAMLError) -> None:
        mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = str(getattr(fault, "problem", "") or getattr(fault, "reason", "") or "")
        self.problems.append(
            Problem(
                self.name,
                line,
                column,
                "这里不符合 YAML 的写法（%(said)s）",
                "请检查缩进（只用空格）、冒号后的空格、成对的引号和括号；文字里有冒号或花括号时用引号括住。",
                {"said": said[:80]},
            )
        )


def _value_of(event: Any) -> Any:
    """The value of a scalar; only plain ones may be numbers, true, false or nothing."""
    text: str = event.value
    if event.style == ">":
        # A folded block joins lines by blanks; between Chinese characters there are none.
        return _FOLD_GAP.sub("", text)
    if event.style in ("'", '"', "|"):
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INT.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def read_text(name: str, text: str, places: Places) -> tuple[Any, list[Problem]]:
    """Read one YAML text; notes places and returns (data or ``None``, problems)."""
    places.texts[name] = text
    reader = Reader(name, text, places)
    return reader.read(), reader.problems


def merge(into: dict[str, Any], more: dict[str, Any], clash: Callable[[Path], None], path: Path = ()) -> None:
    """Merge the parts of one file into another: each part by its keys; a key that both have is a clash."""
    for key, value in more.items():
        here = (*path, key)
        if key not in into:
            into[key] = value
        elif isinstance(into[key], dict) and isinstance(value, dict) and not path:
            merge(into[key], value, clash, here)
        else:
            clash(here)
