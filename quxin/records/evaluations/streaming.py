"""Read one JSON object member by member, long lists element by element, in the memory of one element.

Strict, because the file comes from somebody whom the reader does not trust: a name twice, a number with a fraction, NaN, a
whole number beyond 2**53 - 1 and anything behind the object are refused. Must not know what the object means.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from quxin.kernel.errors import QuxinError

LARGEST_INTEGER = 2**53 - 1
"""What every program reads exactly, JavaScript among them."""

_CHUNK = 1 << 20
_LARGEST_VALUE = 64 << 20  # characters of one value that is held at once
_SPACE = re.compile(r"[ \t\n\r]*")


class NotStrictJson(QuxinError):
    """What was read is no JSON object, or not as strict as asked."""

    default_message = "文件不是规范的 JSON：%(why)s（约第 %(place)s 个字符处）"
    default_hint = "请重新下载完整的文件。"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise NotStrictJson(why="同一个对象里有重复的名称", place="?")
    return made


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > LARGEST_INTEGER:
        raise NotStrictJson(why="整数太大", place="?")
    return number


def _no_fraction(_: str) -> None:
    raise NotStrictJson(why="有小数或不是数的数", place="?")


_scan = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_no_fraction, parse_constant=_no_fraction
).scan_once  # type: ignore[attr-defined]


class Reader:
    """One pass over a file opened in binary. `members` is to be walked once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._passed = 0  # characters that were thrown away before _text
        self._ended = False

    def members(self, streamed: frozenset[str] = frozenset()) -> Iterator[tuple[str, Any]]:
        """Names and values in the order of the file; of a list named in `streamed`, an iterator over its elements.

        What is left of such an iterator when the next member is asked for is read and dropped. Raises NotStrictJson.
        """
        seen: set[str] = set()
        self._expect("{")
        more = self._next() != "}"
        while more:
            name = self._value()
            if type(name) is not str:
                raise self._wrong("对象的名称不是文字")
            if name in seen:
                raise self._wrong("同一个对象里有重复的名称")
            seen.add(name)
            self._expect(":")
            if name in streamed and self._next() == "[":
                elements = self._elements()
                yield name, elements
                for _ in elements:
                    pass
            else:
                yield name, self._value()
            more = self._next() == ","
            if more:
                self._at += 1
        self._expect("}")
        if self._next():
            raise self._wrong("对象之后还有内容")

    def _elements(self) -> Iterator[Any]:
        self._expect("[")
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            mark = self._next()
            if mark not in (",", "]"):
                raise self._wrong("缺少逗号或方括号")
            self._at += 1
            if mark == "]":
                return

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = _scan(self._text, self._at)
            except (StopIteration, json.JSONDecodeError):
                end = 0
            except NotStrictJson as error:
                raise self._wrong(error.params["why"]) from None
            except RecursionError:
                raise self._wrong("嵌套太深") from None
            # A number that ends where the text in hand ends may go on.
            if end and (end < len(self._text) or self._ended):
                self._at = end
                return value
            if self._ended:
                raise self._wrong("内容残缺或写法不对")
            if len(self._text) - self._at > _LARGEST_VALUE:
                raise self._wrong("有一项太大或写法不对")
            self._more()

    def _next(self) -> str:
        """The next character that is no space, not yet passed; empty at the end of the file."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more()

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise self._wrong("内容残缺或写法不对")
        self._at += 1

    def _more(self) -> None:
        """Read on: as much again as is in hand, so that a long value is not scanned over and over."""
        data = self._file.read(max(_CHUNK, len(self._text) - self._at))
        self._ended = not data
        try:
            more = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            raise self._wrong("不是 UTF-8 编码") from None
        self._passed += self._at
        self._text, self._at = self._text[self._at :] + more, 0

    def _wrong(self, why: str) -> NotStrictJson:
        return NotStrictJson(why=why, place=self._passed + self._at + 1)
