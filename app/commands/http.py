"""Between HTTP and the pipeline: a request's headers to a pipeline request, its answer to a response, its errors to
problems. Command routes use `send` and nothing else of this package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from app.auth import Caller
from app.commands.answers import Answer, Replayed, fingerprint, make_answer
from app.commands.backlog import Backlog
from app.commands.committer import Overloaded
from app.commands.errors import BacklogFull, Contended, KeyInFlight, KeyReused, PreconditionFailed
from app.commands.pipeline import Commands, Decide, Target
from app.commands.pipeline import Request as CommandRequest
from app.door import DoorRequest
from app.problems import Handler, Problem, handler_of
from app.responses import Encoded
from app.store.errors import StoreUnavailable
from kernel.identifiers import new_traceparent

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG = re.compile(r'"(\d{1,18})"')
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

Body = Callable[[int], msgspec.Struct]
"""The version of the first stream after the command → the body of the answer."""


class CommandGate(msgspec.Struct, frozen=True):
    """What a command route needs."""

    commands: Commands
    backlog: Backlog


async def send(
    gate: CommandGate,
    request: DoorRequest,
    targets: Sequence[Target],
    decide: Decide,
    body: Body,
    *,
    status: int = 200,
    location: str | None = None,
) -> Response[Any]:
    """The response once the command is durable; a replayed one is byte for byte the first, and says so."""
    gate.backlog.check()
    answer = await gate.commands.handle(
        await _command_request(request),
        targets,
        decide,
        lambda versions: make_answer(status, body(versions[0][1]), versions, location),
    )
    if isinstance(answer, Replayed):
        return _respond(answer.answer, {"Idempotency-Replayed": "true"})
    return _respond(answer, {})


def caller_name(request: DoorRequest, claimed: str | None) -> str:
    """The caller's own name. Raises Problem 403 when the body claims another's."""
    caller: Caller = request.user
    if claimed is not None and claimed != caller.subject:
        raise Problem(403, "not-you", "a name in the body must be the caller's own")
    return caller.subject


def idempotency_key(request: DoorRequest) -> str | None:
    """The request's Idempotency-Key, or None. Raises Problem 400 for one that cannot be."""
    key = request.header(b"idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise Problem(400, "bad-idempotency-key", "Idempotency-Key must be 1 to 200 visible ASCII characters")
    return key


async def _command_request(request: DoorRequest) -> CommandRequest:
    caller: Caller = request.user
    traceparent = request.header(b"traceparent")
    if traceparent is None or not _TRACEPARENT.fullmatch(traceparent):
        traceparent = new_traceparent()
    return CommandRequest(
        caller.subject,
        idempotency_key(request),
        fingerprint(request.method, request.scope["path"], await request.body()),
        _if_match(request.header(b"if-match")),
        _correlation(request.header(b"x-correlation-id")),
        traceparent,
    )


def _if_match(value: str | None) -> int | None:
    if value is None or value == "*":
        return None
    found = _ETAG.fullmatch(value.strip())
    if found is None:
        raise Problem(400, "bad-if-match", 'If-Match must be one ETag as a command or a read answered it, like "3"')
    return int(found[1])


def _correlation(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        return str(UUID(value))
    except ValueError:
        raise Problem(400, "bad-correlation-id", "X-Correlation-Id must be a UUID") from None


def _respond(answer: Answer, extra: dict[str, str]) -> Response[Any]:
    return Encoded(bytes(answer.body), {**answer.headers, **extra}, answer.status)


def _retry(status: int, kind: str, detail: str, seconds: int = 1) -> Problem:
    return Problem(status, kind, detail, {"Retry-After": str(seconds)})


EXCEPTION_HANDLERS: dict[type[Exception], Handler] = {
    PreconditionFailed: handler_of(
        lambda error: Problem(412, "precondition-failed", str(error), version=error.actual, ifMatch=error.expected)
    ),
    KeyReused: handler_of(
        lambda error: Problem(
            422,
            "idempotency-key-reused",
            f"this Idempotency-Key belongs to another request: {error.field} differs",
            field=error.field,
        )
    ),
    KeyInFlight: handler_of(
        lambda _: _retry(409, "idempotency-key-in-flight", "the first request with this key is not answered yet")
    ),
    Contended: handler_of(lambda error: _retry(409, "contended", f"others kept writing {error} first; try again")),
    BacklogFull: handler_of(lambda error: _retry(503, "backlog-full", str(error), 5)),
    Overloaded: handler_of(lambda error: _retry(503, "overloaded", str(error))),
    StoreUnavailable: handler_of(
        lambda _: _retry(
            503,
            "outcome-unknown",
            "the store did not answer, so whether the command was stored is not known: send it again with the same"
            " Idempotency-Key",
        )
    ),
}
