"""The words for what pydantic found: its error types → a Chinese message and what to do.

Must not judge anything itself.
"""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from quxin.packs.base_types import nearest
from quxin.packs.problems import Path
from quxin.packs.types import Pack

_ID_HINT = "编号用小写字母、数字，中间可有点、连字符或下划线，例如 service.memoranda，最长 56 个字符。"

#: pydantic error type → (message, hint); placeholders come from the error's context.
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("缺少“%(field)s”", "请补上：%(about)s。"),
    "extra_forbidden": ("不认识“%(field)s”", "这里可以写：%(known)s。"),
    "unknown_code": ("“%(value)s”不在可用的代码中", "可用的有：%(known)s。"),
    "id_differs": ("编号“%(id)s”与键“%(key)s”不一致", "删去 id 即可，编号取自键。"),
    "where_one": ("where 须写且只写一项，现有 %(count)s 项", "例如 where: {series: quality-forum}。"),
    "measure_form": (
        "指标须写且只写一种算法，现有：%(named)s",
        "从 count、sum、distinct、ratio、stock、first 中选一种。",
    ),
    "ratio_where": ("比率指标不能写 where", "请把 where 写在分子和分母的指标里。"),
    "asked_one": ("text 与 measure 须写且只写一项", "要文字写 text，要数写 measure。"),
    "target_unmeasured": ("有目标值就必须写明用哪个指标衡量", "请加上 measure，或删去 target。"),
    "satisfied_one": ("satisfied_by 须写且只写一项", "例如 satisfied_by: {activity: party-lesson}。"),
    "question_form": ("scale、choices、words 须写且只写一项", "单选写 scale，多选写 choices，文字写 words。"),
    "most_of_nothing": ("只有多选题能写 most", "请删去 most，或改写 choices。"),
    "string_type": ("“%(field)s”应是文字", '请用引号括住："%(input)s"。'),
    "string_pattern_mismatch": ("“%(input)s”的写法不对", "%(pattern_hint)s"),
    "string_too_long": ("“%(field)s”太长（最多 %(max_length)s 个字符）", "请缩短。"),
    "string_too_short": ("“%(field)s”不能为空", "请写上内容。"),
    "literal_error": ("“%(input)s”不在可选项中", "可选：%(expected)s。"),
    "dict_type": ("“%(field)s”应是“键: 值”", "请在下一行缩进后写键和值。"),
    "list_type": ("“%(field)s”应是列表", "每项一行，以“- ”开头。"),
    "tuple_type": ("“%(field)s”应是列表", "例如 [lectures.people, members.all]。"),
    "too_short": ("“%(field)s”至少要有 %(min_length)s 项", "请补上。"),
    "too_long": ("“%(field)s”最多 %(max_length)s 项", "请删去多余的。"),
    "model_type": ("“%(field)s”应是“键: 值”", "请在下一行缩进后写键和值。"),
    "bool_type": ("“%(field)s”应是 true 或 false", "请写 true 或 false。"),
    "bool_parsing": ("“%(field)s”应是 true 或 false", "请写 true 或 false。"),
}
_NUMBER = ("“%(field)s”应是数，现为“%(input)s”", "请写阿拉伯数字，不带单位和千分号。")
_RANGE = ("“%(field)s”的数值超出范围（现为 %(input)s）", "请核对：须%(bound)s。")
_DATE = ("“%(input)s”不是日期", "请写成 2010-12-31。")
_OTHER = ("“%(field)s”写得不对", "请对照包的说明（docs/reference/pack.md）修改。")
_BOUNDS = {"ge": "不小于 %s", "gt": "大于 %s", "le": "不大于 %s", "lt": "小于 %s"}


def problem_words(error: Any, path: Path) -> tuple[str, str, dict[str, Any]]:
    """(message, hint, params) for one entry of ``ValidationError.errors()``."""
    kind: str = error["type"]
    params = {key: str(value) for key, value in error.get("ctx", {}).items()}
    params["field"] = _spelled(path)
    params["input"] = str(error.get("input", ""))[:40]
    message, hint = _template(kind)
    if kind == "missing":
        params["about"] = _about(path)
    elif kind == "extra_forbidden":
        known = _known_fields(path[:-1])
        params["known"] = "、".join(known)
        hint = _nearest_first(str(path[-1]), known, hint, params)
    elif kind == "unknown_code":
        hint = "是不是 %(nearest)s？" + hint if params.get("nearest") else hint
    elif kind == "string_pattern_mismatch":
        params["pattern_hint"] = _pattern_hint(path)
    elif hint == _RANGE[1]:
        params["bound"] = "、".join(words % params[key] for key, words in _BOUNDS.items() if key in params)
    return message, hint, params


def _template(kind: str) -> tuple[str, str]:
    if kind in _WORDS:
        return _WORDS[kind]
    if kind.startswith(("greater_than", "less_than")):
        return _RANGE
    if kind.startswith(("int_", "decimal_", "float_", "finite")):
        return _NUMBER
    return _DATE if kind.startswith("date_") else _OTHER


def _pattern_hint(path: Path) -> str:
    if path[-1:] == ("version",):
        return "版本号写成 1.0.0 这样的三段数字。"
    return "标签最多两段，中间一个斜线，不含空格。" if path[-1:] == ("label",) else _ID_HINT


def _nearest_first(word: str, known: list[str], hint: str, params: dict[str, Any]) -> str:
    near = nearest(word, known)
    params["nearest"] = near
    return "是不是 %(nearest)s？" + hint if near else hint


def _spelled(path: Path) -> str:
    return ".".join(f"第{part + 1}项" if isinstance(part, int) else part for part in path[-3:]) or "包"


def _about(path: Path) -> str:
    model = _model_at(path[:-1])
    for name, field in model.model_fields.items() if model else ():
        if path[-1] in (name, field.alias):
            return str(field.description).split(" / ")[0]
    return str(path[-1])


def _known_fields(path: Path) -> list[str]:
    model = _model_at(path)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_at(path: Path) -> type[BaseModel] | None:
    """The pack type that stands at ``path``."""
    here: Any = Pack
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            fields = here.model_fields
            found = next((field for name, field in fields.items() if part in (name, field.alias)), None)
            here = _bare(found.annotation) if found else None
        elif get_origin(here) is dict:
            here = _bare(get_args(here)[1])
        elif get_origin(here) in (list, tuple):
            here = _bare(get_args(here)[0])
        else:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """The type without ``Annotated`` and ``| None``."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
        else:
            return annotation
