"""`quxin setup`: database, secrets, words and packs; with --demo the demonstration too. Safe to run again."""

import argparse

from quxin.jobs.outcome import Outcome

NAME = "setup"
HELP = "建立或升级数据库、密钥、界面语言和内置包；加 --demo 同时准备演示数据"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to prepare the demonstration."""
    parser.add_argument("--demo", action="store_true", help="准备演示数据(已有则不动)")


def run(options: argparse.Namespace) -> Outcome:
    """Migrate, compile the message catalogues, prepare the demonstration when asked."""
    from django.core.management import call_command

    from quxin.jobs.messages import compile_catalogues

    compile_catalogues()
    call_command("migrate", verbosity=0, interactive=False)
    lines = ["数据库已就绪。"]
    data: dict[str, object] = {"database": "ready"}
    if options.demo:
        from quxin.jobs.demo import ensure_demo

        made = ensure_demo(quiet=options.json)
        lines.append("演示数据已准备好。" if made else "演示数据已在，未作改动。")
        data["demo"] = "made" if made else "kept"
    return Outcome(data=data, lines=lines)
