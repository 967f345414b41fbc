"""The lanes this process has: a worker for each, started, stopped and replaced as sharing and failures ask.

Invariant: a worker that failed is gone before its lane is free again, and a lane that fails over and over is left alone
for a while, so that another relay, for which it may work, can have it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import msgspec

from kernel.telemetry import get_logger
from relay.database import POSTGRES_AWAY
from relay.lane_worker import LaneWorker
from relay.lanes import Lanes, Lease, LeaseLost, lanes_to_take, must_give_one
from relay.metrics import Metrics
from relay.publisher import PublishFailed
from relay.wakeup import Bell

log = get_logger("relay.sharing")

PASSING = (PublishFailed, LeaseLost, *POSTGRES_AWAY)
"""What goes by without anyone's help: the lane is taken anew after a pause. Anything else ends the process."""

_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 2.0


class _Running(msgspec.Struct):
    lease: Lease
    worker: LaneWorker
    task: asyncio.Task[None]
    stop: asyncio.Event
    bell: Bell


class Sharing:
    """Keeps this relay's fair share of the lanes published."""

    def __init__(
        self,
        lanes: Lanes,
        make_worker: Callable[[Lease, Bell], LaneWorker],
        *,
        beat_seconds: float,
        wake: Bell,
        new_bell: Callable[[], Bell],
        silence: Callable[[Bell], None],
        metrics: Metrics,
    ) -> None:
        self._lanes = lanes
        self._make_worker = make_worker
        self._beat_seconds = beat_seconds
        self._wake = wake
        self._new_bell = new_bell
        self._silence = silence
        self._metrics = metrics
        self._running: dict[int, _Running] = {}
        self._pause = 0.0
        self._not_before = 0.0

    @property
    def owned(self) -> list[int]:
        return sorted(self._running)

    async def run(self, stop: asyncio.Event) -> None:
        """Until asked to stop; then every page in hand is finished and every lane handed over."""
        try:
            while not stop.is_set():
                try:
                    await self._beat()
                except POSTGRES_AWAY as error:
                    log.warning("PostgreSQL does not answer, trying again", error=type(error).__name__)
                await self._wait(stop)
            await self._leave()
        except asyncio.CancelledError:
            for running in self._running.values():
                running.task.cancel()
            raise
        except Exception:
            await self._leave()  # whoever starts next need not wait for the leases
            raise

    async def _leave(self) -> None:
        for running in self._running.values():
            running.stop.set()
            running.bell.ring()
        await asyncio.gather(*(running.task for running in self._running.values()), return_exceptions=True)
        try:
            await self._bury()
        finally:
            await self._quietly(self._lanes.leave())

    async def _beat(self) -> None:
        await self._bury()
        if time.monotonic() < self._not_before:
            return
        view, lost = await self._lanes.beat([running.lease for running in self._running.values()])
        for lane in lost:
            log.warning("lane lost", lane=lane, epoch=self._running[lane].lease.epoch)
            self._running[lane].task.cancel()
        if must_give_one(view, self._lanes.me) and self._running:
            given = self._running[max(self._running)]
            given.stop.set()
            given.bell.ring()
        for lane in lanes_to_take(view, self._lanes.me, len(self._running)):
            if lane not in self._running and (lease := await self._lanes.take(lane)) is not None:
                self._start(lease)

    def _start(self, lease: Lease) -> None:
        bell, stop = self._new_bell(), asyncio.Event()
        worker = self._make_worker(lease, bell)
        task = asyncio.ensure_future(worker.run(stop))
        task.add_done_callback(lambda _: self._wake.ring())
        self._running[lease.lane] = _Running(lease, worker, task, stop, bell)
        self._metrics.lane_owned.labels(str(lease.lane)).set(1)

    async def _bury(self) -> None:
        """Workers that have ended are gone, and their lanes free. Raises what waiting does not mend."""
        fatal: BaseException | None = None
        for lane, running in list(self._running.items()):
            if not running.task.done():
                continue
            del self._running[lane]
            self._silence(running.bell)
            self._metrics.lane_owned.labels(str(lane)).set(0)
            error = None if running.task.cancelled() else running.task.exception()
            if isinstance(error, PASSING):
                self._back_off(running, error)
            elif error is not None:
                fatal = error
            await self._quietly(self._lanes.release(running.lease))
            if error is not None and self._pause >= _LONGEST_PAUSE_SECONDS:
                await self._quietly(self._lanes.leave())  # do not count as alive for as long as nothing works here
        if fatal is not None:
            raise fatal

    def _back_off(self, running: _Running, error: BaseException) -> None:
        lane = running.lease.lane
        self._metrics.failures.labels(str(lane)).inc()
        longer = _SHORTEST_PAUSE_SECONDS if running.worker.healthy else max(_SHORTEST_PAUSE_SECONDS, self._pause * 2)
        self._pause = min(_LONGEST_PAUSE_SECONDS, longer)
        log.warning("lane given up, to be taken anew", lane=lane, pause_seconds=self._pause, exc_info=error)
        if not isinstance(error, LeaseLost):
            self._not_before = time.monotonic() + self._pause * random.uniform(0.7, 1.0)

    async def _wait(self, stop: asyncio.Event) -> None:
        pause = self._not_before - time.monotonic()
        seconds = pause if pause > 0 else self._beat_seconds * random.uniform(0.8, 1.0)
        ringing = asyncio.ensure_future(self._wake.wait(seconds))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({ringing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ringing, stopping):
            task.cancel()

    async def _quietly(self, farewell: Awaitable[None]) -> None:
        try:
            await farewell
        except POSTGRES_AWAY as error:
            log.warning("could not say so in PostgreSQL; the lease will run out", error=type(error).__name__)
