"""How a process lives: it runs one loop until asked to stop, leaves within the grace period, and never fails quietly.

A signal only sets `stop`; the loop finishes what it has in hand. A loop that fails, or stands still with work waiting,
ends the process with exit code 1, and whoever supervises it starts a new one. What the loop does stays out.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections.abc import Awaitable, Callable

from kernel.telemetry import get_logger

log = get_logger("service")

_LAST_WORDS_SECONDS = 2.0
"""How long a cancelled loop may take to close what it holds."""


def spare_the_collector() -> None:
    """What was imported is never searched for cycles again, and what is made, batches and requests by the thousand that
    leave few cycles, seldom: every 700 objects, as Python has it, took a third of the projector's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class StandsStill(Exception):
    """There is work, and nothing has moved for too long."""

    def __init__(self, part: str, seconds: float) -> None:
        super().__init__(f"{part} has made no progress for {seconds:.0f} s")
        self.part, self.seconds = part, seconds


class Watchdog:
    """Ends the process when a part of it has neither progressed nor been idle for `seconds`.

    Each part says `progress` when it has moved and `idle` at each look that found nothing waiting (or found a server
    down, which it will try again); so a look that hangs is noticed as well. A part that ends says `done`.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._moved: dict[str, float] = {}

    def progress(self, part: str = "loop") -> None:
        self._moved[part] = time.monotonic()

    def idle(self, part: str = "loop") -> None:
        self._moved[part] = time.monotonic()

    def done(self, part: str = "loop") -> None:
        self._moved.pop(part, None)

    async def watch(self) -> None:
        """Never returns. Raises StandsStill for the first part that stands still."""
        while True:
            woken = time.monotonic()
            await asyncio.sleep(self._seconds / 4)
            now = time.monotonic()
            if now - woken > self._seconds / 2:
                # this process itself was stopped for a while: everyone gets a fresh start
                self._moved = dict.fromkeys(self._moved, now)
            for part, moved in self._moved.items():
                if now - moved > self._seconds:
                    raise StandsStill(part, now - moved)


async def serve(
    run: Callable[[asyncio.Event], Awaitable[None]],
    *,
    grace_seconds: float,
    watchdog: Watchdog | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run `run(stop)` until it returns after a signal. Raises SystemExit(1) if it fails, stands still or overstays.

    `stop` may be given by a process whose health must say that it drains.
    """
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    work = asyncio.ensure_future(run(stop))
    watch = asyncio.ensure_future(watchdog.watch() if watchdog else asyncio.Event().wait())
    asked = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({work, watch, asked}, return_when=asyncio.FIRST_COMPLETED)
        if asked.done() and not work.done() and not watch.done():
            log.info("draining", grace_seconds=grace_seconds)
            await asyncio.wait({work, watch}, timeout=grace_seconds, return_when=asyncio.FIRST_COMPLETED)
        if watch.done():
            log.critical("stands still", exc_info=watch.exception())
        elif not work.done():
            log.critical("grace period is over, work is cancelled", grace_seconds=grace_seconds)
        elif error := work.exception():
            log.critical("failed", exc_info=error)
        elif not stop.is_set():
            log.critical("the loop ended though nobody asked it to")
        else:
            log.info("stopped")
            return
        raise SystemExit(1)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        for task in (work, watch, asked):
            task.cancel()
        await asyncio.wait({work, watch, asked}, timeout=_LAST_WORDS_SECONDS)
