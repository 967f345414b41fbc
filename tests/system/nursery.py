"""A process that has everything imported and forks our processes on order: starting one costs milliseconds, so a test
can kill hundreds.

Each child runs exactly `python -m <module>`, in a session, an environment and a log of its own, and is killed when the
nursery dies; the nursery dies when its standard input ends. Orders and answers are JSON lines. The side that gives the
orders is tests.system.processes.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import runpy
import signal
import sys
from importlib import import_module
from typing import Any

PRELOADED = (
    "app.main", "app.commands.side", "app.queries.side", "app.history.side", "relay.main", "projector.main",
    "domains.posts.command_routes", "domains.posts.query_routes", "domains.posts.history_routes",
    "domains.shop.command_routes", "domains.shop.query_routes", "domains.shop.history_routes",
)  # fmt: skip
PR_SET_PDEATHSIG = 1


def main() -> None:
    for module in PRELOADED:
        import_module(module)
    libc = ctypes.CDLL(None)
    gc.collect()
    gc.freeze()
    codes: dict[int, int] = {}
    children: set[int] = set()
    tell({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            while order["wait"] not in codes:
                reap(codes, children, 0)
            tell({"code": codes[order["wait"]]})
            continue
        reap(codes, children, os.WNOHANG)
        pid = os.fork()
        if pid == 0:
            become(order, libc)
        children.add(pid)
        tell({"pid": pid})
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def reap(codes: dict[int, int], children: set[int], options: int) -> None:
    """Children that have ended are no zombies any more; their exit codes are known."""
    while children:
        pid, status = os.waitpid(-1, options)
        if pid == 0:
            return
        codes[pid] = os.waitstatus_to_exitcode(status)
        children.discard(pid)
        if options == 0:
            return


def become(order: dict[str, Any], libc: ctypes.CDLL) -> None:
    """Never returns: this is the ordered process from here on."""
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    code = 1
    try:
        os.setsid()
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(order["environment"])
        if order.get("arrange"):
            module, _, function = order["arrange"].partition(":")
            getattr(import_module(module), function)(*order.get("arguments", []))
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        if isinstance(leaving.code, str):
            print(leaving.code, file=sys.stderr)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
