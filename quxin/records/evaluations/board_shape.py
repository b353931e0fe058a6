"""What the parts of a board must look like before any law can be asked: types, lengths, alphabets.

Every function takes a value out of a hostile file and its place in it, and raises Misshapen with that place.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from quxin.kernel.errors import QuxinError
from quxin.records.evaluations.board import FORMAT, STATEMENT_FORMAT, NotPlain, canonical

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEY = re.compile(r"[0-9a-f]{16}", re.ASCII)
_MESSAGE = re.compile(r"[0-9a-f]{128}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?\+08:00", re.ASCII)


class Misshapen(QuxinError):
    """A part of a board is not what the format asks for at that place."""

    default_message = "文件的 %(place)s 不合格式：%(why)s"
    default_hint = "请重新下载完整的公示板文件。"


def _object(value: Any, place: str, *names: str, more: bool = False) -> dict[str, Any]:
    """An object with these names; with `more`, further ones are allowed."""
    if type(value) is not dict:
        raise Misshapen(place=place, why="应是对象")
    if missing := [name for name in names if name not in value]:
        raise Misshapen(place=f"{place}.{missing[0]}", why="缺少这一项")
    if not more and (strange := [name for name in value if name not in names]):
        raise Misshapen(place=f"{place}.{strange[0]}"[:80], why="格式里没有这一项")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if type(value) is not list:
        raise Misshapen(place=place, why="应是列表")
    return value


def _text(value: Any, place: str) -> str:
    if type(value) is not str:
        raise Misshapen(place=place, why="应是文字")
    return value


def _count(value: Any, place: str) -> int:
    if type(value) is not int or value < 0:
        raise Misshapen(place=place, why="应是不小于 0 的整数")
    return value


def _like(pattern: re.Pattern[str], value: Any, place: str, why: str) -> str:
    if type(value) is not str or not pattern.fullmatch(value):
        raise Misshapen(place=place, why=why)
    return value


def hash_at(value: Any, place: str) -> str:
    """64 hex digits, small."""
    return _like(_HASH, value, place, "应是 64 位小写十六进制数")


def base64_at(value: Any, place: str) -> bytes:
    """What standard base64 with padding says; one text for each content, so that nothing can be written two ways."""
    if type(value) is str:
        try:
            content = base64.b64decode(value, validate=True)
        except ValueError:
            content = b""
        if base64.b64encode(content) == value.encode("utf-8", "replace"):
            return content
    raise Misshapen(place=place, why="应是 base64")


def plain(value: Any, place: str) -> Any:
    """What has a canonical form: no half characters, no more than 32 levels."""
    try:
        canonical(value)
    except (NotPlain, RecursionError):
        raise Misshapen(place=place, why="有不能写成规范 JSON 的内容") from None
    return value


def format_at(value: Any) -> None:
    """The format's own name."""
    if value != FORMAT:
        raise Misshapen(place="format", why="不是 quxin-board/1")


def round_part(value: Any) -> dict[str, Any]:
    """The round as published before opening; it may say more than the format asks."""
    told = _object(
        plain(value, "round"), "round", "code", "title", "organiser", "kind", "opens_at", "closes_at", "minimum",
        "questionnaire_sha256", "roster", "pool", "keys", "witnesses", more=True,
    )  # fmt: skip
    for name in ("code", "title", "organiser", "kind"):
        _text(told[name], f"round.{name}")
    for name in ("opens_at", "closes_at"):
        _like(_MOMENT, told[name], f"round.{name}", "应是带 +08:00 的日期时间")
    _count(told["minimum"], "round.minimum")
    hash_at(told["questionnaire_sha256"], "round.questionnaire_sha256")
    _roster(told["roster"])
    pool = _object(told["pool"], "round.pool", "count", "root", more=True)
    _count(pool["count"], "round.pool.count")
    hash_at(pool["root"], "round.pool.root")
    for number, key in enumerate(_list(told["keys"], "round.keys")):
        _key(key, f"round.keys[{number}]")
    for number, witness in enumerate(_list(told["witnesses"], "round.witnesses")):
        _witness(witness, f"round.witnesses[{number}]")
    return told


def _roster(value: Any) -> None:
    roster = _object(value, "round.roster", "count", "root", "groups", "tokens_each", more=True)
    for name in ("count", "tokens_each"):
        _count(roster[name], f"round.roster.{name}")
    hash_at(roster["root"], "round.roster.root")
    for number, each in enumerate(_list(roster["groups"], "round.roster.groups")):
        place = f"round.roster.groups[{number}]"
        group = _object(each, place, "id", "title", "count", "weight", more=True)
        for name in ("id", "title"):
            _text(group[name], f"{place}.{name}")
        for name in ("count", "weight"):
            _count(group[name], f"{place}.{name}")


def _key(value: Any, place: str) -> None:
    key = _object(value, place, "id", "group", "subject", "spki", more=True)
    _like(_KEY, key["id"], f"{place}.id", "应是 16 位小写十六进制数")
    for name in ("group", "subject"):
        _text(key[name], f"{place}.{name}")
    base64_at(key["spki"], f"{place}.spki")


def _witness(value: Any, place: str) -> None:
    witness = _object(value, place, "name", "role", "algorithm", "public_key", more=True)
    for name in ("name", "role", "algorithm"):
        _text(witness[name], f"{place}.{name}")
    base64_at(witness["public_key"], f"{place}.public_key")


def token(value: Any, number: int) -> tuple[str, bytes, bytes]:
    """A spent token as (key id, message of 64 bytes, signature)."""
    if type(value) is not list or len(value) != 3:
        raise Misshapen(place=f"tokens[{number}]", why="应是三项的列表")
    key, message, signature = value
    if type(key) is not str or not _KEY.fullmatch(key):
        raise Misshapen(place=f"tokens[{number}][0]", why="应是 16 位小写十六进制数")
    if type(message) is not str or not _MESSAGE.fullmatch(message):
        raise Misshapen(place=f"tokens[{number}][1]", why="应是 128 位小写十六进制数")
    return key, bytes.fromhex(message), base64_at(signature, f"tokens[{number}][2]")


def voided(value: Any) -> list[dict[str, Any]]:
    """Ballots set aside in public, each with its reason."""
    for number, each in enumerate(_list(plain(value, "voided"), "voided")):
        one = _object(each, f"voided[{number}]", "receipt", "reason")
        hash_at(one["receipt"], f"voided[{number}].receipt")
        _text(one["reason"], f"voided[{number}].reason")
    return value


def results(value: Any) -> list[Any]:
    """Results as published: any list that has a canonical form."""
    return _list(plain(value, "results"), "results")


def statement(value: Any) -> dict[str, Any]:
    """What the witnesses sign; it may say more than the format asks, as all of it is signed."""
    told = _object(
        plain(value, "statement"), "statement", "format", "round", "opening", "roster", "issued", "cast", "unused",
        "void", "receipts_root", "tokens_root", "voided", "results", "closed_on", "state", "reason", more=True,
    )  # fmt: skip
    if told["format"] != STATEMENT_FORMAT:
        raise Misshapen(place="statement.format", why="不是 quxin-statement/1")
    for name in ("round", "state", "reason"):
        _text(told[name], f"statement.{name}")
    for name in ("roster", "issued", "cast", "unused", "void"):
        _count(told[name], f"statement.{name}")
    for name in ("opening", "receipts_root", "tokens_root", "voided", "results"):
        hash_at(told[name], f"statement.{name}")
    _like(_DAY, told["closed_on"], "statement.closed_on", "应是日期")
    return told


def signatures(value: Any) -> list[dict[str, Any]]:
    """Signatures, each with the place of its witness in the round; whether they verify is not asked here."""
    for number, each in enumerate(_list(plain(value, "signatures"), "signatures")):
        place = f"signatures[{number}]"
        one = _object(each, place, "witness", "algorithm", "signature", "signed_on")
        _count(one["witness"], f"{place}.witness")
        _text(one["algorithm"], f"{place}.algorithm")
        base64_at(one["signature"], f"{place}.signature")
        _like(_DAY, one["signed_on"], f"{place}.signed_on", "应是日期")
    return value
