"""A page of a list, newest first, and the cursor behind it. Which documents the list holds is the finder's to say."""

from __future__ import annotations

from typing import Any

import msgspec

from app.queries.cursors import format_cursor, parse_cursor
from app.queries.documents import Documents
from app.queries.mongo import Document


class Position(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sort key: a moment, and the document's id where several have the same."""

    moment: str
    id: str


async def newest_first(
    documents: Documents, collection: str, where: Document, moment: str, limit: int, cursor: str | None, of_list: str
) -> tuple[list[Document], str | None]:
    """The documents of `collection` that match `where`, by their field `moment`, and the next page's cursor (None: this
    is the last). An index on what `where` names, then (`moment`, -1), (`_id`, -1) serves it. `of_list` names the list
    and all that selects its entries."""
    if cursor is not None:
        behind = parse_cursor(of_list, cursor, Position)
        # one range of the index; only entries of the very same microsecond are looked at in vain
        behind_it: list[dict[str, Any]] = [{moment: {"$lt": behind.moment}}, {"_id": {"$lt": behind.id}}]
        where = {**where, moment: {"$lte": behind.moment}, "$or": behind_it}
    found = await documents.page(collection, where, ((moment, -1), ("_id", -1)), limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return shown, format_cursor(of_list, Position(shown[-1][moment], shown[-1]["_id"])) if more else None
