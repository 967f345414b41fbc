"""The documents of the shop: customers, products, promotions, orders, and the rows that show an order with its customer
of now. What analytics adds up stands elsewhere.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

from checker.published import six_digits
from checker.stored import Event

PRIMARY = {"customer": "customers", "product": "products", "promotion": "promotions", "order": "orders"}
CONTACT = ("name", "email", "phone")
AS_PLACED = ("customerId", "currency", "segment", "region", "birthYear", "gender", "promotionId")
STEPS = {
    "OrderShipped": ("shipped", "shippedAt"),
    "OrderDelivered": ("delivered", "deliveredAt"),
    "OrderCancelled": ("cancelled", "cancelledAt"),
}

Document = dict[str, Any]


def fold_shop(events: Iterable[Event]) -> dict[str, dict[str, Document]]:
    """From the events of the shop, in version order within each stream. Raises KeyError where something is missing."""
    found: dict[str, dict[str, Document]] = {collection: {} for collection in PRIMARY.values()}
    for event in events:
        category, _, identifier = event.stream.partition("-")
        documents = found[PRIMARY[category]]
        if event.version == 1:
            documents[event.stream] = {"_id": event.stream, f"{category}Id": identifier}
        document = documents[event.stream]
        document["version"] = event.version
        if category == "order":
            _order(document, event)
        else:
            _other(document, event)
    rows = {stream: _row(order, found["customers"]) for stream, order in found["orders"].items()}
    return {**found, "customer_orders": rows}


def compared(email: str) -> str:
    """The address as it must be unique: in whatever case, however a letter is encoded."""
    return unicodedata.normalize("NFKC", email).casefold()


def amount_of(event: Event) -> int:
    return sum(int(line["amount"]) for line in event.data["lines"])


def _other(document: Document, event: Event) -> None:
    data, happened = event.data, event.occurred_at
    match event.type:
        case "CustomerRegistered":
            document.update({name: data[name] for name in (*CONTACT, "segment", "region", "birthYear", "gender")})
            document.update(emailCompared=compared(data["email"]), registeredAt=happened)
        case "CustomerContactChanged":
            document.update({name: data[name] for name in CONTACT}, emailCompared=compared(data["email"]))
        case "CustomerSegmentChanged":
            document["segment"] = data["segment"]
        case "CustomerMoved":
            document["region"] = data["region"]
        case "ProductListed":
            document.update({name: data[name] for name in ("sku", "name", "category", "price", "currency")})
            document["listedAt"] = happened
        case "ProductRenamed":
            document["name"] = data["name"]
        case "ProductRepriced":
            document.update(price=data["price"], currency=data["currency"])
        case "PromotionStarted":
            document.update(name=data["name"], ended=False)
            document.update(startsAt=six_digits(data["startsAt"]), endsAt=six_digits(data["endsAt"]))
        case "PromotionEnded":
            document.update(endsAt=happened, ended=True)


def _order(order: Document, event: Event) -> None:
    data = event.data
    if event.type == "OrderPlaced":
        order.update({name: data[name] for name in AS_PLACED})
        order.update(placedAt=six_digits(data["placedAt"]), lines=data["lines"], amount=amount_of(event))
        order.update(status="placed", shippedAt=None, deliveredAt=None, cancelledAt=None, refunds=[], refunded=0)
    elif event.type == "OrderRefunded":
        refunds = Counter({line["sku"]: line["amount"] for line in order["refunds"]})
        for line in data["lines"]:
            refunds[line["sku"]] += line["amount"]
        order["refunds"] = [{"sku": sku, "amount": amount} for sku, amount in sorted(refunds.items())]
        order["refunded"] += amount_of(event)
    elif event.type in STEPS:
        status, moment = STEPS[event.type]
        order.update({"status": status, moment: event.occurred_at})


def _row(order: Document, customers: dict[str, Document]) -> Document:
    customer = customers[f"customer-{order['customerId']}"]
    return {
        "_id": order["_id"], "customerId": order["customerId"], **{name: customer[name] for name in CONTACT},
        "orderId": order["orderId"], "placedAt": order["placedAt"], "amount": order["amount"],
        "currency": order["currency"], "refunded": order["refunded"], "cancelled": order["status"] == "cancelled",
    }  # fmt: skip
