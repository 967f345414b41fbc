"""The documents after a story of several streams, asked for only as the projection says it needs them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from domains.shop.views import SHOP
from kernel.events import Published, PublishedEvent
from kernel.projection import Document, Lookup, Ref

ALICE, BOB = "0190aaaa-0000-7000-8000-00000000000a", "0190aaaa-0000-7000-8000-00000000000b"


class Seen:
    """Folds one event after the other, as the projector does: primary document, what is needed, what is looked up."""

    def __init__(self) -> None:
        self.state: dict[Ref, Document] = {}
        self._versions: Counter[str] = Counter()

    def happened(self, stream: str, event: Published, at: str = "2023-05-28T12:00:00.000000Z") -> Seen:
        self._versions[stream] += 1
        recorded: PublishedEvent[Any] = PublishedEvent(
            topic="t",
            partition=0,
            offset=0,
            key=stream,
            stream=stream,
            version=self._versions[stream],
            event_id="e",
            type=type(event).__name__,
            occurred_at=at,
            event=event,
        )
        wanted = {SHOP.primary_ref(stream)}
        for need in SHOP.needs(recorded):
            wanted |= {need} if isinstance(need, Ref) else self._matching(need)
        given = {ref: self.state[ref] for ref in wanted if ref in self.state}
        for ref, document in SHOP.fold(given, recorded).items():
            if document is None:
                del self.state[ref]
                continue
            assert document["_id"] == ref.id
            self.state[ref] = document
        return self

    def all(self, collection: str) -> list[Document]:
        return [document for ref, document in sorted(self.state.items()) if ref.collection == collection]

    def _matching(self, lookup: Lookup) -> set[Ref]:
        return {
            ref
            for ref, document in self.state.items()
            if ref.collection == lookup.collection and document.get(lookup.field) == lookup.value
        }
