"""Finders of notes: what the documents of views.py answer, as HTTP shows it."""

import msgspec
from app.queries.documents import Documents
from app.queries.pages import newest_first


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


async def find_note(documents: Documents, stream: str, owner: str) -> NoteDto | None:
    found = await documents.get("notes", stream)
    if found is None or found["owner"] != owner:
        return None
    return msgspec.convert(found, NoteDto)


async def find_notes(documents: Documents, owner: str, limit: int, cursor: str | None) -> NoteList:
    found, following = await newest_first(documents, "notes", {"owner": owner}, "createdAt", limit, cursor, owner)
    return NoteList(notes=msgspec.convert(found, list[NoteDto]), cursor=following)
