"""The commands of notes over HTTP: bodies in, commands out, versions back."""

from uuid import UUID

import msgspec
from app.commands.http import Answered, Gate, new_id, send_to, writes
from app.door import DoorRequest
from app.routing import post, put
from litestar.params import FromPath, JSONBody

from notes.note import NOTE, Change, Close, Create, decide

WRITE = writes("notes")


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str


@post("/notes", summary="Create a note", **WRITE)
async def create(request: DoorRequest, gate: Gate, data: JSONBody[Text]) -> Answered:
    by = request.user.subject
    id = new_id(request, by, "notes")
    command, at = Create(by, data.text), f"/api/v1/notes/{id}"
    return await send_to(gate, request, NOTE, id, lambda it, _: decide(it, command), at)


@put("/notes/{id:uuid}", summary="Change a note; its owner only", **WRITE)
async def change(request: DoorRequest, gate: Gate, data: JSONBody[Text], id: FromPath[UUID]) -> Answered:
    command = Change(request.user.subject, data.text)
    return await send_to(gate, request, NOTE, id, lambda it, _: decide(it, command))


@put("/notes/{id:uuid}/close", summary="Close a note; its owner only", **WRITE)
async def close(request: DoorRequest, gate: Gate, id: FromPath[UUID]) -> Answered:
    command = Close(request.user.subject)
    return await send_to(gate, request, NOTE, id, lambda it, _: decide(it, command))


COMMAND_ROUTES = [create, change, close]
