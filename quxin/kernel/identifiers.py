"""Codes that we give out, and the official numbers of people and organisations that offices type in.

Checks only: nothing here stores, logs or looks up a person. Masks are for screens, not for publication, where
no digit of an identity number may stand at all.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from .characters import COMPOUND_SURNAMES, ZERO_WIDTH, narrow_characters, squeeze

CODE_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: no i, l, o (which look like 1, 1, 0) and no u."""


# 32 characters: five bits of a byte choose one, all equally likely.
_CODE_BYTES = bytes(ord(CODE_ALPHABET[byte & 31]) for byte in range(256))


def new_code(length: int = 10) -> str:
    """A random code for addresses; 10 characters are 50 bits from the system's secure source."""
    return secrets.token_bytes(length).translate(_CODE_BYTES).decode("ascii")


def is_code(text: str, length: int = 10) -> bool:
    """Whether ``text`` could have come from ``new_code(length)``."""
    return len(text) == length and all(char in CODE_ALPHABET for char in text)


# --- citizen numbers, GB 11643 ---

_REGIONS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
_PROVINCES = frozenset(str(code) for first, last in _REGIONS for code in range(first, last + 1))
_CHECK = "10X98765432"
_WEIGHTS = tuple(2 ** (17 - i) % 11 for i in range(17))
_EARLIEST_BIRTH = date(1900, 1, 1)

_EXCEL_LIMIT = 10**15
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,3}")

RUINED = "表格软件把号码当成了数字，后几位已经丢失"
"""Msgid: why a numeric cell cannot be read as an identity number."""


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """What the check found: ``problems`` refuse the number, ``warnings`` only deserve a look (Chinese
    msgids).

    ``number`` is the tidy form (narrow, upper-case X), empty when there are problems; it stays out of
    ``repr`` and so out of logs.
    """

    ok: bool
    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    number: str = field(default="", repr=False)


def check_citizen_number(text: object, *, today: date | None = None) -> CitizenNumber:
    """Check a citizen number as a cell or form holds it: form, check digit, birth date, province.

    Division codes change yearly, so an unknown county only warns. Cells that hold a number instead of text
    are refused, because Excel keeps 15 digits. With ``today`` a birth date in the future is refused too.
    """
    if looks_like_ruined_number(text) or isinstance(text, float):
        return CitizenNumber(False, (RUINED,))
    number = squeeze(str(text)).upper()
    if re.fullmatch(r"[0-9]{15}", number):
        return CitizenNumber(False, ("这是15位的旧号码，请填写18位的公民身份号码",))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return CitizenNumber(False, ("公民身份号码应为18位：17位数字加1位数字或X",))
    problems = _citizen_problems(number, today)
    if problems:
        return CitizenNumber(False, problems)
    warnings = () if _county_known(number) else ("前六位不在已知的行政区划中，请核对",)
    return CitizenNumber(True, (), warnings, number)


def _citizen_problems(number: str, today: date | None) -> tuple[str, ...]:
    problems = []
    if number[:2] not in _PROVINCES:
        problems.append("前两位不是省级行政区划代码")
    birth = _birth_date(number)
    if birth is None or birth < _EARLIEST_BIRTH:
        problems.append("第7至14位不是可能的出生日期")
    elif today is not None and birth > today:
        problems.append("出生日期在今天之后")
    if number[17] != _check_digit(number):
        problems.append(RUINED if number.endswith("000") else "校验码不符，请逐位核对")
    return tuple(problems)


def _check_digit(number: str) -> str:
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]


def _birth_date(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _county_known(number: str) -> bool:
    from stdnum import numdb  # reads its table of divisions at the first question

    return any("county" in properties for _, properties in numdb.get("cn/loc").info(number[:6]))


def looks_like_ruined_number(value: object) -> bool:
    """Whether a cell holds a long number that Excel has already rounded: 1.67E+17, 110105194912310000.0.

    True for text in exponent form as well; False for numbers of up to 15 digits, which Excel keeps exactly.
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float | Decimal):
        return value >= _EXCEL_LIMIT
    return isinstance(value, str) and _EXPONENT.fullmatch(squeeze(value)) is not None


# --- unified credit codes, GB 32100 ---


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A unified social credit code after the check: ``code`` is the tidy form, empty when there are
    problems.
    """

    ok: bool
    problems: tuple[str, ...]
    code: str = ""


def check_credit_code(text: object) -> CreditCode:
    """Check a unified social credit code (18 characters with a check character) as a cell or form holds
    it.
    """
    if looks_like_ruined_number(text):
        return CreditCode(False, (RUINED,))
    code = squeeze(str(text)).upper()
    try:
        return CreditCode(True, (), uscc.validate(code))
    except InvalidLength:
        return CreditCode(False, ("统一社会信用代码应为18位",))
    except InvalidChecksum:
        return CreditCode(False, ("校验码不符，请逐位核对",))
    except ValidationError:
        return CreditCode(False, ("统一社会信用代码里有不该出现的字符（不使用字母I、O、S、V、Z）",))


# --- masks and finds ---


def mask_identity(number: str) -> str:
    """All but the last four characters as stars: birth date and birthplace are the guessable part."""
    return _mask(number, 0, 4)


def mask_phone(number: str) -> str:
    """ "138****8000": the middle of a phone number as stars."""
    return _mask(number, 3, 4)


def mask_name(name: str) -> str:
    """The surname and a star for each further character: 张三丰 → 张**, 欧阳修 → 欧阳*."""
    tidy = squeeze(name)
    keep = 2 if len(tidy) > 2 and tidy[:2] in COMPOUND_SURNAMES else 1
    return tidy[:keep] + "*" * (len(tidy) - keep)


def _mask(text: str, head: int, tail: int) -> str:
    tidy = squeeze(text)
    hidden = len(tidy) - head - tail
    # What is too short to be a number of its kind shows nothing at all.
    return tidy[:head] + "*" * hidden + tidy[-tail:] if hidden > head else "*" * len(tidy)


@dataclass(frozen=True, slots=True)
class Found:
    """A personal number in free text: ``kind`` is "identity" or "phone", the place is ``text[start:end]``."""

    kind: str
    start: int
    end: int


_GAP = r"[\s\-—－·.]?"
_IDENTITY = re.compile(
    rf"(?<![0-9A-Za-z])[1-8][0-9]{{5}}{_GAP}((?:18|19|20)[0-9]{{2}}{_GAP}[01][0-9]{_GAP}[0-3][0-9]){_GAP}"
    r"[0-9]{3}[0-9Xx](?![0-9A-Za-z])"
    rf"|(?<![0-9A-Za-z])[1-8][0-9]{{5}}{_GAP}[0-9]{{2}}[01][0-9][0-3][0-9]{_GAP}[0-9]{{3}}(?![0-9A-Za-z])"
)
_PHONE = re.compile(rf"(?<![0-9A-Za-z.])(?:\+?86{_GAP})?1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}(?![0-9A-Za-z])")


def find_personal_numbers(text: str) -> list[Found]:
    """Identity numbers and mobile phones in free text, in order; for the scan before publication.

    Full-width digits, zero-width characters and the usual gaps ("138-0013 8000") do not hide a number. A
    mistyped identity number is found too: the check digit is not asked. Office land lines are no personal
    data.
    """
    seen = [(char, at) for at, char in enumerate(narrow_characters(text)) if char not in ZERO_WIDTH]
    line = "".join(char for char, _ in seen)
    found: list[Found] = []
    for kind, pattern in (("identity", _IDENTITY), ("phone", _PHONE)):
        for match in pattern.finditer(line):
            if kind == "identity" and match[0][:2] not in _PROVINCES:
                continue
            found.append(Found(kind, seen[match.start()][1], seen[match.end() - 1][1] + 1))
    return sorted(found, key=lambda one: one.start)
