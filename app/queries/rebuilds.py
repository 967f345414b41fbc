"""GET /rebuilds/{id}: how far a rebuild has got, from the projector's own registry."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter

from app.auth import requires
from app.problems import Problem, problem_responses
from app.queries.consistency import parse_wait
from app.queries.documents import Documents
from app.queries.mongo import Document, Mongo
from app.routing import get
from kernel.projection import GENERATIONS, Projection, generation_name

CHECKPOINTS = "projector_checkpoints"
_PAUSE_SECONDS = 0.1


class RebuildStatus(msgspec.Struct, rename="camel"):
    """`state`: replaying (history is folded), following (caught up with history, kept up to date, not read yet), live,
    previous (kept for switching back), or retired (given up or dropped). `projected` of `events` while replaying."""

    id: str
    projection: str
    generation: int
    state: str
    events: int
    projected: int
    started_at: str
    switched_at: str | None


class RebuildsSeen:
    """Reads the registry of generations."""

    def __init__(self, mongo: Mongo, projections: Sequence[Projection]) -> None:
        self._documents = Documents(mongo)
        self._names = [projection.name for projection in projections]
        self._mongo = mongo

    async def find(self, identifier: str, wait_seconds: float) -> RebuildStatus | None:
        """The rebuild, as soon as a projector has seen it. Raises ReadModelUnavailable."""
        now = asyncio.get_running_loop().time
        deadline = now() + wait_seconds
        while True:
            rows = await self._documents.get_many(GENERATIONS, self._names)
            for row in rows.values():
                for build in row.get("builds", []):
                    if build["id"] == identifier:
                        return await self._status(row, build)
            if now() >= deadline:
                return None
            await asyncio.sleep(min(_PAUSE_SECONDS, max(0.0, deadline - now())))

    async def close(self) -> None:
        await self._documents.close()

    async def _status(self, row: Document, build: Mapping[str, Any]) -> RebuildStatus:
        generation = build["generation"]
        building = row.get("building") or {}
        projected = build["events"]
        if row.get("live") == generation:
            state = "live"
        elif row.get("previous") == generation:
            state = "previous"
        elif building.get("generation") != generation:
            state = "retired"
        else:
            state = building["phase"]
            if state == "replaying":
                projected = min(projected, await self._projected(row["_id"], generation, building["topic"]))
        return RebuildStatus(
            id=build["id"],
            projection=row["_id"],
            generation=generation,
            state=state,
            events=build["events"],
            projected=projected,
            started_at=build["startedAt"],
            switched_at=row.get("switchedAt") if state in ("live", "previous") else None,
        )

    async def _projected(self, projection: str, generation: int, topic: str) -> int:
        prefix = f"{generation_name(projection, generation)}/{topic}/"
        where = {"_id": {"$gt": prefix, "$lt": f"{prefix[:-1]}0"}}
        rows = await self._mongo.find_page(CHECKPOINTS, where, [("_id", 1)], 10_000)
        total: int = sum(row["next"] for row in rows)
        return max(0, total - 1)  # the first record of partition 0 is no event


@get(
    "/rebuilds/{rebuild_id:uuid}",
    guards=[requires("admin")],
    summary="How far a rebuild has got",
    tags=["operations"],
    security=[{"bearer": ["admin"]}],
    responses=problem_responses(401, 403, 404, 422, 503),
)
async def rebuild_status(
    seen: NamedDependency[RebuildsSeen],
    rebuild_id: FromPath[UUID],
    prefer: Annotated[str | None, HeaderParameter(name="Prefer", max_length=256)] = None,
) -> RebuildStatus:
    """With `Prefer: wait=…` it waits for a projector to have seen the rebuild."""
    found = await seen.find(str(rebuild_id), parse_wait(prefer))
    if found is None:
        raise Problem(
            404, "rebuild-not-seen", "no projector has seen this rebuild yet: try again", {"Retry-After": "1"}
        )
    return found
