"""An account as of a time: only sums, whatever the order in which entries were recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domains.accounts import events
from domains.accounts.then import Then, counted

NOW = datetime(2023, 5, 28, 12, tzinfo=UTC)
PLAIN: dict[str, Any] = {"booked_at": NOW, "occurred_at": None, "reference": None}


def then(*history: events.AccountEvent) -> Then:
    found = Then()
    for version, event in enumerate(history, 2):
        found = counted(found, version, event)
    return found


def test_every_kind_of_entry_counts_its_way() -> None:
    found = then(
        events.MoneyDeposited(amount=500, by="ann", **PLAIN),
        events.MoneyWithdrawn(amount=200, **PLAIN),
        events.TransferSent(amount=100, transfer_id="t", to_account="b", **PLAIN),
        events.TransferReceived(amount=100, transfer_id="u", from_account="b", **PLAIN),
    )
    assert found == Then(300, "open", 5, 4)


def test_entries_count_where_the_opening_does_not() -> None:
    """What happened before the account was opened here is recorded all the same."""
    assert then(events.MoneyDeposited(amount=5, by="ann", **PLAIN)) == Then(5, "open", 2, 1)


def test_nothing_that_counts_is_no_account() -> None:
    assert then().version == 0


def test_a_closed_account_says_so() -> None:
    assert then(events.AccountClosed(booked_at=NOW)) == Then(0, "closed", 2, 0)
