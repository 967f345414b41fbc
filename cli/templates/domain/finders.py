"""Finders of notes: what the documents of views.py answer, as HTTP shows it."""

from __future__ import annotations

from typing import Any

import msgspec
from app.queries.cursors import format_cursor, parse_cursor
from app.queries.documents import Documents


class NoteDto(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    text: str
    closed: bool
    created_at: str
    version: int


class NoteList(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `cursor` gets the next page, and is null on the last one."""

    notes: list[NoteDto]
    cursor: str | None


class Position(msgspec.Struct, frozen=True, array_like=True):
    created_at: str
    stream: str


async def find_note(documents: Documents, note_id: str, owner: str) -> NoteDto | None:
    found = await documents.get("notes", f"note-{note_id}")
    return to_dto(found) if found and found["owner"] == owner else None


async def find_notes(
    documents: Documents, owner: str, limit: int, cursor: str | None
) -> NoteList:
    where: dict[str, Any] = {"owner": owner}
    if cursor is not None:
        after = parse_cursor(f"notes/{owner}", cursor, Position)
        where["createdAt"] = {"$lte": after.created_at}
        where["$or"] = [
            {"createdAt": {"$lt": after.created_at}},
            {"_id": {"$lt": after.stream}},
        ]
    sort = (("createdAt", -1), ("_id", -1))
    found = await documents.page("notes", where, sort, limit + 1)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        position = Position(last["createdAt"], last["_id"])
        following = format_cursor(f"notes/{owner}", position)
    return NoteList(notes=[to_dto(one) for one in found[:limit]], cursor=following)


def to_dto(document: dict[str, Any]) -> NoteDto:
    return NoteDto(
        id=document["_id"].removeprefix("note-"),
        text=document["text"],
        closed=document["closed"],
        created_at=document["createdAt"],
        version=document["version"],
    )
