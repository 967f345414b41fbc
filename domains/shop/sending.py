"""What the shop's command routes have in common: their bodies' manners, when something happened, and how to send.

When a command says `occurredAt` it tells of the past, which only an import may: it needs the scope `import` beside
`shop:write`. All others happen now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Response

from app.auth import Caller, requires
from app.commands import http
from app.commands.description import BodilessOperation, CommandOperation
from app.commands.http import CommandGate, send
from app.commands.pipeline import Decide, Target
from app.door import DoorRequest
from app.problems import COMMAND_PROBLEMS, Problem
from domains.shop.rules import BadField

WRITE: dict[str, Any] = {
    "guards": [requires("shop:write")],
    "responses": COMMAND_PROBLEMS,
    "security": [{"bearer": ["shop:write"]}],
    "operation_class": CommandOperation,
}
STEP = WRITE | {"status_code": 200}
BARE_STEP = STEP | {"operation_class": BodilessOperation}

Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
EARLIEST = datetime(1900, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What every body has in common: camelCase, no field that nobody reads, and when it happened if not now."""

    occurred_at: Moment | None = None


class Bare(Body, frozen=True, kw_only=True):
    """The body of a command that needs none; it may say when it happened."""


class ShopChanged(msgspec.Struct, rename="camel"):
    """What was commanded, and its version afterwards; unchanged where the command changed nothing."""

    id: str
    version: int


class When(msgspec.Struct, frozen=True):
    """When a command happened: as its body says, else now."""

    said: datetime | None

    def at(self, now: datetime) -> datetime:
        """Raises BadField for a time that has not come."""
        if self.said is None:
            return now
        if self.said > now:
            raise BadField("occurredAt lies in the future", field="occurredAt")
        return self.said


def when(request: DoorRequest, body: Body | None) -> When:
    """When the command happened. Raises Problem 403 where the caller may not tell of the past."""
    if body is None or body.occurred_at is None:
        return When(None)
    caller: Caller = request.user
    if not caller.scopes & {"import", "admin"}:
        raise Problem(403, "missing-scope", "occurredAt needs the scope import", scope="import")
    return When(utc("occurredAt", body.occurred_at))


def utc(field: str, moment: datetime) -> datetime:
    """The moment in UTC. Raises BadField for one that no calendar of ours holds."""
    if not EARLIEST <= moment <= LATEST:
        raise BadField(f"{field} must be from the year 1900 on", field=field)
    return moment.astimezone(UTC)


async def send_changed(
    gate: CommandGate,
    request: DoorRequest,
    identifier: str,
    targets: Sequence[Target],
    decide: Decide,
    location: str | None = None,
) -> Response[ShopChanged]:
    """The command's answer: {id, version}, with 201 where it made something at `location`."""
    return await send(
        gate,
        request,
        targets,
        decide,
        lambda version: ShopChanged(identifier, version),
        status=201 if location else 200,
        location=location,
    )


def new_id(request: DoorRequest, given: object | None, route: str) -> str:
    """The id of something new: the client's, or derived from its Idempotency-Key, so a retry meets its first try."""
    return http.new_id(request, request.user.subject, f"shop/{route}") if given is None else str(given)
