"""Documents in and out: what a batch needs is loaded with one query a collection, what changed is written once each.

While a projector holds its partitions nobody else can change their documents (the compare-and-set sees to it), so what
it last read or wrote is what MongoDB holds: `Loaded` remembers it. After any doubt the memory is thrown away.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Container, Mapping

from kernel.projection import Document, Lookup, Ref
from projector.folding import Need
from projector.mongo import Mongo
from projector.writes import Delete, Insert, Put, Row, Update, Write


class Loaded:
    """The documents last seen of the partitions in hand; the longest unused go first."""

    def __init__(self, mongo: Mongo, limit: int = 4_096) -> None:
        self._mongo = mongo
        self._limit = limit
        self._kept: dict[Ref, Document] = {}

    async def load(self, need: Need) -> tuple[dict[Ref, Document | None], dict[Lookup, set[Ref]]]:
        """(each needed document or None, what each lookup found). Raises Unavailable."""
        documents: dict[Ref, Document | None] = {}
        missing: defaultdict[str, list[str]] = defaultdict(list)
        for ref in need.refs:
            document = self._kept.pop(ref, None)
            if document is None:
                documents[ref] = None
                missing[ref.collection].append(ref.id)
            else:
                documents[ref] = self._kept[ref] = document  # popped and set again: now the latest used
        reads = [self._mongo.find_by_ids(collection, ids) for collection, ids in missing.items()]
        for collection, rows in zip(missing, await asyncio.gather(*reads), strict=True):
            for row in rows:
                documents[Ref(collection, row["_id"])] = row
        return documents, await self._look_up(need, documents)

    async def _look_up(self, need: Need, documents: dict[Ref, Document | None]) -> dict[Lookup, set[Ref]]:
        found: dict[Lookup, set[Ref]] = {lookup: set() for lookup in need.lookups}
        values: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for lookup in need.lookups:
            values[lookup.collection, lookup.field].append(lookup.value)
        for (collection, field), wanted in values.items():
            for row in await self._mongo.find(collection, {field: {"$in": wanted}}):
                ref = Ref(collection, row["_id"])
                documents.setdefault(ref, row)
                found[Lookup(collection, field, row[field])].add(ref)
        return found

    def keep(self, documents: Mapping[Ref, Document | None], changes: Mapping[Ref, Document | None]) -> None:
        """What was loaded and what a committed transaction made of it is now known."""
        for ref in changes.keys() - documents.keys():
            self._kept.pop(ref, None)  # written without having been read
        for ref, before in documents.items():
            document = changes.get(ref, before)
            if document is None:
                self._kept.pop(ref, None)
            else:
                self._kept[ref] = document
        while len(self._kept) > self._limit:
            del self._kept[next(iter(self._kept))]

    def forget(self) -> None:
        self._kept.clear()


def document_writes(
    primaries: Container[str],
    before: Mapping[Ref, Document | None],
    changes: Mapping[Ref, Document | None],
    blind: type[Insert] | type[Put] = Put,
) -> dict[str, list[Write]]:
    """Collection → its writes. A primary document is only written if MongoDB's stands at the version it was read at;
    others that were not read are written by `blind`: an Insert is a third cheaper, if they are new."""
    writes: defaultdict[str, list[Write]] = defaultdict(list)
    for ref, document in changes.items():
        writes[ref.collection].append(_write(ref, ref.collection in primaries, before, document, blind))
    return writes


def _write(
    ref: Ref,
    is_primary: bool,
    before: Mapping[Ref, Document | None],
    document: Document | None,
    blind: type[Insert] | type[Put],
) -> Write:
    if document is None:
        return Delete(ref.id)
    known = before.get(ref)
    if known is None:
        return Put({"_id": ref.id}, document) if blind is Put and not is_primary else Insert(document)
    where = {"_id": ref.id, "version": known["version"]} if is_primary else {"_id": ref.id}
    change = _difference(known, document)
    return Put(where, document) if change is None else Update(where, change)


def _difference(before: Document, after: Document) -> Row | None:
    """Only the fields that changed travel: a hot post's text and comments do not, for every like. None: a field's name
    would be taken for a path."""
    changed = {
        field: value
        for field, value in after.items()
        if field not in before or (before[field] is not value and before[field] != value)
    }
    gone = dict.fromkeys(before.keys() - after.keys(), "")
    if any("." in field or field.startswith("$") for field in (*changed, *gone)):
        return None
    change: Row = {"$set": changed} if changed else {"$set": {"_id": after["_id"]}}
    if gone:
        change["$unset"] = gone
    return change
