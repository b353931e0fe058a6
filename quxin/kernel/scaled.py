"""Quantities as integers of thousandths: 1 is stored as 1000, 87.5 as 87500.

Sums of these are exact in every database (SQLite's decimals are floats). Not for money in foreign currencies
nor for ratios that need more than three decimals: a ratio is reckoned from two scaled sums when it is shown.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from .errors import QuxinError

SCALE = 1000
ONE = 1000
DECIMALS = 3
LIMIT = 2**63 - 1
"""The greatest scaled integer a 64-bit column holds."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")


class ScaledError(QuxinError):
    """A value that is no number of at most three decimals within 64 bits."""

    default_message = "“%(value)s”不是可以记录的数"
    default_hint = "请填写数字，最多三位小数，例如 12 或 87.5。"


def scale(value: int | str | Decimal) -> int:
    """``value`` in thousandths: ``scale("87.5") == 87500``.

    Strings may have full-width digits and thousands commas ("1,960"). Raises ScaledError for floats (0.1 is
    not a tenth), booleans, more than three decimals, infinities and what does not fit 64 bits.
    """
    exact = _exact(value)
    # Bounds first: exponents such as 1E+999999999 must not become integers of a gigabyte.
    if exact and exact.adjusted() > 18:
        raise ScaledError("“%(value)s”太大，无法记录", hint="请核对数字的位数。", value=_shown(value))
    if exact and exact.adjusted() < -DECIMALS:
        raise _too_fine(value)
    numerator, denominator = exact.as_integer_ratio()
    scaled, rest = divmod(numerator * SCALE, denominator)
    if rest:
        raise _too_fine(value)
    if abs(scaled) > LIMIT:
        raise ScaledError("“%(value)s”太大，无法记录", hint="请核对数字的位数。", value=_shown(value))
    return scaled


def unscale(n: int) -> Decimal:
    """The number that ``n`` thousandths are, without trailing zeros and never as an exponent."""
    sign, whole, rest = _parts(n)
    return Decimal(f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}")


def plain(n: int, *, group: bool = False) -> str:
    """``n`` thousandths for print: "1960", "87.5"; with ``group`` "1,960"."""
    sign, whole, rest = _parts(n)
    digits = f"{whole:,}" if group else str(whole)
    return f"{sign}{digits}.{rest}" if rest else f"{sign}{digits}"


def _parts(n: int) -> tuple[str, int, str]:
    whole, rest = divmod(abs(n), SCALE)
    return ("-" if n < 0 else ""), whole, f"{rest:0{DECIMALS}d}".rstrip("0")


def _exact(value: int | str | Decimal) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ScaledError(value=_shown(value))
    if isinstance(value, str):
        narrow = unicodedata.normalize("NFKC", value).strip()
        if len(narrow) > 60 or not _NUMBER.fullmatch(narrow):
            raise ScaledError(value=_shown(value))
        return Decimal(narrow.replace(",", ""))
    exact = Decimal(value)
    if not exact.is_finite():
        raise ScaledError(value=_shown(value))
    return exact


def _shown(value: object) -> str:
    # An int of a million digits cannot even be printed (Python refuses), a string could fill the page.
    if isinstance(value, int) and value.bit_length() > 200:
        return "…"
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _too_fine(value: object) -> ScaledError:
    return ScaledError("“%(value)s”的小数超过三位", hint="请四舍五入到三位小数以内。", value=_shown(value))
