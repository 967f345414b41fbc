"""One lane from taking to leaving: fence, find the cursor, publish page after page.

Order: effect (Kafka has page and cursor, in one transaction), then proof (the mirror in PostgreSQL), then memory. A
death between two lines repeats nothing, for the next owner starts from what Kafka has.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from kernel.service import Watchdog
from kernel.telemetry import get_logger
from relay.cursor import Cursor, Identity, decode_cursor
from relay.lanes import Lanes, Lease, LeaseLost
from relay.metrics import Metrics
from relay.wakeup import Bell, Pace

if TYPE_CHECKING:
    from relay.contiguity import Contiguity
    from relay.outbox import Outbox, Page
    from relay.publisher import Batches, Publisher

log = get_logger("relay.lane")

MIRROR_SECONDS = 0.5
"""How far PostgreSQL's copy of the cursor may lag behind Kafka's."""
ROUND_SECONDS = 0.016
"""A lane begins a transaction at most this often: every one costs Kafka, the projector and MongoDB about the same,
however few its rows. At 600 events a second on two cores 16 to 18 ms made the whole path quickest (docs/benchmarks.md):
below, the cores were full of transactions, above, rows waited for the next one. A backlog is published without pause.
"""


class ForeignCursor(Exception):
    """The cursor was made by another PostgreSQL cluster, database or timeline: transaction ids mean something else."""

    def __init__(self, lane: int, theirs: Identity, ours: Identity) -> None:
        super().__init__(
            f"lane {lane}: its cursor was made in {theirs}, and this is {ours}. Transaction ids of the two cannot be "
            "compared, so publishing on could skip or repeat events. Once it is clear which events Kafka has, run: "
            "python -m relay.adopt"
        )


class _Ready(NamedTuple):
    page: Page
    batches: Batches


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
        upcoming: asyncio.Task[_Ready | None] | None = None
        try:
            async with self._publisher:
                cursor = await self._start()
                log.info("lane taken", lane=self._lease.lane, epoch=self._lease.epoch, number=cursor.number)
                while not stop.is_set():
                    began = time.monotonic()
                    ready = await (upcoming or self._make_ready(cursor))
                    upcoming = None
                    self.healthy = True
                    if ready is None:
                        await self._rest(cursor)
                        continue
                    page = ready.page
                    if page.more:
                        upcoming = asyncio.ensure_future(self._make_ready(page.cursor))
                    self._lease.check()
                    await self._publisher.publish(ready.batches, page.cursor.encode(), page.cursor.number)
                    cursor = page.cursor
                    self._published(page)
                    await self._mirror(cursor)
                    if not page.more and (early := began + ROUND_SECONDS - time.monotonic()) > 0:
                        await asyncio.sleep(early)
        finally:
            self._watchdog.done(self._name)
            if upcoming is not None:
                upcoming.cancel()
                await asyncio.wait({upcoming})
            await self._outbox.close()
        with suppress(LeaseLost):
            await self._mirror(cursor, at_once=True)

    async def _make_ready(self, cursor: Cursor) -> _Ready | None:
        """The page after `cursor`, read and encoded; while a backlog lasts, as the one before is on its way."""
        page = await self._outbox.next_page(cursor)
        if page is None:
            return None
        return _Ready(page, self._publisher.encode(await self._contiguity.sift(page.rows)))

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
