"""How many transactions at once: one over everything polled while there is little, up to four over disjoint partitions
with a backlog.

One at a time is the lowest latency at low load; four are what MongoDB's commit needs to be kept busy (measured: one
transaction per partition cost 2.5 times the latency at 600 events a second). What a unit of work does stays out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

MOST_AT_ONCE = 4
BACKLOG_RECORDS = 250
"""A poll that brings this many says that more is waiting."""


class InHand:
    """Units of work under way, each over partitions of its own."""

    def __init__(self) -> None:
        self._units: dict[asyncio.Task[None], frozenset[int]] = {}
        self.backlog = False

    @property
    def busy(self) -> frozenset[int]:
        """The partitions in hand."""
        return frozenset().union(*self._units.values())

    def start(self, partitions: Iterable[int], unit: Coroutine[Any, Any, None]) -> None:
        """Begin a unit. Its partitions are not to be polled until it is done."""
        self._units[asyncio.create_task(unit)] = frozenset(partitions)

    async def room(self) -> None:
        """Returns when another unit may begin. Raises what a finished unit raised."""
        self._collect()
        while self._units and (not self.backlog or len(self._units) >= MOST_AT_ONCE):
            await asyncio.wait(self._units, return_when=asyncio.FIRST_COMPLETED)
            self._collect()

    async def next_done(self) -> None:
        """Returns when one more unit is done. Raises what it raised."""
        await asyncio.wait(self._units, return_when=asyncio.FIRST_COMPLETED)
        self._collect()

    async def drain(self) -> None:
        """Returns when nothing is in hand. What units raised is kept for the next one who asks."""
        if self._units:
            await asyncio.wait(list(self._units))

    async def abandon(self) -> None:
        """Returns when nothing is in hand; outcomes are dropped, for everything is read anew."""
        await self.drain()
        for unit in self._units:
            unit.exception()
        self._units.clear()
        self.backlog = False

    def _collect(self) -> None:
        done = [unit for unit in self._units if unit.done()]
        for unit in done:
            del self._units[unit]
        for unit in done:
            unit.result()
