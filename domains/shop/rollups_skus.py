"""The part of the projection `shop` that the top products are answered from. Pure.

`shop_skus`       `_id` "<bucket>|<partition>", bucket, partition (domains/shop/rollups.py); of a day a field for each
                  currency and sku, [orders, sales, refunds]; of a month, which holds most skus, counters
                  (domains/shop/counters.py) `orders`, `sales`, `refunds`, by the number of the currency and sku
`shop_catalogues` `_id` the partition, partition, numbers: currency and sku → its number, in the order of the numbers
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domains.shop.buckets import add_skus, raise_counters
from domains.shop.published_orders import OrderCancelledV1, OrderPlacedV1, OrderRefundedV1
from domains.shop.rollups import bucket_refs, by_sku, head
from kernel.events import PublishedEvent
from kernel.projection import Changes, Document, Documents, Index, Lookup, Ref

COLLECTIONS: Mapping[str, tuple[Index, ...]] = {
    "shop_skus": (Index((("bucket", 1),)),),
    "shop_catalogues": (),
}


def needs(recorded: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    match recorded.event:
        case OrderPlacedV1(placed_at=moment) | OrderCancelledV1(placed_at=moment):
            return (*bucket_refs(recorded, "shop_skus", moment), _catalogue_ref(recorded))
        case OrderRefundedV1():
            return (*bucket_refs(recorded, "shop_skus", recorded.occurred_at), _catalogue_ref(recorded))
        case _:
            return ()


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    match recorded.event:
        case OrderPlacedV1() as event:
            return _with(documents, recorded, event.placed_at, "sale", event, 1)
        case OrderCancelledV1() as event:
            return _with(documents, recorded, event.placed_at, "sale", event, -1)
        case OrderRefundedV1() as event:
            return _with(documents, recorded, recorded.occurred_at, "refund", event, 1)
        case _:
            return {}


def _with(
    documents: Documents,
    recorded: PublishedEvent[Any],
    moment: str,
    kind: str,
    event: OrderPlacedV1 | OrderCancelledV1 | OrderRefundedV1,
    sign: int,
) -> Changes:
    """The month's and the day's buckets with the lines, or without them again."""
    month, day = bucket_refs(recorded, "shop_skus", moment)
    counters, cells = (dict(documents[ref]) if ref in documents else head(ref) for ref in (month, day))
    lines = {"kind": kind, "currency": event.currency, "skus": by_sku(event)}
    changed: dict[str, Any] = {}
    add_skus(changed, lines, sign)
    add_skus(cells, lines, sign)
    catalogue_ref = _catalogue_ref(recorded)
    catalogue = _catalogue(documents.get(catalogue_ref) or _empty(catalogue_ref, recorded), changed)
    for key, cell in changed.items():
        raise_counters(counters, catalogue["numbers"][key], cell)
    return {month: counters, day: cells, catalogue_ref: catalogue}


def _catalogue(known: Document, keys: Iterable[str]) -> Document:
    """The catalogue with these among what it knows: a number once given stays."""
    numbers: dict[str, int] = known["numbers"]
    fresh = [key for key in keys if key not in numbers]
    if not fresh:
        return known
    return {**known, "numbers": numbers | {key: len(numbers) + more for more, key in enumerate(fresh)}}


def _empty(ref: Ref, recorded: PublishedEvent[Any]) -> Document:
    return {"_id": ref.id, "partition": recorded.partition, "numbers": {}}


def _catalogue_ref(recorded: PublishedEvent[Any]) -> Ref:
    return Ref("shop_catalogues", f"{recorded.partition:02}")
