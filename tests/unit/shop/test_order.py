"""What each command on an order leads to, and what refuses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from domains.shop.customer import Customer
from domains.shop.events import (
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderLine,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    RefundLine,
)
from domains.shop.order import (
    ORDER,
    CancelOrder,
    DeliverOrder,
    Order,
    OrderCommand,
    PlaceOrder,
    RefundOrder,
    ShipOrder,
    decide,
    place,
)
from domains.shop.promotion import Promotion
from domains.shop.rules import AlreadyExists, BadField, NotFound, TooMuchRefunded, Unknown, WrongStatus
from kernel.aggregate import Decision
from tests.unit.shop.given import NOW, given

HOUR = timedelta(hours=1)
CUSTOMER_ID, ORDER_ID = "0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-000000000002"
ALICE = Customer("Alice", "a@b.c", "55", "Consumer", "West", 1990, "f", exists=True)
LINES = (
    OrderLine(sku="A-1", quantity=2, amount=1_000),
    OrderLine(sku="B-1", quantity=1, amount=500),
    OrderLine(sku="A-1", quantity=1, amount=400),  # again, as real orders do
)
ASKED = PlaceOrder(customer_id=CUSTOMER_ID, lines=LINES, currency="USD")
THEN: dict[str, Any] = {
    "customer_id": CUSTOMER_ID, "placed_at": NOW, "currency": "USD", "segment": "Consumer", "region": "West",
    "birth_year": 1990, "gender": "f", "promotion_id": None,
}  # fmt: skip
PLACED = OrderPlaced(occurred_at=NOW, lines=LINES, **THEN)
SHIPPED = OrderShipped(occurred_at=NOW + HOUR, **THEN)
DELIVERED = OrderDelivered(occurred_at=NOW + 2 * HOUR, shipped_at=NOW + HOUR, **THEN)
CANCELLED = OrderCancelled(occurred_at=NOW + HOUR, lines=LINES, **THEN)


def placing(
    asked: PlaceOrder = ASKED, customer: Customer = ALICE, promotion: Promotion | None = None
) -> Callable[[Order], Decision]:
    return lambda order: place(order, customer, promotion, asked, ORDER_ID, NOW)


def command(asked: OrderCommand, at: datetime = NOW + 3 * HOUR) -> Callable[[Order], Decision]:
    return lambda order: decide(order, asked, ORDER_ID, at)


def refund(**amounts: int) -> RefundOrder:
    return RefundOrder(
        lines=tuple(RefundLine(sku=sku.replace("_", "-"), amount=amount) for sku, amount in amounts.items())
    )


def refunded(**amounts: int) -> OrderRefunded:
    return OrderRefunded(occurred_at=NOW + 3 * HOUR, lines=refund(**amounts).lines, **THEN)


def test_an_order_keeps_what_is_true_of_its_buyer_now() -> None:
    given(ORDER).when(placing()).then(PLACED)
    elsewhere = PlaceOrder(customer_id=CUSTOMER_ID, lines=LINES, currency="USD", region="East")
    given(ORDER).when(placing(elsewhere)).then(OrderPlaced(occurred_at=NOW, lines=LINES, **THEN | {"region": "East"}))
    given(ORDER, PLACED).when(placing()).then_refused(AlreadyExists)


def test_every_event_of_an_order_is_keyed_by_its_customer() -> None:
    for events in ([PLACED], [PLACED, SHIPPED], [PLACED, CANCELLED]):
        assert ORDER.key(ORDER.stream(ORDER_ID), given(ORDER, *events).state) == f"customer-{CUSTOMER_ID}"


def test_an_order_needs_its_customer_and_its_promotion_running() -> None:
    given(ORDER).when(placing(customer=Customer())).then_refused(Unknown, field="customerId")
    with_it = PlaceOrder(customer_id=CUSTOMER_ID, lines=LINES, currency="USD", promotion_id="p")
    given(ORDER).when(placing(with_it, promotion=Promotion())).then_refused(Unknown, field="promotion")
    running = Promotion(NOW, NOW + HOUR)
    given(ORDER).when(placing(with_it, promotion=running)).then(
        OrderPlaced(occurred_at=NOW, lines=LINES, **THEN | {"promotion_id": "p"})
    )
    for other in (Promotion(NOW - HOUR, NOW), Promotion(NOW + HOUR, NOW + 2 * HOUR)):
        given(ORDER).when(placing(with_it, promotion=other)).then_refused(BadField, field="promotion")


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("quantity", OrderLine(sku="A", quantity=0, amount=1)),
        ("quantity", OrderLine(sku="A", quantity=10**7, amount=1)),
        ("amount", OrderLine(sku="A", quantity=1, amount=-1)), ("amount", OrderLine(sku="A", quantity=1, amount=2**60)),
        ("sku", OrderLine(sku="", quantity=1, amount=1)),
    ],
)  # fmt: skip
def test_lines_that_cannot_be_are_refused_by_name(field: str, line: OrderLine) -> None:
    asked = PlaceOrder(customer_id=CUSTOMER_ID, lines=(*LINES, line), currency="USD")
    given(ORDER).when(placing(asked)).then_refused(BadField, field=field)


def test_an_order_has_lines_but_not_without_end() -> None:
    for lines in ((), LINES * 200):
        asked = PlaceOrder(customer_id=CUSTOMER_ID, lines=lines, currency="USD")
        given(ORDER).when(placing(asked)).then_refused(BadField, field="lines")


STEPS: list[tuple[OrderCommand, dict[str, OrderEvent | None]]] = [
    (ShipOrder(), {"placed": OrderShipped(occurred_at=NOW + 3 * HOUR, **THEN)}),
    (DeliverOrder(), {"shipped": OrderDelivered(occurred_at=NOW + 3 * HOUR, shipped_at=NOW + HOUR, **THEN)}),
    (CancelOrder(), {"placed": OrderCancelled(occurred_at=NOW + 3 * HOUR, lines=LINES, **THEN)}),
]
HISTORIES: dict[str, list[OrderEvent]] = {
    "placed": [PLACED],
    "shipped": [PLACED, SHIPPED],
    "delivered": [PLACED, SHIPPED, DELIVERED],
    "cancelled": [PLACED, CANCELLED],
}


@pytest.mark.parametrize("status", HISTORIES)
@pytest.mark.parametrize(("asked", "allowed"), STEPS, ids=lambda step: type(step).__name__)
def test_each_step_is_taken_from_one_status_only(
    asked: OrderCommand, allowed: dict[str, OrderEvent | None], status: str
) -> None:
    outcome = given(ORDER, *HISTORIES[status]).when(command(asked))
    event = allowed.get(status)
    if event is None:
        outcome.then_refused(WrongStatus, orderStatus=status)
    else:
        outcome.then(event)


def test_nothing_happens_to_an_order_that_is_not_there() -> None:
    for asked in (ShipOrder(), DeliverOrder(), CancelOrder(), refund(A_1=1)):
        given(ORDER).when(command(asked)).then_refused(NotFound)


def test_nothing_happens_before_what_it_follows() -> None:
    given(ORDER, PLACED).when(command(ShipOrder(), NOW - HOUR)).then_refused(BadField, field="occurredAt")
    shipped = given(ORDER, PLACED, SHIPPED)
    shipped.when(command(DeliverOrder(), NOW + HOUR / 2)).then_refused(BadField, field="occurredAt")


@pytest.mark.parametrize("status", ["placed", "shipped", "delivered"])
def test_up_to_what_was_paid_for_a_sku_is_refunded_over_all_its_lines(status: str) -> None:
    order = HISTORIES[status]
    given(ORDER, *order).when(command(refund(A_1=1_400, B_1=1))).then(refunded(A_1=1_400, B_1=1))
    given(ORDER, *order).when(command(refund(A_1=1_401))).then_refused(TooMuchRefunded, sku="A-1", left=1_400)
    some = refunded(A_1=1_000)
    given(ORDER, *order, some).when(command(refund(A_1=400))).then(refunded(A_1=400))
    given(ORDER, *order, some).when(command(refund(A_1=401))).then_refused(TooMuchRefunded, sku="A-1", left=400)


def test_a_refund_counts_its_own_lines_together() -> None:
    twice = RefundOrder(lines=(RefundLine(sku="B-1", amount=300), RefundLine(sku="B-1", amount=201)))
    given(ORDER, PLACED).when(command(twice)).then_refused(TooMuchRefunded, sku="B-1", left=200)


def test_a_refund_that_cannot_be_is_refused() -> None:
    given(ORDER, PLACED).when(command(refund(C_1=1))).then_refused(BadField, field="sku")
    given(ORDER, PLACED).when(command(refund(A_1=0))).then_refused(BadField, field="amount")
    given(ORDER, PLACED).when(command(RefundOrder(lines=()))).then_refused(BadField, field="lines")
    given(ORDER, PLACED, CANCELLED).when(command(refund(A_1=1))).then_refused(WrongStatus, orderStatus="cancelled")


def test_an_order_of_which_something_was_refunded_is_not_cancelled() -> None:
    given(ORDER, PLACED, refunded(B_1=1)).when(command(CancelOrder())).then_refused(WrongStatus)
