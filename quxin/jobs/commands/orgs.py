"""`quxin orgs`: import organisations from Excel, list the tree."""

import argparse
from pathlib import Path

from quxin.jobs.console import progress_bar
from quxin.jobs.outcome import EXIT_CODES, Outcome, exit_code

NAME = "orgs"
HELP = "从 Excel 导入单位；列出单位"


def arguments(parser: argparse.ArgumentParser) -> None:
    """A subcommand each."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    told = "导入一份单位名单；先用 --check 看会改什么"
    bring = actions.add_parser("import", help=told, description=told, epilog=EXIT_CODES)
    bring.add_argument("file", type=Path, help="xlsx 或 csv 文件")
    bring.add_argument("--check", action="store_true", help="只预览：新建、更名、划转、拒收各多少，不写入")
    bring.add_argument("--on", default="", help="从哪一天起生效，默认今天，例如 2018-04-10")
    bring.add_argument("--sheet", default=None, help="工作表名称，默认自动寻找")
    bring.add_argument("--column", action="append", default=[], metavar="列=表头", help="指定列，例如 code=机构编码")
    bring.add_argument("--refused", type=Path, help="把拒收的行写成 Excel，改好可再导入")
    bring.add_argument("--json", action="store_true")
    show = actions.add_parser("list", help="列出一个单位的下级")
    show.add_argument("org", nargs="?", default="", help="编码或全称，默认最上级")
    show.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> Outcome:
    """Dispatch to the subcommand."""
    return _import(options) if options.action == "import" else _list(options)


def _import(options: argparse.Namespace) -> Outcome:
    from datetime import date

    from quxin.access import SYSTEM
    from quxin.kernel import clock
    from quxin.orgs.imports import apply_plan, preview_file, write_refused_rows

    mapping = dict(pair.split("=", 1) for pair in options.column if "=" in pair) or None
    plan = preview_file(options.file, actor=SYSTEM, sheet=options.sheet, mapping=mapping)
    if options.check:
        outcome = plan.outcome()
    else:
        on = date.fromisoformat(options.on) if options.on else None
        with progress_bar("导入单位", quiet=options.json) as show:
            outcome = apply_plan(plan, actor=SYSTEM, now=clock.now(), on=on, progress=show)
    if options.refused and outcome.refused:
        with options.refused.open("wb") as stream:
            write_refused_rows(plan, outcome, stream)
    code = exit_code(accepted=outcome.accepted, refused=len(outcome.refused))
    return Outcome(data=outcome.as_json(), lines=_lines(outcome, options), code=code)


def _lines(outcome, options: argparse.Namespace) -> list[str]:
    data = outcome.as_json()
    words = "预览(没有写入)" if options.check else "已导入"
    head = (
        f"{words}：接受 {data['accepted']} 行 — 新建 {data['created']}、更改 {data['changed']}、"
        f"划转 {data['moved']}、不变 {data['unchanged']}；拒收 {len(data['refused'])} 行"
    )
    rows = [
        f"  ✗ 第 {r['row']} 行 {r['column']} “{r['value']}”：{r['reason']} {r['hint']}" for r in data["refused"][:50]
    ]
    if len(data["refused"]) > 50:
        rows.append(f"  …… 还有 {len(data['refused']) - 50} 行，用 --refused FILE 写成 Excel")
    return [head, *rows]


def _list(options: argparse.Namespace) -> Outcome:
    from quxin.jobs.choose import organisation_called
    from quxin.orgs.models import Organisation

    parent = organisation_called(options.org) if options.org else None
    rows = Organisation.objects.filter(parent=parent, closed_on__isnull=True).order_by("sort_key")
    found = [{"code": row.official_code or row.code, "name": row.name, "kind": row.kind} for row in rows]
    lines = [f"{row['code']:<12} {row['name']}" for row in found] or ["没有下级单位。"]
    return Outcome(data={"organisations": found}, lines=lines)
