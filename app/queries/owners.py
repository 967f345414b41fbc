"""Whose streams they are, for live changes: told to their owners alone.

A change stream says of an update only what was changed, and an owner never changes: so it is read once a stream and
remembered. Who owns what otherwise, and what a route shows, stays out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from app.queries.mongo import Mongo
from kernel.projection import Projection

NOBODY = ""
"""Of an owned stream whose document says no owner: nobody is told. No caller has this name."""


class Owners:
    """The owners of the streams of these projections; at most `limit` are remembered, the longest unused go first."""

    def __init__(self, mongo: Mongo, projections: Iterable[Projection], limit: int = 50_000) -> None:
        self._mongo, self._limit = mongo, limit
        self._fields = {
            collection: projection.owner
            for projection in projections
            if projection.owner is not None
            for collection in projection.primary_collections
        }
        self._known: OrderedDict[str, str] = OrderedDict()

    async def of(self, collection: str, stream: str) -> str | None:
        """Who alone may hear of the stream; None: everyone who may read its domain. Raises ReadModelUnavailable."""
        field = self._fields.get(collection)
        if field is None:
            return None
        known = self._known.get(stream)
        if known is not None:
            self._known.move_to_end(stream)
            return known
        found = await self._mongo.find_by_ids(collection, (stream,), {field: 1})
        if stream not in found:
            return NOBODY
        owner: str = found[stream].get(field, NOBODY)
        self._known[stream] = owner
        if len(self._known) > self._limit:
            self._known.popitem(last=False)
        return owner
