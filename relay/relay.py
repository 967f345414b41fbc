"""One relay: what it checks before it starts, and the loops that make it up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kernel.health import Check
from kernel.service import Watchdog
from kernel.settings import Settings
from kernel.telemetry import get_logger
from relay.contiguity import Contiguity
from relay.cursor import Identity
from relay.database import read_identity
from relay.held_up import HeldUp
from relay.lane_worker import LaneWorker
from relay.lanes import Lanes, Lease
from relay.metrics import Metrics
from relay.outbox import Outbox
from relay.publisher import lane_publisher
from relay.replayer import Replayer
from relay.retention import Retention
from relay.sharing import PASSING, Sharing
from relay.topics import Topics
from relay.wakeup import LANES_CHANNEL, Bell, Pace, Wakeup

if TYPE_CHECKING:
    from relay.database import Pool

log = get_logger("relay")

HOLDERS_EVERY_SECONDS = 5.0
RETENTION_EVERY_SECONDS = 15.0
REBUILDS_EVERY_SECONDS = 1.0

_TRY_AGAIN_SECONDS = 1.0


class Relay:
    """Publishes its share of the lanes, and keeps the outbox in order."""

    def __init__(
        self, settings: Settings, *, me: UUID, pool: Pool, wakeup: Wakeup, metrics: Metrics, watchdog: Watchdog
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._wakeup = wakeup
        self._metrics = metrics
        self._watchdog = watchdog
        self._topics = Topics(settings, pool)
        self._held_up = HeldUp(pool, metrics)
        self._retention = Retention(pool, metrics)
        self._replayer = Replayer(settings, pool, me, metrics)
        self._lanes = Lanes(pool, me, settings.lease_seconds)
        self._sharing: Sharing | None = None
        self.checks: Mapping[str, Check] = {"postgres": self._ask_postgres, "kafka": self._topics.ask_kafka}

    def report(self) -> Mapping[str, Any]:
        """For /readyz: what this relay has."""
        return {
            "relay": str(self._lanes.me),
            "lanes": self._sharing.owned if self._sharing else [],
            "lag": {"rows": self._held_up.depth, "seconds": self._held_up.age_seconds},
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Until asked to stop. Raises what waiting does not mend: topics or a cursor that do not fit."""
        identity = await self._ready_to_start(stop)
        if identity is None:
            return
        self._sharing = self._make_sharing(identity)
        rounds = (
            (self._held_up.round, HOLDERS_EVERY_SECONDS),
            (self._retention.round, RETENTION_EVERY_SECONDS),
            (self._replayer.round, REBUILDS_EVERY_SECONDS),
        )
        beside = [asyncio.ensure_future(self._wakeup.run()), *(asyncio.ensure_future(every(*each)) for each in rounds)]
        sharing = asyncio.ensure_future(self._sharing.run(stop))
        try:
            done, _ = await asyncio.wait({sharing, *beside}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (sharing, *beside):
                task.cancel()
            await asyncio.wait({sharing, *beside}, timeout=2)

    async def _ready_to_start(self, stop: asyncio.Event) -> Identity | None:
        """Both servers answer, and their lanes and topics fit together; or None when stopped meanwhile."""
        while not stop.is_set():
            try:
                await self._topics.check()
                return await read_identity(self._pool)
            except PASSING as error:
                log.warning("not ready to start, trying again", error=f"{type(error).__name__}: {error}")
            try:
                await asyncio.wait_for(stop.wait(), _TRY_AGAIN_SECONDS)
            except TimeoutError:
                continue
        return None

    def _make_sharing(self, identity: Identity) -> Sharing:
        settings = self._settings

        def make_worker(lease: Lease, bell: Bell) -> LaneWorker:
            return LaneWorker(
                lease,
                lanes=self._lanes,
                outbox=Outbox(self._pool, lease.lane, settings.relay_batch),
                contiguity=Contiguity(self._pool, lease.lane),
                publisher=lane_publisher(settings, lease.lane),
                identity=identity,
                bell=bell,
                pace=Pace(settings.poll_max_seconds),
                metrics=self._metrics,
                watchdog=self._watchdog,
            )

        return Sharing(
            self._lanes,
            make_worker,
            beat_seconds=settings.lease_seconds / 3,
            wake=self._wakeup.bell([LANES_CHANNEL]),
            new_bell=self._wakeup.bell,
            silence=self._wakeup.silence,
            metrics=self._metrics,
        )

    async def _ask_postgres(self) -> None:
        await self._pool.fetchval("SELECT 1")


async def every(do: Callable[[], Awaitable[None]], seconds: float) -> None:
    """For ever. A server that does not answer costs a round, nothing else does."""
    while True:
        try:
            await do()
        except PASSING as error:
            log.debug("a round was lost", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(seconds * random.uniform(0.8, 1.2))
