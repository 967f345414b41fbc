"""The history of any aggregate over HTTP: as of an instant, between two, and what differs.

The guard is a scope of its own, `history:read`, for auditors: states and events hold everybody's data, and which of it
is whose only a domain knows. What its own people may see of its history is for the domain's own routes.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from app.auth import requires
from app.history.answers import AggregateDiff, AggregateThen, EventsBetween
from app.history.instants import VERSION_LIMIT, beginning, instant
from app.history.travel import TimeTravel
from app.problems import READ_PROBLEMS
from app.routing import get

SCOPE = "history:read"
READ: dict[str, Any] = {
    "guards": [requires(SCOPE)],
    "responses": READ_PROBLEMS,
    "tags": ["history"],
    "security": [{"bearer": [SCOPE]}],
}

Version = Annotated[int | None, QueryParameter(ge=0, lt=VERSION_LIMIT, description="After this version")]
Limit = Annotated[int, QueryParameter(ge=1, le=500, description="Events on a page")]


def when(name: str, what: str) -> Any:
    return QueryParameter(name=name, description=f"{what}: a date means its end in UTC, a time carries its offset")


@get("/history/{category:str}/{identifier:str}", summary="An aggregate as it was at a version or a time", **READ)
async def aggregate_then(
    travel: NamedDependency[TimeTravel],
    category: FromPath[str],
    identifier: FromPath[str],
    version: Version = None,
    as_of: Annotated[str | None, when("as_of", "What had happened then")] = None,
    as_known_at: Annotated[str | None, when("as_known_at", "What we knew then")] = None,
) -> AggregateThen:
    return await travel.then(category, identifier, instant(version, as_of, as_known_at))


@get("/history/{category:str}/{identifier:str}/events", summary="An aggregate's events between two instants", **READ)
async def aggregate_events(
    travel: NamedDependency[TimeTravel],
    category: FromPath[str],
    identifier: FromPath[str],
    from_version: Version = None,
    from_as_of: Annotated[str | None, when("from_as_of", "From what had happened then")] = None,
    from_as_known_at: Annotated[str | None, when("from_as_known_at", "From what we knew then")] = None,
    to_version: Version = None,
    to_as_of: Annotated[str | None, when("to_as_of", "To what had happened then")] = None,
    to_as_known_at: Annotated[str | None, when("to_as_known_at", "To what we knew then")] = None,
    after: Annotated[int, QueryParameter(ge=0, lt=VERSION_LIMIT, description="Only versions above this")] = 0,
    limit: Limit = 100,
) -> EventsBetween:
    start = beginning(instant(from_version, from_as_of, from_as_known_at, "from_"))
    end = instant(to_version, to_as_of, to_as_known_at, "to_")
    return await travel.between(category, identifier, start, end, after, limit)


@get(
    "/history/{category:str}/{identifier:str}/diff", summary="What differs between two instants of an aggregate", **READ
)
async def aggregate_diff(
    travel: NamedDependency[TimeTravel],
    category: FromPath[str],
    identifier: FromPath[str],
    from_version: Version = None,
    from_as_of: Annotated[str | None, when("from_as_of", "From what had happened then")] = None,
    from_as_known_at: Annotated[str | None, when("from_as_known_at", "From what we knew then")] = None,
    to_version: Version = None,
    to_as_of: Annotated[str | None, when("to_as_of", "To what had happened then")] = None,
    to_as_known_at: Annotated[str | None, when("to_as_known_at", "To what we knew then")] = None,
    limit: Limit = 100,
) -> AggregateDiff:
    start = beginning(instant(from_version, from_as_of, from_as_known_at, "from_"))
    end = instant(to_version, to_as_of, to_as_known_at, "to_")
    return await travel.diff(category, identifier, start, end, limit)


ROUTES = [aggregate_then, aggregate_events, aggregate_diff]
