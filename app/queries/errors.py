"""What can go wrong with a read, named for the condition; one table elsewhere turns these into RFC 9457 problems.

Every error carries all that its answer needs: `status`, `problem` (last part of the problem's type), `retry_after` in
seconds, and `fields` beside the detail.
"""

from __future__ import annotations

from typing import Any


class QueryError(Exception):
    """A read was not answered."""

    status = 500
    problem = "query-failed"
    retry_after: int | None = None

    def __init__(self, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = fields

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class ReadModelUnavailable(QueryError):
    """MongoDB cannot be reached or did not answer in time; writes go on meanwhile."""

    status = 503
    problem = "read-model-unavailable"
    retry_after = 2


class ProjectionBehind(QueryError):
    """The documents have not reached the versions of a Consistency-Token within the time the reader would wait."""

    status = 503
    problem = "projection-behind"
    retry_after = 1

    def __init__(self, waited_seconds: float, behind: list[dict[str, Any]]) -> None:
        names = ", ".join(f"{lag['stream']} is at {lag['reached']} of {lag['asked']}" for lag in behind)
        super().__init__(
            f"not yet readable after {waited_seconds:g} s: {names}", waitedSeconds=waited_seconds, behind=behind
        )


class BadToken(QueryError):
    """A Consistency-Token that no command ever answered."""

    status = 400
    problem = "bad-token"


class BadCursor(QueryError):
    """A cursor that is not one, was altered, or belongs to another list."""

    status = 400
    problem = "bad-cursor"


class TooManyListeners(QueryError):
    """This process, or this person, has as many open streams of changes as are allowed."""

    problem = "too-many-listeners"
    retry_after = 5

    def __init__(self, status: int, detail: str, limit: int) -> None:
        super().__init__(detail, limit=limit)
        self.status = status
