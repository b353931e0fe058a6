"""`quxin bench`: speed as ratios in one run, printed as JSON. Works in a scratch database of its own."""

import argparse

from quxin.jobs.outcome import Outcome

NAME = "bench"
HELP = "测速度：同一次运行里的比值，输出 JSON；在临时数据库里进行，不碰现有数据"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Size and which measurement."""
    parser.add_argument("only", nargs="*", help="只测这些，例如 append figure fold import pages")
    parser.add_argument("--size", choices=["small", "full"], default="small", help="规模")


def run(options: argparse.Namespace) -> Outcome:
    """Run and print."""
    import json

    from quxin.jobs.bench import run_bench

    data = run_bench(size=options.size, only=options.only or None)
    return Outcome(data=data, lines=[json.dumps(data, ensure_ascii=False, indent=2, default=str)])
