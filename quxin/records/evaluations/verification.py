"""Whether a board keeps its laws, each by name: offline, from the file alone, in one pass and little memory.

docs/reference/board.md names the laws and says them byte by byte. Pure: no database, no clock, no network. Whatever the file
holds, the answer is `Findings`, never a stack trace; only a file that cannot be opened raises (OSError).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from quxin.kernel.errors import say
from quxin.kernel.hashes import MerkleAccumulator
from quxin.records.evaluations import board_keys as keys
from quxin.records.evaluations import board_shape as shape
from quxin.records.evaluations.board import (
    NAMES,
    STREAMED,
    hash_of,
    mark_prefix,
    opening_hash,
    receipt_code,
    signed_bytes,
)  # fmt: skip
from quxin.records.evaluations.streaming import NotStrictJson, Reader

LAWS = {
    "format": "文件完整，合乎 quxin-board/1 格式",
    "opening": "轮次说明与开始前公布的散列一致",
    "round": "声明说的是这一轮，名册人数与轮次说明一致",
    "groups": "各群体互不重复，人数之和等于名册人数",
    "keys": "每把公钥与其编号相符，互不重复，属于名册上的群体",
    "tokens.signed": "每一张用掉的选票凭证都由本轮的钥匙签发",
    "tokens.distinct": "没有一张选票凭证用了两次",
    "tokens.root": "选票凭证的总根与声明一致",
    "tokens.groups": "没有一个群体用掉的选票凭证多于应有的张数",
    "receipts.distinct": "回执按序排列，没有重复",
    "receipts.root": "回执的总根与声明一致",
    "ballots": "选票凭证与回执一样多",
    "voided": "作废的选票都在回执之中，各有理由，张数和内容与声明一致",
    "cast": "有效票数等于回执数减去作废数",
    "conservation": "发出 = 投出 + 未用 + 作废",
    "roster": "发出的选票凭证不多于名册应有的张数",
    "results": "公布的结果与声明一致",
    "state": "轮次的状态写得清楚",
    "signatures": "每一个监票人的签名都有效",
}
"""Every law with what it says, in the order of the report."""

Progress = Callable[[int], object]
_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One law: kept or not, and a sentence (a msgid with placeholders) that names the first offender."""

    law: str
    ok: bool
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """The sentence with its values."""
        return say(self.message, self.params, translate)


@dataclass(frozen=True, slots=True)
class Findings:
    """The laws that could be judged, and who of the witnesses has signed (with a valid signature) and who has not."""

    laws: tuple[Finding, ...]
    round: str = ""
    title: str = ""
    receipts: int = 0
    tokens: int = 0
    signed: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every law is kept."""
        return all(finding.ok for finding in self.laws)

    def verdicts(self) -> dict[str, bool]:
        """Law by law whether it is kept; a malformed file has the law "format" only."""
        return {finding.law: finding.ok for finding in self.laws}

    def to_json(self) -> dict[str, Any]:
        """All of it for a program."""
        return {
            "round": self.round,
            "title": self.title,
            "receipts": self.receipts,
            "tokens": self.tokens,
            "signed": list(self.signed),
            "unsigned": list(self.unsigned),
            "laws": [{"law": one.law, "ok": one.ok, "message": one.text()} for one in self.laws],
        }


class Receipts:
    """The receipts of a board, 32 bytes each in one block, to be looked up."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._places: dict[bytes, int] | None = None

    def add(self, receipt: bytes) -> None:
        """Append one of 32 bytes."""
        self._block += receipt

    def unsorted(self) -> None:
        """Say that they do not ascend, so that they are looked up another way."""
        self._places = {receipt: number for number, receipt in enumerate(self)}

    def __len__(self) -> int:
        return len(self._block) // 32

    def __getitem__(self, number: int) -> bytes:
        return bytes(self._block[32 * number : 32 * number + 32])

    def __iter__(self) -> Iterator[bytes]:
        return (self[number] for number in range(len(self)))

    def place(self, receipt: bytes) -> int | None:
        """Where a receipt stands; None when it is not there."""
        if self._places is not None:
            return self._places.get(receipt)
        place = bisect_left(range(len(self)), receipt, key=self.__getitem__)
        return place if place < len(self) and self[place] == receipt else None


def verify_board(
    board: Path | Mapping[str, Any],
    *,
    published: str = "",
    ballots: Path | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Judge the board of a file (read as a stream) or in memory.

    `published` is the opening hash as the reader noted it before the round: the board's must be that one. `ballots` is the
    file of all ballots for a recount (see recount.py). `progress` is told how many tokens and receipts are done. Raises
    OSError when a file cannot be read.
    """
    checking = Checking(published.strip().lower(), progress)
    try:
        checking.read(board)
    except (shape.Misshapen, NotStrictJson) as error:
        return Findings((Finding("format", False, error.message, error.params),))
    found = checking.findings()
    if ballots is None:
        return found
    from quxin.records.evaluations.recount import recount

    return replace(found, laws=(*found.laws, *recount(ballots, checking)))


class Checking:
    """One verification: what was read of the board so far, and the first offence against each law."""

    def __init__(self, published: str, progress: Progress | None) -> None:
        self._published, self._progress = published, progress
        self._offences: dict[str, tuple[str, dict[str, Any]]] = {}
        self.parts: dict[str, Any] = {}
        self.keys: dict[str, keys.TokenKey] = {}
        self.receipts = Receipts()
        self.spent_under: Counter[str] = Counter()  # by key id
        self._roots: dict[str, str] = {}
        self._signed: set[int] = set()
        self._seen = 0

    # --- reading ---

    def read(self, board: Path | Mapping[str, Any]) -> None:
        """Take in every part. Raises Misshapen, NotStrictJson, OSError."""
        late = self._pass(board, self._take)
        if late:
            # A file may hold its tokens before the round that says whose keys they are: then it is walked twice.
            self._pass(board, lambda name, part: self._tokens(part) if name == "tokens" else None)
        if missing := [name for name in NAMES if name not in self.parts]:
            raise shape.Misshapen(place=missing[0], why="缺少这一项")

    def _pass(self, board: Path | Mapping[str, Any], take: Callable[[str, Any], object]) -> bool:
        """Hand each member to `take`; whether the tokens came too early to be judged."""
        late = False
        if isinstance(board, Mapping):
            for name, part in board.items():
                late |= take(name, iter(part) if name in STREAMED and type(part) is list else part) == "late"
            return late
        with board.open("rb") as file:
            for name, part in Reader(file).members(STREAMED):
                late |= take(name, part) == "late"
        return late

    def _take(self, name: str, part: Any) -> str:
        readers: dict[str, Callable[[Any], Any]] = {
            "format": shape.format_at,
            "round": self._round,
            "opening": lambda value: shape.hash_at(value, "opening"),
            "receipts": self._receipts,
            "voided": shape.voided,
            "results": shape.results,
            "statement": shape.statement,
            "signatures": shape.signatures,
        }
        if name == "tokens":
            self.parts[name] = None
            if "round" not in self.parts:
                return "late"
            self._tokens(part)
        elif type(name) is str and name in readers:
            self.parts[name] = readers[name](part)
        else:
            raise shape.Misshapen(place=str(name)[:80], why="格式里没有这一项")
        return ""

    def _round(self, value: Any) -> dict[str, Any]:
        told = shape.round_part(value)
        groups = {group["id"] for group in told["roster"]["groups"]}
        for number, key in enumerate(told["keys"]):
            place = f"round.keys[{number}]"
            loaded = keys.token_key(shape.base64_at(key["spki"], place), key["group"])
            if loaded is None:
                self._offend("keys", "%(place)s 不是 2048 到 4096 位的 RSA 公钥", place=place)
            elif loaded.id != key["id"]:
                self._offend("keys", "%(place)s 的编号应是 %(right)s", place=place, right=loaded.id)
            if key["id"] in self.keys:
                self._offend("keys", "%(place)s 的编号 %(id)s 出现了两次", place=place, id=key["id"])
            if key["group"] not in groups:
                self._offend("keys", "%(place)s 属于名册上没有的群体“%(group)s”", place=place, group=key["group"])
            self.keys.setdefault(key["id"], loaded or keys.TokenKey("", key["group"], None))
        return told

    def _tokens(self, entries: Any) -> None:
        if not isinstance(entries, Iterator):
            raise shape.Misshapen(place="tokens", why="应是列表")
        tree, last = MerkleAccumulator(), b""
        prefixes: dict[str, bytes] = {}
        for number, entry in enumerate(entries):
            key, message, signature = shape.token(entry, number)
            if key not in prefixes:
                prefixes[key] = mark_prefix(key)
            mark = hashlib.sha256(prefixes[key] + message).digest()
            if mark <= last:
                words = (
                    "tokens[%(n)s] 与前一张是同一张选票凭证" if mark == last else "tokens[%(n)s] 没有按标记的次序排列"
                )
                self._offend("tokens.distinct", words, n=number)
            tree.add(mark)
            last = mark
            known = self.keys.get(key)
            if known is None:
                self._offend("tokens.signed", "tokens[%(n)s] 用的钥匙 %(key)s 不是本轮的", n=number, key=key)
            else:
                self.spent_under[key] += 1
                if not known.signed(message, signature):
                    self._offend("tokens.signed", "tokens[%(n)s] 的签名无效", n=number)
            self._done()
        self.parts["tokens"] = tree.size
        self._roots["tokens"] = tree.root().hex()

    def _receipts(self, entries: Any) -> int:
        if not isinstance(entries, Iterator):
            raise shape.Misshapen(place="receipts", why="应是列表")
        tree, last = MerkleAccumulator(), b""
        for number, entry in enumerate(entries):
            receipt = bytes.fromhex(shape.hash_at(entry, f"receipts[{number}]"))
            if receipt <= last:
                words = "receipts[%(n)s] 与前一个相同" if receipt == last else "receipts[%(n)s] 没有按次序排列"
                self._offend("receipts.distinct", words, n=number)
            tree.add(receipt)
            self.receipts.add(receipt)
            last = receipt
            self._done()
        if "receipts.distinct" in self._offences:
            self.receipts.unsorted()
        self._roots["receipts"] = tree.root().hex()
        return tree.size

    def _done(self) -> None:
        self._seen += 1
        if self._progress is not None and self._seen % _EVERY == 0:
            self._progress(self._seen)

    # --- judging ---

    def findings(self) -> Findings:
        """Judge all laws over what was read."""
        for judge in (
            self._opening, self._names, self._groups, self._lists, self._voided, self._counts, self._contents,
            self._signatures,
        ):  # fmt: skip
            judge()
        told = self.parts["round"]
        witnesses = [f"{one['name']}（{one['role']}）" for one in told["witnesses"]]
        return Findings(
            laws=tuple(self._finding(law) for law in LAWS),
            round=told["code"],
            title=told["title"],
            receipts=self.parts["receipts"],
            tokens=self.parts["tokens"],
            signed=tuple(name for number, name in enumerate(witnesses) if number in self._signed),
            unsigned=tuple(name for number, name in enumerate(witnesses) if number not in self._signed),
        )

    def _finding(self, law: str) -> Finding:
        if law in self._offences:
            return Finding(law, False, *self._offences[law])
        return Finding(law, True, LAWS[law])

    def _offend(self, law: str, message: str, **params: Any) -> None:
        """Note the first offence against a law."""
        self._offences.setdefault(law, (message, params))

    def _same(self, law: str, message: str, told: Any, reckoned: Any) -> None:
        """A law that asks for two equal things; the sentence gives both."""
        if told != reckoned:
            self._offend(law, message, told=told, reckoned=reckoned)

    def _opening(self) -> None:
        reckoned = opening_hash(self.parts["round"])
        words = "散列应是 %(reckoned)s，公示板写的是 %(told)s：轮次说明被改过"
        self._same("opening", words, self.parts["opening"], reckoned)
        words = "散列应是 %(reckoned)s，声明写的是 %(told)s"
        self._same("opening", words, self.parts["statement"]["opening"], reckoned)
        if self._published:
            words = "您记下的散列是 %(told)s，公示板的轮次说明是 %(reckoned)s：开始以后换过"
            self._same("opening", words, self._published, reckoned)

    def _names(self) -> None:
        round_, told = self.parts["round"], self.parts["statement"]
        self._same("round", "声明说的是轮次 %(told)s，公示板是 %(reckoned)s", told["round"], round_["code"])
        words = "声明写名册 %(told)s 人，轮次说明是 %(reckoned)s 人"
        self._same("round", words, told["roster"], round_["roster"]["count"])

    def _groups(self) -> None:
        roster = self.parts["round"]["roster"]
        names: set[str] = set()
        for group in roster["groups"]:
            if group["id"] in names:
                self._offend("groups", "群体“%(group)s”出现了两次", group=group["id"])
            names.add(group["id"])
            # Of a group given twice the law "groups" speaks; here the first counts.
        total = sum(group["count"] for group in roster["groups"])
        self._same("groups", "各群体共 %(reckoned)s 人，名册写的是 %(told)s 人", roster["count"], total)
        allowed: dict[str, int] = {}
        for group in roster["groups"]:
            allowed.setdefault(group["id"], group["count"] * roster["tokens_each"])
        used: Counter[str] = Counter()
        for key, spent in self.spent_under.items():
            used[self.keys[key].group] += spent
        for group, spent in sorted(used.items()):
            if spent > allowed.get(group, 0):
                words = "群体“%(group)s”用掉 %(spent)s 张，最多应有 %(most)s 张"
                self._offend("tokens.groups", words, group=group, spent=spent, most=allowed.get(group, 0))

    def _lists(self) -> None:
        told, tokens, receipts = self.parts["statement"], self.parts["tokens"], self.parts["receipts"]
        words = "总根应是 %(reckoned)s，声明写的是 %(told)s"
        self._same("tokens.root", words, told["tokens_root"], self._roots["tokens"])
        self._same("receipts.root", words, told["receipts_root"], self._roots["receipts"])
        if self.closed_roster:
            self._same("ballots", "选票凭证 %(told)s 张，回执 %(reckoned)s 个", tokens, receipts)
        else:
            self._same("ballots", "公开轮次没有选票凭证，公示板却列了 %(told)s 张", tokens, 0)
            self._same(
                "ballots", "公开轮次没有名册，公示板却写了 %(told)s 人", self.parts["round"]["roster"]["count"], 0
            )

    @property
    def closed_roster(self) -> bool:
        """Whether this is a round with a roster and tokens: it is when the round has keys."""
        return bool(self.parts["round"]["keys"])

    def _voided(self) -> None:
        seen: set[str] = set()
        for one in self.parts["voided"]:
            receipt, code = one["receipt"], receipt_code(one["receipt"])
            if self.receipts.place(bytes.fromhex(receipt)) is None:
                self._offend("voided", "作废的 %(code)s 不在回执之中", code=code)
            if receipt in seen:
                self._offend("voided", "%(code)s 作废了两次", code=code)
            if not one["reason"].strip():
                self._offend("voided", "%(code)s 作废没有写理由", code=code)
            seen.add(receipt)
        told = self.parts["statement"]
        words = "作废名单有 %(reckoned)s 张，声明写的是 %(told)s 张"
        self._same("voided", words, told["void"], len(self.parts["voided"]))
        words = "作废名单的散列应是 %(reckoned)s，声明写的是 %(told)s"
        self._same("voided", words, told["voided"], hash_of(self.parts["voided"]))

    def _counts(self) -> None:
        told = self.parts["statement"]
        counted = self.parts["receipts"] - len(self.parts["voided"])
        self._same("cast", "声明写投出 %(told)s 张，回执减去作废是 %(reckoned)s 张", told["cast"], counted)
        total = told["cast"] + told["unused"] + told["void"]
        words = "声明写发出 %(told)s 张，投出、未用、作废共 %(reckoned)s 张"
        self._same("conservation", words, told["issued"], total)
        roster, pool = self.parts["round"]["roster"], self.parts["round"]["pool"]
        most = roster["count"] * roster["tokens_each"]
        if not self.closed_roster:
            self._same("conservation", "公开轮次没有未用的选票凭证，声明却写了 %(told)s 张", told["unused"], 0)
        elif told["issued"] > most:
            self._offend("roster", "发出 %(issued)s 张，名册只应有 %(most)s 张", issued=told["issued"], most=most)
        if pool["count"] > most:
            self._offend("roster", "备用凭证 %(count)s 张，名册只应有 %(most)s 张", count=pool["count"], most=most)

    def _contents(self) -> None:
        told = self.parts["statement"]
        words = "结果的散列应是 %(reckoned)s，声明写的是 %(told)s：结果被改过"
        self._same("results", words, told["results"], hash_of(self.parts["results"]))
        if told["state"] == "closed":
            if told["reason"]:
                self._offend("state", "轮次已封存，却写了作废的理由")
        elif told["state"] != "void":
            self._offend("state", "轮次的状态应是 closed 或 void")
        elif not told["reason"].strip():
            self._offend("state", "轮次已作废，却没有写理由")
        elif self.parts["results"]:
            self._offend("state", "轮次已作废，却公布了结果")

    def _signatures(self) -> None:
        witnesses = self.parts["round"]["witnesses"]
        message = signed_bytes(self.parts["statement"])
        seen: set[int] = set()
        for number, one in enumerate(self.parts["signatures"]):
            index, place = one["witness"], f"signatures[{number}]"
            if index >= len(witnesses):
                self._offend("signatures", "%(place)s 说的监票人不在轮次说明里", place=place)
                continue
            if index in seen:
                self._offend("signatures", "%(place)s：同一个监票人签了两次", place=place)
            seen.add(index)
            told = witnesses[index]
            fits = one["algorithm"] == told["algorithm"]
            if fits and keys.witness_signed(told["algorithm"], told["public_key"], message, one["signature"]):
                self._signed.add(index)
            else:
                self._offend("signatures", "%(place)s：%(name)s的签名无效", place=place, name=told["name"])


def failed(found: Iterable[Finding]) -> list[Finding]:
    """The laws that are not kept."""
    return [finding for finding in found if not finding.ok]
