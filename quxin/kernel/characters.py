"""The small repairs of typed Chinese: full-width forms, invisible characters, surnames. Tables and pure loops
only.

Apart from ``text`` because that one loads dictionaries; identifiers and forms need only this.
"""

from __future__ import annotations

import re

ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u180e\u202a\u202b\u202c\u202d\u202e")
"""Characters that nobody sees and that come along when people copy from pages and chats."""

_WIDE = {ord(wide): narrow for wide, narrow in (
    *((chr(0xFF10 + i), chr(ord("0") + i)) for i in range(10)),
    *((chr(0xFF21 + i), chr(ord("A") + i)) for i in range(26)),
    *((chr(0xFF41 + i), chr(ord("a") + i)) for i in range(26)),
    ("\u3000", " "),
    ("\u00a0", " "),
    ("\u202f", " "),
    *((chr(0x2000 + i), " ") for i in range(11)),
)}  # fmt: skip
_INVISIBLE = {ord(char): None for char in ZERO_WIDTH}
_MENDED = _WIDE | _INVISIBLE
_TO_MEND = re.compile(r"[\s" + "".join(map(chr, _MENDED)) + "]")

_COMPOUND_SURNAMES = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠
公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父
谷梁 拓跋 夹谷 轩辕 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 西门 第五
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND_SURNAMES.split())
"""Surnames of two characters."""


def narrow_characters(s: str) -> str:
    """Full-width digits, letters and blanks as half-width ones, character for character: places in ``s``
    hold.
    """
    return s.translate(_WIDE)


def narrow(s: str) -> str:
    """``s`` as it was meant: half-width digits, letters and blanks, nothing invisible, no blanks at the ends.

    Chinese punctuation stays full-width: in a name （） is right. Blanks between words stay, one each.
    """
    # Most names need nothing, and to see that is many times as fast as to mend them.
    return " ".join(s.translate(_MENDED).split()) if _TO_MEND.search(s) else s


def squeeze(s: str) -> str:
    """``narrow`` without any blank at all: for codes, numbers and the names that offices pad ("张　三")."""
    return narrow(s).replace(" ", "")
