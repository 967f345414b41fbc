"""When to look: at once when PostgreSQL says so, otherwise ever more rarely up to the longest poll.

A notification is a hint and may be lost (a restart, a black-holed connection): that costs one poll and nothing else.
The connection is this module's own, tried regularly and renewed by itself.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable

import asyncpg

from kernel.telemetry import get_logger
from relay.database import POSTGRES_AWAY

log = get_logger("relay.wakeup")

SHORTEST_POLL_SECONDS = 0.01
ROWS_CHANNEL = "outbox"
LANES_CHANNEL = "relay_lanes"

_PING_SECONDS = 10.0
_RECONNECT_SECONDS = 1.0


class Bell:
    """Rung by a notification, or by whoever wants the sleeper up."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Until rung, or for `seconds`. Says whether it was rung; a ring is heard once, also one from before."""
        if not self._rung.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._rung.wait()
            except TimeoutError:
                return False
        self._rung.clear()
        return True


class Pace:
    """How long to sleep: shortly after there was something, half as often each time there was nothing."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._seconds = SHORTEST_POLL_SECONDS

    def busy(self) -> None:
        self._seconds = SHORTEST_POLL_SECONDS

    def idle(self) -> float:
        """Seconds to sleep now; jittered, so that lanes and relays do not all look at once."""
        seconds, self._seconds = self._seconds, min(self._seconds * 1.5, self._longest)
        return seconds * random.uniform(0.8, 1.0)


class Wakeup:
    """Listens for all lanes of a process."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._bells: dict[str, list[Bell]] = {ROWS_CHANNEL: [], LANES_CHANNEL: []}

    def bell(self, channels: Iterable[str] = (ROWS_CHANNEL,)) -> Bell:
        """A bell that notifications on these channels ring."""
        bell = Bell()
        for channel in channels:
            self._bells[channel].append(bell)
        return bell

    def silence(self, bell: Bell) -> None:
        """The bell is no longer rung."""
        for bells in self._bells.values():
            if bell in bells:
                bells.remove(bell)

    async def run(self) -> None:
        """Listen for ever. Whatever happens to the connection, there is soon a new one."""
        while True:
            try:
                await self._listen()
            except POSTGRES_AWAY as error:
                log.warning("notifications are lost for now, polling goes on", error=type(error).__name__)
            await asyncio.sleep(_RECONNECT_SECONDS * random.uniform(0.5, 1.5))

    async def _listen(self) -> None:
        settings = {"application_name": "lockstep relay wakeup"}
        connection = await asyncpg.connect(self._dsn, timeout=5, command_timeout=5, server_settings=settings)
        try:
            for channel in self._bells:
                await connection.add_listener(channel, self._heard)
            for channel in self._bells:
                self._ring(channel)  # what was said while nobody listened
            while True:
                await asyncio.sleep(_PING_SECONDS)
                await connection.execute("SELECT 1")  # a dead peer is seen by asking, not by waiting
        finally:
            connection.terminate()

    def _heard(self, connection: object, pid: int, channel: str, payload: object) -> None:
        self._ring(channel)

    def _ring(self, channel: str) -> None:
        for bell in self._bells[channel]:
            bell.ring()
