"""What people wrote, before it is shown: names, phones and identity numbers are held back, with the reason.

Pure. A held-back text is not shortened or starred out: what surrounds a name often names the person too. Must not know the
grade that came with the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from quxin.kernel.characters import ZERO_WIDTH
from quxin.kernel.identifiers import find_personal_numbers, mask_name

NAME = "name"
ADDRESSED = "addressed"
PHONE = "phone"
IDENTITY = "identity"
GROUP_HIDDEN = "group-hidden"

REASONS = {
    NAME: "意见里写了人名",
    ADDRESSED: "意见里用姓氏和称呼指到了人",
    PHONE: "意见里有电话号码",
    IDENTITY: "意见里有身份证号",
    GROUP_HIDDEN: "这一组的结果不公布，意见也不公布",
}
"""Reason → what a page says (msgids)."""

_CALLED = (
    "同志", "先生", "女士", "书记", "局长", "处长", "科长", "股长", "所长", "站长", "队长", "主任", "院长", "校长", "经理",
    "老师", "师傅", "医生", "警官", "科员", "干事", "会计", "某某", "某",
)  # fmt: skip
_BEFORE = ("老", "小")
_GAP = re.compile(r"[\s·・.,，。、_*\-—]+")


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in a text: ``held`` are the reasons (codes), empty when it may be shown."""

    text: str
    held: tuple[str, ...]

    @property
    def may_be_shown(self) -> bool:
        """Whether nothing was found."""
        return not self.held


class Names:
    """The people who must not be named: staff of the judged, organisers, members on the roster. Made once for many texts."""

    def __init__(self, names: Iterable[str]) -> None:
        plain = {_squeezed(name) for name in names}
        self._names = frozenset(name for name in plain if len(name) > 1)
        self._lengths = tuple(sorted({len(name) for name in self._names}))
        surnames = sorted({mask_name(name).rstrip("*") for name in self._names if _is_han(name)}, key=len, reverse=True)
        called = "|".join((*_CALLED,))
        listed = "|".join(map(re.escape, surnames))
        before = "".join(_BEFORE)
        self._addressed = re.compile(rf"(?:{listed})(?:{called})|[{before}](?:{listed})") if surnames else None

    def named_in(self, text: str) -> bool:
        """Whether one of the names stands in the text, also with blanks or signs between its characters."""
        line = _squeezed(text)
        return any(
            line[start : start + length] in self._names
            for length in self._lengths
            for start in range(len(line) - length + 1)
        )

    def addressed_in(self, text: str) -> bool:
        """Whether somebody is meant by surname and title: 王局长, 老王. Errs on the side of holding back."""
        return self._addressed is not None and self._addressed.search(_squeezed(text)) is not None


def look(text: str, names: Names, *, group_is_shown: bool = True) -> Look:
    """Whether words may be shown, with every reason why not. ``group_is_shown``: whether their group's result is."""
    numbers = {found.kind for found in find_personal_numbers(text)}
    found = (
        (GROUP_HIDDEN, not group_is_shown),
        (NAME, names.named_in(text)),
        (ADDRESSED, names.addressed_in(text)),
        (PHONE, PHONE in numbers),
        (IDENTITY, IDENTITY in numbers),
        *((kind, True) for kind in sorted(numbers - {PHONE, IDENTITY})),
    )
    return Look(text, tuple(reason for reason, is_so in found if is_so))


def sort_words(texts: Iterable[str], names: Collection[str]) -> tuple[list[str], list[Look]]:
    """(what may be shown, what is held back with its reasons), each in the order given."""
    known = Names(names)
    looks = [look(text, known) for text in texts]
    return [one.text for one in looks if one.may_be_shown], [one for one in looks if not one.may_be_shown]


def _squeezed(text: str) -> str:
    """Without blanks, signs and invisible characters, in one width and case: 张 三, 张·三 and 张三 are one name."""
    plain = unicodedata.normalize("NFKC", text)
    return _GAP.sub("", "".join(char for char in plain if char not in ZERO_WIDTH)).casefold()


def _is_han(name: str) -> bool:
    return "\u3400" <= name[0] <= "\u9fff"
