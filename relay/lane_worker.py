"""One lane from taking to leaving: fence, find the cursor, publish page after page.

Order: effect (Kafka has page and cursor, in one transaction), then proof (the mirror in PostgreSQL), then memory. A
death between two lines repeats nothing, for the next owner starts from what Kafka has.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from kernel.service import Watchdog
from kernel.telemetry import get_logger
from relay.cursor import Cursor, Identity, decode_cursor
from relay.lanes import Lanes, Lease, LeaseLost
from relay.metrics import Metrics
from relay.wakeup import Bell, Pace

if TYPE_CHECKING:
    from relay.contiguity import Contiguity
    from relay.outbox import Outbox, Page
    from relay.publisher import Publisher

log = get_logger("relay.lane")

MIRROR_SECONDS = 0.5
"""How far PostgreSQL's copy of the cursor may lag behind Kafka's."""


class ForeignCursor(Exception):
    """The cursor was made by another PostgreSQL cluster, database or timeline: transaction ids mean something else."""

    def __init__(self, lane: int, theirs: Identity, ours: Identity) -> None:
        super().__init__(
            f"lane {lane}: its cursor was made in {theirs}, and this is {ours}. Transaction ids of the two cannot be "
            "compared, so publishing on could skip or repeat events. Once it is clear which events Kafka has, run: "
            "python -m relay.adopt"
        )


class LaneWorker:
    """Publishes one lane under one lease."""

    def __init__(
        self,
        lease: Lease,
        *,
        lanes: Lanes,
        outbox: Outbox,
        contiguity: Contiguity,
        publisher: Publisher,
        identity: Identity,
        bell: Bell,
        pace: Pace,
        metrics: Metrics,
        watchdog: Watchdog,
    ) -> None:
        self._lease = lease
        self._lanes = lanes
        self._outbox = outbox
        self._contiguity = contiguity
        self._publisher = publisher
        self._identity = identity
        self._bell = bell
        self._pace = pace
        self._metrics = metrics
        self._watchdog = watchdog
        self._name = f"lane {lease.lane}"
        self._mirrored_at = time.monotonic()
        self._mirrored = self._position = 0
        self.healthy = False
        """Whether it has got as far as reading the outbox."""

    async def run(self, stop: asyncio.Event) -> None:
        """Publish the lane in order until asked to stop; the page in hand is finished first."""
        self._watchdog.progress(self._name)
        cursor = Cursor(identity=self._identity)
        reading: asyncio.Task[Page | None] | None = None
        try:
            async with self._publisher:
                cursor = await self._start()
                log.info("lane taken", lane=self._lease.lane, epoch=self._lease.epoch, number=cursor.number)
                while not stop.is_set():
                    page = await (reading or self._outbox.next_page(cursor))
                    reading = None
                    self.healthy = True
                    if page is None:
                        await self._rest(cursor)
                        continue
                    if page.more:
                        reading = asyncio.ensure_future(self._outbox.next_page(page.cursor))
                    rows = await self._contiguity.sift(page.rows)
                    self._lease.check()
                    await self._publisher.publish(rows, page.cursor.encode(), page.cursor.number)
                    cursor = page.cursor
                    self._published(page)
                    await self._mirror(cursor)
        finally:
            self._watchdog.done(self._name)
            if reading is not None:
                reading.cancel()
                await asyncio.wait({reading})
            await self._outbox.close()
        with suppress(LeaseLost):
            await self._mirror(cursor, at_once=True)

    async def _start(self) -> Cursor:
        """The newer of Kafka's cursor and PostgreSQL's mirror, read behind the fence."""
        kept = [await self._publisher.committed(), await self._lanes.mirror(self._lease.lane)]
        cursors = [decode_cursor(text) for text in kept if text]
        if not cursors:
            return Cursor(identity=self._identity)
        newest = max(cursors, key=lambda cursor: cursor.number)
        if newest.identity != self._identity:
            raise ForeignCursor(self._lease.lane, newest.identity, self._identity)
        self._mirrored = cursors[-1].number if kept[1] else 0
        await self._contiguity.load()
        await self._contiguity.release(newest)
        return newest

    async def _rest(self, cursor: Cursor) -> None:
        self._watchdog.idle(self._name)
        await self._mirror(cursor)
        if await self._bell.wait(self._pace.idle()):
            self._pace.busy()

    async def _mirror(self, cursor: Cursor, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if cursor.number == self._mirrored or (now - self._mirrored_at < MIRROR_SECONDS and not at_once):
            return
        await self._lanes.confirm(self._lease, cursor, self._position)
        self._mirrored, self._mirrored_at = cursor.number, now
        await self._contiguity.release(cursor)
        self._metrics.stopped_streams.labels(str(self._lease.lane)).set(self._contiguity.stopped)

    def _published(self, page: Page) -> None:
        lane = str(self._lease.lane)
        self._metrics.published.labels(lane).inc(len(page.rows))
        self._metrics.batches.labels(lane).inc()
        self._metrics.latency.observe(page.waited_seconds + time.monotonic() - page.read_at)
        self._position = page.rows[-1]["position"]
        self._pace.busy()
        self._watchdog.progress(self._name)
