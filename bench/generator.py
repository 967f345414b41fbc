"""`python -m bench.generator`: a load in a process of its own. The Load comes on standard input, the Report goes out.

Closed loop: each connection sends its next request when the last is answered. Open loop (`rate`): requests are due at
fixed moments whatever the system does, and each is timed from when it was due, so a stall is counted in full
(no coordinated omission). Every answer that is not 2xx is counted and the first few are shown.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

import msgspec
import uvloop

from bench.wire import Answer, Connection
from bench.workloads import Work, requests

SHOWN = 3
"""How many unexpected answers a report quotes."""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to send where. `seconds` and `warm_seconds` of a finite workload are upper bounds."""

    host: str
    port: int
    work: Work
    connections: int
    seconds: float
    warm_seconds: float = 0.0
    rate: float | None = None
    record: str | None = None
    """A file for one line an answer: when it was due and came (unix ns; due 0: in the warm-up), status, token."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. Rate and latencies are of the answers after the warm-up."""

    answers: int
    seconds: float
    per_second: float
    statuses: dict[int, int]
    unexpected: list[str]
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_seconds: float

    @property
    def failed(self) -> int:
        """Answers other than 2xx, and connections lost."""
        return sum(count for status, count in self.statuses.items() if not 200 <= status < 300)


class Generator:
    """One run of a load."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._requests: Iterator[bytes] = requests(load.work)
        self._statuses: Counter[int] = Counter()
        self._unexpected: list[str] = []
        self._latencies: list[float] = []
        self._records: list[str] = []
        self._idle: deque[Connection] = deque()
        self._due: deque[float] = deque()
        self._open = 0
        self._busy = 0
        self._begin = self._end = self._last = 0.0
        self._done = asyncio.Event()
        self._exhausted = False
        # both clocks are read once: a time of the loop becomes a time of day by adding
        self._epoch = time.time() - time.monotonic()

    async def run(self) -> Report:
        load, loop = self._load, asyncio.get_running_loop()
        for _ in range(load.connections):
            _, connection = await loop.create_connection(
                lambda: Connection(self._answered, self._lost), load.host, load.port
            )
            self._idle.append(connection)
            self._open += 1
        started = time.monotonic()
        self._begin = started + load.warm_seconds
        self._end = self._begin + load.seconds
        if load.rate:
            await self._keep_rate(started, load.rate)
        else:
            for connection in [*self._idle]:
                self._next(connection)
        await asyncio.wait_for(self._done.wait(), load.warm_seconds + load.seconds + 60)
        return self._report()

    def _next(self, connection: Connection) -> None:
        """Closed loop: the connection's next request, unless the time or the workload is over."""
        now = time.monotonic()
        request = next(self._requests, None) if now < self._end else None
        if request is None:
            self._exhausted = True
            self._finish_if_quiet()
            return
        connection.sent_at = now
        self._busy += 1
        connection.send(request)

    async def _keep_rate(self, started: float, rate: float) -> None:
        """Open loop: request n is due at n / rate, and waits in line when every connection is busy."""
        number = 0
        while True:
            now = time.monotonic()
            while (due := started + number / rate) <= now and due < self._end:
                self._due.append(due)
                number += 1
            while self._due and self._idle:
                self._send_due(self._idle.popleft())
            if started + number / rate >= self._end:
                break
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
        self._exhausted = True
        self._finish_if_quiet()

    def _send_due(self, connection: Connection) -> None:
        request = next(self._requests)
        connection.sent_at = self._due.popleft()
        self._busy += 1
        connection.send(request)

    def _answered(self, connection: Connection, answer: Answer) -> None:
        now = time.monotonic()
        self._busy -= 1
        status = answer.status
        if not 200 <= status < 300 and len(self._unexpected) < SHOWN:
            self._unexpected.append(f"{status} {answer.body[:300].decode(errors='replace')}")
        if now >= self._begin:
            self._statuses[status] += 1
            self._latencies.append(now - connection.sent_at)
            self._last = now
        if self._load.record:
            token = (answer.header(b"consistency-token") or b"").decode()
            due = connection.sent_at + self._epoch if connection.sent_at >= self._begin else 0
            self._records.append(f"{due * 1e9:.0f} {(now + self._epoch) * 1e9:.0f} {status} {token}\n")
        if not self._load.rate:
            self._next(connection)
        elif self._due:
            self._send_due(connection)
        else:
            self._idle.append(connection)
            self._finish_if_quiet()

    def _lost(self, connection: Connection, error: Exception | None) -> None:
        self._open -= 1
        if self._done.is_set():
            return
        self._statuses[0] += 1
        if len(self._unexpected) < SHOWN:
            self._unexpected.append(f"connection lost: {error}")
        if connection in self._idle:
            self._idle.remove(connection)
        else:
            self._busy -= 1
        self._exhausted = self._exhausted or not self._open
        self._finish_if_quiet()

    def _finish_if_quiet(self) -> None:
        if self._exhausted and self._busy <= 0 and not self._due:
            self._done.set()

    def _report(self) -> Report:
        if self._load.record:
            Path(self._load.record).write_text("".join(self._records))
        ordered = sorted(self._latencies)
        seconds = max(self._last - self._begin, 1e-9)
        return Report(
            answers=len(ordered),
            seconds=seconds,
            per_second=len(ordered) / seconds,
            statuses=dict(self._statuses),
            unexpected=self._unexpected,
            p50_ms=percentile(ordered, 0.50) * 1e3,
            p95_ms=percentile(ordered, 0.95) * 1e3,
            p99_ms=percentile(ordered, 0.99) * 1e3,
            cpu_seconds=time.process_time(),
        )


def percentile(ordered: list[float], share: float) -> float:
    """The value that `share` of the ordered values do not exceed; 0 for none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def main() -> None:
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    gc.freeze()
    gc.disable()  # a run is short and keeps what it makes
    report = uvloop.run(run(load))
    sys.stdout.buffer.write(msgspec.json.encode(report))


async def run(load: Load) -> Report:
    return await Generator(load).run()


if __name__ == "__main__":
    main()
