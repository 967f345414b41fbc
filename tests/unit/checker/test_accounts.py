"""Money: what keeps it, and what the checker says of every way to lose or make some."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checker.checks.rules_accounts import check_accounts
from checker.folds.accounts import fold_accounts
from checker.notes import Notes
from checker.run import Run
from checker.stored import Event
from tests.unit.checker.world import put

MOMENT = "2026-01-01T00:00:00.000000Z"
Log = list[Event]


def event(
    stream: str, version: int, kind: str, position: int, by: str = "ann", command: str = "", **data: object
) -> Event:
    return Event(
        stream=f"account-{stream}", version=version, event_id=f"e{position}", type=kind, position=position,
        metadata={"principal": by, "correlation_id": command or f"c{position}"}, occurred_at=MOMENT,
        data={**data, "bookedAt": "2026-01-01T00:00:00Z"},
    )  # fmt: skip


def good_log() -> Log:
    side: dict[str, Any] = {"amount": 40, "transferId": "t1", "reference": None}
    return [
        event("a", 1, "AccountOpened", 1, owner="ann", currency="EUR"),
        event("b", 1, "AccountOpened", 2, by="bob", owner="bob", currency="EUR"),
        event("a", 2, "MoneyDeposited", 3, by="carl", amount=100, reference=None),
        event("a", 3, "TransferSent", 4, command="t", toAccount="b", **side),
        event("b", 2, "TransferReceived", 5, command="t", fromAccount="a", **side),
        event("a", 4, "MoneyWithdrawn", 6, amount=60, reference=None),
        event("a", 5, "AccountClosed", 7),
    ]


def breaches(log: Log, folder: Path) -> list[str]:
    (folder / "frozen").mkdir()
    put(folder / "frozen" / "events.jsonl", log)
    notes = Notes()
    check_accounts(Run(folder), notes)
    assert notes.examined["C6"]
    return [breach.sentence for breach in notes.examples["C6"]]


def changed(place: int, **data: object) -> Callable[[Log], None]:
    def change(log: Log) -> None:
        log[place] = msgspec.structs.replace(log[place], data={**log[place].data, **data})

    return change


def another(place: int, **fields: object) -> Callable[[Log], None]:
    def change(log: Log) -> None:
        log[place] = msgspec.structs.replace(log[place], **fields)

    return change


def test_what_keeps_the_rules_passes(tmp_path: Path) -> None:
    assert breaches(good_log(), tmp_path) == []


@pytest.mark.parametrize(
    ("said", "broken"),
    [
        ("a balance of -1", changed(5, amount=61)),
        ("closed with a balance of 1", changed(5, amount=59)),
        ("an amount is above zero", changed(2, amount=-100)),
        ("what was sent is not what was received", changed(4, amount=41)),
        ("one side only", lambda log: log.pop(4)),
        ("one side only", changed(4, transferId="t2")),
        ("more than two sides", lambda log: log.append(event(
            "b", 3, "TransferReceived", 9, command="t", fromAccount="a", amount=40, transferId="t1"))),
        ("two sides of the same kind", another(3, type="TransferReceived")),
        ("between two currencies", changed(1, currency="USD")),
        ("written by two commands", another(4, metadata={"principal": "ann", "correlation_id": "x"})),
        ("name other accounts", changed(4, fromAccount="z")),
        ("only its owner acts", another(5, metadata={"principal": "eve"})),
        ("a closed account refuses everything", lambda log: log.append(
            event("a", 6, "MoneyDeposited", 8, amount=1, reference=None))),
        ("an account is opened once", lambda log: log.append(
            event("b", 3, "AccountOpened", 8, by="bob", owner="bob", currency="EUR"))),
        ("an account is opened first", lambda log: log.append(event("c", 1, "MoneyDeposited", 8, amount=1))),
    ],
)  # fmt: skip
def test_a_broken_rule_is_said(said: str, broken: Callable[[Log], object], tmp_path: Path) -> None:
    log = good_log()
    broken(log)
    assert any(said in sentence for sentence in breaches(log, tmp_path))


def test_documents_of_accounts_by_hand() -> None:
    """The golden one: opened; +500 −200 −100 +100 stands at 300."""
    log = [event("a", 1, "AccountOpened", 1, owner="ann", currency="EUR")]
    kinds = [("MoneyDeposited", 500), ("MoneyWithdrawn", 200), ("MoneyWithdrawn", 100), ("MoneyDeposited", 100)]
    for number, (kind, amount) in enumerate(kinds, 2):
        log.append(event("a", number, kind, number, amount=amount, reference="r"))
    folded = fold_accounts(log)
    assert folded["accounts"]["account-a"] == {
        "_id": "account-a", "accountId": "a", "owner": "ann", "currency": "EUR", "balance": 300, "status": "open",
        "openedAt": MOMENT, "version": 5,
    }  # fmt: skip
    assert [line["balance"] for line in folded["account_entries"].values()] == [500, 300, 200, 300]
    assert folded["account_entries"]["account-a/3"] == {
        "_id": "account-a/3", "accountId": "a", "entryVersion": 3, "kind": "withdrawal", "amount": 200, "balance": 300,
        "occurredAt": MOMENT, "bookedAt": MOMENT, "reference": "r",
    }  # fmt: skip
