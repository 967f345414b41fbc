"""Which generation of each projection readers read: asked of MongoDB now and then, and before every read while a switch
is about to happen.

Invariant: a read goes by a registry that was read at most FRESH_SECONDS before it, or, once a switch has been announced
(a second before it happens), after the read was asked for. So of two reads, one after the other, in whichever
processes, the second never reads a generation that the first one has left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from app.queries.mongo import Mongo, unavailable
from kernel.projection import FIRST_GENERATION, GENERATIONS, Projection, collection_names, generation_name

FRESH_SECONDS = 0.25
REGISTRY_SECONDS = 1.5
"""Less than other reads have: one follows it."""

Live = tuple[int, ...]
"""The live generation of each projection, in the order of the projections."""


class LiveGenerations:
    """What readers of this process go by."""

    def __init__(self, mongo: Mongo, projections: Iterable[Projection]) -> None:
        self._projections = list(projections)
        self._ids = [projection.name for projection in self._projections]
        self._mongo = mongo
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = -1.0
        self._live: Live = ()
        self._switching = True
        """Or unknown: either way it is asked."""

    async def current(self) -> Live:
        """The live generations for a read that begins now. Raises ReadModelUnavailable."""
        if self._switching or asyncio.get_running_loop().time() - self._asked_at > FRESH_SECONDS:
            await self._ask()
        return self._live

    def names(self, live: Live) -> Mapping[str, str]:
        """Collection → what it is called in these generations."""
        return {
            name: called
            for projection, generation in zip(self._projections, live, strict=True)
            for name, called in collection_names(projection, generation).items()
        }

    def filed(self, live: Live) -> Mapping[str, str]:
        """Projection → what these generations are filed under."""
        return {name: generation_name(name, each) for name, each in zip(self._ids, live, strict=True)}

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        """What is known was asked for after now. Many at once share a question; who comes while one is under way waits
        for the next one, unless that one fails."""
        before = self._asking
        if before is not None and not before.done():
            await asyncio.shield(before)
        if self._asking is before:
            self._asking = asyncio.ensure_future(self._read())
        assert self._asking is not None
        await asyncio.shield(self._asking)

    async def _read(self) -> None:
        asked_at = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(REGISTRY_SECONDS):
                rows = await self._mongo.find_by_ids(GENERATIONS, self._ids)
        except TimeoutError as error:
            raise unavailable(error) from error
        self._live = tuple(
            rows[name].get("live", FIRST_GENERATION) if name in rows else FIRST_GENERATION for name in self._ids
        )
        self._switching = any(rows[name].get("switching") for name in self._ids if name in rows)
        self._asked_at = asked_at
