"""A server that is killed (SIGKILL) at a point that the test names. Run as a program: one line in, one line out.

serve POINT      a server forked for it; prints its port. POINT "": lives until "stop"
stop             kill the last server, whatever it does
call NAME CODE   a function below on the round of that code, in a process of its own; prints what it returns as JSON
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any


def die(*_given: Any, **_named: Any) -> None:
    """As if the power went."""
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    """Do it, then die."""
    return lambda *given, **named: die(function(*given, **named))


def at(point: str) -> None:
    """Make this process die at `point`."""
    from quxin.portal.views import vote
    from quxin.records.evaluations import casting, journal, urn

    if point == "issued":
        answer = vote._json
        vote._json = lambda status, told, **given: die() if "signed" in told else answer(status, told, **given)
    elif point == "storing":
        casting._keep = after(casting._keep)
    elif point == "stored":
        journal.note = die
    elif point == "noted":
        journal.note = after(journal.note)
    elif point == "mixing":
        urn._put_down = after(urn._put_down)


def serve(point: str, pipe: int) -> None:
    """Serve what granian serves, one request after the other."""
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    from quxin.config.wsgi import application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_given: Any) -> None:
            """Nothing."""

    at(point)
    server = WSGIServer(("127.0.0.1", 0), Quiet)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.set_app(application)
    os.write(pipe, f"{server.server_port}\n".encode())
    server.serve_forever()


def mix(code: str) -> int:
    """Mix the urn of a round."""
    from quxin.records.evaluations import urn
    from quxin.records.evaluations.models import Round

    return urn.mix(Round.objects.get(code=code).pk)


def mix_and_die(code: str) -> int:
    """Die while mixing."""
    at("mixing")
    return mix(code)


def missing(code: str) -> list[str]:
    """The receipts that the board says are missing."""
    from quxin.records.evaluations.models import Round
    from quxin.records.evaluations.publication import missing_receipts

    return missing_receipts(Round.objects.get(code=code))


def noted(code: str) -> list[str]:
    """Every receipt that the journal holds."""
    from quxin.records.evaluations import journal
    from quxin.records.evaluations.models import Round

    return journal._leaves(Round.objects.get(code=code).pk)


def main() -> None:
    """Read orders until the end of the input."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "quxin.config.settings"
    import django

    django.setup()
    from quxin.config import urls, wsgi  # noqa: F401 - loaded once, before forking

    server = 0
    print("ready", flush=True)
    for line in sys.stdin:
        order, _, rest = line.rstrip("\n").partition(" ")
        if order == "stop":
            os.kill(server, signal.SIGKILL)
        if order in ("stop", "wait"):
            print(os.waitstatus_to_exitcode(os.waitpid(server, 0)[1]), flush=True)
            continue
        there, here = os.pipe()
        child = os.fork()
        if child == 0:
            if order == "serve":
                serve(rest, here)
            name, _, code = rest.partition(" ")
            os.write(here, (json.dumps(globals()[name](code)) + "\n").encode())
            os._exit(0)
        os.close(here)
        with os.fdopen(there) as told:
            print(told.readline().strip(), flush=True)
        if order == "serve":
            server = child
        else:
            os.waitpid(child, 0)


if __name__ == "__main__":
    main()
