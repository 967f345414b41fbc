"""The commands of accounts over HTTP: bodies in, commands out, versions back. Translates and nothing more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.auth import requires
from app.commands.description import BodilessOperation, CommandOperation
from app.commands.http import CommandGate, caller_name, new_id, send
from app.commands.pipeline import Target
from app.door import DoorRequest
from app.problems import COMMAND_PROBLEMS
from app.routing import post
from domains.accounts import account as rules
from domains.accounts.account import ACCOUNT, MAX_MONEY, REFERENCE_LIMIT

WRITE: dict[str, Any] = {
    "guards": [requires("accounts:write")],
    "responses": COMMAND_PROBLEMS,
    "tags": ["accounts"],
    "security": [{"bearer": ["accounts:write"]}],
    "operation_class": CommandOperation,
}
CHANGE = WRITE | {"status_code": 200}

Amount = Annotated[int, msgspec.Meta(gt=0, le=MAX_MONEY, description="Minor units: cents")]
OccurredAt = Annotated[
    datetime, msgspec.Meta(tz=True, description="When it happened, if that is in the past; needs the scope import")
]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=REFERENCE_LIMIT)]


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What every body has in common: camelCase, and no field that nobody reads."""


class NewAccount(Body, frozen=True, kw_only=True):
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", description="ISO 4217")]
    owner: str | None = None
    id: UUID | None = None


class NewEntry(Body, frozen=True, kw_only=True):
    amount: Amount
    occurred_at: OccurredAt | None = None
    reference: Reference | None = None


class NewTransfer(Body, frozen=True, kw_only=True):
    source: UUID = msgspec.field(name="from")
    target: UUID = msgspec.field(name="to")
    amount: Amount
    occurred_at: OccurredAt | None = None
    reference: Reference | None = None


class Closing(Body, frozen=True, kw_only=True):
    payout_to: UUID | None = None


class Opened(msgspec.Struct):
    id: str
    version: int


class Changed(msgspec.Struct):
    """The account's version after the command."""

    id: str
    version: int


class Transferred(msgspec.Struct):
    """The transfer's own id, which both accounts' entries carry, and the paying account's version."""

    id: str
    version: int


@post("/accounts", summary="Open an account", **WRITE)
async def open_account(
    request: DoorRequest, gate: NamedDependency[CommandGate], data: JSONBody[NewAccount]
) -> Response[Opened]:
    owner = caller_name(request, data.owner)
    account_id = str(data.id or new_id(request, request.user.subject, "accounts"))
    command = rules.OpenAccount(account_id=account_id, owner=owner, currency=data.currency)
    return await send(
        gate,
        request,
        [Target(ACCOUNT, ACCOUNT.stream(account_id), new=True)],
        lambda state, now: [rules.open_account(cast(rules.Account, state), command, now)],
        lambda version: Opened(account_id, version),
        status=201,
        location=f"/api/v1/accounts/{account_id}",
    )


@post("/accounts/{account_id:uuid}/deposits", summary="Pay in; anyone may", **CHANGE)
async def deposit(
    request: DoorRequest, gate: NamedDependency[CommandGate], account_id: FromPath[UUID], data: JSONBody[NewEntry]
) -> Response[Changed]:
    command = rules.Deposit(account_id=str(account_id), **_movement(request, data))
    return await send(
        gate,
        request,
        [Target(ACCOUNT, ACCOUNT.stream(account_id))],
        lambda state, now: [rules.deposit(state, command, now)],
        lambda version: Changed(str(account_id), version),
    )


@post("/accounts/{account_id:uuid}/withdrawals", summary="Take out; the owner only", **CHANGE)
async def withdraw(
    request: DoorRequest, gate: NamedDependency[CommandGate], account_id: FromPath[UUID], data: JSONBody[NewEntry]
) -> Response[Changed]:
    command = rules.Withdraw(account_id=str(account_id), **_movement(request, data))
    return await send(
        gate,
        request,
        [Target(ACCOUNT, ACCOUNT.stream(account_id))],
        lambda state, now: [rules.withdraw(state, command, now)],
        lambda version: Changed(str(account_id), version),
    )


@post("/transfers", summary="From one's own account to any other, in one commit", **CHANGE)
async def transfer(
    request: DoorRequest, gate: NamedDependency[CommandGate], data: JSONBody[NewTransfer]
) -> Response[Transferred]:
    transfer_id, source, target = new_id(request, request.user.subject, "transfers"), str(data.source), str(data.target)
    rules.refuse_same(source, target)
    command = rules.Transfer(
        transfer_id=transfer_id, from_account=source, to_account=target, **_movement(request, data)
    )  # fmt: skip
    return await send(
        gate,
        request,
        [Target(ACCOUNT, ACCOUNT.stream(source)), Target(ACCOUNT, ACCOUNT.stream(target))],
        lambda one, other, now: rules.transfer(one, other, command, now),
        lambda version: Transferred(transfer_id, version),
    )


@post(
    "/accounts/{account_id:uuid}/close",
    summary="Close an account that is empty, or whose rest goes to another; the owner only",
    **CHANGE | {"operation_class": BodilessOperation},
)
async def close(
    request: DoorRequest,
    gate: NamedDependency[CommandGate],
    account_id: FromPath[UUID],
    data: JSONBody[Closing | None] = None,
) -> Response[Changed]:
    payee = None if data is None or data.payout_to is None else str(data.payout_to)
    command = rules.Close(
        account_id=str(account_id),
        by=request.user.subject,
        payout_to=payee,
        transfer_id=new_id(request, request.user.subject, "transfers"),
    )
    targets = [Target(ACCOUNT, ACCOUNT.stream(account_id))]
    if payee is None:
        return await send(
            gate, request, targets, lambda state, now: [rules.close(state, command, now)], _closed(account_id)
        )
    rules.refuse_same(str(account_id), payee)
    return await send(
        gate,
        request,
        [*targets, Target(ACCOUNT, ACCOUNT.stream(payee))],
        lambda state, other, now: rules.close_and_pay_out(state, other, command, now),
        _closed(account_id),
    )


COMMAND_ROUTES = [open_account, deposit, withdraw, transfer, close]


def _closed(account_id: UUID) -> Any:
    return lambda version: Changed(str(account_id), version)


def _movement(request: DoorRequest, data: NewEntry | NewTransfer) -> dict[str, Any]:
    caller = request.user
    return {
        "by": caller.subject,
        "amount": data.amount,
        "occurred_at": data.occurred_at,
        "reference": data.reference,
        "may_backdate": not {"import", "admin"}.isdisjoint(caller.scopes),
    }
