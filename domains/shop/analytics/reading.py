"""Buckets and facts from the read model, all of one moment; facts of an edge become a bucket of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from domains.shop import buckets
from domains.shop.analytics.windows import Pieces
from domains.shop.buckets import Bucket, Fact

Document = Mapping[str, Any]

SALES = ("at", "kind", "currency", "segment", "sales", "refunds", "refunded")
SKUS = ("at", "kind", "currency", "skus")
EVERYTHING = (*SALES, "partition", "member", "region", "band", "gender", "cell", "minutes")


class Snapshot(Protocol):
    """Reads that all see one moment (app/queries/mongo.py)."""

    async def find(
        self, collection: str, where: Mapping[str, Any], fields: Sequence[str] = ()
    ) -> list[Mapping[str, Any]]: ...


class Signed:
    """The buckets and facts that several windows are made of, each read once; for each window what counts, and how."""

    def __init__(self, found: Iterable[Document], facts: Iterable[Fact], windows: list[Pieces]) -> None:
        self._windows = windows
        self._buckets: dict[str, list[Document]] = defaultdict(list)
        for document in found:
            self._buckets[document["bucket"]].append(document)
        self._facts: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        edges = {edge for pieces in windows for edge in pieces.edges}
        for fact in facts:
            for edge in edges:
                if edge[0] <= fact["at"] < edge[1]:
                    self._facts[edge].append(fact)

    def buckets_of(self, window: int) -> Iterator[tuple[Document, int]]:
        for name, sign in self._windows[window].buckets.items():
            for document in self._buckets.get(name, ()):
                yield document, sign

    def facts_of(self, window: int) -> Iterator[tuple[Fact, int]]:
        for edge, sign in self._windows[window].edges.items():
            for fact in self._facts.get(edge, ()):
                yield fact, sign


async def read(
    snapshot: Snapshot, collection: str, windows: list[Pieces], fields: Sequence[str], of_facts: Sequence[str]
) -> Signed:
    """What the windows are made of; `fields` of the buckets (none: all), `of_facts` of the facts."""
    names = sorted({name for pieces in windows for name in pieces.buckets})
    found = await snapshot.find(collection, {"bucket": {"$in": names}}, fields) if names else []
    edges = sorted({edge for pieces in windows for edge in pieces.edges})
    facts = (
        await snapshot.find("shop_facts", {"$or": [{"at": {"$gte": a, "$lt": b}} for a, b in edges]}, of_facts)
        if edges
        else []
    )
    return Signed(found, facts, windows)


async def read_whole(snapshot: Snapshot, pieces: Pieces, fields: tuple[str, ...]) -> list[tuple[int, Bucket]]:
    """(partition, bucket) of all that the window is made of, its edges among them."""
    signed = await read(snapshot, "shop_buckets", [pieces], ("partition", "bucket", *fields), EVERYTHING)
    edges: dict[int, Bucket] = {}
    for fact, _ in signed.facts_of(0):
        put(edges.setdefault(fact["partition"], buckets.empty()), fact)
    return [*((document["partition"], dict(document)) for document, _ in signed.buckets_of(0)), *edges.items()]


def put(bucket: Bucket, fact: Fact) -> None:
    """The bucket with all that is known of a sale or a refund by now."""
    if fact["kind"] == "refund":
        buckets.add_refund(bucket, fact)
        return
    buckets.add_sale(bucket, fact)
    if fact["refunded"]:
        buckets.add_restated(bucket, fact, fact["refunded"])
    if fact["minutes"] is not None:
        buckets.add_delivery(bucket, fact, fact["minutes"])


async def customers_by_segment(snapshot: Snapshot) -> dict[str, int]:
    """Segment → customers that are in it now, those without orders too."""
    counts: dict[str, int] = {}
    for document in await snapshot.find("shop_partitions", {}):
        for name, count in document["segments"].items():
            counts[name[1:]] = counts.get(name[1:], 0) + count
    return {segment: count for segment, count in counts.items() if count}


def chosen(wanted: str | None, currency: str) -> bool:
    return wanted is None or wanted == currency
