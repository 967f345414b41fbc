"""What a question about the past takes, and how OpenAPI describes it."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.history.reader import HistoryReader
from app.problems import READ_PROBLEMS
from app.routing import guarded

History: TypeAlias = NamedDependency[HistoryReader]
Version: TypeAlias = Annotated[int | None, QueryParameter(ge=1, lt=2**62, description="As it was at this version")]
AsOf: TypeAlias = Annotated[str | None, QueryParameter(name="as_of", description="When it had happened")]
AsKnownAt: TypeAlias = Annotated[str | None, QueryParameter(name="as_known_at", description="When we knew")]


def reads(domain: str) -> dict[str, Any]:
    """The options of a domain's history routes: the scope `<domain>:read`, and the errors of every read."""
    return guarded(f"{domain}:read", READ_PROBLEMS)
