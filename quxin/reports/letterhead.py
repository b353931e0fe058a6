"""The red letterhead of an official document (版头) and its imprint (版记), GB/T 9704-2012, 7.2 and 7.4.

Says what stands there; `word_letterhead` says where. Carries no copy number, secrecy mark or urgency: this system holds
nothing classified. Not for letters, orders and minutes, which the standard lays out in another way.
"""

import re
from dataclasses import dataclass
from datetime import date

from quxin.kernel.errors import QuxinError

_BRACKETS = str.maketrans("[]()（）【】［］﹝﹞", "〔〕" * 6)
_NUMBER = re.compile(r"[^\W\d_]{1,20}〔(?:19|20)\d\d〕[1-9]\d{0,5}号")
_BETWEEN = re.compile(r"[，,;；\n]+")


class NumberWrong(QuxinError):
    """A document number that the standard doesn't know."""

    default_message = "“%(number)s”不是发文字号。"
    default_hint = "请写成“苏市监党〔2024〕5号”的样子：机关代字、年份、序号；序号不加“第”，前面不补 0。还没有编号的请留空，以后再填。"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Above the red rule: the mark ("某某局文件"), the number and who signs; at the end: copies, printer, day of printing.

    `number` is what stands between mark and rule, with blanks to be filled in where there is none yet; `signer` only in
    a document that goes up the line.
    """

    mark: str
    number: str
    printer: str
    printed_on: date
    signer: str = ""
    copies: tuple[str, ...] = ()


def letterhead(
    issuer: str,
    on: date,
    *,
    mark: str = "",
    number: str = "",
    signer: str = "",
    copies: str = "",
    printer: str = "",
    printed_on: date | None = None,
) -> Letterhead:
    """The letterhead of a document of `issuer`, dated `on`; whatever is not given follows from these two.

    `copies` names organisations, with commas or line breaks between them; 、 stays inside a group of them. Raises
    NumberWrong.
    """
    return Letterhead(
        mark=mark.strip() or default_mark(issuer),
        number=tidy_number(number) or blank_number(on),
        printer=printer.strip() or issuer,
        printed_on=printed_on or on,
        signer=signer.strip(),
        copies=tuple(part for one in _BETWEEN.split(copies) if (part := one.strip(" 。\t\r"))),
    )


def default_mark(issuer: str) -> str:
    """发文机关标志 of an organisation: its full name with 文件."""
    return f"{issuer}文件"


def tidy_number(text: str) -> str:
    """`text` as 发文字号 with the brackets of the standard; empty for none. Raises NumberWrong."""
    number = "".join(text.split()).translate(_BRACKETS)
    if number and not _NUMBER.fullmatch(number):
        raise NumberWrong(number=text.strip()[:40])
    return number


def blank_number(on: date) -> str:
    """The place of a number that is not given yet: the year of `on` between blanks."""
    return f"　　　〔{on.year}〕　　号"
