"""What the documents of accounts must be, folded from stored events once more: written from the specification, sharing
no line with the projection it checks; and what must be true of money whatever dies.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from tests.system.posts import Collections, Document, Happened, six_digits

WAYS = {
    "MoneyDeposited": ("deposit", +1),
    "MoneyWithdrawn": ("withdrawal", -1),
    "TransferSent": ("transfer-out", -1),
    "TransferReceived": ("transfer-in", +1),
}


def fold_accounts(history: Iterable[Happened]) -> Collections:
    """Collection → id → document."""
    accounts: dict[str, Document] = {}
    lines: dict[str, Document] = {}
    for stream, version, kind, data, occurred in history:
        account_id, booked = stream[len("account-") :], six_digits(data["bookedAt"])
        if kind == "AccountOpened":
            accounts[stream] = {
                "_id": stream, "accountId": account_id, "owner": data["owner"], "currency": data["currency"],
                "balance": 0, "status": "open", "openedAt": booked,
            }  # fmt: skip
        elif kind == "AccountClosed":
            accounts[stream].update(status="closed", closedAt=booked)
        else:
            name, way = WAYS[kind]
            accounts[stream]["balance"] += way * data["amount"]
            assert accounts[stream]["status"] == "open", f"{stream} moved when it was closed"
            assert 0 <= accounts[stream]["balance"] < 2**63, f"{stream} holds {accounts[stream]['balance']}"
            line = {
                "_id": f"{stream}/{version}", "accountId": account_id, "entryVersion": version, "kind": name,
                "amount": data["amount"], "balance": accounts[stream]["balance"], "reference": data["reference"],
                "occurredAt": occurred.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "bookedAt": booked,
            }  # fmt: skip
            if "transferId" in data:
                line["transferId"] = data["transferId"]
                line["otherAccount"] = data.get("toAccount") or data.get("fromAccount")
            if "by" in data:
                line["by"] = data["by"]
            lines[line["_id"]] = line
        accounts[stream]["version"] = version
    return {"accounts": accounts, "account_entries": lines}


def published_account(stream: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """What is published of a stored event; when it happened is the record's time."""
    return {name: value for name, value in data.items() if name != "occurredAt"} | {
        "accountId": stream[len("account-") :]
    }


def money_is_conserved(log: Iterable[Any]) -> int:
    """The stored events of accounts in the order of the log: at every prefix what all accounts hold, and what a
    transfer has on its way to the other event of its commit, is what was paid in less what was taken out. Says how many
    transfers there were."""
    balances: dict[str, int] = {}
    under_way: dict[str, Any] = {}
    held = paid_in = taken_out = 0
    transfers: set[str] = set()
    for event in log:
        if event.type not in WAYS:
            continue
        amount, way = event.data["amount"], WAYS[event.type][1]
        balances[event.stream] = balances.get(event.stream, 0) + way * amount
        assert balances[event.stream] >= 0, f"{event.stream} is below zero at position {event.position}"
        held += way * amount
        if event.type == "MoneyDeposited":
            paid_in += amount
        elif event.type == "MoneyWithdrawn":
            taken_out += amount
        elif event.type == "TransferSent":
            assert event.data["transferId"] not in transfers, f"transferred twice: {event.data['transferId']}"
            transfers.add(event.data["transferId"])
            under_way[event.data["transferId"]] = event
        else:
            sent = under_way.pop(event.data["transferId"])
            assert (sent.data["amount"], sent.data["toAccount"]) == (amount, event.stream[len("account-") :])
            assert sent.stream == f"account-{event.data['fromAccount']}"
            assert sent.recorded_at == event.recorded_at, "two commits: they began at different times"
        on_the_way = sum(each.data["amount"] for each in under_way.values())
        assert held + on_the_way == paid_in - taken_out, f"money made or lost at position {event.position}"
    assert not under_way, f"sent and never received: {list(under_way)}"
    assert sum(balances.values()) == paid_in - taken_out
    return len(transfers)
