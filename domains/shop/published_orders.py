"""What the topic of the shop says of orders. Every event says whose order it is, and what was true when it was placed.

So a reader can place each by itself: in its month, its segment, its region. A projection must, for it names the
documents that it needs before it has read any.
"""

from __future__ import annotations

from typing import TypedDict, assert_never

import msgspec

from domains.shop import events
from kernel.events import Published, wire_time


class SoldLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    sku: str
    quantity: int
    amount: int


class RefundedLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    sku: str
    amount: int


class PublishedOrder(Published, frozen=True, kw_only=True):
    """What every published event of an order says of it. Segment to gender are those of when it was placed."""

    order_id: str
    customer_id: str
    placed_at: str
    currency: str
    segment: str
    region: str
    birth_year: int | None
    gender: str | None
    promotion_id: str | None


class OrderPlacedV1(PublishedOrder, frozen=True, kw_only=True):
    lines: tuple[SoldLine, ...]
    amount: int


class OrderShippedV1(PublishedOrder, frozen=True, kw_only=True):
    pass


class OrderDeliveredV1(PublishedOrder, frozen=True, kw_only=True):
    shipped_at: str


class OrderCancelledV1(PublishedOrder, frozen=True, kw_only=True):
    """`lines` and `amount` are the whole order's: nothing of it is left, and nothing of it had been refunded."""

    lines: tuple[SoldLine, ...]
    amount: int


class OrderRefundedV1(PublishedOrder, frozen=True, kw_only=True):
    """`lines` and `amount` are what is given back now."""

    lines: tuple[RefundedLine, ...]
    amount: int


PublishedOrderEvent = OrderPlacedV1 | OrderShippedV1 | OrderDeliveredV1 | OrderCancelledV1 | OrderRefundedV1


def publish_order(order_id: str, event: events.AnyOrderEvent) -> PublishedOrderEvent:
    """The one published event of a stored one."""
    order: _Order = {
        "order_id": order_id,
        "customer_id": event.customer_id,
        "placed_at": wire_time(event.placed_at),
        "currency": event.currency,
        "segment": event.segment,
        "region": event.region,
        "birth_year": event.birth_year,
        "gender": event.gender,
        "promotion_id": event.promotion_id,
    }
    match event:
        case events.OrderPlaced(lines=lines):
            return OrderPlacedV1(**order, lines=_sold(lines), amount=sum(line.amount for line in lines))
        case events.OrderShipped():
            return OrderShippedV1(**order)
        case events.OrderDelivered(shipped_at=shipped_at):
            return OrderDeliveredV1(**order, shipped_at=wire_time(shipped_at))
        case events.OrderCancelled(lines=lines):
            return OrderCancelledV1(**order, lines=_sold(lines), amount=sum(line.amount for line in lines))
        case events.OrderRefunded(lines=lines):
            refunded = tuple(RefundedLine(sku=line.sku, amount=line.amount) for line in lines)
            return OrderRefundedV1(**order, lines=refunded, amount=sum(line.amount for line in lines))
        case _:
            assert_never(event)


class _Order(TypedDict):
    order_id: str
    customer_id: str
    placed_at: str
    currency: str
    segment: str
    region: str
    birth_year: int | None
    gender: str | None
    promotion_id: str | None


def _sold(lines: tuple[events.OrderLine, ...]) -> tuple[SoldLine, ...]:
    return tuple(SoldLine(sku=line.sku, quantity=line.quantity, amount=line.amount) for line in lines)
