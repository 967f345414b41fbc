"""The reads of notes over HTTP. Every read takes a Consistency-Token."""

from uuid import UUID

from app.queries import parameters as p
from app.queries.answers import answer_hashed, answer_versioned
from app.queries.cursors import DEFAULT_LIMIT
from app.routing import get
from litestar import Response
from litestar.params import FromPath

from notes.finders import NoteDto, NoteList, find_note, find_notes
from notes.note import NOTE, NotFound

READ = p.reads("notes")


@get("/notes", summary="Your notes, newest first", **READ)
async def list_notes(
    request: p.Reading,
    queries: p.Reads,
    consistency_token: p.Token = None,
    prefer: p.Prefer = None,
    if_none_match: p.IfNoneMatch = None,
    limit: p.Limit = DEFAULT_LIMIT,
    cursor: p.Cursor = None,
) -> Response[NoteList]:
    await queries.freshness.wait(consistency_token, prefer)
    owner = request.user.subject
    found = await find_notes(queries.documents, owner, limit, cursor)
    return answer_hashed(found, if_none_match)


@get("/notes/{id:uuid}", summary="A note of yours", **READ)
async def get_note(
    request: p.Reading,
    queries: p.Reads,
    id: FromPath[UUID],
    consistency_token: p.Token = None,
    prefer: p.Prefer = None,
    if_none_match: p.IfNoneMatch = None,
) -> Response[NoteDto]:
    await queries.freshness.wait(consistency_token, prefer)
    stream = NOTE.stream(id)
    found = await find_note(queries.documents, stream, request.user.subject)
    if found is None:
        raise NotFound("you have no such note")
    return answer_versioned(found, stream, found.version, if_none_match)


QUERY_ROUTES = [list_notes, get_note]
