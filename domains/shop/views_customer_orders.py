"""CustomerOrders, the denormalised read model: one row an order, with its customer's name, email and phone of now.

A part of the projection `shop`: pure, and the only one that writes its collection. A customer and its orders share a
partition, so the customer is there before its order is, and a changed contact is on all rows in the transaction that
puts it on the customer: no reader joins, and none sees half of it.

`customer_orders`  `_id` "order-<uuid>" (the order's stream), customerId, name, email, phone, orderId, placedAt, amount,
                   currency, refunded, cancelled
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domains.shop.published import CustomerContactChangedV1
from domains.shop.published_orders import OrderCancelledV1, OrderPlacedV1, OrderRefundedV1
from kernel.events import PublishedEvent
from kernel.projection import Changes, Documents, Index, Lookup, Ref

NAME = "customer_orders"
COLLECTIONS: Mapping[str, tuple[Index, ...]] = {
    NAME: (
        # by when they were placed, cancelled ones apart; what sums need is in the index itself
        Index((("cancelled", 1), ("placedAt", 1), ("_id", 1), ("currency", 1), ("amount", 1), ("refunded", 1))),
        # one customer's, by when; also what a changed contact looks up
        Index((("customerId", 1), ("placedAt", 1), ("_id", 1))),
    ),
}


def needs(recorded: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    match recorded.event:
        case OrderPlacedV1(customer_id=customer_id):
            return (customer_ref(customer_id),)
        case OrderCancelledV1() | OrderRefundedV1():
            return (Ref(NAME, recorded.stream),)
        case CustomerContactChangedV1(customer_id=customer_id):
            return (Lookup(NAME, "customerId", customer_id),)
        case _:
            return ()


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    ref = Ref(NAME, recorded.stream)
    match recorded.event:
        case OrderPlacedV1() as placed:
            customer = documents[customer_ref(placed.customer_id)]
            row = {
                "_id": recorded.stream,
                "customerId": placed.customer_id,
                "name": customer["name"],
                "email": customer["email"],
                "phone": customer["phone"],
                "orderId": placed.order_id,
                "placedAt": placed.placed_at,
                "amount": placed.amount,
                "currency": placed.currency,
                "refunded": 0,
                "cancelled": False,
            }
            return {ref: row}
        case OrderCancelledV1():
            return {ref: {**documents[ref], "cancelled": True}}
        case OrderRefundedV1(amount=amount):
            return {ref: {**documents[ref], "refunded": documents[ref]["refunded"] + amount}}
        case CustomerContactChangedV1(name=name, email=email, phone=phone):
            contact = {"name": name, "email": email, "phone": phone}
            return {row: {**document, **contact} for row, document in documents.items() if row.collection == NAME}
        case _:
            return {}


def customer_ref(customer_id: str) -> Ref:
    return Ref("customers", f"customer-{customer_id}")
