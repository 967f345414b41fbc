"""Orders as readers see them. A part of the projection `shop`: pure, and the only one that writes its collection.

`orders`  `_id` "order-<uuid>", version, orderId, customerId, placedAt, currency, segment, region, birthYear, gender,
          promotionId, lines [{sku, quantity, amount}], amount, status, shippedAt, deliveredAt, cancelledAt,
          refunds [{sku, amount}] (one a sku, so it is bounded by the lines), refunded (their sum)

Of its customer it holds what was true when it was placed; what is true now stands in the customer's own document and,
for lists, in views_customer_orders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from domains.shop.published_orders import (
    OrderCancelledV1,
    OrderDeliveredV1,
    OrderPlacedV1,
    OrderRefundedV1,
    OrderShippedV1,
)
from kernel.events import PublishedEvent
from kernel.projection import Changes, Document, Documents, Index, Lookup, Ref

COLLECTIONS: Mapping[str, tuple[Index, ...]] = {
    # newest first, of one status or, merged in order, of all
    "orders": (Index((("status", 1), ("placedAt", -1), ("_id", -1))),),
}


def needs(_: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    return ()


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    ref = Ref("orders", recorded.stream)
    match recorded.event:
        case OrderPlacedV1() as placed:
            return {ref: _new_order(recorded.stream, placed)}
        case OrderShippedV1():
            return {ref: {**documents[ref], "status": "shipped", "shippedAt": recorded.occurred_at}}
        case OrderDeliveredV1():
            return {ref: {**documents[ref], "status": "delivered", "deliveredAt": recorded.occurred_at}}
        case OrderCancelledV1():
            return {ref: {**documents[ref], "status": "cancelled", "cancelledAt": recorded.occurred_at}}
        case OrderRefundedV1() as refunded:
            order = documents[ref]
            by_sku = Counter({line["sku"]: line["amount"] for line in order["refunds"]})
            for line in refunded.lines:
                by_sku[line.sku] += line.amount
            refunds = [{"sku": sku, "amount": amount} for sku, amount in sorted(by_sku.items())]
            return {ref: {**order, "refunds": refunds, "refunded": order["refunded"] + refunded.amount}}
        case _:
            return {}


def _new_order(stream: str, placed: OrderPlacedV1) -> Document:
    return {
        "_id": stream,
        "orderId": placed.order_id,
        "customerId": placed.customer_id,
        "placedAt": placed.placed_at,
        "currency": placed.currency,
        "segment": placed.segment,
        "region": placed.region,
        "birthYear": placed.birth_year,
        "gender": placed.gender,
        "promotionId": placed.promotion_id,
        "lines": [{"sku": line.sku, "quantity": line.quantity, "amount": line.amount} for line in placed.lines],
        "amount": placed.amount,
        "status": "placed",
        "shippedAt": None,
        "deliveredAt": None,
        "cancelledAt": None,
        "refunds": [],
        "refunded": 0,
    }
