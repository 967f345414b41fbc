"""Customers as readers see them. A part of the projection `shop`: pure, and the only one that writes its collection.

`customers`  `_id` "customer-<uuid>" (the stream), version (kept by the projector), customerId, name, email,
             emailCompared, phone, segment, region, birthYear, gender, registeredAt
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domains.shop.customer import compared
from domains.shop.published import (
    CustomerContactChangedV1,
    CustomerMovedV1,
    CustomerRegisteredV1,
    CustomerSegmentChangedV1,
)
from kernel.events import PublishedEvent
from kernel.projection import Changes, Documents, Index, Lookup, Ref

COLLECTIONS: Mapping[str, tuple[Index, ...]] = {
    "customers": (
        Index((("registeredAt", -1), ("_id", -1))),  # all, newest first
        Index((("emailCompared", 1),)),
    ),
}


def needs(_: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    return ()


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    ref = Ref("customers", recorded.stream)
    match recorded.event:
        case CustomerRegisteredV1() as registered:
            document = {
                "_id": recorded.stream,
                "customerId": registered.customer_id,
                "name": registered.name,
                "email": registered.email,
                "emailCompared": compared(registered.email),
                "phone": registered.phone,
                "segment": registered.segment,
                "region": registered.region,
                "birthYear": registered.birth_year,
                "gender": registered.gender,
                "registeredAt": recorded.occurred_at,
            }
            return {ref: document}
        case CustomerContactChangedV1(name=name, email=email, phone=phone):
            contact = {"name": name, "email": email, "emailCompared": compared(email), "phone": phone}
            return {ref: {**documents[ref], **contact}}
        case CustomerSegmentChangedV1(segment=segment):
            return {ref: {**documents[ref], "segment": segment}}
        case CustomerMovedV1(region=region):
            return {ref: {**documents[ref], "region": region}}
        case _:
            return {}
