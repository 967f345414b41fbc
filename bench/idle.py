"""idle: the share of a core that a whole system uses while nobody asks it anything: our processes, and the servers."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from bench.rounds import Result, Round, result
from bench.whole import open_whole
from stack.server import Progress

AT_MOST_PERCENT = 5.0
SETTLE_SECONDS = 10.0
SERVERS = ("postgres", "kafka", "mongo")


def bench_idle(data: Path | None, seconds: float, rounds: int, progress: Progress) -> Result:
    with open_whole(data, progress) as whole:
        progress("letting it settle")
        time.sleep(SETTLE_SECONDS)
        measured, each = [], []
        for number in range(1, rounds + 1):
            progress(f"round {number} of {rounds}: looking at it doing nothing")
            before = {process.name: cpu_seconds(process.pid) for process in whole.state.processes}
            began = time.monotonic()
            time.sleep(seconds)
            elapsed = time.monotonic() - began
            percent = {
                process.name: round(100 * (cpu_seconds(process.pid) - before[process.name]) / elapsed, 2)
                for process in whole.state.processes
            }
            each.append(percent)
            ours = sum(share for name, share in percent.items() if name not in SERVERS)
            measured.append(Round(ours, AT_MOST_PERCENT))
    return result(
        "idle",
        measured,
        unit="% of a core",
        limit_is="our processes together; the servers, stated beside, are in `each`",
        at_most=1.0,
        with_servers=[round(sum(percent.values()), 2) for percent in each],
        each=each,
    )


def cpu_seconds(pid: int) -> float:
    """What a process and its children have used."""
    head = psutil.Process(pid)
    total = 0.0
    for member in (head, *head.children(recursive=True)):
        try:
            times = member.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
