"""Numbers as Chinese reports print them: "近2000人次", "160多篇", "近10万人", "六个一", "87.5%".

A hedge is a claim, so it can be wrong: 近2000 is right for 1960 and wrong for 2040. ``hedge`` makes only
right ones and ``check_hedge`` judges what a person wrote. Values here are numbers as people mean them, not
thousandths (``scaled``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .errors import QuxinError

WAN = 10_000
YI = 100_000_000
EXACT_BELOW = 20
TOLERANCE = Decimal("0.1")
"""How far 近 and 约 may be from the number they name."""

Kind = Literal["exact", "近", "多"]
_PERCENT = ("%", "‰")


class HedgeError(QuxinError):
    """A text that holds no number to judge."""

    default_message = "“%(text)s”里没有可以核对的数"
    default_hint = "请写成“近2000人次”“160多篇”“约10万人”或准确数字。"


@dataclass(frozen=True, slots=True)
class Hedged:
    """A printed number: its text with the unit, the round number it names, and how the two relate."""

    text: str
    base: Decimal
    kind: Kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a hedge is right for a value; ``reason`` is a Chinese sentence when it is not."""

    ok: bool
    reason: str = ""


def hedge(value: Decimal | int, unit: str) -> Hedged:
    """The shortest round way to say ``value``: one significant digit when that is within 10 %, else two.

    Numbers under 20 and numbers that are round already are printed as they are.
    """
    exact = _decimal(value)
    if exact < EXACT_BELOW or exact == _floor(exact, 2)[0]:
        return Hedged(_wan_text(exact) + unit, exact, "exact")
    for digits in (1, 2):
        base = _nearest(exact, digits)
        if abs(exact - base) <= TOLERANCE * base:
            break
    if exact < base:
        return Hedged(f"近{_wan_text(base)}{unit}", base, "近")
    # "10万多人" lies just above 100,000; "10多万人" would reach up to 200,000. And one says 80%多, not 80多%.
    text = f"{_wan_text(base)}{unit}多" if unit in _PERCENT else f"{_wan_text(base)}多{unit}"
    return Hedged(text, base, "多")


def check_hedge(text: str, value: Decimal | int) -> Verdict:
    """Whether what a person wrote ("近2000人次", "160余篇", "约10万人", "35个") is right for ``value``.

    近 N: below N, at most 10 %. N 多 / N 余: above N, under the next step of N's last digit. 约 N: within
    10 % either way. No hedge: exactly N. The unit is not judged.
    Raises HedgeError when the text holds no number.
    """
    exact, claim = _decimal(value), _read(text)
    base = claim.base
    low = base - TOLERANCE * base
    if claim.kind == "近":
        return _verdict(low <= exact < base, f"“近”要求略低于{base:f}（相差不超过10%），实际是{exact:f}")
    if claim.kind == "多":
        top = base + claim.step
        return _verdict(base < exact < top, f"“多”要求大于{base:f}、小于{top:f}，实际是{exact:f}")
    if claim.kind == "约":
        return _verdict(low <= exact <= base + TOLERANCE * base, f"“约”要求与{base:f}相差不超过10%，实际是{exact:f}")
    return _verdict(exact == base, f"写的是{base:f}，实际是{exact:f}")


def print_number(value: Decimal | int, unit: str) -> str:
    """``value`` exactly, with its unit: "1960人次", "87.5%"."""
    return _plain(_decimal(value)) + unit


def wan(n: Decimal | int) -> str:
    """``n`` exactly, in 万 from ten thousand and in 亿 from a hundred million: "9.78万", "10万", "1.2亿"."""
    return _wan_text(_decimal(n))


def number_zh(n: int) -> str:
    """A whole number from 0 below a trillion in Chinese numerals: 6 → 六, 12 → 十二, 105 → 一百零五."""
    if not 0 <= n < WAN * YI:
        raise ValueError(f"{n} is outside 0 to {WAN * YI - 1}")
    if n < WAN:
        text = _below_wan(n)
    else:
        size, name = (YI, "亿") if n >= YI else (WAN, "万")
        head, rest = divmod(n, size)
        gap = "零" if 0 < rest < size // 10 else ""
        text = number_zh(head) + name + gap + (_inner_zh(rest) if rest else "")
    return text[1:] if text.startswith("一十") else text


def count_zh(n: int) -> str:
    """A count before a measure word: 2 → 两 ("两个方面"), all others as ``number_zh``."""
    return "两" if n == 2 else number_zh(n)


_ZH_DIGITS = "零一二三四五六七八九"
_ZH_PLACES = ("", "十", "百", "千")


def _inner_zh(n: int) -> str:
    """As ``number_zh`` inside a longer number, where ten is 一十: 110010 → 十一万零一十."""
    text = number_zh(n)
    return "一" + text if text.startswith("十") else text


def _below_wan(n: int) -> str:
    if n == 0:
        return "零"
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = n // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _ZH_DIGITS[digit] + _ZH_PLACES[place]
        gap = digit == 0
    return text


# --- rounding ---


def _decimal(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"a report prints int and Decimal, not {type(value).__name__}")
    return Decimal(value)


def _floor(value: Decimal, digits: int) -> tuple[Decimal, Decimal]:
    """``value`` (positive) cut to ``digits`` significant digits, and the step between such numbers there."""
    step = Decimal(1).scaleb(value.adjusted() - digits + 1)
    return value // step * step, step


def _nearest(value: Decimal, digits: int) -> Decimal:
    below, step = _floor(value, digits)
    return below if value - below <= below + step - value else below + step


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _wan_text(value: Decimal) -> str:
    for size, name in ((YI, "亿"), (WAN, "万")):
        if abs(value) >= size:
            return _plain(value / size) + name
    return _plain(value)


# --- reading what people wrote ---

_CLAIM = re.compile(
    r"(?P<before>近|将近|接近|约|大约|约为)?\s*"
    r"(?:(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)|(?P<zh>[零〇一二两三四五六七八九十百千]+))"
    r"(?P<inner>[多余])?(?P<size>万亿|亿|万)?(?P<outer>[多余])?(?P<percent>[%‰][多余]?)?"
)


@dataclass(frozen=True, slots=True)
class _Claim:
    kind: Literal["exact", "近", "多", "约"]
    base: Decimal
    step: Decimal


def _read(text: str) -> _Claim:
    match = _CLAIM.search(unicodedata.normalize("NFKC", text)[:200])
    if match is None:
        raise HedgeError(text=text[:40])
    size = {"万亿": WAN * YI, "亿": YI, "万": WAN, None: 1}[match["size"]]
    number = match["number"]
    base = Decimal(number.replace(",", "")) if number else Decimal(_zh_value(match["zh"]))
    more = match["inner"] or match["outer"] or len(match["percent"] or "") > 1
    before = match["before"] or ""
    kind: Literal["exact", "近", "多", "约"] = "多" if more else "exact"
    if "近" in before:
        kind = "近"
    elif before:
        kind = "约"
    return _Claim(kind, base * size, _last_place(base) * size)


def _last_place(base: Decimal) -> Decimal:
    """The place of the last digit that is not 0: 160 → 10, 2000 → 1000, 2.5 → 0.1."""
    if not base:
        return Decimal(1)
    digits = base.as_tuple()
    trailing = len(digits.digits) - len("".join(map(str, digits.digits)).rstrip("0"))
    return Decimal(1).scaleb(int(digits.exponent) + trailing)


def _zh_value(text: str) -> int:
    """三百五十 → 350, 十二 → 12, 二〇一〇 → 2010."""
    text = text.replace("〇", "零").replace("两", "二")
    if not re.search("[十百千]", text):
        return int("".join(str(_ZH_DIGITS.index(char)) for char in text))
    total = digit = 0
    for char in text:
        if char in _ZH_DIGITS:
            digit = _ZH_DIGITS.index(char)
        else:
            total += (digit or 1) * 10 ** _ZH_PLACES.index(char)
            digit = 0
    return total + digit


def _verdict(ok: bool, reason: str) -> Verdict:
    return Verdict(True) if ok else Verdict(False, reason)
