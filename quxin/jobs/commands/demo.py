"""`quxin demo`: prepare the demonstration in an empty installation, or say which accounts it has."""

import argparse

from quxin.jobs.outcome import Outcome

NAME = "demo"
HELP = "准备演示数据(只在空的系统里)，并列出演示账号"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: there is one demonstration."""


def run(options: argparse.Namespace) -> Outcome:
    """Set up and make the demonstration; an installation in use is left alone."""
    import json

    from django.conf import settings
    from django.core.management import call_command

    from quxin.jobs.demo import ensure_demo
    from quxin.jobs.messages import compile_catalogues

    compile_catalogues()
    call_command("migrate", verbosity=0, interactive=False)
    made = ensure_demo(quiet=options.json)
    told = settings.QUXIN_HOME / "demo"
    if not told.exists():
        hint = "要看演示，请换一个空的 QUXIN_HOME。"
        words = "系统里已有单位，没有放入演示数据。"
        return Outcome(ok=False, data={"error": words, "hint": hint}, lines=[f"✗ {words}", f"  → {hint}"])
    accounts = json.loads(told.read_text(encoding="utf-8"))["accounts"]
    lines = ["演示数据已准备好。" if made else "演示数据已在，未作改动。"]
    lines += [f"  {row['username']:<10} {row['password']}  {row['role']}({row['organisation']})" for row in accounts]
    return Outcome(data={"made": made, "accounts": accounts}, lines=lines)
