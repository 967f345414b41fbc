"""What every read takes, and how OpenAPI describes it: the query side, the token, tags, pages. What a route does with
them is the domain's.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter

from app.auth import Caller
from app.problems import READ_PROBLEMS
from app.queries.answers import NOT_MODIFIED
from app.queries.cursors import MAX_LIMIT
from app.queries.reader import Queries
from app.routing import guarded

Reads: TypeAlias = NamedDependency[Queries]
Reading: TypeAlias = Request[Caller, Any, Any]
Token: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="Consistency-Token", max_length=8_192, description="Show no state older than a command's answer"
    ),
]
Prefer: TypeAlias = Annotated[
    str | None, HeaderParameter(name="Prefer", max_length=256, description="`wait=<seconds>`: how long to wait for it")
]
IfNoneMatch: TypeAlias = Annotated[
    str | None, HeaderParameter(name="If-None-Match", max_length=8_192, description="304 if this is what there is")
]
Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Entries on a page")]
Cursor: TypeAlias = Annotated[str | None, QueryParameter(max_length=1_024, description="From the page before")]


def reads(domain: str) -> dict[str, Any]:
    """The options of a domain's query routes: the scope `<domain>:read`, and the errors of every read."""
    return guarded(f"{domain}:read", {304: NOT_MODIFIED, **READ_PROBLEMS})
