"""What the topic of the shop says to everyone, and the mapping from what is stored: one for one, versioned, public.

When an event happened is the record's own time (ce_time; `occurred_at` of a PublishedEvent). Every event of an order
carries what a reader needs to place it (customer, when it was placed, segment and region of then), so no reader has to
look another event up. Moments are RFC 3339 text in UTC with six digits; amounts are minor units.
"""

from __future__ import annotations

from typing import assert_never

from domains.shop import events
from domains.shop.published_orders import (
    OrderCancelledV1,
    OrderDeliveredV1,
    OrderPlacedV1,
    OrderRefundedV1,
    OrderShippedV1,
    PublishedOrderEvent,
    publish_order,
)
from kernel.events import Published, wire_time


class CustomerRegisteredV1(Published, frozen=True, kw_only=True):
    customer_id: str
    name: str
    email: str
    phone: str
    segment: str
    region: str
    birth_year: int | None
    gender: str | None


class CustomerContactChangedV1(Published, frozen=True, kw_only=True):
    customer_id: str
    name: str
    email: str
    phone: str


class CustomerSegmentChangedV1(Published, frozen=True, kw_only=True):
    customer_id: str
    segment: str
    previous: str


class CustomerMovedV1(Published, frozen=True, kw_only=True):
    customer_id: str
    region: str
    previous: str


class ProductListedV1(Published, frozen=True, kw_only=True):
    product_id: str
    sku: str
    name: str
    category: str
    price: int
    currency: str


class ProductRenamedV1(Published, frozen=True, kw_only=True):
    product_id: str
    sku: str
    name: str


class ProductRepricedV1(Published, frozen=True, kw_only=True):
    product_id: str
    sku: str
    price: int
    currency: str


class PromotionStartedV1(Published, frozen=True, kw_only=True):
    promotion_id: str
    name: str
    starts_at: str
    ends_at: str


class PromotionEndedV1(Published, frozen=True, kw_only=True):
    promotion_id: str


PublishedShopEvent = (
    CustomerRegisteredV1
    | CustomerContactChangedV1
    | CustomerSegmentChangedV1
    | CustomerMovedV1
    | ProductListedV1
    | ProductRenamedV1
    | ProductRepricedV1
    | PromotionStartedV1
    | PromotionEndedV1
    | PublishedOrderEvent
)

PUBLISHED_TYPES: dict[str, type[Published]] = {
    "shop.CustomerRegistered.v1": CustomerRegisteredV1,
    "shop.CustomerContactChanged.v1": CustomerContactChangedV1,
    "shop.CustomerSegmentChanged.v1": CustomerSegmentChangedV1,
    "shop.CustomerMoved.v1": CustomerMovedV1,
    "shop.ProductListed.v1": ProductListedV1,
    "shop.ProductRenamed.v1": ProductRenamedV1,
    "shop.ProductRepriced.v1": ProductRepricedV1,
    "shop.PromotionStarted.v1": PromotionStartedV1,
    "shop.PromotionEnded.v1": PromotionEndedV1,
    "shop.OrderPlaced.v1": OrderPlacedV1,
    "shop.OrderShipped.v1": OrderShippedV1,
    "shop.OrderDelivered.v1": OrderDeliveredV1,
    "shop.OrderCancelled.v1": OrderCancelledV1,
    "shop.OrderRefunded.v1": OrderRefundedV1,
}


def publish(stream: str, event: events.AnyShopEvent) -> PublishedShopEvent:
    """The one published event of a stored one."""
    _, _, identifier = stream.partition("-")
    match event:
        case events.CustomerRegistered():
            return CustomerRegisteredV1(
                customer_id=identifier,
                name=event.name,
                email=event.email,
                phone=event.phone,
                segment=event.segment,
                region=event.region,
                birth_year=event.birth_year,
                gender=event.gender,
            )
        case events.CustomerContactChanged(name=name, email=email, phone=phone):
            return CustomerContactChangedV1(customer_id=identifier, name=name, email=email, phone=phone)
        case events.CustomerSegmentChanged(segment=segment, previous=previous):
            return CustomerSegmentChangedV1(customer_id=identifier, segment=segment, previous=previous)
        case events.CustomerMoved(region=region, previous=previous):
            return CustomerMovedV1(customer_id=identifier, region=region, previous=previous)
        case events.ProductListed(sku=sku, name=name, category=category, price=price, currency=currency):
            return ProductListedV1(
                product_id=identifier, sku=sku, name=name, category=category, price=price, currency=currency
            )
        case events.ProductRenamed(sku=sku, name=name):
            return ProductRenamedV1(product_id=identifier, sku=sku, name=name)
        case events.ProductRepriced(sku=sku, price=price, currency=currency):
            return ProductRepricedV1(product_id=identifier, sku=sku, price=price, currency=currency)
        case events.PromotionStarted(name=name, starts_at=starts_at, ends_at=ends_at):
            return PromotionStartedV1(
                promotion_id=identifier, name=name, starts_at=wire_time(starts_at), ends_at=wire_time(ends_at)
            )
        case events.PromotionEnded():
            return PromotionEndedV1(promotion_id=identifier)
        case events.OrderEvent():
            return publish_order(identifier, event)
        case _:
            assert_never(event)
