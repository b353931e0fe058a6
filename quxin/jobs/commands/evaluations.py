"""`quxin evaluations`: verify a public board, make a witness's key, sign a statement, draw a panel again.

For anybody, on any machine: no database, no settings, no QUXIN_HOME. docs/reference/board.md says what is verified and how to
do the same without this program.
"""

import argparse
import getpass
import json
import os
import sys
from pathlib import Path
from typing import Any

from quxin.jobs.console import progress_bar
from quxin.jobs.outcome import Outcome
from quxin.kernel.errors import QuxinError

NAME = "evaluations"
HELP = "核验公示板、监票人生成密钥和签名、重新抽样；不需要数据库"
NEEDS_DJANGO = False


class NotStatement(QuxinError):
    """A file to be signed that is neither a statement nor a board."""

    default_message = "“%(name)s”不是轮次的声明，也不是公示板。"
    default_hint = "请用轮次页面下载的声明（STATEMENT.json）或公示板（BOARD.json）。"


class BrokenBoard(QuxinError):
    """A board that a witness must not sign."""

    default_message = "公示板没有通过核验，没有签名：%(law)s"
    default_hint = "用 quxin evaluations verify 看每一条，并告诉组织评议的单位。"


class NotRoster(QuxinError):
    """A file to draw from that is no list of entries."""

    default_message = '“%(name)s”不是名册：应是编号的列表，或 {"entries": [编号, …]}，编号互不重复。'
    default_hint = "请用轮次页面下载的名册编号。"


class NoPassphrase(QuxinError):
    """No passphrase was given, or two that differ."""

    default_message = "没有口令，或者两次输入的口令不同。"
    default_hint = "请再运行一次；不在终端上时，把口令放在环境变量 QUXIN_WITNESS_PASSPHRASE 里。"


def arguments(parser: argparse.ArgumentParser) -> None:
    """A subcommand each."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    verify = _action(actions, "verify", "核验公示板：逐条说明是否成立；成立退出码 0，否则 1")
    verify.add_argument("board", type=Path, metavar="BOARD.json", help="公示板文件")
    verify.add_argument(
        "--ballots", type=Path, metavar="BALLOTS.json", help="全部选票（监票人可得），逐张核对并重新计票"
    )
    verify.add_argument("--opening", default="", metavar="散列", help="评议开始前公布、您自己记下的散列")
    key = _action(actions, "key", "监票人生成自己的密钥；私钥用口令加密，公钥交给组织评议的单位")
    key.add_argument("--out", type=Path, required=True, metavar="KEY.pem", help="私钥存到哪里（不覆盖已有文件）")
    sign = _action(actions, "sign", "监票人给声明签名；给的是公示板时先核验，不成立不签")
    sign.add_argument("statement", type=Path, metavar="STATEMENT.json", help="声明或公示板")
    sign.add_argument("--key", type=Path, required=True, metavar="KEY.pem", help="自己的私钥")
    sign.add_argument("--out", type=Path, required=True, metavar="SIGNATURE.json", help="签名存到哪里")
    draw = _action(actions, "draw", "用公布的种子重新抽样，核对抽样组")
    draw.add_argument("roster", type=Path, metavar="ROSTER.json", help="名册编号")
    draw.add_argument("--seed", required=True, help="公布的种子，一行文字")
    draw.add_argument("--count", type=int, required=True, help="抽多少个")


def _action(actions: Any, name: str, words: str) -> argparse.ArgumentParser:
    action: argparse.ArgumentParser = actions.add_parser(name, help=words, description=words)
    action.add_argument("--json", action="store_true", help="输出一个 JSON 对象，供程序读取")
    return action


def run(options: argparse.Namespace) -> Outcome:
    """Dispatch to the subcommand."""
    _further_algorithms()
    return {"verify": _verify, "key": _key, "sign": _sign, "draw": _draw}[options.action](options)


class BadAlgorithm(QuxinError):
    """QUXIN_SIGNATURES names something that is no algorithm."""

    default_message = "QUXIN_SIGNATURES 里的“%(path)s”不是签名算法。"
    default_hint = "请改正这个环境变量，或者去掉它。"


def _further_algorithms() -> None:
    """What the settings would register, where there are no settings. Raises BadAlgorithm."""
    from quxin.kernel import signing

    for path in filter(None, map(str.strip, os.environ.get("QUXIN_SIGNATURES", "").split(","))):
        try:
            signing.load(path)
        except ValueError:
            raise BadAlgorithm(path=path) from None


# --- verify ---


def _verify(options: argparse.Namespace) -> Outcome:
    from quxin.records.evaluations.verification import verify_board

    with progress_bar("核验公示板", quiet=options.json) as show:
        found = verify_board(
            options.board, published=options.opening, ballots=options.ballots, progress=lambda done: show(done, None)
        )
    lines = [f"{'✓' if one.ok else '✗'} {one.law}：{one.text()}" for one in found.laws]
    if found.round:
        lines += ["", f"轮次 {found.round} {found.title}：回执 {found.receipts} 个，选票凭证 {found.tokens} 张。"]
        lines += _witnesses(found.signed, found.unsigned)
    broken = sum(not one.ok for one in found.laws)
    lines.append("✓ 公示板核验无误。" if found.ok else f"✗ 有 {broken} 条不成立，见上。")
    return Outcome(ok=found.ok, data=found.to_json(), lines=lines)


def _witnesses(signed: tuple[str, ...], unsigned: tuple[str, ...]) -> list[str]:
    """Who has signed and who has not; that nobody has is no small thing."""
    lines = [f"已签名：{'、'.join(signed)}"] if signed else ["没有一个监票人签名：只能证明公示板自己前后一致。"]
    return lines + ([f"未签名：{'、'.join(unsigned)}"] if unsigned else [])


# --- key and sign ---


def _key(options: argparse.Namespace) -> Outcome:
    from quxin.kernel import signing

    made = signing.generate(_passphrase(twice=True))
    # Made for the owner alone from the first byte on, and never over another key.
    with os.fdopen(os.open(options.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(made.pem)
    lines = [
        f"私钥已存到 {options.out}，用口令加密。请自己保管，不要交给任何人；忘记口令就不能签名。",
        f"公钥（{made.algorithm}，交给组织评议的单位，评议开始前公布）：",
        made.public,
    ]
    return Outcome(data={"key": str(options.out), "algorithm": made.algorithm, "public_key": made.public}, lines=lines)


def _sign(options: argparse.Namespace) -> Outcome:
    from quxin.kernel import clock, signing
    from quxin.records.evaluations.board import hash_of, signed_bytes

    told = _statement(options.statement)
    pem, passphrase = options.key.read_text(encoding="ascii", errors="replace"), _passphrase(twice=False)
    public = signing.public_of(pem, passphrase=passphrase)
    signature = {
        "format": "quxin-signature/1",
        "round": told["round"],
        "statement": hash_of(told),
        "algorithm": signing.DEFAULT,
        "public_key": public,
        "signature": signing.sign(pem, signed_bytes(told), passphrase=passphrase),
        "signed_on": clock.today().isoformat(),
    }
    options.out.write_text(json.dumps(signature, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    lines = [
        f"轮次 {told['round']}：名册 {told['roster']}，发出 {told['issued']}，投出 {told['cast']}，"
        f"未用 {told['unused']}，作废 {told['void']}。",
        f"签名已存到 {options.out}，请交给组织评议的单位。",
    ]
    return Outcome(data=signature, lines=lines)


def _statement(path: Path) -> dict[str, Any]:
    """The statement in a file; of a board, which is verified first, its own. Raises NotStatement, BrokenBoard."""
    from quxin.records.evaluations import board, board_shape
    from quxin.records.evaluations.streaming import NotStrictJson, Reader
    from quxin.records.evaluations.verification import failed, verify_board

    try:
        with path.open("rb") as file:
            told = {name: part for name, part in Reader(file).members(board.STREAMED) if name not in board.STREAMED}
    except NotStrictJson:
        raise NotStatement(name=path.name) from None
    if told.get("format") == board.FORMAT:
        for finding in failed(verify_board(path).laws):
            raise BrokenBoard(law=finding.text())
        told = told["statement"]
    try:
        return board_shape.statement(told)
    except board_shape.Misshapen:
        raise NotStatement(name=path.name) from None


def _passphrase(*, twice: bool) -> str:
    """The witness's passphrase, from the environment or asked for on the terminal. Raises NoPassphrase."""
    given = os.environ.get("QUXIN_WITNESS_PASSPHRASE", "")
    if not given and sys.stdin.isatty():
        given = getpass.getpass("口令：")
        if twice and getpass.getpass("再输一次：") != given:
            raise NoPassphrase
    if not given:
        raise NoPassphrase
    return given


# --- draw ---


def _draw(options: argparse.Namespace) -> Outcome:
    from quxin.records.evaluations.sampling import draw

    try:
        told = json.loads(options.roster.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise NotRoster(name=options.roster.name) from None
    entries = told.get("entries") if isinstance(told, dict) else told
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise NotRoster(name=options.roster.name)
    try:
        drawn = draw(options.seed, entries, options.count)
    except ValueError:
        raise NotRoster(
            "抽不了：种子应是一行文字，数目不小于 0，编号互不重复。", hint="请核对 --seed、--count 和名册。"
        ) from None
    return Outcome(data={"entries": len(entries), "drawn": drawn}, lines=drawn)
