"""GET /changes: which streams have moved on, as it happens; what they say now is read where it always is.

Nobody who comes back with the id of what they saw last misses or repeats a change; where that cannot be had they are
told to read anew. A caller hears the domains it has the scope `<domain>:read` for, and of what is somebody's only its
own.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter

from app.auth import Caller, requires_any
from app.problems import Problem, problem_responses
from app.queries.listener import Listener
from app.queries.reader import Queries
from app.queries.sse import EventStream
from app.routing import get

STREAM = r"^[a-z][a-z0-9_]{0,63}-[0-9A-Za-z._~-]{1,128}$"
CATEGORY = r"^[a-z][a-z0-9_]{0,63}$"


@get(
    "/changes",
    guards=[requires_any],
    media_type="text/event-stream",
    summary="Live changes, as server-sent events",
    tags=["changes"],
    security=[{"bearer": []}],
    responses=problem_responses(401, 403, 422, 429, 503),
)
async def changes_route(
    request: Request[Caller, Any, Any],
    queries: NamedDependency[Queries],
    stream: Annotated[str | None, QueryParameter(pattern=STREAM, description="Only this stream's changes")] = None,
    category: Annotated[str | None, QueryParameter(pattern=CATEGORY, description="Only streams of this kind")] = None,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", max_length=4_096, description="Resume behind this id")
    ] = None,
) -> EventStream:
    """Events: `ready` (connected), `changed` {stream, version, domain}, `reset` {reason} (read anew: changes were
    missed), `closed` {reason} (come back with the last id). Every `id` can be resumed from."""
    caller = request.user
    domains = frozenset(name for name in queries.feed.domains if {f"{name}:read", "admin"} & caller.scopes)
    if not domains:
        raise Problem(403, "missing-scope", "the token lacks the scope <domain>:read of every domain")
    return await queries.feed.listen(
        caller.subject,
        Listener(domains, stream, category, person=caller.subject),
        last_event_id,
        caller.expires - time.time(),
    )
