"""Switching readers from one generation to another: at one moment, at which both stand at the same place.

The write that names the live generation is in one transaction with a compare-and-set of every checkpoint of both, which
also holds both where they are for that moment: nobody who has read one can read an older state in the other. Readers
are told a second before, and ask before each read until it is done (app/queries/generations.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from kernel.projection import GENERATIONS, Projection, generation_name
from kernel.telemetry import get_logger
from projector.generations import Generations, Registry
from projector.mongo import Mongo, Transactions
from projector.schema import CHECKPOINTS
from projector.writes import Row, Stale, Update

log = get_logger("projector.switching")

NOTICE_SECONDS = 1.0
"""Longer than readers go by what they knew."""
_TRY_SECONDS = 10.0
_PAUSE_SECONDS = 0.01


class Switching:
    """Makes a generation of one projection the live one."""

    def __init__(
        self, mongo: Mongo, transactions: Transactions, registry: Registry, projection: Projection, topic: str
    ) -> None:
        self._mongo = mongo
        self._transactions = transactions
        self._registry = registry
        self._projection = projection
        self._topic = topic

    async def switch(self, known: Generations, target: int) -> bool:
        """True: readers read `target`. False: the two never stood at the same place meanwhile, or another projector
        was quicker. Raises Unavailable."""
        await self._registry.announce_switch(self._projection.name)
        await asyncio.sleep(NOTICE_SECONDS)
        try:
            async with asyncio.timeout(_TRY_SECONDS):
                while not await self._try(known, target):  # noqa: ASYNC110 nothing tells when they do
                    await asyncio.sleep(_PAUSE_SECONDS)
        except TimeoutError:
            log.warning("not switched: too busy for both to stand at the same place", projection=self._projection.name)
            return False
        except Stale:
            return False
        finally:
            await self._registry.calm(self._projection.name)
        log.info("switched", projection=self._projection.name, generation=target)
        return True

    async def _try(self, known: Generations, target: int) -> bool:
        before, after = await self._checkpoints(known.live), await self._checkpoints(target)
        if not before or {each: row["next"] for each, row in before.items()} != {
            each: row["next"] for each, row in after.items()
        }:
            return False
        held = [
            Update(
                {"_id": row["_id"], "revision": row["revision"], "next": row["next"]},
                {"$set": {"revision": row["revision"] + 1}},
            )
            for row in (*before.values(), *after.values())
        ]
        switched = self._registry.switched(self._projection.name, known, target)
        try:
            await self._transactions.transact([(CHECKPOINTS, held), (GENERATIONS, [switched])])
        except Stale as stale:
            if str(stale) == GENERATIONS:
                raise  # somebody else has changed what is live
            return False
        return True

    async def _checkpoints(self, generation: int) -> Mapping[int, Row]:
        prefix = f"{generation_name(self._projection.name, generation)}/{self._topic}/"
        rows = await self._mongo.find(CHECKPOINTS, {"_id": {"$gt": prefix, "$lt": f"{prefix[:-1]}0"}})
        return {row["partition"]: row for row in rows}
