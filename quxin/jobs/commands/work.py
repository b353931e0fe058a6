"""`quxin work`: long work and the day's routine in a process of its own, without the web."""

import argparse
import signal
import threading

from quxin.jobs.outcome import Outcome

NAME = "work"
HELP = "办理导入、报告等长时间的工作和每日例行，不启动网站(网站用 quxin serve --no-worker)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to end when the queue is empty."""
    parser.add_argument("--once", action="store_true", help="办完排队的工作就结束，不再等新的")


def run(options: argparse.Namespace) -> Outcome:
    """Work until stopped: the first Ctrl+C or SIGTERM lets the run under way end; what is killed is taken up next time."""
    from quxin.jobs import handlers, worker  # noqa: F401  (handlers registers what the worker can do)

    resumed = worker.resume()
    if not options.json:
        for title, done in resumed:
            print(f"上次中断的工作接着做：{title}(已完成 {done} 条)", flush=True)
    if options.once:
        done = worker.work_through()
        return Outcome(data={"done": done}, lines=[f"办完了排队的 {done} 项工作。"])
    stop = threading.Event()

    def ask_to_stop(sign: int, _frame: object) -> None:
        stop.set()
        signal.signal(sign, signal.SIG_DFL)  # who asks twice does not want to wait for the work under way

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, ask_to_stop)
    if not options.json:
        print("开始办理排队的工作；按 Ctrl+C 停止。", flush=True)
    worker.loop(stop)
    return Outcome(lines=["已停止。"])
