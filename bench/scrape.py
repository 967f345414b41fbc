"""Reads one number out of a process's own metrics."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable

from bench.ground import BenchFailed
from stack.ports import HOST
from stack.server import Progress

LOOK_SECONDS = 0.02


def scrape(port: int, metric: str, **labels: str) -> float:
    """The sum of all samples of a metric that carry these labels; 0 while there are none."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    wanted = [f'{name}="{value}"' for name, value in labels.items()]
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.split("{", 1)[0].split(" ", 1)[0] == metric and all(label in line for label in wanted)
    )


def watch_until(
    count: Callable[[], float], goal: float, seconds: float, progress: Progress, what: str
) -> list[tuple[float, float]]:
    """(moment, count) at every look, until the count is at the goal. Raises BenchFailed when it takes too long."""
    looks: list[tuple[float, float]] = []
    patience_ends = time.monotonic() + seconds
    while True:
        looks.append((time.monotonic(), count()))
        if looks[-1][1] >= goal:
            return looks
        if looks[-1][0] > patience_ends:
            raise BenchFailed(f"{what}: only {looks[-1][1]:,.0f} of {goal:,.0f} within {seconds:.0f} s")
        progress(f"{what}: {looks[-1][1]:,.0f} of {goal:,.0f}")
        time.sleep(LOOK_SECONDS)
