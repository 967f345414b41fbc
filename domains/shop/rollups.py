"""The part of the projection `shop` that the analytics are answered from. Pure.

`shop_buckets` `_id` "<bucket>|<partition>", bucket ("2018-11", a month, or "2018-11-08", a day, both in UTC),
               partition, and what domains/shop/buckets.py says
`shop_facts`   `_id` the order's id, or "<order>@<version>" of a refund: one sale or refund by itself, for what lies
               between two midnights and for customers who have changed their segment; gone when the order is cancelled
`shop_members` `_id` the customer's id, member: its number in its partition
`shop_partitions` `_id` the partition, partition, members (the next number), segments ("=" and segment → customers that
               are in it now), cells (currency, region, age band and gender → its number, in the order of the numbers)
`shop_switchers` `_id` the customer's id, segment: customers who have changed their segment, and today's

A sale is in the bucket of the moment it was placed, under the segment, region and age of that moment; a refund in the
bucket of the moment it was given. A cancelled order is as if it had never been placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domains.shop import buckets
from domains.shop.published import CustomerRegisteredV1, CustomerSegmentChangedV1
from domains.shop.published_orders import (
    OrderCancelledV1,
    OrderDeliveredV1,
    OrderPlacedV1,
    OrderRefundedV1,
    PublishedOrder,
)
from kernel.events import PublishedEvent
from kernel.projection import Changes, Document, Documents, Index, Lookup, Ref

COLLECTIONS: Mapping[str, tuple[Index, ...]] = {
    "shop_buckets": (Index((("bucket", 1),)),),
    # between two midnights; of a customer who has changed its segment
    "shop_facts": (Index((("at", 1),)), Index((("customerId", 1), ("at", 1)))),
    "shop_members": (),
    "shop_partitions": (),
    "shop_switchers": (),
}


def needs(recorded: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    match recorded.event:
        case OrderPlacedV1() | OrderCancelledV1() as event:
            return (
                *_member_refs(recorded, event.customer_id),
                Ref("shop_facts", event.order_id),
                *bucket_refs(recorded, "shop_buckets", event.placed_at),
            )
        case OrderDeliveredV1() as event:
            return (Ref("shop_facts", event.order_id), *bucket_refs(recorded, "shop_buckets", event.placed_at))
        case OrderRefundedV1() as event:
            moments = (event.placed_at, recorded.occurred_at)
            return (
                Ref("shop_facts", event.order_id),
                *(ref for moment in moments for ref in bucket_refs(recorded, "shop_buckets", moment)),
            )
        case CustomerRegisteredV1(customer_id=customer_id):
            return _member_refs(recorded, customer_id)
        case CustomerSegmentChangedV1():
            return (_partition_ref(recorded),)
        case _:
            return ()


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    """The rollups as they stand after the event. A KeyError means that history does not allow it: it is parked."""
    changes: dict[Ref, Document | None] = {}
    match recorded.event:
        case OrderPlacedV1() as event:
            sale = _fact(recorded, event, event.order_id, event.placed_at, _member(documents, recorded, event, changes))
            sale["cell"] = _cell(documents, recorded, changes, buckets.cell_of(sale))
            sale |= {"kind": "sale", "sales": event.amount, "refunded": 0, "minutes": None}
            sale["skus"] = by_sku(event)
            changes[Ref("shop_facts", event.order_id)] = sale
            for ref in bucket_refs(recorded, "shop_buckets", event.placed_at):
                buckets.add_sale(_bucket(documents, changes, ref), sale)
        case OrderCancelledV1() as event:
            sale = documents[Ref("shop_facts", event.order_id)]
            changes[Ref("shop_facts", event.order_id)] = None
            for ref in bucket_refs(recorded, "shop_buckets", event.placed_at):
                buckets.take_sale(_bucket(documents, changes, ref), sale)
        case OrderDeliveredV1() as event:
            sale = documents[Ref("shop_facts", event.order_id)]
            minutes = buckets.minutes_between(event.placed_at, recorded.occurred_at)
            changes[Ref("shop_facts", event.order_id)] = {**sale, "minutes": minutes}
            for ref in bucket_refs(recorded, "shop_buckets", event.placed_at):
                buckets.add_delivery(_bucket(documents, changes, ref), sale, minutes)
        case OrderRefundedV1() as event:
            sale = documents[Ref("shop_facts", event.order_id)]
            changes[Ref("shop_facts", event.order_id)] = {**sale, "refunded": sale["refunded"] + event.amount}
            refund_id = f"{event.order_id}@{recorded.version}"
            refund = _fact(recorded, event, refund_id, recorded.occurred_at, sale["member"])
            refund |= {"kind": "refund", "cell": sale["cell"], "refunds": event.amount, "skus": by_sku(event)}
            changes[Ref("shop_facts", refund_id)] = refund
            for ref in bucket_refs(recorded, "shop_buckets", event.placed_at):
                buckets.add_restated(_bucket(documents, changes, ref), sale, event.amount)
            for ref in bucket_refs(recorded, "shop_buckets", recorded.occurred_at):
                buckets.add_refund(_bucket(documents, changes, ref), refund)
        case CustomerRegisteredV1(segment=segment) as event:
            _member(documents, recorded, event, changes)
            _count_customers(documents, recorded, changes, {segment: 1})
        case CustomerSegmentChangedV1(customer_id=customer_id, segment=segment, previous=previous):
            _count_customers(documents, recorded, changes, {previous: -1, segment: 1})
            changes[Ref("shop_switchers", customer_id)] = {"_id": customer_id, "segment": segment}
    return changes


def bucket_refs(recorded: PublishedEvent[Any], collection: str, moment: str) -> tuple[Ref, Ref]:
    """The month's bucket and the day's."""
    return (
        Ref(collection, f"{moment[:7]}|{recorded.partition:02}"),
        Ref(collection, f"{moment[:10]}|{recorded.partition:02}"),
    )


def _partition_ref(recorded: PublishedEvent[Any]) -> Ref:
    return Ref("shop_partitions", f"{recorded.partition:02}")


def _member_refs(recorded: PublishedEvent[Any], customer_id: str) -> tuple[Ref, Ref]:
    return Ref("shop_members", customer_id), _partition_ref(recorded)


def _bucket(documents: Documents, changes: dict[Ref, Document | None], ref: Ref) -> buckets.Bucket:
    """The bucket among the changes, made from what there is when it is asked for first."""
    found = changes.get(ref)
    if found is None:
        known = documents.get(ref)
        found = changes[ref] = buckets.empty() | head(ref) if known is None else buckets.writable(known)
    return found


def head(ref: Ref) -> Document:
    bucket, _, partition = ref.id.partition("|")
    return {"_id": ref.id, "bucket": bucket, "partition": int(partition)}


def _partition(documents: Documents, recorded: PublishedEvent[Any], changes: dict[Ref, Document | None]) -> Document:
    ref = _partition_ref(recorded)
    fresh = {"_id": ref.id, "partition": recorded.partition, "members": 0, "segments": {}, "cells": {}}
    return changes.get(ref) or documents.get(ref) or fresh


def _member(
    documents: Documents,
    recorded: PublishedEvent[Any],
    event: PublishedOrder | CustomerRegisteredV1,
    changes: dict[Ref, Document | None],
) -> int:
    """The customer's number in its partition; it is given one when it is first heard of."""
    ref = Ref("shop_members", event.customer_id)
    if ref in documents:
        number: int = documents[ref]["member"]
        return number
    partition = _partition(documents, recorded, changes)
    changes[ref] = {"_id": ref.id, "member": partition["members"]}
    changes[_partition_ref(recorded)] = {**partition, "members": partition["members"] + 1}
    return int(partition["members"])


def _cell(documents: Documents, recorded: PublishedEvent[Any], changes: dict[Ref, Document | None], key: str) -> int:
    """The cell's number in its partition; it is given one with its first order."""
    partition = _partition(documents, recorded, changes)
    cells: dict[str, int] = partition["cells"]
    if key not in cells:
        cells = cells | {key: len(cells)}
        changes[_partition_ref(recorded)] = {**partition, "cells": cells}
    return cells[key]


def _count_customers(
    documents: Documents, recorded: PublishedEvent[Any], changes: dict[Ref, Document | None], by: dict[str, int]
) -> None:
    partition = _partition(documents, recorded, changes)
    counts = dict(partition["segments"])
    for segment, change in by.items():
        # a field's name must not begin with a dollar sign
        counts[f"={segment}"] = counts.get(f"={segment}", 0) + change
    changes[_partition_ref(recorded)] = {**partition, "segments": {name: each for name, each in counts.items() if each}}


def _fact(
    recorded: PublishedEvent[Any], event: PublishedOrder, identifier: str, at: str, member: int
) -> dict[str, Any]:
    return {
        "_id": identifier,
        "at": at,
        "partition": recorded.partition,
        "customerId": event.customer_id,
        "member": member,
        "currency": event.currency,
        "segment": event.segment,
        "region": event.region,
        "band": buckets.age_band(event.birth_year, event.placed_at),
        "gender": event.gender or buckets.UNKNOWN,
    }


def by_sku(event: OrderPlacedV1 | OrderCancelledV1 | OrderRefundedV1) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for line in event.lines:
        amounts[line.sku] = amounts.get(line.sku, 0) + line.amount
    return amounts
