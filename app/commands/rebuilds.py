"""Asking for a read model to be rebuilt: a row that a relay finds. One rebuild of a projection is under way at a time.

What becomes of it is told by the query side (app/queries/rebuilds.py), where the documents are.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.auth import requires
from app.door import DoorRequest
from app.problems import Problem, problem_responses
from app.routing import post
from app.store.pool import Pool, connection_of
from kernel.identifiers import uuid7

REQUEST = """
    INSERT INTO rebuilds (id, projection, generation, requested_by, switch)
    SELECT $1, $2, coalesce(max(generation), 1) + 1, $3, $4 FROM rebuilds WHERE projection = $2
    ON CONFLICT DO NOTHING
    RETURNING id, generation
"""
UNDER_WAY = "SELECT id, generation FROM rebuilds WHERE projection = $1 AND state IN ('requested', 'replaying')"

ADMIN: dict[str, Any] = {
    "guards": [requires("admin")],
    "responses": problem_responses(400, 401, 403, 404, 413, 422, 503),
    "tags": ["operations"],
    "security": [{"bearer": ["admin"]}],
    "status_code": 202,
}


class RebuildWish(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """`switch`: readers are switched to it once it has caught up; else an operator compares first and switches."""

    projection: str
    switch: bool = False


class RebuildRequested(msgspec.Struct, rename="camel"):
    """The rebuild that is under way now: this one, or the one that was asked for before."""

    id: str
    projection: str
    generation: int


class RebuildRequests:
    """Takes requests for the projections that there are."""

    def __init__(self, pool: Pool, projections: frozenset[str]) -> None:
        self._pool, self._projections = pool, projections

    async def request(self, projection: str, by: str, *, switch: bool) -> Response[RebuildRequested]:
        """202 with the rebuild's place once the request is durable. Raises Problem 404, StoreUnavailable."""
        if projection not in self._projections:
            there = ", ".join(sorted(self._projections))
            raise Problem(404, "projection-not-found", f"there is no projection {projection}; there is: {there}")
        async with connection_of(self._pool) as connection:
            row = None
            while row is None:  # one that was under way may end between the two
                row = await connection.fetchrow(REQUEST, UUID(uuid7()), projection, by, switch)
                row = row or await connection.fetchrow(UNDER_WAY, projection)
        body = RebuildRequested(str(row["id"]), projection, row["generation"])
        return Response(body, status_code=202, headers={"Location": f"/api/v1/rebuilds/{row['id']}"})


@post("/rebuilds", summary="Build a projection's documents anew, beside the live ones", **ADMIN)
async def request_rebuild(
    request: DoorRequest, rebuilds: NamedDependency[RebuildRequests], data: JSONBody[RebuildWish]
) -> Response[RebuildRequested]:
    return await rebuilds.request(data.projection, request.user.subject, switch=data.switch)
