"""Recount a round from the file of all its ballots, which witnesses may get: every receipt reckoned, every result counted anew.

docs/reference/board.md, section 9. Pure and offline as verification.py, and as careful with what the file holds. Counting and
suppression are those of the house (counting.py, results.py): what a recount proves is that the ballots give these results.
"""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quxin.kernel.errors import QuxinError
from quxin.records.evaluations import board_shape as shape
from quxin.records.evaluations.board import NotPlain, ballot_leaf, canonical, hash_of, receipt_code
from quxin.records.evaluations.counting import SELF_SELECTED, Counter
from quxin.records.evaluations.questionnaire import COMMON, Questionnaire, check_sheet, read
from quxin.records.evaluations.results import plain_results
from quxin.records.evaluations.streaming import NotStrictJson, Reader

if TYPE_CHECKING:
    from quxin.records.evaluations.verification import Checking, Finding

FORMAT = "quxin-ballots/1"
LAWS = {
    "ballots.format": "选票文件完整，是这一轮的，问卷与轮次说明一致",
    "ballots.receipts": "每一张选票都算得出公示板上的一个回执，一张不多，一张不少",
    "ballots.keys": "每一把钥匙下的选票与用掉的选票凭证一样多",
    "ballots.sheets": "每一张答卷都合乎问卷",
    "ballots.results": "重新计票，结果与公布的一致",
}
_NONCE = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NAMES = {"answers", "key", "nonce", "subject"}
_STREAMED = frozenset({"ballots"})
# What a questionnaire made up by somebody may raise in code that takes it for one of the house.
_ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RecursionError)


def recount(path: Path, board: Checking) -> tuple[Finding, ...]:
    """The laws of a recount against a board that was read. Raises OSError when the file cannot be read."""
    from quxin.records.evaluations.verification import Finding

    counting = Recount(board)
    try:
        counting.read(path)
    except (shape.Misshapen, NotStrictJson) as error:
        return (Finding("ballots.format", False, error.message, error.params),)
    return tuple(
        Finding(law, False, *counting.offences[law]) if law in counting.offences else Finding(law, True, LAWS[law])
        for law in LAWS
    )


class Recount:
    """One recount: the counter, and the first offence against each law."""

    def __init__(self, board: Checking) -> None:
        self._board = board
        self.offences: dict[str, tuple[str, dict[str, Any]]] = {}
        self._round = board.parts["round"]
        self._keys = {key["id"]: key for key in reversed(self._round["keys"])}
        self._aside = {bytes.fromhex(one["receipt"]) for one in board.parts["voided"]}
        self._subjects = list(dict.fromkeys(self._told(board.parts["results"], "subject")))
        self._samples = set(self._told(board.parts["results"], "sample"))

    @staticmethod
    def _told(results: list[Any], name: str) -> list[str]:
        """What the published results say under `name`, as far as they say it."""
        values = [one.get(name) for one in results if type(one) is dict]
        return [value for value in values if type(value) is str]

    def read(self, path: Path) -> None:
        """Walk the file twice: what it is about, then its ballots. Raises Misshapen, NotStrictJson, OSError."""
        about: dict[str, Any] = {}
        with path.open("rb") as file:
            for name, part in Reader(file).members(_STREAMED):
                if name not in ("format", "round", "questionnaire", "ballots"):
                    raise shape.Misshapen(place=name[:80], why="格式里没有这一项")
                about[name] = isinstance(part, Iterator) if name == "ballots" else part
        asked = self._questionnaire(about)
        counter = Counter(asked, sample=next(iter(self._samples), SELF_SELECTED))
        with path.open("rb") as file:
            for name, part in Reader(file).members(_STREAMED):
                if name == "ballots":
                    self._ballots(part, counter)
        self._results(counter)

    def _questionnaire(self, about: dict[str, Any]) -> Questionnaire:
        for name in ("format", "round", "questionnaire", "ballots"):
            if name not in about:
                raise shape.Misshapen(place=name, why="缺少这一项")
        if about["format"] != FORMAT:
            raise shape.Misshapen(place="format", why="不是 quxin-ballots/1")
        if about["round"] != self._round["code"]:
            raise shape.Misshapen(place="round", why="不是公示板的这一轮")
        if about["ballots"] is not True:
            raise shape.Misshapen(place="ballots", why="应是列表")
        if hash_of(shape.plain(about["questionnaire"], "questionnaire")) != self._round["questionnaire_sha256"]:
            raise shape.Misshapen(place="questionnaire", why="不是轮次说明里的问卷")
        try:
            return read(about["questionnaire"])
        except _ODD:
            raise shape.Misshapen(place="questionnaire", why="不是本系统的问卷") from None

    def _ballots(self, entries: Iterator[Any], counter: Counter) -> None:
        seen = bytearray(len(self._board.receipts))
        of_key: Tally[str] = Tally()
        for number, one in enumerate(entries):
            self._shape(one, f"ballots[{number}]")
            of_key[one["key"]] += 1
            bound = self._keys.get(one["key"], {"subject": ""})["subject"]
            if bound not in ("", one["subject"]):
                self._offend("ballots.keys", "ballots[%(n)s] 的钥匙是评议另一个对象的", n=number)
            receipt = bytes.fromhex(
                ballot_leaf(
                    round_code=self._round["code"], answers=one["answers"], nonce=one["nonce"], key=one["key"],
                    subject=one["subject"],
                )
            )  # fmt: skip
            place, code = self._board.receipts.place(receipt), receipt_code(receipt.hex())
            if place is None:
                words = "ballots[%(n)s] 的回执 %(code)s 不在公示板上"
                self._offend("ballots.receipts", words, n=number, code=code)
            elif seen[place]:
                self._offend("ballots.receipts", "ballots[%(n)s] 的回执 %(code)s 已经有过", n=number, code=code)
            else:
                seen[place] = 1
            self._count(one, number, counter, receipt in self._aside)
        if missing := seen.count(0):
            code = receipt_code(self._board.receipts[seen.index(0)].hex())
            words = "公示板上有 %(count)s 个回执没有选票，例如 %(code)s"
            self._offend("ballots.receipts", words, count=missing, code=code)
        self._of_keys(of_key)

    @staticmethod
    def _shape(one: Any, place: str) -> None:
        if type(one) is not dict or one.keys() != _NAMES:
            raise shape.Misshapen(place=place, why="应恰有 answers、key、nonce、subject 四项")
        if type(one["nonce"]) is not str or not _NONCE.fullmatch(one["nonce"]):
            raise shape.Misshapen(place=f"{place}.nonce", why="应是 32 位小写十六进制数")
        if type(one["key"]) is not str or type(one["subject"]) is not str:
            raise shape.Misshapen(place=place, why="key 和 subject 应是文字")
        try:
            canonical(one)
        except NotPlain:
            raise shape.Misshapen(place=place, why="有不能写成规范 JSON 的内容") from None

    def _count(self, one: dict[str, Any], number: int, counter: Counter, aside: bool) -> None:
        """Check the sheet, and count it unless it was set aside."""
        asked = counter.questionnaire
        try:
            fits = check_sheet(asked, one["answers"], self._subjects) == one["answers"]
        except QuxinError as error:
            self._offend("ballots.sheets", "ballots[%(n)s]：%(why)s", n=number, why=error.text())
            return
        except _ODD:
            fits = False
        if not fits:
            self._offend("ballots.sheets", "ballots[%(n)s] 的答卷没有按规范写", n=number)
            return
        if not aside:
            key = self._keys.get(one["key"], {"group": ""})
            counter.add(one["answers"], group=key["group"] if asked.groups else "", subject=one["subject"])

    def _of_keys(self, of_key: Tally[str]) -> None:
        for key, count in sorted(of_key.items()):
            if key not in self._keys and (key or self._board.closed_roster):
                self._offend("ballots.keys", "有 %(count)s 张选票写的钥匙 %(key)s 不是本轮的", count=count, key=key)
        for key in self._keys:
            spent = self._board.spent_under[key]
            if spent != of_key[key]:
                words = "钥匙 %(key)s 下有选票 %(count)s 张，用掉的选票凭证是 %(spent)s 张"
                self._offend("ballots.keys", words, key=key, count=of_key[key], spent=spent)

    def _results(self, counter: Counter) -> None:
        published = self._board.parts["results"]
        if self._board.parts["statement"]["state"] == "void" and not published:
            return
        if len(self._samples) > 1:
            words = "公布的结果分几个样本，选票文件没有写明哪张属于哪个，无法重新计票"
            self._offend("ballots.results", words)
            return
        asked = counter.questionnaire
        subjects = [code for code in self._subjects if code != COMMON or not asked.common]
        if left_out := sorted({code for code, _ in counter.ballots} - set(self._subjects)):
            self._offend("ballots.results", "“%(subject)s”有选票，公布的结果里却没有", subject=left_out[0])
        population = {group["id"]: group["count"] for group in self._round["roster"]["groups"]}
        try:
            counted = plain_results(
                counter, subjects, minimum=self._round["minimum"],
                population=population if counter.sample == "panel" else None,
            )  # fmt: skip
        except _ODD:
            self._offend("ballots.results", "这些选票按问卷无法计票")
            return
        if counted != published:
            self._offend(
                "ballots.results", "重新计票的第 %(n)s 项与公布的不同", n=_first_difference(counted, published)
            )

    def _offend(self, law: str, message: str, **params: Any) -> None:
        self.offences.setdefault(law, (message, params))


def _first_difference(counted: list[Any], published: list[Any]) -> int:
    """The number (from 1) of the first entry in which two lists differ."""
    same = (one == other for one, other in zip(counted, published, strict=False))
    return next((number for number, equal in enumerate(same, 1) if not equal), min(len(counted), len(published)) + 1)
