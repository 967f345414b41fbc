"""Every error as an RFC 9457 problem: one table from what went wrong to what HTTP says; routes hold no `try`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import ClientException, HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec

from kernel.aggregate import DomainError
from kernel.telemetry import get_logger

log = get_logger("http")

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "/problems/"


class ProblemDetails(msgspec.Struct, rename="camel"):
    """RFC 9457. `type` is stable; further members say more about this occurrence."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None


class Problem(Exception):
    """An error that knows how HTTP says it. `type` is the last part of the problem's; fields are further members."""

    def __init__(
        self, status: int, type: str, detail: str, headers: dict[str, str] | None = None, **fields: Any
    ) -> None:
        super().__init__(detail)
        self.status, self.type, self.detail = status, type, detail
        self.headers, self.fields = headers or {}, fields


Handler = Callable[[Request[Any, Any, State], Any], Response[bytes]]

_encode = msgspec.json.Encoder().encode


def problem_response(request: Request[Any, Any, State], problem: Problem) -> Response[bytes]:
    body = {
        "type": TYPE_PREFIX + problem.type,
        "title": problem.type.replace("-", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        **problem.fields,
    }
    return Response(_encode(body), status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers)


def from_domain(error: DomainError) -> Problem:
    return Problem(error.status, error.problem, str(error), **error.fields)


def from_litestar(error: HTTPException) -> Problem:
    """What the framework refuses: bad parameters and bodies, unknown paths and methods, bodies too large."""
    if isinstance(error, ValidationException):
        errors = error.extra if isinstance(error.extra, list) else []
        malformed = error.detail.startswith("Malformed") or any("JSON" in str(one) for one in errors)
        status = 400 if malformed else 422
        return Problem(status, "malformed-json" if malformed else "invalid-request", error.detail, errors=errors)
    types = {400: "invalid-request", 401: "unauthenticated", 403: "forbidden", 404: "not-found"}
    types |= {405: "method-not-allowed", 413: "body-too-large", 415: "unsupported-media-type"}
    detail = error.detail if isinstance(error, ClientException) or error.status_code < 500 else "an error of ours"
    kind = types.get(error.status_code, "error")
    return Problem(error.status_code, kind, detail, dict(error.headers or {}))


def unexpected(request: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    """A bug: logged with its place, told without it."""
    log.error("request failed", exc_info=error, method=request.method, route=request.scope.get("path_template"))
    return problem_response(request, Problem(500, "internal-error", "an error of ours; it has been logged"))


def handler_of(translate: Callable[[Any], Problem]) -> Handler:
    return lambda request, error: problem_response(request, translate(error))


EXCEPTION_HANDLERS: dict[type[Exception], Handler] = {
    Problem: problem_response,
    DomainError: handler_of(from_domain),
    HTTPException: handler_of(from_litestar),
    Exception: unexpected,
}
"""What every role needs; the command side and the query side add their own."""


_DESCRIPTIONS = {
    400: "Malformed: JSON, token, cursor or header",
    401: "No valid bearer token",
    403: "Not allowed to this caller",
    404: "There is none",
    409: "In the way: the same key in flight, or others kept writing first",
    412: "If-Match names another version",
    413: "The body is too large",
    422: "Understood and refused; the detail says why",
    429: "Too many",
    503: "Not now: try again after Retry-After; with the same Idempotency-Key a command is never done twice",
}


def problem_responses(*statuses: int) -> dict[int, ResponseSpec]:
    """OpenAPI entries for these statuses as problems."""
    return {
        status: ResponseSpec(
            ProblemDetails, description=_DESCRIPTIONS[status], media_type=MEDIA_TYPE, generate_examples=False
        )
        for status in statuses
    }


COMMAND_PROBLEMS = problem_responses(400, 401, 403, 404, 409, 412, 413, 422, 503)
READ_PROBLEMS = problem_responses(400, 401, 403, 404, 422, 503)
