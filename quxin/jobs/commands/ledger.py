"""`quxin ledger`: verify, seal, fold the rollups, check them against the facts."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from quxin.jobs.console import progress_bar
from quxin.jobs.outcome import Outcome
from quxin.kernel.errors import QuxinError

NAME = "ledger"
HELP = "核验账本、封存、汇总"


def arguments(parser: argparse.ArgumentParser) -> None:
    """A subcommand each."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    for name, words in (
        ("verify", "重算每一笔事实的散列、链和封存，说出哪一笔不对"),
        ("seal", "封存上次封存以后的事实"),
        ("fold", "把新的事实并入汇总表"),
        ("check", "用事实核对汇总表"),
        ("rebuild", "丢掉汇总表，从事实重算"),
        ("guard", "恢复只许添加、不许改动的触发器"),
    ):
        action = actions.add_parser(name, help=words)
        action.add_argument("--json", action="store_true")
        if name == "verify":
            action.add_argument("--seals", type=Path, help="另存的封存副本(JSON)，一并核对")


def run(options: argparse.Namespace) -> Outcome:
    """Dispatch to the subcommand."""
    actions = {"verify": _verify, "seal": _seal, "fold": _fold, "check": _check, "rebuild": _rebuild, "guard": _guard}
    return actions[options.action](options)


def _verify(options: argparse.Namespace) -> Outcome:
    from quxin.ledger.verification import UNGUARDED, UNGUARDED_HINT, verify

    published = _saved_seals(options.seals) if options.seals else []
    with progress_bar("核验账本", quiet=options.json) as show:
        found = verify(progress=lambda book, done, total: show(done, total), published=published)
    data = {
        "facts": found.facts,
        "seals": found.seals,
        "problems": [problem._asdict() for problem in found.problems],
        "unguarded": list(found.unguarded),
    }
    lines = [f"✗ 账本 {problem.book} 第 {problem.seq} 笔：{problem.what}" for problem in found.problems]
    if found.ok:
        lines.append(f"✓ {found.facts} 笔事实、{found.seals} 次封存全部核对无误。")
    if found.unguarded:
        lines += [f"⚠ {UNGUARDED % {'tables': '、'.join(found.unguarded)}}", f"  → {UNGUARDED_HINT}"]
    return Outcome(ok=found.ok, data=data, lines=lines)


class NotSeals(QuxinError):
    """A file that is no saved copy of the published seals."""

    default_message = "“%(name)s”不是另存的封存。"
    default_hint = "请用公开页面“账本”下载的 seals.json。"


def _saved_seals(path: Path) -> list[dict[str, Any]]:
    """The seals in a file as the portal gives it ({"seals": […]}), or a bare list of them. Raises NotSeals."""
    told = json.loads(path.read_text(encoding="utf-8"))
    seals = told.get("seals") if isinstance(told, dict) else told
    if not isinstance(seals, list) or not all(isinstance(seal, dict) and "book" in seal for seal in seals):
        raise NotSeals(name=path.name)
    return seals


def _seal(options: argparse.Namespace) -> Outcome:
    from quxin.kernel import clock
    from quxin.ledger.seals import seal_all, seal_json

    made = [seal_json(seal, seal.book) for seal in seal_all(now=clock.now())]
    lines = [f"{row['book']} 第 {row['number']} 号 根 {row['root'][:16]}…" for row in made] or [
        "没有新的事实需要封存。"
    ]
    return Outcome(data={"seals": made}, lines=lines)


def _fold(options: argparse.Namespace) -> Outcome:
    from quxin.measures.folding import fold

    count = fold()
    return Outcome(data={"folded": count}, lines=[f"并入 {count} 笔事实。"])


def _check(options: argparse.Namespace) -> Outcome:
    from quxin.measures.folding import check

    found = check()
    lines = [_mismatch(one) for one in found] or ["✓ 汇总与事实一致。"]
    return Outcome(ok=not found, data={"problems": [asdict(one) for one in found]}, lines=lines)


def _mismatch(one) -> str:
    """A rollup that is not the sum of its facts, with the mending."""
    from quxin.kernel.scaled import plain

    place = f"账本 {one.book} {one.path} {one.kind} {one.label} {one.month}".replace("  ", " ")
    sums = f"汇总 {one.count} 件、{plain(one.quantity)}，事实 {one.count_of_facts} 件、{plain(one.quantity_of_facts)}"
    return f"✗ {place}:{sums}(quxin ledger rebuild 可重算)"


def _rebuild(options: argparse.Namespace) -> Outcome:
    from quxin.measures.folding import rebuild

    count = rebuild()
    return Outcome(data={"folded": count}, lines=[f"已从 {count} 笔事实重算。"])


def _guard(options: argparse.Namespace) -> Outcome:
    from quxin.kernel import clock
    from quxin.ledger.guards import put_back
    from quxin.ledger.operations import audit

    tables = put_back()
    if tables:
        audit("ledger.guard", "ledger:", actor=None, now=clock.now(), tables=tables)
    lines = [f"已恢复 {table} 的触发器。" for table in tables] or ["✓ 触发器都在，没有要恢复的。"]
    return Outcome(data={"guarded": tables}, lines=lines)
