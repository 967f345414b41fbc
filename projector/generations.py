"""Which generations of a projection there are, as MongoDB says: the live one, the one before, the one being built.

A rebuild makes a generation: collections of its own beside the live ones, filled from a private topic (`replaying`),
then from the domain's topic (`following`), until readers are switched to it. Every change of this registry is a
compare-and-set, so any projector may make it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from kernel.events import wire_time
from kernel.projection import (
    FIRST_GENERATION,
    GENERATIONS,
    PROJECTIONS,
    Projection,
    collection_names,
    generation_name,
    rebuild_topic,
)
from kernel.rebuilding import Started
from projector.mongo import Mongo
from projector.schema import CHECKPOINTS, PARKED_EVENTS, PARKED_STREAMS, ensure_collections
from projector.writes import Row, Update

RETIRED_SECONDS = 5.0
"""After which nobody projects a retired generation any more, and it can be dropped."""


BUILDS_KEPT = 20
"""Of which it can be asked what became of them."""


class Building(msgspec.Struct, frozen=True, rename="camel"):
    generation: int
    id: str
    topic: str
    phase: Literal["replaying", "following"]
    switch: bool


class Generations(msgspec.Struct, frozen=True):
    """One projection's row; without one, generation 1 is live and there is no other."""

    live: int = FIRST_GENERATION
    previous: int | None = None
    building: Building | None = None
    newest: int = FIRST_GENERATION
    wish: int | None = None
    """The generation that an operator wants readers to read."""
    retired: list[dict[str, Any]] = []

    def topics(self, domain_topic: str) -> dict[int, str]:
        """Generation → the topic it is to be projected from now."""
        wanted = {self.live: domain_topic}
        if self.previous is not None:
            wanted[self.previous] = domain_topic
        if self.building is not None:
            following = self.building.phase == "following"
            wanted[self.building.generation] = domain_topic if following else self.building.topic
        return wanted


class Registry:
    """The rows of all projections. Its methods raise Unavailable; those that change a row raise Stale when it is not as
    they were told any more."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def read(self, projection: str) -> Generations:
        rows = await self._mongo.find_by_ids(GENERATIONS, [projection])
        return msgspec.convert(rows[0], Generations) if rows else Generations()

    async def adopt(
        self, projection: Projection, known: Generations, started: Started, namespace: str, topic: str
    ) -> None:
        """The rebuild's generation is being built; what was being built before is retired. `topic`: the domain's."""
        generation, name = started.generation, generation_name(projection.name, started.generation)
        await ensure_collections(self._mongo.seen_as(collection_names(projection, generation)), projection)
        for partition, offset in started.origin.items():
            first = {"partition": partition, "next": offset, "revision": 0, "owner": []}
            await self._mongo.put(CHECKPOINTS, f"{name}/{topic}/{partition}", {"$setOnInsert": first})
        building: Row = {
            "generation": generation,
            "id": started.id,
            "topic": rebuild_topic(namespace, projection.name, generation),
            "phase": "replaying",
            "switch": started.switch,
            "upto": started.upto,
            "requestedBy": started.requested_by,
            "startedAt": _now(),
        }
        build = {
            "id": started.id,
            "generation": generation,
            "events": started.events,
            "startedAt": building["startedAt"],
        }
        change: Row = {"$set": {"building": building, "newest": generation, "live": known.live}}
        change["$push"] = {"builds": {"$each": [build], "$slice": -BUILDS_KEPT}}
        if known.building is not None:
            change["$push"]["retired"] = retirement(known.building.generation)
        await self._mongo.put(
            GENERATIONS, projection.name, {"$setOnInsert": {"live": known.live, "newest": known.newest}}
        )
        await self._change(projection.name, {"newest": known.newest}, change)

    async def follow(self, projection: str, building: Building) -> None:
        """All of history is in the documents: it goes on from the domain's topic."""
        where = {"building.generation": building.generation, "building.phase": "replaying"}
        await self._change(projection, where, {"$set": {"building.phase": "following", "building.replayedAt": _now()}})

    async def announce_switch(self, projection: str) -> None:
        """Every reader will soon ask which generation is live before it reads."""
        await self._mongo.put(GENERATIONS, projection, {"$set": {"switching": True}})

    async def calm(self, projection: str) -> None:
        """No switch is about to happen."""
        await self._mongo.put(GENERATIONS, projection, {"$unset": {"switching": "", "wish": ""}})

    def switched(self, projection: str, known: Generations, target: int) -> Update:
        """The write that makes `target` live, for a transaction. The generation before the last is retired."""
        where: Row = {"_id": projection, "live": known.live, "previous": known.previous}
        change: Row = {"$set": {"live": target, "previous": known.live, "switchedAt": _now()}}
        change["$unset"] = {"wish": ""}
        if known.building is not None and known.building.generation == target:
            change["$unset"]["building"] = ""
            if known.previous is not None:
                change["$push"] = {"retired": retirement(known.previous)}
        return Update(where, change)

    async def drop_retired(self, projection: Projection, known: Generations) -> list[int]:
        """Generations retired for long enough are gone, with all that was kept of them; says which."""
        dropped = []
        for each in known.retired:
            if time.time() - each["at"] < RETIRED_SECONDS:
                continue
            generation = each["generation"]
            name = generation_name(projection.name, generation)
            view = self._mongo.seen_as(collection_names(projection, generation))
            for collection in projection.collections:
                await view.drop(collection)
            for collection in (PARKED_STREAMS, PARKED_EVENTS):
                await self._mongo.delete(collection, {"projection": name})
            await self._mongo.delete(CHECKPOINTS, {"_id": {"$gt": f"{name}/", "$lt": f"{name}0"}})
            if generation != FIRST_GENERATION:  # the row of the first holds what operators wish of the projection
                await self._mongo.delete(PROJECTIONS, {"_id": name})
            await self._mongo.put(GENERATIONS, projection.name, {"$pull": {"retired": {"generation": generation}}})
            dropped.append(generation)
        return dropped

    async def _change(self, projection: str, where: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        await self._mongo.compare_and_set(GENERATIONS, [Update({"_id": projection, **where}, change)])


def retirement(generation: int) -> Row:
    return {"generation": generation, "at": time.time()}


def _now() -> str:
    return wire_time(datetime.now(UTC))
