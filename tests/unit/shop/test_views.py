"""The projection of the shop: given a story, the documents readers see."""

from __future__ import annotations

from typing import Any

import pytest

from domains.shop import published as p
from domains.shop import published_orders as po
from domains.shop import views, views_orders
from domains.shop.views import SHOP
from kernel.events import Published
from kernel.projection import Ref
from tests.unit.shop.seen import ALICE, BOB, Seen

PLACED_AT, LATER = "2023-05-28T12:00:00.000000Z", "2023-05-29T12:00:00.000000Z"


def registered(customer: str, name: str) -> Published:
    return p.CustomerRegisteredV1(
        customer_id=customer, name=name, email=f"{name}@X.com", phone="1", segment="Consumer", region="West",
        birth_year=1990, gender=None,
    )  # fmt: skip


def of_order(order: str, customer: str) -> dict[str, Any]:
    return {
        "order_id": order, "customer_id": customer, "placed_at": PLACED_AT, "currency": "USD", "segment": "Consumer",
        "region": "West", "birth_year": 1990, "gender": None, "promotion_id": None,
    }  # fmt: skip


def placed(order: str, customer: str = ALICE) -> Published:
    lines = (po.SoldLine(sku="A.1", quantity=2, amount=700), po.SoldLine(sku="B", quantity=1, amount=300))
    return po.OrderPlacedV1(**of_order(order, customer), lines=lines, amount=1_000)


def refund(order: str, sku: str, amount: int, customer: str = ALICE) -> Published:
    lines = (po.RefundedLine(sku=sku, amount=amount),)
    return po.OrderRefundedV1(**of_order(order, customer), lines=lines, amount=amount)


def shop() -> Seen:
    """alice with two orders and bob with one."""
    seen = Seen()
    seen.happened(f"customer-{ALICE}", registered(ALICE, "Alice"))
    seen.happened(f"customer-{BOB}", registered(BOB, "Bob"))
    for order, customer in (("1", ALICE), ("2", BOB), ("3", ALICE)):
        seen.happened(f"order-{order}", placed(order, customer))
    return seen


def test_a_row_of_customer_orders_says_whose_order_it_is_and_how_to_reach_them() -> None:
    assert shop().all("customer_orders")[0] == {
        "_id": "order-1", "customerId": ALICE, "name": "Alice", "email": "Alice@X.com", "phone": "1", "orderId": "1",
        "placedAt": PLACED_AT, "amount": 1_000, "currency": "USD", "refunded": 0, "cancelled": False,
    }  # fmt: skip


def test_a_changed_contact_is_on_all_rows_of_its_customer_and_on_no_others() -> None:
    changed = p.CustomerContactChangedV1(customer_id=ALICE, name="Alicia", email="al@x.com", phone="2")
    seen = shop().happened(f"customer-{ALICE}", changed)
    rows = {row["orderId"]: (row["name"], row["email"], row["phone"]) for row in seen.all("customer_orders")}
    assert rows == {"1": ("Alicia", "al@x.com", "2"), "2": ("Bob", "Bob@X.com", "1"), "3": ("Alicia", "al@x.com", "2")}
    customer = seen.state[Ref("customers", f"customer-{ALICE}")]
    assert (customer["phone"], customer["emailCompared"]) == ("2", "al@x.com")
    after = seen.happened("order-4", placed("4")).state[Ref("customer_orders", "order-4")]
    assert after["phone"] == "2"


def test_a_changed_segment_or_region_leaves_orders_as_they_were_placed() -> None:
    seen = shop()
    seen.happened(
        f"customer-{ALICE}", p.CustomerSegmentChangedV1(customer_id=ALICE, segment="Corporate", previous="Consumer")
    )
    seen.happened(f"customer-{ALICE}", p.CustomerMovedV1(customer_id=ALICE, region="East", previous="West"))
    customer, order = seen.state[Ref("customers", f"customer-{ALICE}")], seen.state[Ref("orders", "order-1")]
    assert (customer["segment"], customer["region"]) == ("Corporate", "East")
    assert (order["segment"], order["region"]) == ("Consumer", "West")


def test_an_order_is_shipped_and_delivered() -> None:
    seen = shop().happened("order-1", po.OrderShippedV1(**of_order("1", ALICE)), LATER)
    seen.happened(
        "order-1", po.OrderDeliveredV1(**of_order("1", ALICE), shipped_at=LATER), "2023-05-30T00:00:00.000000Z"
    )
    order = seen.state[Ref("orders", "order-1")]
    assert (order["status"], order["shippedAt"], order["deliveredAt"]) == (
        "delivered",
        LATER,
        "2023-05-30T00:00:00.000000Z",
    )
    assert (order["amount"], len(order["lines"])) == (1_000, 2)


def test_a_cancelled_order_stays_and_says_so_in_its_row_too() -> None:
    lines = (po.SoldLine(sku="A.1", quantity=2, amount=1_000),)
    cancelled = po.OrderCancelledV1(**of_order("1", ALICE), lines=lines, amount=1_000)
    seen = shop().happened("order-1", cancelled, LATER)
    order = seen.state[Ref("orders", "order-1")]
    assert (order["status"], order["cancelledAt"]) == ("cancelled", LATER)
    assert [row["cancelled"] for row in seen.all("customer_orders")] == [True, False, False]


def test_refunds_are_kept_one_a_sku_and_summed() -> None:
    seen = shop()
    for sku, amount in (("B", 100), ("A.1", 50), ("B", 200)):
        seen.happened("order-1", refund("1", sku, amount))
    order = seen.state[Ref("orders", "order-1")]
    assert order["refunds"] == [{"sku": "A.1", "amount": 50}, {"sku": "B", "amount": 300}]
    assert (order["refunded"], seen.state[Ref("customer_orders", "order-1")]["refunded"]) == (350, 350)


def test_products_and_promotions_are_seen_as_they_are_now() -> None:
    seen = Seen()
    listed = p.ProductListedV1(product_id="i", sku="A", name="n", category="c", price=1, currency="USD")
    seen.happened("product-i", listed).happened("product-i", p.ProductRenamedV1(product_id="i", sku="A", name="m"))
    seen.happened("product-i", p.ProductRepricedV1(product_id="i", sku="A", price=2, currency="EUR"))
    (product,) = seen.all("products")
    assert (product["name"], product["price"], product["currency"], product["category"]) == ("m", 2, "EUR", "c")
    started = p.PromotionStartedV1(promotion_id="i", name="Spring", starts_at=PLACED_AT, ends_at="2024")
    seen.happened("promotion-i", started).happened("promotion-i", p.PromotionEndedV1(promotion_id="i"), LATER)
    (promotion,) = seen.all("promotions")
    assert (promotion["startsAt"], promotion["endsAt"], promotion["ended"]) == (PLACED_AT, LATER, True)


def test_an_order_of_nobody_and_a_step_of_no_order_are_refused() -> None:
    with pytest.raises(KeyError):
        Seen().happened("order-1", placed("1"))
    with pytest.raises(KeyError):
        shop().happened("order-9", po.OrderShippedV1(**of_order("9", ALICE)))


def test_every_published_event_changes_its_own_stream_and_an_unknown_one_is_refused() -> None:
    class Later(Published, frozen=True, kw_only=True):
        pass

    with pytest.raises(TypeError, match="Later"):
        shop().happened("order-1", Later())


def test_no_two_parts_write_one_collection() -> None:
    assert {"customers", "products", "promotions", "orders", "customer_orders"} <= SHOP.collections.keys()
    with pytest.raises(ValueError, match="orders"):
        views.collections((*views.PARTS, views_orders))
