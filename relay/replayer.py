"""Replays history for rebuilds: in windows of position, each sent and acknowledged before it counts as done.

Beside the lanes, in the same process, in small steps: a lane waits for a step at most. What commits while a window is
read, with a lower position, is not seen; it is published after the rebuild noted the domain's topic's ends, so it comes
from there. A relay that dies is followed by another, which repeats a window at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from aiokafka.errors import KafkaError

from kernel.domain import load_domain, load_projections
from kernel.projection import Projection
from kernel.settings import Settings
from kernel.telemetry import get_logger
from relay.metrics import Metrics
from relay.private_topic import PrivateTopic
from relay.rebuilds import NotOurs, Rebuild, Rebuilds
from relay.republishing import CannotReplay, Republisher

if TYPE_CHECKING:
    from relay.database import Pool

log = get_logger("relay.replayer")

WINDOW_POSITIONS = 1_000
"""Mapped in some 25 ms, which is how long a lane may have to wait."""
REMEMBER_EVERY = 8
"""Windows between two notes of how far it has got: at most so many are repeated by a successor."""
TOPIC_WIDTH = "SELECT partitions FROM topics WHERE topic = $1"


class Replayer:
    """Looks for a rebuild now and then, and replays for it."""

    def __init__(self, settings: Settings, pool: Pool, me: UUID, metrics: Metrics) -> None:
        self._settings, self._pool, self._metrics = settings, pool, metrics
        self._projections: Mapping[str, tuple[str, Projection]] = {
            projection.name: (package, projection)
            for package in settings.domain_packages
            for projection in load_projections([package])
        }
        self._rebuilds = Rebuilds(pool, me, list(self._projections))

    async def round(self) -> None:
        """One rebuild is replayed to its end, if one waits."""
        rebuild = await self._rebuilds.take()
        if rebuild is None:
            return
        log.info("rebuild taken", projection=rebuild.projection, generation=rebuild.generation, after=rebuild.position)
        try:
            await self._replay(rebuild)
        except CannotReplay as error:
            log.error("rebuild failed", projection=rebuild.projection, error=str(error))
            await self._rebuilds.finish(rebuild, str(error))
        except NotOurs:
            log.warning("another relay carries the rebuild on", projection=rebuild.projection)
        except (KafkaError, TimeoutError) as error:
            log.warning("rebuild interrupted, trying again", projection=rebuild.projection, error=repr(error))
        except asyncio.CancelledError:
            await asyncio.wait({asyncio.ensure_future(self._rebuilds.release(rebuild))}, timeout=1)
            raise

    async def _replay(self, rebuild: Rebuild) -> None:
        package, projection = self._projections[rebuild.projection]
        topic = self._settings.topic(load_domain(package).name)
        width: int = await self._pool.fetchval(TOPIC_WIDTH, topic)
        republisher = Republisher(self._pool, package, projection.categories, topic, width)
        async with PrivateTopic(self._settings, rebuild, topic, width) as private:
            if rebuild.position == 0:
                head = await self._rebuilds.head()
                await private.announce(head, await republisher.count(head))
                rebuild.upto = head
                await self._rebuilds.reach(rebuild)
            await self._pool.execute("SELECT summarize_positions_v1()", timeout=300)
            await self._windows(rebuild, republisher, private)
            await private.end()
            await self._rebuilds.finish(rebuild)
        log.info("rebuild replayed", projection=rebuild.projection, events=rebuild.sent)

    async def _windows(self, rebuild: Rebuild, republisher: Republisher, private: PrivateTopic) -> None:
        assert rebuild.upto is not None
        windows, sending = 0, asyncio.ensure_future(private.send([]))
        try:
            while rebuild.position < rebuild.upto:
                upto = min(rebuild.position + WINDOW_POSITIONS, rebuild.upto)
                records = await republisher.records(rebuild.position, upto)  # while the window before is on its way
                await sending
                sending = asyncio.ensure_future(private.send(records))
                rebuild.position, rebuild.sent, windows = upto, rebuild.sent + len(records), windows + 1
                self._metrics.replayed.labels(rebuild.projection).inc(len(records))
                if windows % REMEMBER_EVERY == 0:
                    await sending
                    await self._rebuilds.reach(rebuild)
            await sending
            await self._rebuilds.reach(rebuild)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
