"""The stored facts of an account. Money is integers in minor units, never negative: the kind of event says the way.

`booked_at` is when an entry was taken in; `occurred_at` is when it happened, where that was told: an old entry that is
recorded late stands where it was recorded, and as-of questions find it where it happened.
"""

from __future__ import annotations

from datetime import datetime

from kernel.events import Event, Upcaster


class AccountOpened(Event, frozen=True, kw_only=True):
    owner: str
    currency: str
    booked_at: datetime


class _Entry(Event, frozen=True, kw_only=True):
    """Money that came or went."""

    amount: int
    booked_at: datetime
    occurred_at: datetime | None
    reference: str | None

    def occurred(self, recorded: datetime) -> datetime:
        return self.occurred_at or recorded


class MoneyDeposited(_Entry, frozen=True, kw_only=True):
    by: str
    """Who paid in: anyone may."""


class MoneyWithdrawn(_Entry, frozen=True, kw_only=True):
    pass


class TransferSent(_Entry, frozen=True, kw_only=True):
    transfer_id: str
    to_account: str


class TransferReceived(_Entry, frozen=True, kw_only=True):
    transfer_id: str
    from_account: str


class AccountClosed(Event, frozen=True, kw_only=True):
    booked_at: datetime


Entry = MoneyDeposited | MoneyWithdrawn | TransferSent | TransferReceived
AccountEvent = AccountOpened | Entry | AccountClosed

EVENT_TYPES: dict[str, tuple[type[Event], int]] = {
    "AccountOpened": (AccountOpened, 1),
    "MoneyDeposited": (MoneyDeposited, 1),
    "MoneyWithdrawn": (MoneyWithdrawn, 1),
    "TransferSent": (TransferSent, 1),
    "TransferReceived": (TransferReceived, 1),
    "AccountClosed": (AccountClosed, 1),
}

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
