"""What the topic of accounts says to everyone, and the mapping from what is stored: one for one, versioned, public.

When an entry happened is the record's own time (ce_time); `booked_at` is when it was taken in.
"""

from __future__ import annotations

from typing import assert_never

from domains.accounts import events
from kernel.events import Published, wire_time


class AccountOpenedV1(Published, frozen=True, kw_only=True):
    account_id: str
    owner: str
    currency: str
    booked_at: str


class MoneyDepositedV1(Published, frozen=True, kw_only=True):
    account_id: str
    amount: int
    by: str
    reference: str | None
    booked_at: str


class MoneyWithdrawnV1(Published, frozen=True, kw_only=True):
    account_id: str
    amount: int
    reference: str | None
    booked_at: str


class TransferSentV1(Published, frozen=True, kw_only=True):
    account_id: str
    transfer_id: str
    to_account: str
    amount: int
    reference: str | None
    booked_at: str


class TransferReceivedV1(Published, frozen=True, kw_only=True):
    account_id: str
    transfer_id: str
    from_account: str
    amount: int
    reference: str | None
    booked_at: str


class AccountClosedV1(Published, frozen=True, kw_only=True):
    account_id: str
    booked_at: str


PublishedAccountEvent = (
    AccountOpenedV1 | MoneyDepositedV1 | MoneyWithdrawnV1 | TransferSentV1 | TransferReceivedV1 | AccountClosedV1
)

PUBLISHED_TYPES: dict[str, type[Published]] = {
    "accounts.AccountOpened.v1": AccountOpenedV1,
    "accounts.MoneyDeposited.v1": MoneyDepositedV1,
    "accounts.MoneyWithdrawn.v1": MoneyWithdrawnV1,
    "accounts.TransferSent.v1": TransferSentV1,
    "accounts.TransferReceived.v1": TransferReceivedV1,
    "accounts.AccountClosed.v1": AccountClosedV1,
}


def publish(stream: str, event: events.AccountEvent) -> PublishedAccountEvent:
    """The one published event of a stored one."""
    account_id, booked = stream.removeprefix("account-"), wire_time(event.booked_at)
    match event:
        case events.AccountOpened(owner=owner, currency=currency):
            return AccountOpenedV1(account_id=account_id, owner=owner, currency=currency, booked_at=booked)
        case events.MoneyDeposited(amount=amount, by=by, reference=reference):
            return MoneyDepositedV1(
                account_id=account_id, amount=amount, by=by, reference=reference, booked_at=booked
            )  # fmt: skip
        case events.MoneyWithdrawn(amount=amount, reference=reference):
            return MoneyWithdrawnV1(account_id=account_id, amount=amount, reference=reference, booked_at=booked)
        case events.TransferSent(transfer_id=transfer_id, to_account=to, amount=amount, reference=reference):
            return TransferSentV1(
                account_id=account_id, transfer_id=transfer_id, to_account=to, amount=amount, reference=reference,
                booked_at=booked,
            )  # fmt: skip
        case events.TransferReceived(transfer_id=transfer_id, from_account=sender, amount=amount, reference=reference):
            return TransferReceivedV1(
                account_id=account_id, transfer_id=transfer_id, from_account=sender, amount=amount,
                reference=reference, booked_at=booked,
            )  # fmt: skip
        case events.AccountClosed():
            return AccountClosedV1(account_id=account_id, booked_at=booked)
        case _:
            assert_never(event)
