"""How fresh a projection's documents are: until when all that Kafka held is in them, told to whoever reads them.

One row a projection (projector_projections), each projector writing what it knows of its own partitions. A partition is
complete until a moment if, at that moment, Kafka's end was an offset that the checkpoint has reached since. Moments
only rise ($max), so whoever comes late with an old one changes nothing. It is told, never decided on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from kernel.projection import PROJECTIONS
from projector.mongo import Mongo
from projector.writes import Unavailable


class Mark(NamedTuple):
    """Kafka ended at `end` when it was asked at `asked`."""

    end: int
    asked: str


class Completeness:
    """Until when each partition is complete. Pure. Under a steady load no checkpoint ever stands at the very end, so an
    end is remembered until it has been reached."""

    def __init__(self) -> None:
        self._awaited: dict[int, Mark] = {}

    def measured(self, asked: str, ends: Mapping[int, int], reached: Mapping[int, int]) -> dict[int, str]:
        """Partition → until when it is complete, of those that have come further. `ends` was asked for at `asked`;
        `reached` is what the checkpoints have reached now."""
        complete: dict[int, str] = {}
        for partition, end in ends.items():
            now = reached[partition]
            awaited = self._awaited.get(partition)
            if now >= end:
                complete[partition] = asked
                self._awaited.pop(partition, None)
            elif awaited is None or now >= awaited.end:
                if awaited is not None:
                    complete[partition] = awaited.asked
                self._awaited[partition] = Mark(end, asked)
        return complete


async def tell_progress(
    mongo: Mongo, projection: str, complete: Mapping[int, str], parked: Mapping[int, Iterable[str]], width: int
) -> None:
    """Whoever reads the documents can know. MongoDB that does not answer is no matter here: it is said again soon."""
    change: dict[str, Any] = {
        "$set": {"partitions": width} | {f"parked.{partition}": len(set(each)) for partition, each in parked.items()}
    }
    if complete:
        change["$max"] = {f"complete.{partition}": moment for partition, moment in complete.items()}
    with suppress(Unavailable):
        await mongo.put(PROJECTIONS, projection, change)
