"""`quxin serve`: the web server, with a worker thread for long work."""

import argparse
import multiprocessing
import os
import socket

from quxin.jobs.outcome import Outcome
from quxin.kernel.errors import QuxinError

NAME = "serve"
HELP = "启动网站(默认 http://127.0.0.1:8000)，并在后台办理导入、报告等长时间的工作"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Address, port, number of server processes."""
    parser.add_argument("--host", default="127.0.0.1", help="监听地址")
    parser.add_argument("--port", type=int, default=0, help="端口，默认取环境变量 PORT，再默认 8000")
    parser.add_argument("--workers", type=int, default=1, help="服务进程数")
    parser.add_argument("--no-worker", action="store_true", help="不在本进程办理长时间的工作；由 quxin work 办理")


def run(options: argparse.Namespace) -> Outcome:
    """Serve until stopped."""
    from django.conf import settings
    from granian.constants import Interfaces
    from granian.server import Server

    from quxin.jobs import handlers, worker  # noqa: F401  (handlers registers what the worker can do)

    # Forked server processes would inherit this process's open database, and closing it there drops the locks held here.
    multiprocessing.set_start_method("spawn", force=True)
    port = options.port or settings.PORT
    _require_free(options.host, port)
    # Links in files written by commands lead to where this site was last served.
    (settings.QUXIN_HOME / "address").write_text(f"http://{options.host}:{port}", encoding="utf-8")
    print(f"取信已启动：http://{options.host}:{port}/  (后台:/desk/)", flush=True)
    if settings.DEMO:
        print("演示账号列在登录页 /desk/login/ 上；按 Ctrl+C 停止。", flush=True)
    if options.no_worker:
        print("长时间的工作由另一个进程办理：quxin work", flush=True)
    else:
        for title, done in worker.resume():
            print(f"上次中断的工作接着做：{title}(已完成 {done} 条)", flush=True)
    stop = None if options.no_worker else worker.start_thread()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")
    server = Server(
        "quxin.config.wsgi:application",
        address=options.host,
        port=port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=8,
        log_enabled=False,
    )
    try:
        server.serve()
    finally:
        if stop:
            stop.set()
    return Outcome(lines=["已停止。"])


class PortTaken(QuxinError):
    """Another program listens there; two servers on one port would share its visitors without a word."""

    default_message = "端口 %(port)s 已被占用。"
    default_hint = "可能已经有一个取信在运行；要换端口，请设置环境变量 PORT 或加 --port。"


def _require_free(host: str, port: int) -> None:
    """Raise PortTaken when `port` cannot be bound: the server itself would share it silently."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(port=port) from error
