"""An account as of a time: what its entries of until then, or those known until then, add up to. Pure.

An entry that was recorded late may have happened before others that stand in front of it, before the account was
opened here, even; sums do not mind. So an account as of a time may show less than zero, where a withdrawal of an
earlier day was recorded later than the money it took: the rule holds for what was known, at every version.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from domains.accounts.events import AccountClosed, AccountEvent, AccountOpened, MoneyDeposited, TransferReceived


class Then(msgspec.Struct, frozen=True):
    """`version`: the latest event that counts; 0: none does, there was no account then. `entries`: how many do."""

    balance: int = 0
    status: Literal["open", "closed"] = "open"
    version: int = 0
    entries: int = 0


def counted(then: Then, version: int, event: AccountEvent) -> Then:
    """The account with one event more that counts."""
    match event:
        case AccountOpened():
            return msgspec.structs.replace(then, version=version)
        case AccountClosed():
            return msgspec.structs.replace(then, version=version, status="closed")
        case MoneyDeposited() | TransferReceived():
            change = event.amount
        case _:
            change = -event.amount
    return Then(then.balance + change, then.status, version, then.entries + 1)
