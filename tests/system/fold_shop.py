"""What the documents of the shop must be, from stored events once more: written from the specification, sharing no line
with the projection it checks. CustomerOrders is made by the join that its readers are spared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

Document = dict[str, Any]
Collections = dict[str, dict[str, Document]]

PRIMARY = {"customer": "customers", "product": "products", "promotion": "promotions", "order": "orders"}
CONTACT = ("name", "email", "phone")


def fold_shop(history: Iterable[tuple[str, int, str, dict[str, Any]]]) -> Collections:
    """Collection → id → document, from (stream, version, type, data) in version order per stream."""
    found: Collections = {name: {} for name in (*PRIMARY.values(), "customer_orders")}
    refunds: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for stream, version, kind, data in history:
        category, _, identifier = stream.partition("-")
        if category not in PRIMARY:
            continue
        document = found[PRIMARY[category]].setdefault(stream, {"_id": stream, f"{category}Id": identifier})
        document["version"] = version
        _happened(document, kind, dict(data), refunds[stream])
    for stream, order in found["orders"].items():
        order["refunds"] = [{"sku": sku, "amount": refunds[stream][sku]} for sku in sorted(refunds[stream])]
        order["refunded"] = sum(refunds[stream].values())
        customer = found["customers"][f"customer-{order['customerId']}"]
        found["customer_orders"][stream] = {
            "_id": stream,
            "cancelled": order["status"] == "cancelled",
            **{name: order[name] for name in ("orderId", "customerId", "placedAt", "amount", "currency", "refunded")},
            **{name: customer[name] for name in CONTACT},
        }
    return found


def _happened(document: Document, kind: str, data: dict[str, Any], refunds: dict[str, int]) -> None:
    at = six_digits(data.pop("occurredAt"))
    match kind:
        case "CustomerRegistered":
            document |= {**data, "registeredAt": at, "emailCompared": _compared(data["email"])}
        case "CustomerContactChanged":
            document |= {**data, "emailCompared": _compared(data["email"])}
        case "CustomerSegmentChanged":
            document["segment"] = data["segment"]
        case "CustomerMoved":
            document["region"] = data["region"]
        case "ProductListed":
            document |= {**data, "listedAt": at}
        case "ProductRenamed" | "ProductRepriced":
            document |= data
        case "PromotionStarted":
            moments = {name: six_digits(data[name]) for name in ("startsAt", "endsAt")}
            document |= {**data, **moments, "ended": False}
        case "PromotionEnded":
            document |= {"endsAt": at, "ended": True}
        case "OrderPlaced":
            amount = sum(line["amount"] for line in data["lines"])
            nothing_yet = dict.fromkeys(("shippedAt", "deliveredAt", "cancelledAt"))
            document |= {**data, "placedAt": at, "amount": amount, "status": "placed", **nothing_yet}
        case "OrderShipped" | "OrderDelivered" | "OrderCancelled":
            status = kind.removeprefix("Order").lower()
            document |= {"status": status, f"{status}At": at}
        case "OrderRefunded":
            for line in data["lines"]:
                refunds[line["sku"]] += line["amount"]
        case _:
            raise AssertionError(f"nobody specified {kind}")


def six_digits(moment: str) -> str:
    """The moment in UTC with microseconds, as documents write it."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _compared(email: str) -> str:
    return normalize("NFKC", email).casefold()
