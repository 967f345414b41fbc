"""A note as it was, folded from its stored events with the projection's own folds."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from app.door import DoorRequest
from app.history.moments import moment
from app.history.reader import HistoryReader, Until
from app.history.replay import replay
from app.problems import READ_PROBLEMS
from app.routing import get, guarded
from kernel.domain import load_schema
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from notes.finders import NoteDto, to_dto
from notes.note import NOTE, NotFound
from notes.views import PROJECTIONS

SCHEMA = load_schema("notes")
(NOTES,) = PROJECTIONS


@get(
    "/notes/{note_id:uuid}/history",
    summary="A note of yours as it was at a version or a time",
    **guarded("notes:read", READ_PROBLEMS),
)
async def note_history(
    request: DoorRequest,
    history: NamedDependency[HistoryReader],
    note_id: FromPath[UUID],
    version: Annotated[int | None, QueryParameter(ge=1, lt=2**62)] = None,
    as_of: Annotated[str | None, QueryParameter(name="as_of")] = None,
    as_known_at: Annotated[str | None, QueryParameter(name="as_known_at")] = None,
) -> NoteDto:
    stream = NOTE.stream(note_id)
    until = Until(version, moment("as_of", as_of), moment("as_known_at", as_known_at))
    then = await replay(NOTES, SCHEMA, history.all(stream, until))
    found = then.documents.get(NOTES.primary_ref(stream))
    if found is None or found["owner"] != request.user.subject:
        raise NotFound("you had no such note then")
    return to_dto({**found, "version": then.version})


HISTORY_ROUTES = [note_history]
