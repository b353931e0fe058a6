"""`quxin promises`: settle the promises whose due day is over."""

import argparse

from quxin.jobs.outcome import Outcome

NAME = "promises"
HELP = "结算到期的承诺：兑现没有，按记录的数判定"


def arguments(parser: argparse.ArgumentParser) -> None:
    """A subcommand each."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    settle = actions.add_parser("settle", help="结算期限已过的承诺；每项只结算一次")
    settle.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> Outcome:
    """Settle what is due, and say which promises were kept and which were not."""
    from quxin.jobs.settle import settle_due
    from quxin.kernel import clock

    now = clock.now()
    settled = settle_due(today=clock.local_date(now), now=now)
    lines = [f"已兑现 {len(settled.kept)} 项，未兑现 {len(settled.unkept)} 项。"]
    lines += [f"  未兑现：{code}" for code in settled.unkept]
    return Outcome(data={"kept": settled.kept, "unkept": settled.unkept}, lines=lines)
