"""A note as it was: the projection's own fold of the stored events up to then."""

from uuid import UUID

import msgspec
from app.door import DoorRequest
from app.history import parameters as p
from app.history.replay import as_it_was
from app.routing import get
from kernel.domain import load_schema
from litestar.params import FromPath

from notes.finders import NoteDto
from notes.note import NOTE, NotFound
from notes.views import NOTES

READ = p.reads("notes")
SCHEMA = load_schema("notes")


@get("/notes/{id:uuid}/history", summary="A note of yours as it was", **READ)
async def note_history(
    request: DoorRequest,
    history: p.History,
    id: FromPath[UUID],
    version: p.Version = None,
    as_of: p.AsOf = None,
    as_known_at: p.AsKnownAt = None,
) -> NoteDto:
    then, stream = (version, as_of, as_known_at), NOTE.stream(id)
    found = await as_it_was(history, NOTES, SCHEMA, stream, *then)
    if found is None or found["owner"] != request.user.subject:
        raise NotFound("you had no such note then")
    return msgspec.convert(found, NoteDto)


HISTORY_ROUTES = [note_history]
