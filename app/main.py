"""The API process: settings → sides → application → serve."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import uvloop
from prometheus_client import CollectorRegistry

from app.api import make_api
from app.health import health_routes
from app.server import serve_http
from app.side import Side
from kernel.health import Health
from kernel.service import Watchdog, serve, spare_the_collector
from kernel.settings import Settings, SettingsError, read_settings
from kernel.telemetry import configure_logging, new_registry


async def main(settings: Settings) -> None:
    stop = asyncio.Event()
    registry, watchdog = new_registry(), Watchdog(settings.watchdog_seconds)
    async with open_sides(settings, registry, watchdog) as sides:
        health = Health(registry, stop=stop, checks={name: c for side in sides for name, c in side.checks.items()})
        app = make_api(settings, sides, health_routes(health, registry))

        async def run(stop: asyncio.Event) -> None:
            answered = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                for loop in (loop for side in sides for loop in side.loops):
                    tasks.create_task(loop(answered))  # what was taken in is stored before the loops end
                tasks.create_task(drain(sides, stop))
                await serve_http(app, settings.http_host, settings.http_port, stop, settings.grace_seconds)
                answered.set()

        spare_the_collector()
        await serve(run, grace_seconds=settings.grace_seconds, watchdog=watchdog, stop=stop)


async def drain(sides: list[Side], stop: asyncio.Event) -> None:
    await stop.wait()
    for side in sides:
        side.drain()


@asynccontextmanager
async def open_sides(settings: Settings, registry: CollectorRegistry, watchdog: Watchdog) -> AsyncIterator[list[Side]]:
    """The sides that the process's role names. Only what a side needs is imported."""
    async with AsyncExitStack() as stack:
        sides = []
        if settings.role in ("all", "commands"):
            from app.commands.side import open_commands

            sides.append(await stack.enter_async_context(open_commands(settings, registry, watchdog)))
        if settings.role in ("all", "queries"):
            from app.queries.side import open_query_side

            sides.append(await stack.enter_async_context(open_query_side(settings, registry)))
        if settings.role in ("all", "history"):
            from app.history.side import open_history

            sides.append(await stack.enter_async_context(open_history(settings)))
        yield sides


def run() -> None:
    try:
        settings = read_settings()
        configure_logging(f"app-{settings.role}", settings.log_level)
        uvloop.run(main(settings))
    except SettingsError as error:
        print(f"app: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    run()
