"""`quxin packs`: check, install, list, compare packs; write the published schema and the reference."""

import argparse
from pathlib import Path

from quxin.jobs.outcome import Outcome

NAME = "packs"
HELP = "检查、安装、列出活动包；输出 JSON Schema"


def arguments(parser: argparse.ArgumentParser) -> None:
    """A subcommand each."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    for name, words in (
        ("check", "检查一个包：逐条指出文件、行、列和改法"),
        ("install", "安装或升级一个包，并显示与现行版本的差别"),
        ("diff", "显示一个包与现行版本的差别，不安装"),
    ):
        action = actions.add_parser(name, help=words)
        action.add_argument("path", type=Path, help="包的文件夹或 YAML 文件")
        action.add_argument("--json", action="store_true")
    listing = actions.add_parser("list", help="列出已安装的包")
    listing.add_argument("--json", action="store_true")
    schema = actions.add_parser("schema", help="输出 JSON Schema(供编辑器提示)")
    schema.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> Outcome:
    """Dispatch to the subcommand."""
    return {"check": _check, "install": _install, "diff": _diff, "list": _list, "schema": _schema}[options.action](
        options
    )


def _check(options: argparse.Namespace) -> Outcome:
    """Every problem with file, line, column and what to do; exit code 1 when one forbids installing."""
    from quxin.packs.check import load_and_check

    loaded = load_and_check(options.path)
    refused = [problem.as_dict() for problem in loaded.problems]
    lines = [str(problem) for problem in loaded.problems]
    data: dict[str, object] = {"refused": [row for row in refused if row["level"] == "error"], "problems": refused}
    if loaded.pack and not loaded.errors:
        campaign = loaded.pack.campaign
        tasks = len(campaign.tasks) if campaign else 0
        lines.append(f"✓ {loaded.pack.pack} {loaded.pack.version}:{tasks} 项任务，{len(loaded.pack.measures)} 个指标")
        data |= {"accepted": loaded.pack.pack, "version": loaded.pack.version, "tasks": tasks}
    return Outcome(ok=not loaded.errors, data=data, lines=lines)


def _install(options: argparse.Namespace) -> Outcome:
    """Install as the current version; running campaigns keep the version they were deployed from."""
    from quxin.access import SYSTEM
    from quxin.kernel import clock
    from quxin.packs.check import load_and_check
    from quxin.packs.operations import install

    installed = install(actor=SYSTEM, loaded=load_and_check(options.path), now=clock.now())
    version = installed.version
    words = "已安装" if installed.changed else "没有变化"
    lines = [f"{words}:{version.pack} {version.version}", *_difference_lines(installed.diff)]
    diff = installed.diff.as_dict() if installed.diff else None
    return Outcome(data={"accepted": version.pack, "version": version.version, "difference": diff}, lines=lines)


def _diff(options: argparse.Namespace) -> Outcome:
    """What installing would change."""
    from quxin.packs.check import load_and_check
    from quxin.packs.operations import preview

    diff = preview(load_and_check(options.path))
    lines = _difference_lines(diff) or ["与现行版本没有差别。" if diff is not None else "还没有安装过这个包。"]
    return Outcome(data={"difference": diff.as_dict() if diff else None}, lines=lines)


def _list(options: argparse.Namespace) -> Outcome:
    """Installed packs with their current versions."""
    from quxin.packs.models import PackVersion

    rows = list(PackVersion.objects.filter(is_current=True).values("pack", "version", "title"))
    lines = [f"{row['pack']:<24} {row['version']:<10} {row['title']}" for row in rows] or ["还没有安装任何包。"]
    return Outcome(data={"packs": rows}, lines=lines)


def _schema(options: argparse.Namespace) -> Outcome:
    """The JSON Schema that editors complete from."""
    import json

    from quxin.packs.schema import json_schema

    schema = json_schema()
    return Outcome(data={"schema": schema}, lines=[json.dumps(schema, ensure_ascii=False, indent=2)])


def _difference_lines(diff) -> list[str]:
    if not diff:
        return []
    return (
        [f"  + {item.kind} {item.id} {item.title}" for item in diff.added]
        + [f"  - {item.kind} {item.id} {item.title}" for item in diff.removed]
        + [f"  ~ {change.kind} {change.id}.{change.field}:{change.before} → {change.after}" for change in diff.changed]
    )
