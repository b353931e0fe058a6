"""`quxin records`: the kinds that can be imported, their forms in Excel, and importing filled-in files."""

import argparse
from pathlib import Path

from quxin.jobs.console import progress_bar
from quxin.jobs.outcome import EXIT_CODES, Outcome, exit_code

NAME = "records"
HELP = "从 Excel 导入活动、进展、承诺等记录；输出空白表格"

PEOPLE = "people"
"""People are no records: `orgs` knows them again by their numbers, and imports them itself."""

_SHOWN = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    """A subcommand each."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    kinds = actions.add_parser("kinds", help="列出可以导入的记录种类")
    form = actions.add_parser("template", help="输出一种记录的空白表格(xlsx)")
    form.add_argument("kind", help="种类，例如 activities；全部种类见 quxin records kinds")
    form.add_argument("--out", type=Path, required=True, metavar="FILE", help="写到哪个文件")
    told = "导入填好的表格；同一行不会录两次，中断后再运行会接着录"
    bring = actions.add_parser("import", help=told, description=told, epilog=EXIT_CODES)
    bring.add_argument("kind", help="种类")
    bring.add_argument("files", type=Path, nargs="+", metavar="FILE", help="xlsx 或 csv 文件")
    bring.add_argument("--check", action="store_true", help="只预览，不写入")
    bring.add_argument("--as", dest="username", default="system", metavar="USERNAME", help="以谁的权限，默认 system")
    bring.add_argument("--refused", type=Path, metavar="FILE", help="把拒收的行写成 Excel，改好可再导入")
    for action in (kinds, form, bring):
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> Outcome:
    """Dispatch to the subcommand."""
    return {"kinds": _kinds, "template": _template, "import": _import}[options.action](options)


def _kinds(options: argparse.Namespace) -> Outcome:
    """Every form, with its columns for a program."""
    from quxin.orgs import people_imports
    from quxin.records.intake.forms import all_forms

    rows = [
        {
            "kind": form.id,
            "title": form.title,
            "columns": [
                {"id": column.id, "title": column.title, "required": column.required} for column in form.columns
            ],
        }
        for form in all_forms().values()
    ]
    rows.append(
        {
            "kind": PEOPLE,
            "title": people_imports.TITLE,
            "columns": [
                {"id": column.id, "title": column.title, "required": column.required}
                for column in people_imports.COLUMNS
            ],
        }
    )
    return Outcome(data={"kinds": rows}, lines=[f"{row['kind']:<24} {row['title']}" for row in rows])


def _template(options: argparse.Namespace) -> Outcome:
    """Write a blank form."""
    from quxin.orgs import people_imports
    from quxin.records.intake.forms import form_of
    from quxin.sheets.templates import write_template

    if options.kind == PEOPLE:
        title, columns = people_imports.TITLE, people_imports.COLUMNS
        with options.out.open("wb") as stream:
            write_template(stream, title=title, columns=columns, template=PEOPLE)
        return Outcome(data={"kind": PEOPLE, "file": str(options.out)}, lines=[f"已写到 {options.out}:{title}"])
    form = form_of(options.kind)
    with options.out.open("wb") as stream:
        form.write_to(stream)
    return Outcome(data={"kind": form.id, "file": str(options.out)}, lines=[f"已写到 {options.out}:{form.title}"])


def _import(options: argparse.Namespace) -> Outcome:
    """Preview or import; the exit code says whether all was taken."""
    from quxin.jobs.choose import actor_called
    from quxin.kernel import clock
    from quxin.records.intake.forms import form_of
    from quxin.records.intake.operations import apply_plan
    from quxin.records.intake.plans import InFile, plan_files
    from quxin.runs.operations import Progress

    actor = actor_called(options.username, clock.today())
    if options.kind == PEOPLE:
        return _import_people(options, actor)
    form = form_of(options.kind)
    files = [InFile(path.name, path) for path in options.files]
    with progress_bar(f"读取{form.title}", quiet=options.json) as show:
        plan = plan_files(files, form, actor=actor, today=clock.today(), show=show)
    if options.check:
        written = _write_refused(plan, options.refused)
        data = {
            "check": True,
            "accepted": plan.new + plan.already,
            "new": plan.new,
            "already": plan.already,
            "refused": [{"file": one.name, **row.as_json()} for one in plan.files for row in one.refused],
            "files": [one.as_json() for one in plan.files],
        }
        head = f"预览(没有写入)：可录入 {plan.new} 行，已有 {plan.already} 行，拒收 {plan.refused} 行"
        return _outcome(plan, [head], data | written)
    with progress_bar(f"导入{form.title}", quiet=options.json) as show:
        result = apply_plan(plan=plan, actor=actor, now=clock.now(), progress=Progress(None, clock.now, show))
    written = _write_refused(plan, options.refused)
    head = f"已导入：新录入 {result.created} 行，已有 {result.already} 行，拒收 {result.refused_rows} 行"
    lines = [head]
    if result.created and result.recorded:
        lines.append(f"其中 {result.recorded} 行以前已经录入(上次没有做完的，这次接着做了)，没有重复。")
    return _outcome(plan, lines, result.as_json() | written)


def _import_people(options: argparse.Namespace, actor) -> Outcome:
    """The same for people, file by file."""
    from quxin.kernel import clock
    from quxin.orgs.people_imports import apply_people, preview_people_file, write_refused_people

    today, lines, done = clock.today(), [], []
    for number, path in enumerate(options.files, start=1):
        plan = preview_people_file(path, actor=actor, on=today)
        if options.check:
            outcome = plan.outcome()
        else:
            with progress_bar("导入人员", quiet=options.json) as show:
                outcome = apply_people(plan, actor=actor, now=clock.now(), on=today, progress=show)
        if options.refused and outcome.refused:
            place = options.refused if number == 1 else options.refused.with_stem(f"{options.refused.stem}-{number}")
            with place.open("wb") as stream:
                write_refused_people(plan, outcome, stream)
        words = "预览(没有写入)" if options.check else "已导入"
        lines.append(
            f"{words} {path.name}：新增 {outcome.created} 人，更改 {outcome.changed} 人，转接 {outcome.moved} 人,"
            f"已有 {outcome.unchanged} 人，拒收 {len({row.row for row in outcome.refused})} 行"
        )
        lines += [
            f"  ✗ 第 {row.row} 行 {row.column}:{row.text()} {row.hint_text()}" for row in outcome.refused[:_SHOWN]
        ]
        done.append({"file": path.name, **outcome.as_json()})
    total = {name: sum(one[name] for one in done) for name in ("accepted", "created", "changed", "moved", "unchanged")}
    refused = [{"file": one["file"], **row} for one in done for row in one["refused"]]
    code = exit_code(accepted=total["accepted"], refused=len(refused))
    return Outcome(data=total | {"already": total["unchanged"], "refused": refused}, lines=lines, code=code)


def _outcome(plan, lines: list[str], data: dict) -> Outcome:
    refused = [(one.name, row) for one in plan.files for row in one.refused]
    for name, row in refused[:_SHOWN]:
        lines.append(f"  ✗ {name} 第 {row.row} 行 {row.column} “{row.value}”：{row.text()} {row.hint_text()}".rstrip())
    if len(refused) > _SHOWN:
        lines.append(f"  …… 还有 {len(refused) - _SHOWN} 处，用 --refused FILE 写成 Excel")
    twice = [(one.name, row) for one in plan.files for row in one.already if row.file]
    lines += [f"  = {name} 第 {row.row} 行{row.where()}，只录一次" for name, row in twice[:_SHOWN]]
    for one in plan.unreadable:
        lines += [f"  ✗ {one.name}:{one.error}", f"    → {one.error.hint_text() if one.error else ''}"]
    code = exit_code(accepted=data["accepted"], refused=len(refused) + len(plan.unreadable))
    return Outcome(ok=not plan.unreadable, data=data, lines=lines, code=code)


def _write_refused(plan, to: Path | None) -> dict[str, list[str]]:
    """Write the refused rows, a file for each file that has any: FILE, FILE-2 …; their names."""
    from quxin.records.intake.plans import write_refused

    if to is None:
        return {}
    written: list[str] = []
    for one in [one for one in plan.files if one.refused]:
        place = to if not written else to.with_stem(f"{to.stem}-{len(written) + 1}")
        with place.open("wb") as stream:
            write_refused(plan, one, stream)
        written.append(str(place))
    return {"refused_files": written} if written else {}
