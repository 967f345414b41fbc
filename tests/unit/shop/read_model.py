"""The read model in memory: the projection's own folds over stored events, and the finds that the analytics make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domains.shop.events import AnyOrderEvent, AnyShopEvent, OrderEvent
from domains.shop.published import publish
from domains.shop.views import SHOP
from kernel.events import PublishedEvent, wire_time
from kernel.partitioning import partition_of
from kernel.projection import Document, Lookup, Ref

PARTITIONS = 3


class ReadModel:
    """The documents after a history."""

    def __init__(self, history: Iterable[tuple[str, AnyShopEvent]] = ()) -> None:
        self.documents: dict[Ref, Document] = {}
        self.documents_read = 0
        self._versions: dict[str, int] = {}
        for stream, event in history:
            self.happened(stream, event)

    def happened(self, stream: str, event: AnyShopEvent | AnyOrderEvent) -> None:
        key = f"customer-{event.customer_id}" if isinstance(event, OrderEvent) else stream
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        recorded: PublishedEvent[Any] = PublishedEvent(
            topic="t", partition=partition_of(key, PARTITIONS), offset=0, key=key, stream=stream, version=version,
            event_id="", type=type(event).__name__, occurred_at=wire_time(event.occurred_at),
            event=publish(stream, event),
        )  # fmt: skip
        given: dict[Ref, Document] = {}
        for need in (SHOP.primary_ref(stream), *SHOP.needs(recorded)):
            if isinstance(need, Ref):
                given |= {need: self.documents[need]} if need in self.documents else {}
            else:
                given |= self._looked_up(need)
        for ref, document in SHOP.fold(given, recorded).items():
            if document is None:
                self.documents.pop(ref, None)
            else:
                self.documents[ref] = document

    def _looked_up(self, lookup: Lookup) -> dict[Ref, Document]:
        return {
            ref: document
            for ref, document in self.documents.items()
            if ref.collection == lookup.collection and document[lookup.field] == lookup.value
        }

    async def find(
        self, collection: str, where: Mapping[str, Any], fields: Sequence[str] = ()
    ) -> list[Mapping[str, Any]]:
        """As app.queries.mongo.Snapshot does."""
        found = [
            document
            for ref, document in self.documents.items()
            if ref.collection == collection and _matches(document, where)
        ]
        names = ("_id", *fields)
        return [{name: each[name] for name in names if name in each} if fields else each for each in found]


def _matches(document: Document, where: Mapping[str, Any]) -> bool:
    for field, wanted in where.items():
        if field == "$or":
            if not any(_matches(document, each) for each in wanted):
                return False
        elif not all(_compare(document[field], operator, value) for operator, value in wanted.items()):
            return False
    return True


def _compare(value: Any, operator: str, wanted: Any) -> bool:
    match operator:
        case "$in":
            return value in wanted
        case "$gte":
            return bool(value >= wanted)
        case "$lt":
            return bool(value < wanted)
        case _:
            raise NotImplementedError(operator)
