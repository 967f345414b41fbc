"""An account as its rules see it: state, evolve, and what each command leads to. Pure.

Money is never below zero, never beyond 64 bits and never lost: what a transfer takes from one account it gives another
in the same commit. Only the owner acts on an account, and to everyone else it does not exist, save to be paid into.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never

import msgspec

from domains.accounts.currencies import CURRENCIES
from domains.accounts.events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    MoneyDeposited,
    MoneyWithdrawn,
    TransferReceived,
    TransferSent,
)
from domains.accounts.refusals import (
    AccountIsClosed,
    AccountNotFound,
    AlreadyExists,
    BackdatingNotAllowed,
    BadAmount,
    BadMoment,
    BadReference,
    BalanceNotZero,
    BalanceTooLarge,
    CurrencyMismatch,
    InsufficientFunds,
    SameAccount,
    UnknownCurrency,
)
from kernel.aggregate import Aggregate, Claim, Decision

MAX_MONEY = 2**63 - 1
"""What PostgreSQL, MongoDB and everybody's 64-bit integers hold."""
REFERENCE_LIMIT = 200
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


class Account(msgspec.Struct, frozen=True):
    owner: str = ""
    currency: str = ""
    balance: int = 0
    is_open: bool = False
    is_closed: bool = False


def evolve(account: Account, event: AccountEvent) -> Account:
    match event:
        case AccountOpened(owner=owner, currency=currency):
            return Account(owner=owner, currency=currency, is_open=True)
        case MoneyDeposited(amount=amount) | TransferReceived(amount=amount):
            return msgspec.structs.replace(account, balance=account.balance + amount)
        case MoneyWithdrawn(amount=amount) | TransferSent(amount=amount):
            return msgspec.structs.replace(account, balance=account.balance - amount)
        case AccountClosed():
            return msgspec.structs.replace(account, is_open=False, is_closed=True)
        case _:
            assert_never(event)


ACCOUNT = Aggregate(
    category="account",
    domain="accounts",
    initial=Account(),
    evolve=evolve,
    state_type=Account,
    closed_by=frozenset({"AccountClosed"}),
)


class OpenAccount(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    owner: str
    currency: str


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """What all movements of money say. `occurred_at` in the past needs `may_backdate`."""

    by: str
    amount: int
    occurred_at: datetime | None = None
    reference: str | None = None
    may_backdate: bool = False


class Deposit(Movement, frozen=True, kw_only=True):
    account_id: str


class Withdraw(Movement, frozen=True, kw_only=True):
    account_id: str


class Transfer(Movement, frozen=True, kw_only=True):
    transfer_id: str
    from_account: str
    to_account: str


class Close(msgspec.Struct, frozen=True, kw_only=True):
    """`transfer_id` is for what is paid out to the account `payout_to`."""

    account_id: str
    by: str
    payout_to: str | None = None
    transfer_id: str = ""


def open_account(account: Account, command: OpenAccount, now: datetime) -> Decision:
    """The account is its owner's from now on, and so is the claim by which an owner's accounts are found."""
    if account.is_open or account.is_closed:
        raise AlreadyExists(f"there is an account {command.account_id} already")
    if command.currency not in CURRENCIES:
        raise UnknownCurrency("the currency must be one of ISO 4217, like EUR")
    opened = AccountOpened(owner=command.owner, currency=command.currency, booked_at=now)
    owned = Claim("take", owned_by(command.owner), command.account_id, command.owner)
    return Decision((opened,), (owned,))


def owned_by(owner: str) -> str:
    """The scope of the claims whose values are this person's accounts."""
    return f"accounts-of/{owner}"


def deposit(account: Account, command: Deposit, now: datetime) -> Decision:
    _can_receive(account, command.account_id, command.amount)
    occurred = _occurred(command, now)
    return Decision(
        (
            MoneyDeposited(
                amount=command.amount, by=command.by, reference=_reference(command), booked_at=now, occurred_at=occurred
            ),
        )
    )


def withdraw(account: Account, command: Withdraw, now: datetime) -> Decision:
    _can_pay(account, command.account_id, command.by, command.amount)
    occurred = _occurred(command, now)
    return Decision(
        (
            MoneyWithdrawn(
                amount=command.amount, reference=_reference(command), booked_at=now, occurred_at=occurred
            ),
        )
    )  # fmt: skip


def transfer(source: Account, target: Account, command: Transfer, now: datetime) -> tuple[Decision, Decision]:
    """What leaves the one account arrives at the other, both or neither."""
    refuse_same(command.from_account, command.to_account)
    _can_pay(source, command.from_account, command.by, command.amount)
    _can_receive(target, command.to_account, command.amount)
    _same_currency(source, target)
    return _moved(command, _reference(command), _occurred(command, now), now)


def close(account: Account, command: Close, now: datetime) -> Decision:
    """Closed, with nothing in it."""
    _of_owner(account, command.account_id, command.by)
    if account.balance:
        raise BalanceNotZero("the account holds money: name the account that takes it (payoutTo)", account.balance)
    return Decision((AccountClosed(booked_at=now),))


def close_and_pay_out(account: Account, payee: Account, command: Close, now: datetime) -> tuple[Decision, Decision]:
    """Closed, and all that was in it is the payee's."""
    assert command.payout_to is not None
    refuse_same(command.account_id, command.payout_to)
    _of_owner(account, command.account_id, command.by)
    _exists_open(payee, command.payout_to)
    _same_currency(account, payee)
    closed = AccountClosed(booked_at=now)
    if not account.balance:
        return Decision((closed,)), Decision()
    _can_receive(payee, command.payout_to, account.balance)
    rest = Transfer(
        by=command.by, amount=account.balance, transfer_id=command.transfer_id, from_account=command.account_id,
        to_account=command.payout_to,
    )  # fmt: skip
    sent, received = _moved(rest, None, None, now)
    return Decision((*sent.events, closed)), received


def refuse_same(source: str, target: str) -> None:
    if source == target:
        raise SameAccount("money cannot go from an account to itself")


def _moved(
    command: Transfer, reference: str | None, occurred: datetime | None, now: datetime
) -> tuple[Decision, Decision]:
    sent = TransferSent(
        transfer_id=command.transfer_id, to_account=command.to_account, amount=command.amount,
        reference=reference, booked_at=now, occurred_at=occurred,
    )  # fmt: skip
    received = TransferReceived(
        transfer_id=command.transfer_id, from_account=command.from_account, amount=command.amount,
        reference=reference, booked_at=now, occurred_at=occurred,
    )  # fmt: skip
    return Decision((sent,)), Decision((received,))


def _of_owner(account: Account, account_id: str, by: str) -> None:
    if account.owner != by:  # another's account is told from no account by nothing
        raise AccountNotFound(account_id)
    _exists_open(account, account_id)


def _exists_open(account: Account, account_id: str) -> None:
    if account.is_closed:
        raise AccountIsClosed(f"the account {account_id} is closed")
    if not account.is_open:
        raise AccountNotFound(account_id)


def _can_pay(account: Account, account_id: str, by: str, amount: int) -> None:
    _of_owner(account, account_id, by)
    _refuse_bad_amount(amount)
    if amount > account.balance:
        raise InsufficientFunds(account.balance, amount)


def _can_receive(account: Account, account_id: str, amount: int) -> None:
    _exists_open(account, account_id)
    _refuse_bad_amount(amount)
    if amount > MAX_MONEY - account.balance:
        raise BalanceTooLarge(f"the account {account_id} cannot hold that much more")


def _refuse_bad_amount(amount: int) -> None:
    if not 0 < amount <= MAX_MONEY:
        raise BadAmount("an amount is more than 0 and within 64 bits")


def _same_currency(one: Account, other: Account) -> None:
    if one.currency != other.currency:
        raise CurrencyMismatch("both accounts must be kept in one currency")


def _occurred(command: Movement, now: datetime) -> datetime | None:
    """When it happened, in UTC, if that is not now."""
    moment = command.occurred_at
    if moment is None:
        return None
    if moment.tzinfo is None or moment < EARLIEST:
        raise BadMoment("occurredAt must be a time with its offset, of 1900 or later")
    if moment > now:
        raise BadMoment("occurredAt is in the future")
    if not command.may_backdate:
        raise BackdatingNotAllowed("what happened in the past is recorded with the scope import", scope="import")
    return moment.astimezone(UTC)


def _reference(command: Movement) -> str | None:
    reference = command.reference
    if reference is not None and (len(reference) > REFERENCE_LIMIT or not reference.strip()):
        raise BadReference(f"a reference is not blank and has at most {REFERENCE_LIMIT} characters")
    return reference
