"""Which generation of each projection readers read: asked of MongoDB now and then, and before every read while a switch
is about to happen.

Invariant: a read goes by a registry that was read at most FRESH_SECONDS before it, or, once a switch has been announced
(a second before it happens), after the read was asked for. So of two reads, one after the other, in whichever
processes, the second never reads a generation that the first one has left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial

from app.queries.loader import BatchLoader
from app.queries.mongo import Mongo
from kernel.projection import FIRST_GENERATION, GENERATIONS_COLLECTION, Projection, collection_names

FRESH_SECONDS = 0.25

Live = tuple[int, ...]
"""The live generation of each projection, in the order of the projections."""


class LiveGenerations:
    """What readers of this process go by."""

    def __init__(self, mongo: Mongo, projections: Iterable[Projection]) -> None:
        self._projections = list(projections)
        self._ids = [projection.name for projection in self._projections]
        self._loader = BatchLoader(partial(mongo.find_by_ids, GENERATIONS_COLLECTION))
        self._asked_at = -1.0
        self._live: Live = ()
        self._switching = True
        """Or unknown: either way it is asked."""

    async def current(self) -> Live:
        """The live generations for a read that begins now. Raises ReadModelUnavailable."""
        now = asyncio.get_running_loop().time
        if self._switching or now() - self._asked_at > FRESH_SECONDS:
            asked_at = now()
            rows = await self._loader.load(self._ids)
            live = tuple(
                rows[name].get("live", FIRST_GENERATION) if name in rows else FIRST_GENERATION for name in self._ids
            )
            if asked_at >= self._asked_at:  # answers do not overtake one another
                self._asked_at, self._live = asked_at, live
                self._switching = any(rows[name].get("switching") for name in self._ids if name in rows)
            return live
        return self._live

    def names(self, live: Live) -> Mapping[str, str]:
        """Collection → what it is called in these generations."""
        return {
            name: called
            for projection, generation in zip(self._projections, live, strict=True)
            for name, called in collection_names(projection, generation).items()
        }

    async def close(self) -> None:
        await self._loader.close()
