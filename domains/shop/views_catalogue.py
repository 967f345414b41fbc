"""Products and promotions as readers see them. A part of the projection `shop`: pure, and the only one that writes
these collections.

`products`    `_id` "product-<uuid>", version, productId, sku, name, category, price, currency, listedAt
`promotions`  `_id` "promotion-<uuid>", version, promotionId, name, startsAt, endsAt (earlier if it was ended), ended
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domains.shop.published import (
    ProductListedV1,
    ProductRenamedV1,
    ProductRepricedV1,
    PromotionEndedV1,
    PromotionStartedV1,
)
from kernel.events import PublishedEvent
from kernel.projection import Changes, Documents, Index, Lookup, Ref

COLLECTIONS: Mapping[str, tuple[Index, ...]] = {
    "products": (Index((("sku", 1), ("_id", 1))),),  # all, by sku
    "promotions": (Index((("startsAt", -1), ("_id", -1))),),  # all, newest first
}


def needs(_: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    return ()


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    stream = recorded.stream
    product, promotion = Ref("products", stream), Ref("promotions", stream)
    match recorded.event:
        case ProductListedV1() as listed:
            return {
                product: {
                    "_id": stream,
                    "productId": listed.product_id,
                    "sku": listed.sku,
                    "name": listed.name,
                    "category": listed.category,
                    "price": listed.price,
                    "currency": listed.currency,
                    "listedAt": recorded.occurred_at,
                }
            }
        case ProductRenamedV1(name=name):
            return {product: {**documents[product], "name": name}}
        case ProductRepricedV1(price=price, currency=currency):
            return {product: {**documents[product], "price": price, "currency": currency}}
        case PromotionStartedV1() as started:
            return {
                promotion: {
                    "_id": stream,
                    "promotionId": started.promotion_id,
                    "name": started.name,
                    "startsAt": started.starts_at,
                    "endsAt": started.ends_at,
                    "ended": False,
                }
            }
        case PromotionEndedV1():
            return {promotion: {**documents[promotion], "endsAt": recorded.occurred_at, "ended": True}}
        case _:
            return {}
