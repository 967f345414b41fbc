"""The reads of notes over HTTP. Every read takes a Consistency-Token."""

from __future__ import annotations

from uuid import UUID

from app.problems import READ_PROBLEMS, Problem
from app.queries.answers import NOT_MODIFIED, answer_hashed, answer_versioned
from app.queries.cursors import DEFAULT_LIMIT
from app.queries.parameters import (
    Cursor,
    IfNoneMatch,
    Limit,
    Prefer,
    Reading,
    Reads,
    Token,
)
from app.routing import get, guarded
from litestar import Response
from litestar.params import FromPath

from notes import finders

READ = guarded("notes:read", {304: NOT_MODIFIED, **READ_PROBLEMS})


@get("/notes", summary="Your notes, newest first", **READ)
async def list_notes(
    request: Reading,
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[finders.NoteList]:
    await queries.freshness.wait(consistency_token, prefer)
    owner = request.user.subject
    found = await finders.find_notes(queries.documents, owner, limit, cursor)
    return answer_hashed(found, if_none_match)


@get("/notes/{note_id:uuid}", summary="A note of yours", **READ)
async def get_note(
    request: Reading,
    note_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
) -> Response[finders.NoteDto]:
    await queries.freshness.wait(consistency_token, prefer)
    owner = request.user.subject
    found = await finders.find_note(queries.documents, str(note_id), owner)
    if found is None:
        raise Problem(404, "not-found", "you have no such note")
    return answer_versioned(found, f"note-{note_id}", found.version, if_none_match)


QUERY_ROUTES = [list_notes, get_note]
