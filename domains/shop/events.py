"""The stored facts of the shop: customers, products, promotions and orders. EVENT_TYPES names them on the wire.

An order's later events repeat what was true of its buyer when it was placed (segment, region, year of birth, gender):
who reads one needs no other to know which month, segment or region it belongs to. Amounts are minor units of the
order's currency.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from kernel.events import Event, Upcaster


class ShopEvent(Event, frozen=True, kw_only=True):
    """What all of them have in common: when it happened in the world; an import says so, else it is now."""

    occurred_at: datetime

    def occurred(self, recorded: datetime) -> datetime:
        return self.occurred_at


class CustomerRegistered(ShopEvent, frozen=True, kw_only=True):
    name: str
    email: str
    phone: str
    segment: str
    region: str
    birth_year: int | None
    gender: str | None


class CustomerContactChanged(ShopEvent, frozen=True, kw_only=True):
    """The whole contact as it is from now on, whichever part of it changed."""

    name: str
    email: str
    phone: str


class CustomerSegmentChanged(ShopEvent, frozen=True, kw_only=True):
    segment: str
    previous: str


class CustomerMoved(ShopEvent, frozen=True, kw_only=True):
    region: str
    previous: str


class ProductListed(ShopEvent, frozen=True, kw_only=True):
    sku: str
    name: str
    category: str
    price: int
    currency: str


class ProductRenamed(ShopEvent, frozen=True, kw_only=True):
    sku: str
    name: str


class ProductRepriced(ShopEvent, frozen=True, kw_only=True):
    sku: str
    price: int
    currency: str


class PromotionStarted(ShopEvent, frozen=True, kw_only=True):
    """Announced: it runs from `starts_at` until `ends_at`, which may lie ahead."""

    name: str
    starts_at: datetime
    ends_at: datetime


class PromotionEnded(ShopEvent, frozen=True, kw_only=True):
    """Ended before its time."""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`amount` is the line's revenue, after discount."""

    sku: str
    quantity: int
    amount: int


class RefundLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    sku: str
    amount: int


class OrderEvent(ShopEvent, frozen=True, kw_only=True):
    """What every event of an order says of it: whose it is, and what was true when it was placed."""

    customer_id: str
    placed_at: datetime
    currency: str
    segment: str
    region: str
    birth_year: int | None
    gender: str | None
    promotion_id: str | None


class OrderPlaced(OrderEvent, frozen=True, kw_only=True):
    lines: tuple[OrderLine, ...]


class OrderShipped(OrderEvent, frozen=True, kw_only=True):
    pass


class OrderDelivered(OrderEvent, frozen=True, kw_only=True):
    shipped_at: datetime


class OrderCancelled(OrderEvent, frozen=True, kw_only=True):
    """The order is as if it had never been placed; nothing of it had been refunded. `lines` are all it had."""

    lines: tuple[OrderLine, ...]


class OrderRefunded(OrderEvent, frozen=True, kw_only=True):
    """Money given back, now; what was sold stays sold."""

    lines: tuple[RefundLine, ...]


CustomerEvent = CustomerRegistered | CustomerContactChanged | CustomerSegmentChanged | CustomerMoved
ProductEvent = ProductListed | ProductRenamed | ProductRepriced
PromotionEvent = PromotionStarted | PromotionEnded
AnyOrderEvent = OrderPlaced | OrderShipped | OrderDelivered | OrderCancelled | OrderRefunded
AnyShopEvent = CustomerEvent | ProductEvent | PromotionEvent | AnyOrderEvent

EVENT_TYPES: dict[str, tuple[type[Event], int]] = {
    "CustomerRegistered": (CustomerRegistered, 1),
    "CustomerContactChanged": (CustomerContactChanged, 1),
    "CustomerSegmentChanged": (CustomerSegmentChanged, 1),
    "CustomerMoved": (CustomerMoved, 1),
    "ProductListed": (ProductListed, 1),
    "ProductRenamed": (ProductRenamed, 1),
    "ProductRepriced": (ProductRepriced, 1),
    "PromotionStarted": (PromotionStarted, 1),
    "PromotionEnded": (PromotionEnded, 1),
    "OrderPlaced": (OrderPlaced, 1),
    "OrderShipped": (OrderShipped, 1),
    "OrderDelivered": (OrderDelivered, 1),
    "OrderCancelled": (OrderCancelled, 1),
    "OrderRefunded": (OrderRefunded, 1),
}

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
