"""`quxin`: the command line. Each command is a module of quxin/jobs/commands with NAME, HELP, arguments() and run().

A command returns an Outcome; here it is printed for a person, or with --json as one JSON object for a program.
"""

import argparse
import importlib
import json
import os
import pkgutil
import sys
from types import ModuleType

from quxin.jobs.outcome import Outcome


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 refused or failed, 2 wrong words, 3 an import took a part)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")
    parser, modules = _parser()
    options = parser.parse_args(argv)
    if not options.command:
        parser.print_help()
        return 2
    return _carry_out(modules[options.command], options)


def _parser() -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    parser = argparse.ArgumentParser(prog="quxin", description="取信 · Quxin 命令行")
    subparsers = parser.add_subparsers(dest="command", metavar="命令")
    modules = {}
    for name in sorted(
        info.name for info in pkgutil.iter_modules(importlib.import_module("quxin.jobs.commands").__path__)
    ):
        module = importlib.import_module(f"quxin.jobs.commands.{name}")
        modules[module.NAME] = module
        sub = subparsers.add_parser(module.NAME, help=module.HELP, description=module.HELP)
        sub.add_argument("--json", action="store_true", help="输出一个 JSON 对象，供程序读取")
        module.arguments(sub)
    return parser, modules


def _carry_out(module: ModuleType, options: argparse.Namespace) -> int:
    from django.db import DatabaseError

    from quxin.kernel.errors import QuxinError

    try:
        if getattr(module, "NEEDS_DJANGO", True):
            import django

            django.setup()
        outcome: Outcome = module.run(options)
    except QuxinError as error:
        outcome = Outcome.failed(error)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        outcome = _unreadable(error)
    except DatabaseError as error:
        outcome = _no_database(error)
    except KeyboardInterrupt:
        outcome = Outcome(
            ok=False, lines=["已中断；做完的部分已保存，再运行一次会接着做。"], data={"error": "interrupted"}
        )
    if options.json:
        print(json.dumps({"ok": outcome.ok, **outcome.data}, ensure_ascii=False, indent=2, default=str))
    else:
        for line in outcome.lines:
            print(line, file=sys.stdout if outcome.ok else sys.stderr)
    return outcome.exit_code


def _unreadable(error: OSError | ValueError) -> Outcome:
    """A file that cannot be read or written, in words."""
    place = getattr(error, "filename", None) or ""
    words = f"{place}:{error.strerror}" if isinstance(error, OSError) else f"文件内容读不懂：{error}"
    hint = "请核对文件和文件夹的名称、权限和格式。"
    return Outcome(ok=False, data={"error": words, "hint": hint}, lines=[f"✗ {words}", f"  → {hint}"])


def _no_database(error: Exception) -> Outcome:
    """A database that was never set up, or cannot be reached."""
    from django.conf import settings

    hint = f"先运行 quxin setup，并核对 QUXIN_HOME({settings.QUXIN_HOME})和 DATABASE_URL。"
    words = f"数据库用不了：{error}".strip()
    return Outcome(ok=False, data={"error": words, "hint": hint}, lines=[f"✗ {words}", f"  → {hint}"])


if __name__ == "__main__":
    sys.exit(main())
