"""Chinese text: sort keys by pinyin, words for search, suggestions for misspelt names, traditional to
simplified.

Dictionaries load at first use. Not for translation of the interface and not for judging what a text says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from heapq import nlargest

from .characters import COMPOUND_SURNAMES, narrow, squeeze

__all__ = ["initials", "narrow", "nearest", "simplify", "sort_key", "squeeze", "tokens"]

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_DIGITS = re.compile(r"[0-9]+")
_ORDER_WIDTH = 8
_SHORTLIST = 200

# Characters that are read otherwise as surnames; the dictionary of readings knows the everyday ones.
_SURNAMES = {
    "单": "shan", "解": "xie", "曾": "zeng", "仇": "qiu", "盖": "ge", "朴": "piao", "区": "ou", "查": "zha",
    "任": "ren", "翟": "zhai", "员": "yun", "黑": "he", "覃": "qin", "种": "chong", "繁": "po", "逄": "pang",
    "召": "shao", "祭": "zhai", "秘": "bi", "仉": "zhang", "乜": "nie", "郗": "xi", "应": "ying", "卜": "bu",
    "么": "yao", "折": "she", "缪": "miao", "洗": "xian", "冼": "xian", "牟": "mu", "隗": "wei", "訾": "zi",
    "乐": "yue",
    "万俟": "mo qi", "尉迟": "yu chi", "长孙": "zhang sun", "澹台": "tan tai", "令狐": "ling hu",
    "乐正": "yue zheng", "子车": "zi ju", "亓官": "qi guan", "鲜于": "xian yu",
}  # fmt: skip
# Names of places that the dictionary of readings gets wrong, checked one by one.
_PLACES = {
    "单县": "shan xian", "涡阳": "guo yang", "浚县": "xun xian", "大城县": "dai cheng xian",
    "洪洞": "hong tong", "宕昌": "tan chang", "繁峙": "fan shi", "荥经": "ying jing", "六合区": "lu he qu",
    "郫都": "pi du", "筠连": "jun lian", "重庆": "chong qing", "天长市": "tian chang shi",
    "延长县": "yan chang xian", "子长市": "zi chang shi", "弓长岭": "gong chang ling", "曾都": "zeng du",
    "珲春": "hun chun", "泊头": "bo tou", "南乐": "nan le", "民乐": "min le", "龙圩": "long xu",
    "什邡": "shi fang", "乌什": "wu shi", "图什": "tu shi", "巴什": "ba shi", "克什克腾": "ke shi ke teng",
}  # fmt: skip
# Read otherwise in names than alone, where the dictionary says dou and gan.
_IN_NAMES = {"都": "du", "乾": "qian"}
_PLACE = re.compile("|".join(_PLACES))
# A short name that ends like this is an office or a place, and its first character is no surname.
_NOT_A_PERSON = re.compile(
    r"[局处科室部院所站会县市区省州旗镇乡村路街组队委厅司厂店校系]$|(支部|中心|单位|机关|办公|公司|团队|总支|党组)"
)


def simplify(text: str) -> str:
    """Traditional characters as simplified ones: 質量監督 → 质量监督."""
    return _converter().convert(text)


def sort_key(name: str, *, person: bool | None = None) -> str:
    """The pinyin of ``name``, syllables apart, for a stored column to sort by: 单雄信 → "shan xiong xin".

    Surnames and places are read as such. ``person`` says whether ``name`` is a person's; None guesses from
    its form (short, no everyday word, no ending of an office). Digits are padded, so 第2 stands before
    第10.
    """
    return " ".join(map(_padded, _syllables(name, person)))


def initials(name: str, *, person: bool | None = None) -> str:
    """The first letters of the syllables, for typing ahead: 单雄信 → "sxx"; digits stay whole."""
    parts = _syllables(name, person)
    return "".join(part if part.isdigit() else part[0] for part in parts if part[0].isalnum())


def tokens(text: str) -> list[str]:
    """Words for the search column or for a query: each word once in reading order, then each single Han
    character.

    Lower case, simplified, without punctuation. The single characters let a query of one character, or one
    that cuts words elsewhere, still find the text.
    """
    tidy = simplify(narrow(text)).lower()
    words = [word for word in _segmenter().cut_for_search(tidy) if any(char.isalnum() for char in word)]
    return list(dict.fromkeys([word.strip() for word in words] + _HAN.findall(tidy)))


def nearest(word: str, candidates: Iterable[str], n: int = 3) -> list[str]:
    """Up to ``n`` candidates that ``word`` was probably meant to be, best first; empty when none is near.

    A candidate that contains the word, or is contained in it, comes before one that is merely similar.
    """
    wanted = squeeze(word).lower()
    if not wanted:
        return []
    characters = set(wanted)
    rough = {name: _overlap(characters, set(name.lower())) for name in candidates}
    # Comparing character by character is slow and a register has 100,000 names: only the best get that far.
    short = nlargest(_SHORTLIST, (name for name in rough if rough[name] >= 0.5), key=rough.__getitem__)
    scored = {name: _likeness(wanted, squeeze(name).lower()) for name in short}
    likely = (name for name in short if scored[name] >= 0.5)
    return nlargest(n, likely, key=lambda name: (scored[name], -len(name)))


def _overlap(some: set[str], others: set[str]) -> float:
    """How much of the smaller set stands in the greater, plus a little for equal sizes: 0 to 1.1."""
    shared = len(some & others)
    return shared / min(len(some), len(others)) + 0.1 * shared / len(some | others) if shared else 0


def _likeness(wanted: str, candidate: str) -> float:
    """0 to 1 for similar, 1 for an abbreviation, above 1 where one contains the other."""
    if not candidate:
        return 0
    if wanted in candidate or candidate in wanted:
        shorter, longer = sorted((len(wanted), len(candidate)))
        return 1 + shorter / longer
    if _abbreviates(wanted, candidate):
        return 1
    return SequenceMatcher(None, candidate, wanted, autojunk=False).ratio()


def _abbreviates(short: str, long: str) -> bool:
    """Whether all characters of ``short`` stand in ``long`` in this order: 质监局 in 质量技术监督局."""
    rest = iter(long)
    return all(char in rest for char in short)


# --- readings ---


def _syllables(name: str, person: bool | None) -> list[str]:
    tidy = simplify(narrow(name)).lower()
    bare = tidy.replace(" ", "")
    if person is None:
        person = _looks_like_a_person(bare)
    return _person_syllables(bare) if person and bare else _words_syllables(tidy)


def _looks_like_a_person(name: str) -> bool:
    length = 4 if name[:2] in COMPOUND_SURNAMES else 3
    if not 1 <= len(name) <= length or len(_HAN.findall(name)) != len(name):
        return False
    if len(name) == 1:
        return True
    if _NOT_A_PERSON.search(name):
        return False
    words = _segmenter().tag(name)
    # An everyday word (解决, 任务) is no name; several words or a tagged name may be one.
    return len(words) > 1 or words[0][1].startswith("nr")


def _person_syllables(name: str) -> list[str]:
    length = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    surname, given = name[:length], name[length:]
    first = _SURNAMES[surname].split() if surname in _SURNAMES else _read(surname)
    return first + (_read(given) if given else [])


def _words_syllables(text: str) -> list[str]:
    """Readings word by word, so that 重庆市长安区 is 重庆市 + 长安区 and holds no 市长."""
    parts: list[str] = []
    at = 0
    for place in _PLACE.finditer(text):
        parts += _read_words(text[at : place.start()]) + _PLACES[place[0]].split()
        at = place.end()
    return parts + _read_words(text[at:])


def _read_words(text: str) -> list[str]:
    parts: list[str] = []
    for word in _segmenter().cut(text):
        parts += _word_syllables(word)
    return parts


# A register of agencies is made of a few thousand words; reading one takes a hundred times as long as this cache.
@lru_cache(maxsize=20_000)
def _word_syllables(word: str) -> tuple[str, ...]:
    # At the head of a word 长 is "long" (长丰县, 长江), but the dictionary takes it for "grow, chief".
    long = word[0] == "长" and len(word) > 1 and word[1] not in "子官辈老大者孙"
    syllables = ["chang", *_read(word[1:])] if long else _read(word)
    if len(syllables) == len(word):
        syllables = [_IN_NAMES.get(char, said) for char, said in zip(word, syllables, strict=True)]
    return tuple(syllables)


def _read(word: str) -> list[str]:
    from pypinyin import lazy_pinyin

    return [part for part in (syllable.strip() for syllable in lazy_pinyin(word)) if part]


@lru_cache(maxsize=20_000)
def _padded(part: str) -> str:
    """A syllable as it sorts: numbers by their value."""
    return _DIGITS.sub(lambda digits: digits[0].zfill(_ORDER_WIDTH), part)


@lru_cache(maxsize=1)
def _segmenter():  # rjieba ships no types
    import rjieba

    return rjieba


@lru_cache(maxsize=1)
def _converter():  # opencc ships no types
    import opencc

    return opencc.OpenCC("t2s")
