"""The documents of accounts: one an account with its balance, one a line of its statement with the balance after it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.published import six_digits
from checker.stored import Event

PRIMARY = {"account": "accounts"}
LINES = {
    "MoneyDeposited": ("deposit", 1),
    "MoneyWithdrawn": ("withdrawal", -1),
    "TransferSent": ("transfer-out", -1),
    "TransferReceived": ("transfer-in", 1),
}
"""Type → the line's kind, and the way the money goes."""
FURTHER = {"by": "by", "transferId": "transferId", "toAccount": "otherAccount", "fromAccount": "otherAccount"}

Document = dict[str, Any]


def fold_accounts(events: Iterable[Event]) -> dict[str, dict[str, Document]]:
    """From the events of accounts, in version order within each stream. Raises KeyError where there is no account."""
    accounts: dict[str, Document] = {}
    entries: dict[str, Document] = {}
    for event in events:
        stream, data = event.stream, event.data
        if event.type == "AccountOpened":
            accounts[stream] = {
                "_id": stream, "accountId": stream.partition("-")[2], "owner": data["owner"],
                "currency": data["currency"], "balance": 0, "status": "open", "openedAt": six_digits(data["bookedAt"]),
            }  # fmt: skip
        account = accounts[stream]
        account["version"] = event.version
        if event.type == "AccountClosed":
            account.update(status="closed", closedAt=six_digits(data["bookedAt"]))
        elif event.type in LINES:
            account["balance"] += signed(event)
            entries[f"{stream}/{event.version}"] = _line(event, account)
    return {"accounts": accounts, "account_entries": entries}


def signed(event: Event) -> int:
    """What the event adds to the balance of its account."""
    return LINES[event.type][1] * int(event.data["amount"]) if event.type in LINES else 0


def _line(event: Event, account: Document) -> Document:
    data = event.data
    return {
        "_id": f"{event.stream}/{event.version}", "accountId": account["accountId"], "entryVersion": event.version,
        "kind": LINES[event.type][0], "amount": data["amount"], "balance": account["balance"],
        "occurredAt": event.occurred_at, "bookedAt": six_digits(data["bookedAt"]), "reference": data.get("reference"),
        **{shown: data[name] for name, shown in FURTHER.items() if name in data},
    }  # fmt: skip
