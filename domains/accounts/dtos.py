"""Accounts and statements as HTTP shows them."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["open", "closed"]
Kind = Literal["deposit", "withdrawal", "transfer-in", "transfer-out"]


class AccountDto(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    owner: str
    currency: str
    balance: int
    status: Status
    opened_at: str
    closed_at: str | None
    version: int


class AccountList(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `cursor` gets the next page, and is null on the last one."""

    accounts: list[AccountDto]
    cursor: str | None


class StatementLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry, and the balance with it. `occurredAt` is when it happened, `bookedAt` when it was taken in; lines
    stand in the order of `version`. `amount` is never negative: `kind` says whether it came or went."""

    version: int
    kind: Kind
    amount: int
    balance: int
    occurred_at: str
    booked_at: str
    reference: str | None
    by: str | None
    transfer_id: str | None
    other_account: str | None


class Statement(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Newest line first; `cursor` gets the next page, and is null on the last one."""

    account_id: str
    currency: str
    balance: int
    version: int
    lines: list[StatementLine]
    cursor: str | None
