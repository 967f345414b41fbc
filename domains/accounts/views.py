"""What readers see of accounts: the projection `accounts`, its documents and folds. Pure: no driver, no clock.

An account and its entries are one stream, so each account is projected by itself, whichever partition the other side of
a transfer is in. A statement's lines are documents of their own and stand in the order in which they were recorded: one
that tells of an earlier day stands where it came, and every line's balance is that of the line before and its amount.
No field is a date: moments are RFC 3339 text in UTC with six digits, which sorts. `?` marks a field that may be absent.

`accounts`         `_id` "account-<uuid>" (the stream), version (kept by the projector), accountId, owner, currency,
                   balance, status ("open", "closed"), openedAt, closedAt?
`account_entries`  `_id` "<stream>/<version>", accountId, entryVersion, kind ("deposit", "withdrawal", "transfer-in",
                   "transfer-out"), amount (never negative: the kind says the way), balance (after it), occurredAt,
                   bookedAt, reference, by?, transferId?, otherAccount?
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domains.accounts.published import (
    AccountClosedV1,
    AccountOpenedV1,
    MoneyDepositedV1,
    MoneyWithdrawnV1,
    TransferReceivedV1,
    TransferSentV1,
)
from kernel.events import PublishedEvent
from kernel.projection import Changes, Document, Documents, Index, Lookup, Projection, Ref

Entry = MoneyDepositedV1 | MoneyWithdrawnV1 | TransferSentV1 | TransferReceivedV1


def needs(_: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    """Nothing: the account's own document holds the balance that the next line goes on from."""
    return ()


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    """The documents as they stand after the event. A KeyError means that history does not allow it: it is parked."""
    ref = Ref("accounts", recorded.stream)
    match recorded.event:
        case AccountOpenedV1() as opened:
            return {ref: _new_account(recorded.stream, opened)}
        case MoneyDepositedV1(by=by) as entry:
            return _entered(documents, recorded, entry, "deposit", entry.amount, {"by": by})
        case MoneyWithdrawnV1() as entry:
            return _entered(documents, recorded, entry, "withdrawal", -entry.amount, {})
        case TransferSentV1(transfer_id=transfer, to_account=other) as entry:
            more = {"transferId": transfer, "otherAccount": other}
            return _entered(documents, recorded, entry, "transfer-out", -entry.amount, more)
        case TransferReceivedV1(transfer_id=transfer, from_account=other) as entry:
            more = {"transferId": transfer, "otherAccount": other}
            return _entered(documents, recorded, entry, "transfer-in", entry.amount, more)
        case AccountClosedV1(booked_at=booked):
            return {ref: {**documents[ref], "status": "closed", "closedAt": booked}}
        case unknown:
            raise TypeError(f"the projection accounts has no fold for {type(unknown).__name__}")


def _new_account(stream: str, opened: AccountOpenedV1) -> Document:
    return {
        "_id": stream,
        "accountId": opened.account_id,
        "owner": opened.owner,
        "currency": opened.currency,
        "balance": 0,
        "status": "open",
        "openedAt": opened.booked_at,
    }


def _entered(
    documents: Documents, recorded: PublishedEvent[Any], entry: Entry, kind: str, change: int, more: Document
) -> Changes:
    """The account at its new balance, and the statement's new line."""
    ref = Ref("accounts", recorded.stream)
    balance = documents[ref]["balance"] + change
    line = Ref("account_entries", f"{recorded.stream}/{recorded.version}")
    return {
        ref: {**documents[ref], "balance": balance},
        line: {
            "_id": line.id,
            "accountId": entry.account_id,
            "entryVersion": recorded.version,
            "kind": kind,
            "amount": entry.amount,
            "balance": balance,
            "occurredAt": recorded.occurred_at,
            "bookedAt": entry.booked_at,
            "reference": entry.reference,
            **more,
        },
    }


ACCOUNTS = Projection(
    name="accounts",
    domain="accounts",
    categories=("account",),
    primary="accounts",
    collections={
        # one person's, newest first
        "accounts": (Index((("owner", 1), ("openedAt", -1), ("_id", -1))),),
        # one account's lines, newest first
        "account_entries": (Index((("accountId", 1), ("entryVersion", -1))),),
    },
    needs=needs,
    fold=fold,
    owner="owner",
)

PROJECTIONS: list[Projection] = [ACCOUNTS]
