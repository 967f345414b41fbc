"""What operators ask of a projection: pause and resume, retry and discard; and what it tells them: its fault.

The wishes stand in MongoDB, so the command line reaches every projector whichever holds the partition; a projector
looks about once a second.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from kernel.events import wire_time
from kernel.projection import PROJECTIONS
from projector.mongo import Mongo
from projector.schema import PARKED_STREAMS

_LOOK_SECONDS = 0.5


class Control:
    """One projection's wishes, as last seen."""

    def __init__(self, mongo: Mongo, projection: str) -> None:
        self._mongo = mongo
        self._projection = projection
        self._looked = 0.0
        self._requests: int | None = None
        self.paused = False

    async def look(self) -> bool:
        """See what is wished, at most twice a second. True: look for requested streams. Raises Unavailable."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return False
        rows = await self._mongo.find_by_ids(PROJECTIONS, [self._projection])
        self._looked = time.monotonic()
        row = rows[0] if rows else {}
        self.paused = bool(row.get("paused"))
        seen, self._requests = self._requests, row.get("requests", 0)
        return seen != self._requests

    async def requested(self, partitions: Iterable[int]) -> list[tuple[int, str]]:
        """(partition, stream) of the parked streams that somebody asked to retry or discard. Raises Unavailable."""
        where = {
            "projection": self._projection,
            "partition": {"$in": sorted(partitions)},
            "request": {"$exists": True},
        }
        rows = await self._mongo.find(PARKED_STREAMS, where, fields=["partition", "stream"])
        return [(row["partition"], row["stream"]) for row in rows]

    async def report_fault(self, partition: int, error: str, repair: str) -> None:
        """What stops the projection, for everyone to see. Raises Unavailable."""
        fault = {"partition": partition, "error": error, "repair": repair, "at": wire_time(datetime.now(UTC))}
        await self._mongo.put(PROJECTIONS, self._projection, {"$set": {"fault": fault}})

    async def clear_fault(self, partitions: Iterable[int]) -> None:
        """These partitions have been found in order: a fault that one of them had is over. Raises Unavailable."""
        rows = await self._mongo.find_by_ids(PROJECTIONS, [self._projection])
        if rows and rows[0].get("fault", {}).get("partition") in set(partitions):
            await self._mongo.put(PROJECTIONS, self._projection, {"$unset": {"fault": ""}})
