"""Tells the relay that there is something to publish: a hint, off the commit path, at most one every few milliseconds.

NOTIFY takes a lock that the whole cluster shares, so it is never part of a command's own transaction. A lost hint costs
the relay one poll.
"""

from __future__ import annotations

import asyncio

import asyncpg
import structlog

log = structlog.get_logger("notifier")

CHANNEL = "outbox"
EVERY_SECONDS = 0.01
RECONNECT_SECONDS = 1.0


class Notifier:
    """One connection of its own; `poke` after each commit."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._poked = asyncio.Event()

    def poke(self) -> None:
        self._poked.set()

    async def run(self, stop: asyncio.Event) -> None:
        stopped = asyncio.ensure_future(stop.wait())
        stopped.add_done_callback(lambda _: self._poked.set())
        connection: asyncpg.Connection | None = None
        try:
            while not stop.is_set():
                await self._poked.wait()
                self._poked.clear()
                try:
                    if connection is None or connection.is_closed():
                        connection = await asyncpg.connect(
                            self._dsn,
                            timeout=RECONNECT_SECONDS,
                            server_settings={"application_name": "lockstep-notify", "synchronous_commit": "off"},
                        )
                    # a relay must never learn of a commit sooner than it can see it, so this follows the commit
                    await connection.execute(f"NOTIFY {CHANNEL}", timeout=RECONNECT_SECONDS)
                    await asyncio.sleep(EVERY_SECONDS)
                except (
                    OSError,
                    TimeoutError,
                    asyncpg.PostgresError,
                    asyncpg.InterfaceError,
                    asyncpg.InternalClientError,
                ) as error:
                    log.info("hint not given", error=type(error).__name__)
                    await asyncio.sleep(RECONNECT_SECONDS)
        finally:
            stopped.cancel()
            if connection is not None:
                connection.terminate()
