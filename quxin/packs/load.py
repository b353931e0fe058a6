"""A file or folder of YAML → a typed pack, or the problems that stand in the way, each with file, line and column.

Problems are values: nothing here raises for what an officer wrote. Whether the parts fit each other is
:mod:`quxin.packs.check`'s question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from quxin.packs.problems import Path, Places, Problem
from quxin.packs.source import MAX_BYTES, merge, read_text
from quxin.packs.types import Pack
from quxin.packs.wording import problem_words

MAX_FILES = 50


@dataclass(frozen=True)
class Loaded:
    """A pack, or ``None`` with problems. ``places`` says where in the files each value stands."""

    pack: Pack | None
    problems: tuple[Problem, ...]
    places: Places = field(default_factory=Places, compare=False, repr=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid installing."""
        return tuple(problem for problem in self.problems if problem.level == "error")


def load(path: FilePath | str) -> Loaded:
    """Read a pack from one YAML file, or from the ``*.yaml`` and ``*.yml`` files of a folder merged by key.

    At most 1 MB in all. Returns problems instead of raising, also for a path that does not exist.
    """
    where = FilePath(path)
    try:
        files = _files(where)
        if not files:
            return (
                _refused(str(path), "文件夹里没有 YAML 文件", "请放入 pack.yaml，或指定别的文件夹。")
                if where.is_dir()
                else _refused(str(path), "找不到“%(path)s”", "请核对路径。", path=str(path))
            )
        if len(files) > MAX_FILES or sum(file.stat().st_size for file in files) > MAX_BYTES:
            return _refused(
                str(path), "包太大（最多 %(files)d 个文件、共 1 MB）", "请删去不属于包的内容。", files=MAX_FILES
            )
        raw = {_name(file, where): file.read_bytes() for file in files}
    except OSError as fault:
        return _refused(
            str(path), "读不了“%(path)s”（%(said)s）", "请核对文件权限。", path=str(path), said=fault.strerror or ""
        )
    return load_bytes(raw)


def load_bytes(files: Mapping[str, bytes]) -> Loaded:
    """Read a pack from uploaded files: name → content (UTF-8)."""
    places = Places(first_file=next(iter(files), ""))
    problems: list[Problem] = []
    if sum(len(content) for content in files.values()) > MAX_BYTES:
        return _refused(places.first_file, "包太大（最多共 1 MB）", "请删去不属于包的内容。")
    merged: dict[str, Any] = {}
    for name, content in files.items():
        problems += _read_file(name, content, merged, places)
    if problems:
        return Loaded(None, _in_order(problems), places)
    return _typed(merged, places)


def _read_file(name: str, content: bytes, merged: dict[str, Any], places: Places) -> list[Problem]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        hint = "请用 UTF-8 编码另存（不是 GBK）。"
        return [Problem(name, line, 1, "文件不是 UTF-8 编码", hint)]
    data, problems = read_text(name, text, places)
    if problems or data is None:
        return problems or [Problem(name, 1, 1, "文件是空的", "请写入包的内容，至少有 pack、version、title、source。")]
    if not isinstance(data, dict):
        return [Problem(name, 1, 1, "文件的最外层应是“键: 值”", "请从 pack: 编号 写起。")]

    def clash(path: Path) -> None:
        place = places.key(path)
        params = {"key": ".".join(map(str, path))}
        problems.append(Problem(*place, "“%(key)s”在两个文件里都写了", "同一项只能写在一个文件里，请合并。", params))

    merge(merged, data, clash)
    return problems


def _typed(data: dict[str, Any], places: Places) -> Loaded:
    try:
        return Loaded(Pack.model_validate(data), (), places)
    except ValidationError as fault:
        problems = [_problem(error, places) for error in fault.errors(include_url=False)]
        return Loaded(None, _in_order(problems), places)


def _problem(error: Any, places: Places) -> Problem:
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    message, hint, params = problem_words(error, path)
    by_key = error["type"] == "extra_forbidden" or "[key]" in error["loc"]
    place = places.key(path) if by_key else places.at(path)
    return Problem(*place, message, hint, params)


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column)))


def _files(where: FilePath) -> list[FilePath]:
    if where.is_file():
        return [where]
    if not where.is_dir():
        return []
    found = [file for file in where.iterdir() if file.suffix in (".yaml", ".yml") and file.is_file()]
    return sorted(file for file in found if not file.name.startswith("."))


def _name(file: FilePath, where: FilePath) -> str:
    return f"{where.name}/{file.name}" if where.is_dir() else file.name


def _refused(name: str, message: str, hint: str, **params: Any) -> Loaded:
    return Loaded(None, (Problem(name, 1, 1, message, hint, params),))
