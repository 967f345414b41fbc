"""The shop: its documents by hand, and its rules broken one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.checks.rules_shop import check_shop
from checker.folds.shop import fold_shop
from checker.notes import Notes
from checker.published import published_value
from checker.run import Run
from checker.stored import Event
from tests.unit.checker.world import put

MOMENT = "2026-01-01T00:00:00.000000Z"
STORED = "2026-01-01T00:00:00Z"
Log = list[Event]


def event(stream: str, version: int, kind: str, position: int, **data: Any) -> Event:
    return Event(
        stream=stream, version=version, event_id=f"e{position}", type=kind, position=position,
        metadata={"principal": "staff"}, occurred_at=MOMENT, data={**data, "occurredAt": STORED},
    )  # fmt: skip


def customer(number: int, position: int, email: str) -> Event:
    return event(
        f"customer-{number}", 1, "CustomerRegistered", position, name="Alice", email=email, phone="1",
        segment="Consumer", region="West", birthYear=1980, gender=None,
    )  # fmt: skip


def order(version: int, kind: str, position: int, **data: Any) -> Event:
    common = {"customerId": "1", "placedAt": STORED, "currency": "EUR", "segment": "Consumer", "region": "West"}
    return event("order-9", version, kind, position, **common, birthYear=1980, gender=None, promotionId=None, **data)


SOLD = [{"sku": "a", "quantity": 2, "amount": 500}, {"sku": "b", "quantity": 1, "amount": 300}]


def good_log() -> Log:
    return [
        customer(1, 1, "alice@example.org"),
        customer(2, 2, "bob@example.org"),
        order(1, "OrderPlaced", 3, lines=SOLD),
        order(2, "OrderRefunded", 4, lines=[{"sku": "a", "amount": 100}]),
        order(3, "OrderShipped", 5),
        event(
            "customer-1", 2, "CustomerContactChanged", 6, name="Alice B", email="ab@example.org", phone="2"
        ),
        order(4, "OrderDelivered", 7, shippedAt=STORED),
        order(5, "OrderRefunded", 8, lines=[{"sku": "a", "amount": 400}]),
    ]  # fmt: skip


def breaches(log: Log, folder: Path) -> list[str]:
    (folder / "frozen").mkdir()
    put(folder / "frozen" / "events.jsonl", log)
    notes = Notes()
    check_shop(Run(folder), notes)
    assert notes.examined["C6"]
    return [breach.sentence for breach in notes.examples["C6"]]


def test_what_keeps_the_rules_passes(tmp_path: Path) -> None:
    assert breaches(good_log(), tmp_path) == []


def test_an_email_given_up_may_be_another_s(tmp_path: Path) -> None:
    assert breaches([*good_log(), customer(3, 9, "alice@example.org")], tmp_path) == []


def with_more(*events: Event) -> Callable[[Log], None]:
    return lambda log: log.extend(events)


def without(place: int) -> Callable[[Log], object]:
    return lambda log: log.pop(place)


BROKEN: list[tuple[str, Callable[[Log], object]]] = [
    ("have one email", with_more(customer(3, 9, "BOB@example.org"))),
    ("OrderShipped where the order is delivered", with_more(order(6, "OrderShipped", 9))),
    ("OrderCancelled where the order is delivered", with_more(order(6, "OrderCancelled", 9, lines=SOLD))),
    ("OrderDelivered where the order is placed", without(4)),
    ("OrderRefunded where the order is not there", without(2)),
    ("gives back more of a", with_more(order(6, "OrderRefunded", 9, lines=[{"sku": "a", "amount": 1}]))),
    ("gives back more of c", with_more(order(6, "OrderRefunded", 9, lines=[{"sku": "c", "amount": 1}]))),
    ("of a customer who is not there", without(0)),
]


@pytest.mark.parametrize(("said", "broken"), BROKEN, ids=[said for said, _ in BROKEN])
def test_a_broken_rule_is_said(said: str, broken: Callable[[Log], object], tmp_path: Path) -> None:
    log = good_log()
    broken(log)
    assert any(said in sentence for sentence in breaches(log, tmp_path))


def test_documents_of_the_shop_by_hand() -> None:
    folded = fold_shop(sorted(good_log(), key=lambda each: (each.stream, each.version)))
    assert folded["customers"]["customer-1"] == {
        "_id": "customer-1", "customerId": "1", "version": 2, "name": "Alice B", "email": "ab@example.org",
        "emailCompared": "ab@example.org", "phone": "2", "segment": "Consumer", "region": "West", "birthYear": 1980,
        "gender": None, "registeredAt": MOMENT,
    }  # fmt: skip
    assert folded["orders"]["order-9"] == {
        "_id": "order-9", "orderId": "9", "version": 5, "customerId": "1", "placedAt": MOMENT, "currency": "EUR",
        "segment": "Consumer", "region": "West", "birthYear": 1980, "gender": None, "promotionId": None, "lines": SOLD,
        "amount": 800, "status": "delivered", "shippedAt": MOMENT, "deliveredAt": MOMENT, "cancelledAt": None,
        "refunds": [{"sku": "a", "amount": 500}], "refunded": 500,
    }  # fmt: skip
    assert folded["customer_orders"]["order-9"] == {
        "_id": "order-9", "customerId": "1", "name": "Alice B", "email": "ab@example.org", "phone": "2", "orderId": "9",
        "placedAt": MOMENT, "amount": 800, "currency": "EUR", "refunded": 500, "cancelled": False,
    }  # fmt: skip


def test_what_is_published_of_an_order() -> None:
    value = published_value(order(1, "OrderPlaced", 3, lines=SOLD))
    assert (value["orderId"], value["amount"], value["placedAt"], value["lines"]) == ("9", 800, MOMENT, SOLD)
    assert "occurredAt" not in value
