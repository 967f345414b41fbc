"""An order as its rules see it: placed, shipped, delivered; cancelled before it is shipped; refunded in parts. Pure.

What was true of the buyer when it was placed (segment, region, year of birth, gender) is kept and told in every event.
An order's events are keyed by its customer, so all that happens to a customer and its orders stays in one order.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, assert_never

import msgspec

from domains.shop.customer import CUSTOMER, Customer
from domains.shop.events import (
    AnyOrderEvent,
    OrderCancelled,
    OrderDelivered,
    OrderLine,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    RefundLine,
)
from domains.shop.product import checked_sku
from domains.shop.promotion import Promotion
from domains.shop.rules import (
    LINES_LIMIT,
    QUANTITY_LIMIT,
    AlreadyExists,
    BadField,
    NotFound,
    TooMuchRefunded,
    Unknown,
    WrongStatus,
    currency,
    money,
    not_before,
    text,
)
from kernel.aggregate import Aggregate, Decision


class Order(msgspec.Struct, frozen=True):
    status: str = ""
    """"" (there is none), placed, shipped, delivered or cancelled."""
    customer_id: str = ""
    placed_at: datetime | None = None
    shipped_at: datetime | None = None
    currency: str = ""
    segment: str = ""
    region: str = ""
    birth_year: int | None = None
    gender: str | None = None
    promotion_id: str | None = None
    lines: tuple[OrderLine, ...] = ()
    refunded: dict[str, int] = {}
    """What was given back, by sku."""


def evolve(order: Order, event: AnyOrderEvent) -> Order:
    match event:
        case OrderPlaced():
            return Order(
                status="placed",
                customer_id=event.customer_id,
                placed_at=event.placed_at,
                currency=event.currency,
                segment=event.segment,
                region=event.region,
                birth_year=event.birth_year,
                gender=event.gender,
                promotion_id=event.promotion_id,
                lines=event.lines,
            )
        case OrderShipped(occurred_at=shipped_at):
            return msgspec.structs.replace(order, status="shipped", shipped_at=shipped_at)
        case OrderDelivered():
            return msgspec.structs.replace(order, status="delivered")
        case OrderCancelled():
            return msgspec.structs.replace(order, status="cancelled")
        case OrderRefunded(lines=lines):
            refunded = Counter(order.refunded)
            for line in lines:
                refunded[line.sku] += line.amount
            return msgspec.structs.replace(order, refunded=dict(refunded))
        case _:
            assert_never(event)


ORDER = Aggregate(
    category="order",
    domain="shop",
    initial=Order(),
    evolve=evolve,
    state_type=Order,
    snapshot_every=200,
    closed_by=frozenset({"OrderCancelled"}),
    key=lambda stream, order: CUSTOMER.stream(order.customer_id),
)


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`region` is where it goes; None: to where its customer lives."""

    customer_id: str
    lines: tuple[OrderLine, ...]
    currency: str
    region: str | None = None
    promotion_id: str | None = None


class ShipOrder(msgspec.Struct, frozen=True):
    pass


class DeliverOrder(msgspec.Struct, frozen=True):
    pass


class CancelOrder(msgspec.Struct, frozen=True):
    pass


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True):
    lines: tuple[RefundLine, ...]


OrderCommand = ShipOrder | DeliverOrder | CancelOrder | RefundOrder


def place(
    order: Order, customer: Customer, promotion: Promotion | None, command: PlaceOrder, order_id: str, at: datetime
) -> Decision:
    """The order placed at `at` for a customer as it is now. `promotion` is the one that the command names."""
    if order.status:
        raise AlreadyExists(f"there is an order {order_id} already")
    if not customer.exists:
        raise Unknown(f"there is no customer {command.customer_id}", field="customerId")
    if promotion is not None:
        if not promotion.exists:
            raise Unknown(f"there is no promotion {command.promotion_id}", field="promotion")
        if not promotion.runs_at(at):
            raise BadField("the promotion does not run when the order is placed", field="promotion")
    placed = OrderPlaced(
        occurred_at=at,
        customer_id=command.customer_id,
        placed_at=at,
        currency=currency(command.currency),
        segment=customer.segment,
        region=customer.region if command.region is None else text("region", command.region),
        birth_year=customer.birth_year,
        gender=customer.gender,
        promotion_id=command.promotion_id,
        lines=_sold(command.lines),
    )
    return Decision((placed,))


def decide(order: Order, command: OrderCommand, order_id: str, at: datetime) -> Decision:
    """The facts a command leads to, as of `at`. Raises a DomainError where a rule refuses it."""
    if order.placed_at is None:
        raise NotFound(f"there is no order {order_id}")
    not_before(order.placed_at, at, "the order was placed")
    common = _common(order, at)
    match command:
        case ShipOrder():
            _only_when(order, "placed", "shipped")
            return Decision((OrderShipped(**common),))
        case DeliverOrder():
            _only_when(order, "shipped", "delivered")
            assert order.shipped_at is not None
            not_before(order.shipped_at, at, "the order was shipped")
            return Decision((OrderDelivered(**common, shipped_at=order.shipped_at),))
        case CancelOrder():
            _only_when(order, "placed", "cancelled")
            if order.refunded:
                raise WrongStatus("an order of which something was refunded is not cancelled", orderStatus="refunded")
            return Decision((OrderCancelled(**common, lines=order.lines),))
        case RefundOrder(lines=lines):
            if order.status == "cancelled":
                raise WrongStatus("a cancelled order has nothing left to refund", orderStatus=order.status)
            return Decision((OrderRefunded(**common, lines=_refunded(order, lines)),))
        case _:
            assert_never(command)


def _common(order: Order, at: datetime) -> dict[str, Any]:
    """What every event of an order repeats."""
    return {
        "occurred_at": at,
        "customer_id": order.customer_id,
        "placed_at": order.placed_at,
        "currency": order.currency,
        "segment": order.segment,
        "region": order.region,
        "birth_year": order.birth_year,
        "gender": order.gender,
        "promotion_id": order.promotion_id,
    }


def _only_when(order: Order, status: str, to: str) -> None:
    if order.status != status:
        raise WrongStatus(
            f"only an order that is {status} can be {to}; this one is {order.status}", orderStatus=order.status
        )


def _sold(lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    """The lines of a new order; a sku may stand in several."""
    _counted(len(lines))
    for line in lines:
        checked_sku(line.sku)
        money("amount", line.amount)
        if not 1 <= line.quantity <= QUANTITY_LIMIT:
            raise BadField(f"quantity must be 1 to {QUANTITY_LIMIT}", field="quantity")
    return lines


def _refunded(order: Order, lines: tuple[RefundLine, ...]) -> tuple[RefundLine, ...]:
    """Never more than is left of what was paid for each sku, over all the lines that hold it."""
    _counted(len(lines))
    left: Counter[str] = Counter()
    for sold in order.lines:
        left[sold.sku] += sold.amount
    left.subtract(order.refunded)
    for line in lines:
        if all(sold.sku != line.sku for sold in order.lines):
            raise BadField(f"the order has no line of {line.sku}", field="sku")
        left[line.sku] -= money("amount", line.amount, least=1)
        if left[line.sku] < 0:
            remains = left[line.sku] + line.amount
            raise TooMuchRefunded(f"{line.amount} of {line.sku} is more than the {remains} left of what was paid",
                                  sku=line.sku, left=remains)  # fmt: skip
    return lines


def _counted(lines: int) -> None:
    if not 1 <= lines <= LINES_LIMIT:
        raise BadField(f"there must be 1 to {LINES_LIMIT} lines", field="lines")
