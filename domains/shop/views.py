"""What readers see of the shop: the projection `shop`, put together from parts. Pure: no driver, no clock.

Each part is a module with COLLECTIONS (that no other part writes), `needs` and `fold`; each folds what it knows and
leaves the rest to others, over the documents as they stood before the event. One projection, so all that an event
changes, in whichever part, changes in one transaction: a token that waits for an order waits for its row and its sums.

No field is a date: moments are RFC 3339 text in UTC with six digits, which sorts. Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from domains.shop import rollups, rollups_skus, views_catalogue, views_customer_orders, views_customers, views_orders
from domains.shop.published import PUBLISHED_TYPES
from kernel.events import PublishedEvent
from kernel.projection import Changes, Document, Documents, Index, Lookup, Projection, Ref


class Part(Protocol):
    """A part of the projection."""

    COLLECTIONS: Mapping[str, tuple[Index, ...]]

    def needs(self, recorded: PublishedEvent[Any], /) -> Iterable[Ref | Lookup]: ...

    def fold(self, documents: Documents, recorded: PublishedEvent[Any], /) -> Changes: ...


PARTS: tuple[Part, ...] = (views_customers, views_catalogue, views_orders, views_customer_orders, rollups, rollups_skus)

_KNOWN = frozenset(PUBLISHED_TYPES.values())


def collections(parts: Iterable[Part]) -> dict[str, tuple[Index, ...]]:
    """Every part's collections. Raises ValueError where two parts write one."""
    found: dict[str, tuple[Index, ...]] = {}
    for part in parts:
        if shared := found.keys() & part.COLLECTIONS.keys():
            raise ValueError(f"two parts of the projection shop write {sorted(shared)}")
        found |= part.COLLECTIONS
    return found


def needs(recorded: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    return [each for part in PARTS for each in part.needs(recorded)]


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    """The documents as they stand after the event. A KeyError means that history does not allow it: it is parked."""
    if type(recorded.event) not in _KNOWN:
        raise TypeError(f"the projection shop has no fold for {type(recorded.event).__name__}")
    changes: dict[Ref, Document | None] = {}
    for part in PARTS:
        changes |= part.fold(documents, recorded)
    return changes


SHOP = Projection(
    name="shop",
    domain="shop",
    categories=("customer", "product", "promotion", "order"),
    primary="orders",
    primaries={"customer": "customers", "product": "products", "promotion": "promotions"},
    collections=collections(PARTS),
    needs=needs,
    fold=fold,
)

PROJECTIONS: list[Projection] = [SHOP]
