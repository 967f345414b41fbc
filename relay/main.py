"""The relay process: settings, resources, objects, serve. Relays are as many as you like; they share the lanes out."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from kernel.health import Health
from kernel.service import Watchdog, serve
from kernel.settings import Settings
from kernel.telemetry import new_registry
from relay.database import open_pool
from relay.lanes import MOST_LANES
from relay.metrics import Metrics
from relay.relay import Relay
from relay.wakeup import Wakeup


async def main(settings: Settings) -> None:
    """Publishes until a signal. Raises SystemExit(1) when something failed that waiting does not mend."""
    settings.require("postgres_dsn", "kafka_bootstrap")
    stop, registry, watchdog = asyncio.Event(), new_registry(), Watchdog(settings.watchdog_seconds)
    # a lane with a backlog holds one connection and needs another now and then; none is made before it is needed
    async with open_pool(settings.postgres_dsn, settings.postgres_pool_size + 2 * MOST_LANES) as pool:
        relay = Relay(
            settings,
            me=uuid4(),
            pool=pool,
            wakeup=Wakeup(settings.postgres_dsn),
            metrics=Metrics(registry),
            watchdog=watchdog,
        )
        health = Health(registry, stop=stop, checks=relay.checks, report=relay.report)
        async with health.listening(settings.http_host, settings.http_port):
            await serve(relay.run, grace_seconds=settings.grace_seconds, watchdog=watchdog, stop=stop)
